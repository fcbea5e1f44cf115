"""The feed's wire format carries an event to the octet, and nothing else gets in."""

import base64
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.eventlog import Stored
from shared.eventlog.cloudevents import Malformed, from_batch, to_batch

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
STORED = st.builds(
    Stored,
    service=st.just("meetings"),
    partition=st.integers(0, 63),
    position=st.integers(1, 2**63 - 1),
    stream=TEXT,
    version=st.integers(1, 2**31 - 1),
    type=TEXT,
    schema=st.integers(1, 9),
    data=TEXT.map(str.encode),
    metadata=TEXT.map(str.encode),
    recorded_at=st.integers(0, 2**52).map(
        lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    ),
    hash=st.binary(min_size=32, max_size=32),
)


@given(st.lists(STORED, max_size=5))
def test_an_event_comes_back_to_the_octet(events: list[Stored]) -> None:
    assert from_batch(to_batch(events)) == events


def test_others_tools_find_what_cloudevents_asks_for() -> None:
    event = Stored(
        "meetings", 2, 4711, "meeting:1", 3, "meetings.X", 1, b'{"a":1}', b"{}", datetime.now(UTC), bytes(32)
    )
    (cloud,) = orjson.loads(to_batch([event]))
    assert cloud["specversion"] == "1.0"
    assert cloud["id"] == "meetings.2.4711"
    assert cloud["source"] == "urn:chibo:meetings"
    assert cloud["subject"] == "meeting:1"
    assert base64.b64decode(cloud["data_base64"]) == b'{"a":1}'
    assert all(name.isalnum() or name == "data_base64" for name in cloud)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(event=STORED, field=st.integers(0, 14), value=JSON)
def test_a_batch_with_one_wrong_field_is_refused_or_says_the_same(event: Stored, field: int, value: object) -> None:
    (cloud,) = orjson.loads(to_batch([event]))
    cloud[list(cloud)[field]] = value
    try:
        (found,) = from_batch(orjson.dumps([cloud]))
    except Malformed:
        return
    assert found == event


@pytest.mark.parametrize("body", [b"", b"null", b"{}x", b"[1]", b"[null]", b"[[]]", b"[{}]", b'{"a": 1}', b"\xff"])
def test_what_is_no_batch_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        from_batch(body)
