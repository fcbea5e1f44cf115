"""The figures of the day are those a secretary would give."""

from services.meetings.tests.cell import Cell
from services.meetings.today import count, measure
from shared.telemetry.metrics import REGISTRY


async def counted(cell: Cell) -> tuple[int, int]:
    ctx = cell.house.ctx("meetings")
    await cell.house.settled()
    return await count(ctx.pool, ctx.clock())


async def test_a_meeting_is_due_on_its_day_and_held_once_it_is_opened(cell: Cell) -> None:
    assert await counted(cell) == (0, 0)
    meeting = await cell.planned()
    assert await counted(cell) == (1, 0)
    await cell.done(f"/meetings/{meeting}/opening", {"chair": "thanh", "minute_taker": "mai"})
    assert await counted(cell) == (1, 1)
    cell.clock.on(days=1)
    assert await counted(cell) == (0, 0)


async def test_a_meeting_put_off_to_another_day_is_not_due_today(cell: Cell) -> None:
    await cell.planned(planned_at=cell.clock.now.replace(day=25).isoformat())
    assert await counted(cell) == (0, 0)


async def test_the_figures_of_the_day_are_measured(cell: Cell) -> None:
    await cell.opened()
    await cell.house.settled()
    await measure(cell.house.ctx("meetings"))
    assert [REGISTRY.get_sample_value("chibo_meetings_today", {"state": state}) for state in ("due", "held")] == [1, 1]
