"""An event once written is readable for ever."""

import copy

import pytest

from shared.events import REGISTRY, UnknownEventType, load
from shared.events.base import Event, upcast
from shared.events.schemas import breaks, committed, merge, text_of
from shared.settings import SERVICES


@pytest.mark.parametrize("service", SERVICES)
def test_the_committed_schemas_are_those_of_the_code_and_nothing_published_breaks(service: str) -> None:
    old = committed(service)
    merged, refused = merge(service, old)
    assert refused == []
    assert text_of(merged) == text_of(old), "run: python -m shared.events.schemas"


@pytest.fixture
def old() -> dict:
    return copy.deepcopy(committed("meetings")["MeetingPlanned"]["1"])


def test_a_new_optional_field_breaks_nothing(old: dict) -> None:
    new = copy.deepcopy(old)
    new["properties"]["weather"] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    assert breaks(old, new) == []


def test_a_removed_field_is_refused(old: dict) -> None:
    new = copy.deepcopy(old)
    del new["properties"]["place"]
    assert breaks(old, new) == ["place: removed"]


def test_a_field_that_becomes_required_is_refused(old: dict) -> None:
    new = copy.deepcopy(old)
    new["required"] = [*new["required"], "theme"]
    assert breaks(old, new) == ["theme: now required"]


def test_a_narrowed_field_is_refused(old: dict) -> None:
    new = copy.deepcopy(old)
    new["properties"]["theme"] = {"type": "string"}
    assert breaks(old, new) == ['theme: no longer takes {"type": "null"}']


def test_a_removed_value_is_refused_also_inside_a_part(old: dict) -> None:
    new = copy.deepcopy(old)
    new["$defs"]["MeetingKind"]["enum"].remove("thematic")
    new["$defs"]["AgendaItem"]["required"].append("weather")
    assert breaks(old, new) == ["AgendaItem.weather: now required", "MeetingKind: value 'thematic' removed"]


def test_an_event_newer_than_the_reader_is_an_error_to_see() -> None:
    with pytest.raises(UnknownEventType):
        load("meetings.MeetingHeldOnTheMoon", 1, b"{}")
    with pytest.raises(UnknownEventType):
        load("meetings.MeetingCancelled", 99, b'{"meeting":"m","cell":"c","reason":"r"}')


def test_a_field_that_a_newer_writer_added_does_not_stop_an_older_reader() -> None:
    """Services are replaced one by one: nothing may be parked meanwhile."""
    item = b'{"item":"i","part":"opening","number":1,"kind":"discussion","title":"T","since":"2027"}'
    told = b'{"meeting":"m","cell":"c","kind":"regular","form":"online","period":"2026-11","weather":"rain",'
    told += b'"planned_at":"2026-11-10T07:00:00Z","place":"P","theme":null,"agenda":[%b],"entry":"live"}' % item
    read = load("meetings.MeetingPlanned", 1, told)
    assert "weather" not in read.model_dump()
    assert "since" not in read.model_dump()["agenda"][0]


def test_old_data_is_upcast_step_by_step() -> None:
    class Renamed(Event):
        SCHEMA = 3
        name: str
        loud: bool

    name = Renamed.TYPE
    try:
        upcast(name, 1)(lambda data: {"name": data["title"]})
        upcast(name, 2)(lambda data: {**data, "loud": data["name"].isupper()})
        assert load(name, 1, b'{"title":"A"}') == Renamed(name="A", loud=True)
        assert load(name, 2, b'{"name":"a"}') == Renamed(name="a", loud=False)
    finally:
        del REGISTRY[name]
