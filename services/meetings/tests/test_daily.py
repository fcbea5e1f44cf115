"""The date arrives: a month without a regular meeting is noticed once, and only where one was due."""

import asyncio

import pytest

from services.meetings.daily import notice_missed
from services.meetings.tests.cell import AFTERNOON, CELL, COMMITTEE, FOUNDED, OTHER, Cell, afternoon, period
from services.meetings.views.calendar import missed_periods
from shared import daily
from shared.context import Context
from shared.events.members import OrganisationDissolved, OrganisationKind, RuleAdopted
from shared.organisations import cells_under
from shared.rules.adopted import VIEW as RULES

NEXT_MONTH = afternoon(1).replace(day=1)


async def missed(cell: Cell) -> dict[str, list[str]]:
    """What the log holds: cell -> periods noticed as missed."""
    found: dict[str, list[str]] = {}
    for partition in range(cell.ctx.log.partitions):
        for stored in await cell.ctx.log.feed(partition, 0, 1000):
            if stored.type == "meetings.CellMonthMissed":
                _category, organisation, period = stored.stream.split(":")
                found.setdefault(organisation, []).append(period)
    return found


@pytest.mark.practice(62)
async def test_a_month_without_a_meeting_is_noticed_the_day_after_it_ends_and_once(cell: Cell) -> None:
    await notice_missed(cell.ctx)
    assert await missed(cell) == {}
    cell.clock.now = NEXT_MONTH
    await notice_missed(cell.ctx)
    await notice_missed(cell.ctx)
    assert await missed(cell) == {CELL: [period()], OTHER: [period()]}


async def test_a_month_with_a_meeting_is_not_missed_even_while_the_views_lag(cell: Cell) -> None:
    await cell.opened()
    cell.clock.now = NEXT_MONTH
    await notice_missed(cell.ctx)
    assert await missed(cell) == {OTHER: [period()]}


@pytest.mark.practice(35)
async def test_the_committees_own_window_counts(cell: Cell) -> None:
    rule = RuleAdopted(
        organisation=COMMITTEE,
        code="meeting.window.last_day",
        value=10,
        legal_basis="Nghị quyết 05-NQ/ĐU",
        effective_from=FOUNDED,
    )
    adopted = await cell.house.given("members", f"rules:{COMMITTEE}", rule, key=COMMITTEE)
    await cell.house.caught_up("meetings", RULES, adopted)
    await notice_missed(cell.ctx)  # it is the 10th
    assert await missed(cell) == {}
    cell.clock.on(days=1)
    await notice_missed(cell.ctx)
    assert await missed(cell) == {CELL: [period()], OTHER: [period()]}
    meeting = await cell.closed()
    answer = await cell.browser().get(f"/meetings/api/v1/meetings/{meeting}")
    assert answer.json()["late"] is True


@pytest.mark.practice(54)
async def test_a_gap_in_the_paper_book_is_a_missed_month_until_the_page_is_entered(cell: Cell) -> None:
    await cell.paper(afternoon(-3))
    await notice_missed(cell.ctx)
    assert await missed(cell) == {CELL: [period(-2), period(-1)]}
    await cell.paper(afternoon(-2))
    assert list(await missed_periods(cell.ctx.pool, CELL, period(-12))) == [period(-1)]


async def test_nothing_is_asked_of_a_cell_before_the_month_after_its_founding_nor_after_its_end(cell: Cell) -> None:
    young = await cell.established(
        "cell-moi", COMMITTEE, OrganisationKind.CELL, "Chi bộ mới", effective_on=AFTERNOON.date()
    )
    gone = OrganisationDissolved(organisation=OTHER, effective_on=AFTERNOON.date(), decision="12-QĐ/ĐU")
    ended = await cell.house.given("members", f"organisation-end:{OTHER}", gone, key=OTHER)
    for appended in (young, ended):
        for view in ("organisations", "calendar"):
            await cell.house.caught_up("meetings", view, appended)
    cell.clock.now = NEXT_MONTH
    await notice_missed(cell.ctx)
    assert await missed(cell) == {CELL: [period()]}
    cell.clock.now = afternoon(2).replace(day=1)
    await notice_missed(cell.ctx)
    assert await missed(cell) == {CELL: [period(), period(1)], "cell-moi": [period(1)]}


async def test_a_daily_task_runs_once_a_day_and_first_when_the_views_know_everything(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daily, "LOOK", 0.001)
    days: asyncio.Queue[tuple[int, set[str]]] = asyncio.Queue()

    async def look(ctx: Context) -> None:
        cells = await cells_under(ctx.pool, COMMITTEE)
        days.put_nowait((ctx.clock().day, {one.id for one in cells}))

    await cell.established("cell-moi", COMMITTEE, OrganisationKind.CELL, "Chi bộ mới", effective_on=FOUNDED)
    running = asyncio.create_task(daily.every_day(look, cell.ctx))
    try:
        async with asyncio.timeout(20):
            assert await days.get() == (10, {CELL, OTHER, "cell-moi"})
            cell.clock.on(days=1)
            assert (await days.get())[0] == 11
            cell.clock.on(days=1)
            assert (await days.get())[0] == 12
    finally:
        running.cancel()
    assert days.empty()
