"""What keeps an answer quick: nothing of a request waits for a thread, and nothing that is known is folded again."""

import inspect
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import import_module
from uuid import UUID

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from deploy.local.demo import script, story
from services.meetings.domain.meeting import Meeting, decide, evolve
from shared.auth.tests.issuer import settings
from shared.events.base import load
from shared.events.meetings import RosterEntry, RuleBasis
from shared.ids import derived_id, new_id
from shared.settings import SERVICES


def needed(dependant: Dependant) -> Iterator[Dependant]:
    for one in dependant.dependencies:
        yield one
        yield from needed(one)


@pytest.mark.parametrize("service", SERVICES)
def test_no_endpoint_waits_for_a_thread_to_be_given_what_it_needs(service: str) -> None:
    """FastAPI calls a dependency that is no coroutine in another thread, which costs more than most of them do."""
    app = import_module(f"services.{service}.app").create_app(settings(service=service, master_key="A" * 43))
    for route in iter_route_contexts(app.routes):
        for one in needed(getattr(route, "dependant", None) or Dependant()):
            call = one.call if inspect.isroutine(one.call) else getattr(one.call, "__call__", None)  # noqa: B004
            assert inspect.iscoroutinefunction(call), f"{route.path} needs {one.call}"


def test_a_meeting_folded_from_what_was_decided_is_the_one_folded_from_what_was_stored() -> None:
    """A process goes on from the first, another one has read the second."""
    basis = tuple(
        RuleBasis(code=code, value=value, legal_basis="test")
        for code, value in (
            ("meeting.window.last_day", 10),
            ("meeting.regular.min_minutes", 90),
            ("meeting.attendance.target_pct", 80),
        )
    )
    sending = RuleBasis(code="meeting.report_up.days", value=3, legal_basis="test")
    for held in story.meetings(date(2026, 11, 22))[:60]:
        roster = [RosterEntry(member=f"member-{n}", official=n != 3) for n in range(held.cell.members)]
        meeting = derived_id("test", held.cell.id, held.kind, held.period)
        decided = stored = Meeting()
        for order in script.orders(held, meeting, roster, basis, sending, datetime(2026, 11, 22, tzinfo=UTC)):
            for event in decide(decided, order):
                decided = evolve(decided, event)
                stored = evolve(stored, load(event.TYPE, event.SCHEMA, event.model_dump_json().encode()))
        assert decided == stored


def test_what_is_named_later_stands_behind_what_was_named_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that indexes grow at their end, however large they are."""
    named = []
    for millis in (0, 1, 2**40, 2**48 - 1):
        monkeypatch.setattr("time.time_ns", lambda now=millis: now * 1_000_000)
        named += sorted({new_id() for _ in range(1_000)})
    assert len(named) == 4_000
    assert named == sorted(named)
    assert {UUID(name).version for name in named} == {7}
