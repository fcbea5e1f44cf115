from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from shared.eventlog import Stored
from shared.streams.frame import stream_key
from shared.streams.relay import Relay
from shared.streams.tests.house import SERVICE, House, eventually
from shared.telemetry.metrics import REGISTRY


async def _positions(house: House, partition: int) -> list[int]:
    entries = await house.redis.xrange(stream_key(SERVICE, partition))
    return [int(identity.split(b"-")[0]) for identity, _ in entries]


async def _published(house: House, partition: int, count: int) -> None:
    async def done() -> bool:
        return len(await _positions(house, partition)) == count

    await eventually(done)
    assert await _positions(house, partition) == list(range(1, count + 1))


async def test_the_entry_id_is_the_position(house: House) -> None:
    at = await house.remark("alpha", "one", "two")
    await house.relay()
    await _published(house, at.partition, 2)


async def test_a_commit_wakes_the_relay(house: House) -> None:
    await house.relay(look=60)
    await house.hub.listening()
    at = await house.remark("alpha", "one")
    await _published(house, at.partition, 1)


async def test_relays_that_race_do_no_harm(house: House) -> None:
    relays = [await house.relay() for _ in range(4)]
    for _ in range(20):
        at = await house.remark("alpha", "noted")
    await _published(house, at.partition, 20)
    assert [relay.health() for relay in relays] == [[], [], [], []]


async def test_an_emptied_redis_gets_the_retained_window_again(house: House) -> None:
    await house.relay()
    at = await house.remark("alpha", *["noted"] * 30)
    await _published(house, at.partition, 30)
    labels = {"service": SERVICE, "partition": str(at.partition), "reason": "empty"}
    before = REGISTRY.get_sample_value("chibo_relay_repairs_total", labels) or 0
    await house.redis.flushall()
    await _published(house, at.partition, 30)
    assert REGISTRY.get_sample_value("chibo_relay_repairs_total", labels) == before + 1


async def test_only_the_retained_window_is_published(house: House) -> None:
    at = await house.remark("alpha", *["noted"] * 30)
    await house.relay(maxlen=10)

    async def filled() -> bool:
        return await _positions(house, at.partition) == list(range(21, 31))

    await eventually(filled)


async def test_a_long_backlog_is_published_in_batches(house: House) -> None:
    at = await house.remark("alpha", *["noted"] * 1200)
    await house.relay()
    await _published(house, at.partition, 1200)


async def test_a_stray_entry_is_noticed_counted_and_repaired_even_when_nothing_is_recorded(house: House) -> None:
    await house.relay()
    at = await house.remark("alpha", "one", "two")
    await _published(house, at.partition, 2)
    labels = {"service": SERVICE, "partition": str(at.partition), "reason": "stray"}
    before = REGISTRY.get_sample_value("chibo_relay_repairs_total", labels) or 0
    await house.redis.xadd(stream_key(SERVICE, at.partition), {"anything": "else"})
    await _published(house, at.partition, 2)
    assert REGISTRY.get_sample_value("chibo_relay_repairs_total", labels) == before + 1


async def _an_id_beyond_every_position(redis: Redis, key: str) -> None:
    await redis.xadd(key, {"anything": "else"}, id=f"{2**64 - 1}-{2**64 - 1}")


async def _something_that_is_no_stream(redis: Redis, key: str) -> None:
    await redis.set(key, "anything else")


@pytest.mark.parametrize("obstacle", [_an_id_beyond_every_position, _something_that_is_no_stream])
async def test_whatever_stands_in_the_way_is_removed_and_no_partition_waits_for_long(
    house: House, obstacle: Callable[[Redis, str], Awaitable[None]]
) -> None:
    cells = {house.log.partition_of(cell): cell for cell in ("alpha", "beta", "gamma", "delta")}
    alpha, beta = cells[0], cells[1]
    at = await house.remark(alpha, "one", "two")
    await obstacle(house.redis, stream_key(SERVICE, at.partition))
    await house.relay()
    await _published(house, (await house.remark(beta, "one")).partition, 1)

    async def repaired() -> bool:
        return await house.redis.type(stream_key(SERVICE, at.partition)) == b"stream"

    await eventually(repaired)
    await _published(house, at.partition, 2)


class Paused(Relay):
    """Lets ``meanwhile`` happen between reading the log and publishing what was read."""

    meanwhile: Callable[[], Awaitable[None]]

    async def _add(self, partition: int, events: list[Stored]) -> None:
        await self.meanwhile()
        await super()._add(partition, events)


@pytest.mark.parametrize("ahead", range(4))
async def test_a_relay_that_another_overtakes_at_any_entry_doubles_and_loses_nothing(house: House, ahead: int) -> None:
    at = await house.remark("alpha", "one", "two", "three")
    slow, fast = Paused(house.log, house.redis_url, house.hub), Relay(house.log, house.redis_url, house.hub)

    async def overtake() -> None:
        await fast._add(at.partition, await house.log.feed(at.partition, 0, ahead))

    slow.meanwhile = overtake
    await slow._publish([at.partition])
    assert await _positions(house, at.partition) == [1, 2, 3]
    await slow.stop()
    await fast.stop()


async def test_a_relay_that_starts_again_publishes_nothing_twice(house: House) -> None:
    at = await house.remark("alpha", "one", "two")
    for _ in range(2):
        relay = Relay(house.log, house.redis_url, house.hub)
        await relay._publish([at.partition])
        await relay.stop()
    assert await _positions(house, at.partition) == [1, 2]


async def test_lost_connections_do_not_stop_the_relay(house: House) -> None:
    relay = await house.relay()
    at = await house.remark("alpha", "one")
    await _published(house, at.partition, 1)
    await house.redis.client_kill_filter(_type="normal", skipme=True)
    await house.pool.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await house.remark("alpha", "two")
    await _published(house, at.partition, 2)

    async def healthy() -> bool:
        return relay.health() == []

    await eventually(healthy)
