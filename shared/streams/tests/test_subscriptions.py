import asyncio
import random

from shared.eventlog import Position
from shared.streams.frame import stream_key
from shared.streams.tests.house import PARTITIONS, SERVICE, House, Remarks, eventually
from shared.telemetry.metrics import REGISTRY

CELLS = [f"cell-{number}" for number in range(6)]


async def _record_everywhere(house: House, times: int) -> dict[Position, None]:
    """Remarks in every partition; returns the last position of each."""
    last: dict[int, Position] = {}
    for _ in range(times):
        for cell in CELLS:
            at = await house.remark(cell, "noted")
            last[at.partition] = at
    assert len(last) == PARTITIONS
    return dict.fromkeys(last.values())


async def test_what_is_recorded_is_seen_in_the_view(house: House) -> None:
    await house.relay()
    following = await house.follow(Remarks())
    at = await house.remark("alpha", "good", "better")
    assert await following.wait_for("remarks", at, timeout=10)
    assert await house.counted() == {"alpha": 2}
    assert await house.texts("alpha") == ["good", "better"]


async def test_a_view_that_comes_later_has_everything_too(house: House) -> None:
    last = await _record_everywhere(house, 3)
    await house.relay()
    following = await house.follow(Remarks())
    for at in last:
        assert await following.wait_for("remarks", at, timeout=10)
    assert await house.counted() == dict.fromkeys(CELLS, 3)


async def test_two_replicas_on_one_partition_count_once(house: House) -> None:
    await house.relay()
    await house.relay()
    first = await house.follow(Remarks())
    second = await house.follow(Remarks())
    last = await _record_everywhere(house, 10)
    for at in last:
        assert await first.wait_for("remarks", at, timeout=10)
        assert await second.wait_for("remarks", at, timeout=10)
    assert await house.counted() == dict.fromkeys(CELLS, 10)


async def test_entries_that_redis_lost_come_from_the_owner(house: House) -> None:
    relay = await house.relay()
    last = await _record_everywhere(house, 4)
    for at in last:
        key = stream_key(SERVICE, at.partition)
        await eventually(lambda key=key, at=at: _has(house, key, at.position))
        ids = [identity for identity, _ in await house.redis.xrange(key)]
        await house.redis.xdel(key, *ids[: len(ids) // 2], ids[-2])
    following = await house.follow(Remarks(), look=60)
    for at in last:
        assert await following.wait_for("remarks", at, timeout=10)
    assert await house.counted() == dict.fromkeys(CELLS, 4)
    assert not relay.health()


async def test_without_any_relay_events_still_arrive(house: House) -> None:
    following = await house.follow(Remarks())
    for at in await _record_everywhere(house, 2):
        assert await following.wait_for("remarks", at, timeout=10)
    assert await house.counted() == dict.fromkeys(CELLS, 2)


async def test_nothing_is_lost_or_doubled_when_redis_is_emptied(house: House) -> None:
    await house.relay()
    following = await house.follow(Remarks(), look=60)
    for _ in range(4):
        last = await _record_everywhere(house, 2)
        await house.redis.flushall()
    for at in [await house.remark(cell, "after") for cell in CELLS]:
        assert await following.wait_for("remarks", at, timeout=10)
    assert await house.counted() == dict.fromkeys(CELLS, 9)
    for at in last:
        assert await following.wait_for("remarks", at)


async def test_somebody_elses_entry_is_removed_and_reading_goes_on(house: House) -> None:
    await house.relay()
    following = await house.follow(Remarks(), look=60)
    at = await house.remark("alpha", "before")
    assert await following.wait_for("remarks", at, timeout=10)
    key = stream_key(SERVICE, at.partition)
    stray = await house.redis.xadd(key, {"__data__": "not an event"})
    after = await house.remark("alpha", "after")
    assert await following.wait_for("remarks", after, timeout=10)
    assert stray not in [identity for identity, _ in await house.redis.xrange(key)]
    later = await house.remark("alpha", "later")
    assert await following.wait_for("remarks", later, timeout=10)
    assert await house.counted() == {"alpha": 3}


async def test_a_forged_position_that_the_owner_does_not_have_is_not_believed(house: House) -> None:
    await house.relay()
    following = await house.follow(Remarks(), look=60)
    at = await house.remark("alpha", "before")
    assert await following.wait_for("remarks", at, timeout=10)
    key = stream_key(SERVICE, at.partition)
    ((_, fields),) = await house.redis.xrevrange(key, count=1)
    forged = fields[b"__data__"].replace(str(at).encode(), f"{SERVICE}.{at.partition}.9".encode())
    await house.redis.xadd(key, {"__data__": forged}, id="9-0")
    after = await house.remark("alpha", "after")
    assert await following.wait_for("remarks", after, timeout=10)
    assert await house.counted() == {"alpha": 2}


async def test_order_and_repetition_of_deliveries_do_not_matter(house: House) -> None:
    from shared.streams.lane import Lane
    from shared.streams.subscription import Subscription

    view = Remarks()
    await house.prepare(view)
    await house.remark("alpha", *(f"{number}" for number in range(40)))
    partition = house.log.partition_of("alpha")
    events = await house.log.feed(partition, 0, 100)
    stopping = asyncio.Event()
    subscription = Subscription(house.pool, SERVICE, view, stopping=stopping, turns=asyncio.Semaphore(4))
    dice = random.Random(7)

    async def replica() -> None:
        lane = Lane(house.pool, SERVICE, SERVICE, partition, house.log, [subscription], {"remarks": 0}, stopping)
        for _ in range(10):
            await lane.deliver(dice.sample(events, dice.randint(1, 20)))
        await lane.deliver(events)

    await asyncio.gather(replica(), replica())
    assert await house.counted() == {"alpha": 40}
    assert await house.texts("alpha") == [str(number) for number in range(40)]


async def test_the_lag_is_what_the_source_is_ahead(house: House) -> None:
    await house.relay()
    following = await house.follow(Remarks())
    at = await house.remark("alpha", "noted")
    assert await following.wait_for("remarks", at, timeout=10)

    async def no_lag() -> bool:
        labels = {"service": SERVICE, "subscription": "remarks", "source": SERVICE, "partition": str(at.partition)}
        return REGISTRY.get_sample_value("chibo_subscription_lag", labels) == 0

    await eventually(no_lag)
    assert following.health() == []


async def _has(house: House, key: str, position: int) -> bool:
    newest = await house.redis.xrevrange(key, count=1)
    return bool(newest) and newest[0][0] == f"{position}-0".encode()
