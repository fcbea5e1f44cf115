"""Races made to happen: somebody is stopped, or killed, at the worst moment while others go on."""

import asyncio
from collections.abc import Callable

import pytest

from shared.eventlog import EventLog, Recorded, Stored
from shared.eventlog.tests.support import until_waiting
from shared.events.inspection import RemarkRecorded
from shared.streams import Changes
from shared.streams.checkpoint import ENSURE, Checkpoint
from shared.streams.incoming import in_order
from shared.streams.rebuild import rebuild
from shared.streams.subscription import Subscription
from shared.streams.tests.house import SERVICE, House, Remarks
from shared.streams.tests.process import Process


class Gate:
    """Who comes through waits until it is opened."""

    def __init__(self) -> None:
        self.reached, self.opened = asyncio.Event(), asyncio.Event()

    async def come(self) -> None:
        self.reached.set()
        await self.opened.wait()


class Slow(Remarks):
    """Stops at ``gate`` when it has handled a remark; counts what it handles."""

    def __init__(self, gate: Gate | None = None) -> None:
        super().__init__()
        self.gate, self.handled = gate, 0

    async def recorded(self, change: Changes, event: Recorded[RemarkRecorded]) -> None:
        await super().recorded(change, event)
        self.handled += 1
        if self.gate is not None:
            await self.gate.come()


@pytest.fixture
def before_commit(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Where a batch of the view stops when it is applied and its checkpoint moved, and only COMMIT is to come."""
    gate, move = Gate(), Checkpoint.move

    async def moved(self: Checkpoint, position: int) -> None:
        await move(self, position)
        if self._key[0] == "remarks":
            await gate.come()

    monkeypatch.setattr(Checkpoint, "move", moved)
    return gate


def _subscription(house: House, view: Remarks) -> Subscription:
    return Subscription(house.pool, SERVICE, view, stopping=asyncio.Event(), turns=asyncio.Semaphore(4))


async def test_what_a_process_was_applying_when_it_was_killed_the_next_applies_once(
    house: House, database: str
) -> None:
    gate = Gate()
    killed = await Process.start(house, database, Slow(gate), relay=True)
    at = await house.remark("alpha", "one", "two")
    await gate.reached.wait()
    await killed.kill()
    following = await house.follow(Remarks())
    assert await following.wait_for("remarks", at, timeout=10)
    assert await house.texts("alpha") == ["one", "two"]
    assert await house.counted() == {"alpha": 2}


async def test_what_a_process_that_was_killed_before_commit_had_applied_the_next_applies_once(
    house: House, database: str, before_commit: Gate
) -> None:
    killed = await Process.start(house, database, Remarks(), relay=True)
    at = await house.remark("alpha", "one", "two")
    await before_commit.reached.wait()
    await killed.kill()
    before_commit.opened.set()
    following = await house.follow(Remarks())
    assert await following.wait_for("remarks", at, timeout=10)
    assert await house.counted() == {"alpha": 2}


async def test_of_two_replicas_on_one_partition_the_second_waits_and_drops_what_is_not_newer(
    house: House, before_commit: Gate
) -> None:
    await house.prepare(view := Slow())
    at = await house.remark("alpha", "one", "two")
    await house.pool.execute(ENSURE, ["remarks"], SERVICE, [at.partition])
    first_two = in_order(await house.log.feed(at.partition, 0, 10))
    await house.remark("alpha", "three")
    all_three = in_order(await house.log.feed(at.partition, 0, 10))

    one = asyncio.create_task(_subscription(house, view).apply(SERVICE, at.partition, first_two))
    await before_commit.reached.wait()
    other = asyncio.create_task(_subscription(house, view).apply(SERVICE, at.partition, all_three))
    await until_waiting(house.pool, 1)
    assert await house.counted() == {}
    before_commit.opened.set()
    assert await asyncio.gather(one, other) == [2, 3]
    assert view.handled == 3
    assert await house.texts("alpha") == ["one", "two", "three"]


async def test_a_view_sees_nothing_of_a_partition_whose_append_is_held_open_and_all_of_the_others(
    house: House,
) -> None:
    cells = {house.log.partition_of(cell): cell for cell in ("alpha", "beta", "gamma", "delta")}
    await house.relay()
    following = await house.follow(Remarks())
    async with house.pool.acquire() as slow, slow.transaction():
        await house.remark(cells[0], "held", connection=slow)
        later = asyncio.create_task(house.remark(cells[0], "later", to=f"other:{cells[0]}"))
        await until_waiting(house.pool, 1)
        passing = await house.remark(cells[1], "one", "two")
        assert await following.wait_for("remarks", passing, timeout=10)
        assert await house.counted() == {cells[1]: 2}
    assert await following.wait_for("remarks", await later, timeout=10)
    assert await house.texts(cells[0]) == ["held", "later"]


async def test_a_rebuild_waits_for_the_batch_under_way_and_counts_it_once(house: House, before_commit: Gate) -> None:
    await house.relay()
    following = await house.follow(view := Remarks())
    await house.remark("alpha", "one")
    await before_commit.reached.wait()
    rebuilding = asyncio.create_task(rebuild(house.pool, SERVICE, view, {SERVICE: house.log}))
    await until_waiting(house.pool, 1)
    at = await house.remark("alpha", "two")
    before_commit.opened.set()
    await rebuilding
    assert await following.wait_for("remarks", at, timeout=10)
    assert await house.texts("alpha") == ["one", "two"]
    assert await house.counted() == {"alpha": 2}


class Watched:
    """The log as a feed that comes to ``gate`` at a chosen call, before or after the log has answered it."""

    def __init__(self, log: EventLog, stops_at: Callable[[str, int], bool]) -> None:
        self.gate, self._log, self._stops_at = Gate(), log, stops_at
        self._calls = 0

    async def heads(self) -> dict[int, int]:
        self._calls += 1
        if self._stops_at("heads", self._calls):
            await self.gate.come()
        return await self._log.heads()

    async def feed(self, partition: int, after: int, limit: int) -> list[Stored]:
        answer = await self._log.feed(partition, after, limit)
        if self._stops_at("feed", self._calls):
            await self.gate.come()
        return answer


@pytest.mark.parametrize("last_look", ["heads", "feed"])
async def test_events_that_arrive_while_a_rebuilt_view_is_put_in_place_are_counted_once(
    house: House, last_look: str
) -> None:
    """The rebuild asks for the heads thrice; from the third time on nobody else applies anything to the view."""
    await house.relay()
    following = await house.follow(view := Remarks())
    assert await following.wait_for("remarks", await house.remark("alpha", "one"), timeout=10)
    feed = Watched(house.log, lambda call, heads: call == last_look and heads == 3)
    rebuilding = asyncio.create_task(rebuild(house.pool, SERVICE, view, {SERVICE: feed}))
    await feed.gate.reached.wait()
    at = await house.remark("alpha", "two")
    await until_waiting(house.pool, 1)
    assert await house.texts("alpha") == ["one"]
    assert not await following.wait_for("remarks", at, timeout=0.05)
    feed.gate.opened.set()
    await rebuilding
    assert await following.wait_for("remarks", at, timeout=10)
    assert await house.texts("alpha") == ["one", "two"]
    assert await house.counted() == {"alpha": 2}


async def test_a_rebuild_that_is_killed_leaves_the_view_serving_and_is_begun_again(house: House, database: str) -> None:
    following = await house.follow(view := Remarks())
    assert await following.wait_for("remarks", await house.remark("alpha", "one"), timeout=10)
    gate = Gate()
    process = await Process.start(house, database)
    process.run(rebuild(process.house.pool, SERVICE, Slow(gate), {SERVICE: process.house.log}))
    await gate.reached.wait()
    await process.kill()
    assert await following.wait_for("remarks", await house.remark("alpha", "two"), timeout=10)
    await rebuild(house.pool, SERVICE, view, {SERVICE: house.log})
    assert await house.counted() == {"alpha": 2}
    assert await following.wait_for("remarks", await house.remark("alpha", "three"), timeout=10)
    assert await house.texts("alpha") == ["one", "two", "three"]
