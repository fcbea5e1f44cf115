import asyncio

from shared.eventlog import Position, Recorded
from shared.events.inspection import RemarkRecorded
from shared.streams import Changes
from shared.streams.tests.house import SERVICE, House, Remarks, eventually
from shared.streams.waiting import Waiting


async def test_waiting_for_what_has_not_happened_ends_in_time(house: House) -> None:
    following = await house.follow(Remarks())
    assert not await following.wait_for("remarks", Position(SERVICE, 0, 1), timeout=0.1)


async def test_what_is_recorded_but_not_yet_in_the_view_is_waited_for(house: House) -> None:
    class Slow(Remarks):
        async def recorded(self, change: Changes, event: Recorded[RemarkRecorded]) -> None:
            await super().recorded(change, event)
            applied.set()
            await go_on.wait()

    applied, go_on = asyncio.Event(), asyncio.Event()
    await house.relay()
    following = await house.follow(Slow())
    at = await house.remark("alpha", "noted")
    await applied.wait()
    assert not await following.wait_for("remarks", at, timeout=0.1)
    go_on.set()
    assert await following.wait_for("remarks", at, timeout=10)
    assert await house.counted() == {"alpha": 1}


async def test_what_wrote_nothing_need_not_be_waited_for(house: House) -> None:
    assert await Waiting(house.pool, house.hub).wait_for("remarks", Position(SERVICE, 0, 0), timeout=0.1)


async def test_what_must_know_everything_begins_when_every_view_has_what_was_there(house: House) -> None:
    for cell in ("alpha", "beta", "gamma"):
        await house.remark(cell, *(f"{n}" for n in range(100)))
    following = await house.follow(Remarks(), Remarks("others"))
    await following.caught_up()
    for view in ("remarks", "others"):
        assert await house.counted(view) == {"alpha": 100, "beta": 100, "gamma": 100}


async def test_a_process_that_only_answers_is_woken_by_the_one_that_applies(house: House) -> None:
    only_answers = Waiting(house.pool, house.hub)
    await house.hub.listening()
    await house.relay()
    await house.follow(Remarks())
    at = await house.remark("alpha", "noted")
    assert await only_answers.wait_for("remarks", at, timeout=10)


async def test_a_view_whom_the_event_does_not_concern_need_not_be_waited_for_either(house: House) -> None:
    indifferent = Remarks("indifferent")
    indifferent.handlers.clear()
    await house.relay()
    following = await house.follow(Remarks(), indifferent)
    at = await house.remark("alpha", "noted")
    assert await following.wait_for("indifferent", at, timeout=10)


async def test_many_wait_for_one_position_at_once(house: House) -> None:
    await house.relay()
    following = await house.follow(Remarks())
    next_position = Position(SERVICE, house.log.partition_of("alpha"), 1)
    waiting = [asyncio.create_task(following.wait_for("remarks", next_position, timeout=10)) for _ in range(50)]
    await house.remark("alpha", "noted")
    assert await asyncio.gather(*waiting) == [True] * 50


async def test_a_page_that_follows_a_cell_hears_of_that_cell_alone(house: House) -> None:
    await house.relay()
    await house.follow(Remarks())
    async with house.hub.follow("remarks", "alpha") as changes, asyncio.timeout(10):
        await house.hub.listening()
        await house.remark("beta", "noted")
        await house.remark("alpha", "noted")
        heard = await anext(changes)
        while not heard.subscriptions:  # the hub had only just begun to listen
            heard = await anext(changes)
        assert heard.topics is not None
        assert "alpha" in heard.topics


async def test_a_page_is_told_to_look_again_after_the_connection_was_lost(house: House) -> None:
    async with house.hub.follow("remarks", "alpha") as changes, asyncio.timeout(10):
        await house.hub.listening()
        (pid,) = [row["pid"] for row in await house.pool.fetch(LISTENING)]
        await house.pool.execute("SELECT pg_terminate_backend($1)", pid)
        assert (await anext(changes)).subscriptions == ()

        async def listens_again() -> bool:
            return [row["pid"] for row in await house.pool.fetch(LISTENING)] not in ([], [pid])

        await eventually(listens_again)


LISTENING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN%'"
