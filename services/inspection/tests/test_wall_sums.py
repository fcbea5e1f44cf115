"""The wall shows the same whatever order the partitions of its sources arrive in."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.inspection.domain.month import COUNTERS
from services.inspection.tests import wall_kit as facts
from services.inspection.tests.wall_kit import Wall, partition_key
from services.inspection.views.wall.sums import sums_of
from shared.events import Event
from shared.events.meetings import CellMonthMissed, CorrectionRecorded, MeetingClosed, MeetingKind, MinutesSentUp
from shared.events.members import OrganisationDissolved, OrganisationEstablished, OrganisationMoved

COMMITTEES = ("bloc", "north", "south", "ward")
CELLS = ("c1", "c2", "c3")
PERIODS = ("2026-09", "2026-10")
ENDS = (date(2026, 9, 1), date(2026, 9, 20), date(2026, 10, 1), date(2026, 10, 31))


async def test_a_meeting_counts_for_its_cell_and_for_everyone_above_it(wall: Wall) -> None:
    await wall.has(facts.committee("bloc"), facts.committee("north", "bloc"), facts.cell("c1", "north"))
    await wall.has(*facts.held("m1", "c1", "2026-10"))
    expected = {(one, 1, 10, 9, 5, 1) for one in ("bloc", "north", "c1")}
    assert (
        await wall.table("organisation_month", "organisation", "held", "due", "present", "spoke", "unsent") == expected
    )


async def test_a_cell_that_arrives_after_its_meetings_brings_them_to_its_committee(wall: Wall) -> None:
    await wall.has(*facts.held("m1", "c1", "2026-10"))
    await wall.has(facts.cell("c1", "north"))
    await wall.has(facts.committee("north", "bloc"), facts.committee("bloc"))
    sums = await sums_of(wall.pool, ["bloc", "north"], 2026)
    assert [(sums[one]["2026-10"].met, sums[one]["2026-10"].cells_due) for one in ("bloc", "north")] == [(1, 1), (1, 1)]


@pytest.mark.practice(145)
async def test_a_cell_that_moves_takes_its_numbers_with_it(wall: Wall) -> None:
    await wall.has(
        facts.committee("bloc"), facts.committee("north", "bloc"), facts.committee("south", "bloc"),
        facts.cell("c1", "north"), *facts.held("m1", "c1", "2026-10"), facts.moved("c1", "south"),
    )  # fmt: skip
    held = await wall.table("organisation_month", "organisation", "held")
    assert held == {("bloc", 1), ("north", 0), ("south", 1), ("c1", 1)}
    assert ("north", 0) in await wall.table("size", "organisation", "cells")


@pytest.mark.practice(62)
async def test_a_missed_month_that_is_held_afterwards_is_late_and_no_longer_missed(wall: Wall) -> None:
    await wall.has(facts.committee("bloc"), facts.cell("c1", "bloc"), facts.missed("c1", "2026-10"))
    assert ("bloc", 0, 0, 1) in await wall.table("organisation_month", "organisation", "held", "late", "missed")
    await wall.has(*facts.held("m1", "c1", "2026-10", late=True))
    assert ("bloc", 0, 1, 0) in await wall.table("organisation_month", "organisation", "held", "late", "missed")


async def test_a_meeting_of_a_missed_month_found_in_the_paper_book_clears_it(wall: Wall) -> None:
    await wall.has(facts.committee("bloc"), facts.cell("c1", "bloc"), facts.missed("c1", "2026-10"))
    await wall.has(*facts.held("m1", "c1", "2026-10", late=False))
    assert ("bloc", 1, 0, 0) in await wall.table("organisation_month", "organisation", "held", "late", "missed")


async def test_a_correction_changes_the_figures_it_corrects(wall: Wall) -> None:
    await wall.has(facts.committee("bloc"), facts.cell("c1", "bloc"), *facts.held("m1", "c1", "2026-10"))
    await wall.has(facts.corrected("m1", "c1", facts.tally(present=8, spoke=4)))
    assert ("bloc", 8, 4) in await wall.table("organisation_month", "organisation", "present", "spoke")


@pytest.mark.practice(56)
async def test_a_thematic_meeting_is_counted_beside_the_regular_one_and_never_instead(wall: Wall) -> None:
    await wall.has(facts.committee("bloc"), facts.cell("c1", "bloc"))
    await wall.has(*facts.held("m1", "c1", "2026-10", MeetingKind.THEMATIC))
    assert ("bloc", 0, 1, 0) in await wall.table("organisation_month", "organisation", "held", "thematic", "due")


async def test_an_open_meeting_shows_who_has_come_and_spoken_so_far(wall: Wall) -> None:
    await wall.has(facts.committee("bloc"), facts.cell("c1", "bloc"), facts.planned("m1", "c1", "2026-10"))
    await wall.has(
        facts.opened("m1", "c1", "2026-10"), facts.present("m1", "c1", "m0", "m1", "m2"),
        facts.present("m1", "c1", "m2"), facts.said("m1", "c1", "m1", "s1"), facts.said("m1", "c1", "m1", "s2"),
    )  # fmt: skip
    assert await wall.table("meeting", "due", "present", "spoke", "statements") == {(10, 3, 1, 2)}
    assert ("bloc", 1) in await wall.table("organisation_month", "organisation", "open")


@pytest.mark.parametrize(
    ("life", "expected"),
    [
        ([facts.cell("c1", "bloc", since=date(2026, 9, 3)), facts.missed("c1", "2026-09")], (0, 0, 0)),
        ([facts.cell("c1", "bloc", since=date(2026, 9, 1)), facts.missed("c1", "2026-09")], (0, 1, 1)),
        ([facts.cell("c1", "bloc", since=date(2026, 9, 3)), *facts.held("m", "c1", "2026-09")], (1, 0, 1)),
        (
            [
                facts.cell("c1", "bloc"),
                facts.missed("c1", "2026-09"),
                facts.dissolved("c1", date(2026, 9, 20)),
            ],
            (0, 0, 0),
        ),
        (
            [
                *facts.held("m", "c1", "2026-09"),
                facts.cell("c1", "bloc"),
                facts.dissolved("c1", date(2026, 9, 20)),
            ],
            (1, 0, 1),
        ),
        ([facts.cell("c1", "bloc", since=date(2026, 9, 3)), facts.dissolved("c1", date(2026, 9, 9))], (0, 0, 0)),
    ],
    ids=["established midway", "established on the first", "met at once", "dissolved", "met and dissolved", "brief"],
)
async def test_a_cell_is_due_only_in_months_it_stood_from_first_to_last_day_and_whoever_met_is_in_the_base(
    wall: Wall, life: list[Event], expected: tuple[int, int, int]
) -> None:
    await wall.has(facts.committee("bloc"), *life)
    sums = await sums_of(wall.pool, ["bloc"], 2026)
    september = sums["bloc"]["2026-09"]
    assert (september.met, september["missed"], september.cells_due) == expected
    assert sums["bloc"]["2026-11"].cells_due == int(not any(e.TYPE.endswith("Dissolved") for e in life))


async def test_what_changed_is_told_by_the_cell_it_concerns(wall: Wall) -> None:
    await wall.has(facts.committee("bloc"), facts.cell("c1", "bloc"))
    assert await wall.apply([wall.recorded(event) for event in facts.held("m1", "c1", "2026-10")]) == {"c1"}


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """A valid history in the order it happened: an organisation is moved only under one that is not below it."""
    parents: dict[str, str | None] = {"bloc": None}
    events: list[Event] = [facts.committee("bloc")]
    for name in COMMITTEES[1:]:
        parents[name] = draw(st.sampled_from(sorted(parents)))
        events.append(facts.committee(name, parents[name]))
    committees = list(parents)
    for name in CELLS:
        parents[name] = draw(st.sampled_from(committees))
        since = draw(st.sampled_from([date(2020, 1, 1), date(2026, 9, 1), date(2026, 9, 15), date(2026, 10, 20)]))
        events.append(facts.cell(name, parents[name] or "", since=since))
    for number in range(draw(st.integers(0, 7))):
        cell, period, meeting = draw(st.sampled_from(CELLS)), draw(st.sampled_from(PERIODS)), f"m{number}"
        match draw(st.sampled_from(["held", "held", "corrected", "missed", "moved", "thematic", "open"])):
            case "held":
                late = draw(st.booleans())
                events += facts.held(meeting, cell, period, late=late)
                if draw(st.booleans()):
                    events.append(facts.sent(meeting, cell, period, on_time=not late))
            case "corrected":
                events += facts.held(meeting, cell, period)
                events.append(facts.corrected(meeting, cell, facts.tally(present=draw(st.integers(0, 10)), spoke=0)))
            case "missed":
                events.append(facts.missed(cell, period))
            case "thematic":
                events += facts.held(meeting, cell, period, MeetingKind.THEMATIC)
            case "open":
                events += facts.held(meeting, cell, period)[:2]
            case "moved":
                one = draw(st.sampled_from([*COMMITTEES[1:], *CELLS]))
                parent = draw(st.sampled_from([c for c in committees if one not in _line(c, parents)]))
                parents[one] = parent
                events.append(facts.moved(one, parent))
    if draw(st.booleans()):
        events.append(facts.dissolved(draw(st.sampled_from(CELLS)), draw(st.sampled_from(ENDS))))
    return events


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(history=histories(), data=st.data())
async def test_any_interleaving_gives_the_wall_one_would_count_from_the_facts(
    wall: Wall, history: list[Event], data: st.DataObject
) -> None:
    await wall.prepare()
    waiting: dict[tuple[str, int], list[Any]] = {}
    for event in history:
        recorded = wall.recorded(event)
        waiting.setdefault((recorded.at.service, recorded.at.partition), []).append(recorded)
    while waiting:
        lane = data.draw(st.sampled_from(sorted(waiting)))
        size = data.draw(st.integers(1, 6))
        batch, rest = waiting[lane][:size], waiting[lane][size:]
        waiting[lane] = rest
        if not rest:
            del waiting[lane]
        await wall.apply(batch)
    shown = {
        (organisation, period): {name: n for name, n in zip(COUNTERS, numbers, strict=True) if n}
        for organisation, period, *numbers in await wall.table(
            "organisation_month", "organisation", "period", *(f'"{name}"' for name in COUNTERS)
        )
    }
    expected = _counted(history)
    assert {key: counts for key, counts in shown.items() if counts} == expected
    sums = await sums_of(wall.pool, COMMITTEES, 2026)
    assert {one: [sums[one][period].cells_due for period in PERIODS] for one in COMMITTEES} == {
        one: [
            sum(_is_due(cell, period, history) for cell in CELLS if one in _line(cell, _parents(history)))
            + expected.get((one, period), {}).get("beyond", 0)
            for period in PERIODS
        ]
        for one in COMMITTEES
    }


def _counted(history: list[Event]) -> dict[tuple[str, str], dict[str, int]]:
    """The sums counted from all facts at once, on the tree as it finally stands."""
    parents = _parents(history)
    sums: dict[tuple[str, str], Counter[str]] = {}
    for cell in CELLS:
        for period, counts in _months([event for event in history if partition_key(event) == cell]).items():
            if not _is_due(cell, period, history):
                counts |= {"missed": 0, "beyond": counts["held"] + counts["late"]}
            for organisation in _line(cell, parents):
                sums.setdefault((organisation, period), Counter()).update(counts)
    return {key: {name: n for name, n in counts.items() if n} for key, counts in sums.items() if any(counts.values())}


def _parents(history: list[Event]) -> dict[str, str | None]:
    """The tree as it finally stands."""
    told = [event for event in history if isinstance(event, OrganisationEstablished | OrganisationMoved)]
    return {event.organisation: event.parent for event in told}


def _is_due(cell: str, period: str, history: list[Event]) -> bool:
    """Whether the cell stood on the first day of the month and on the first of the next."""
    first = date.fromisoformat(f"{period}-01")
    for event in history:
        match event:
            case OrganisationEstablished(organisation=one, effective_on=on) if one == cell and on > first:
                return False
            case OrganisationDissolved(organisation=one, effective_on=on) if one == cell:
                if on < (first + timedelta(days=31)).replace(day=1):
                    return False
    return True


def _months(events: list[Event]) -> dict[str, dict[str, int]]:
    closings = {event.meeting: event for event in events if isinstance(event, MeetingClosed)}
    tallies = {meeting: event.tally for meeting, event in closings.items()}
    tallies |= {event.meeting: event.tally for event in events if isinstance(event, CorrectionRecorded)}
    sendings = {event.meeting: event for event in events if isinstance(event, MinutesSentUp)}
    openings = {event.meeting: event for event in events if event.TYPE == "meetings.MeetingOpened"}
    months: dict[str, dict[str, int]] = {}
    for period in PERIODS:
        here = {m: e for m, e in closings.items() if e.period == period}
        regular = {m: e for m, e in here.items() if e.kind is MeetingKind.REGULAR}
        on_time = any(not e.late for e in regular.values())
        missed = any(isinstance(e, CellMonthMissed) and e.period == period for e in events)
        counts = Counter(
            held=int(on_time),
            late=int(bool(regular) and not on_time),
            missed=int(missed and not regular),
            open=sum(1 for m, e in openings.items() if m not in closings and facts.at(period) == e.opened_at),
            thematic=len(here) - len(regular),
            closed=len(here),
            unsent=sum(m not in sendings for m in here),
            sent_on_time=sum(m in sendings and sendings[m].on_time for m in here),
            sent_late=sum(m in sendings and not sendings[m].on_time for m in here),
            minutes=sum(e.minutes for e in regular.values()),
        )
        for name in ("due", "present", "excused", "unexcused", "exempt", "spoke", "statements"):
            counts[name] = sum(getattr(tallies[m], name) for m in regular)
        months[period] = dict(counts)
    return months


def _line(organisation: str, parents: dict[str, str | None]) -> list[str]:
    line: list[str] = []
    one: str | None = organisation
    while one is not None:
        line.append(one)
        one = parents.get(one)
    return line
