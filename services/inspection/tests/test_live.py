"""Who looks at a wall is told of what changed under it, and of nothing else."""

import asyncio

from services.inspection.pages.live import strokes
from services.inspection.tests import wall_kit as facts
from services.inspection.views.wall import WALL
from shared.events.members import Office
from shared.streams.hub import MISSED, ViewChanged
from tests.support.house import House, actor


async def test_a_meeting_opened_is_told_to_everyone_above_it_within_a_second(house: House) -> None:
    ctx = house.ctx("inspection")
    await ctx.hub.listening()
    async with ctx.hub.follow(WALL.name) as changes:
        telling = strokes(ctx.pool, "bloc", changes)
        await house.given(
            "meetings",
            "meeting:m9",
            facts.planned("m9", "c2", "2026-11"),
            facts.opened("m9", "c2", "2026-11"),
            key="c2",
        )
        async with asyncio.timeout(10):  # usually a few hundredths; a busy machine may be slow
            heard = {(await anext(telling)).event for _ in range(4)}
        await telling.aclose()
    assert heard == {"wall", "c-bloc", "c-north", "c-c2"}


async def test_what_came_in_meanwhile_is_told_at_once_and_what_is_elsewhere_not_at_all(house: House) -> None:
    queue: asyncio.Queue[ViewChanged] = asyncio.Queue()

    async def changes():  # type: ignore[no-untyped-def]
        while True:
            yield await queue.get()

    telling = strokes(house.ctx("inspection").pool, "north", changes(), breath=0.01)
    for cell in ("c3", "c1"):
        queue.put_nowait(ViewChanged(("wall",), "meetings", 0, 7, frozenset({cell})))
    told = [await anext(telling) for _ in range(3)]
    assert [event.event for event in told] == ["wall", "c-c1", "c-north"]
    assert '"at":"meetings.0.7"' in str(told[0].data)
    queue.put_nowait(MISSED)
    assert [(await anext(telling)).event for _ in range(2)] == ["wall", "rows"]
    await telling.aclose()


async def test_a_part_fetched_for_a_change_just_told_does_not_wait_for_views_that_never_hear_of_it(
    house: House,
) -> None:
    appended = await house.given("meetings", "meeting:m8", facts.planned("m8", "c1", "2026-11"), key="c1")
    await house.caught_up("inspection", WALL, appended)
    async with house.client("inspection", actor("an", (Office.INSPECTOR, "bloc"))) as client, asyncio.timeout(1.9):
        answer = await client.get(f"/inspection/wall/bloc/summary?at={appended.at}")
    assert answer.status_code == 200
