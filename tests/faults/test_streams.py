"""Redis and PostgreSQL go away and come back under a running service: nothing is lost, nothing happens twice."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import asyncpg
import pytest

from deploy.local.redis import Redis
from shared.eventlog import EventLog, Position
from shared.streams.tests.house import SERVICE, House, Remarks, eventually
from shared.telemetry.metrics import REGISTRY
from tests.support.servers import server_folder


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    """A Redis of this test's own, to be stopped and started."""
    with server_folder() as folder, Redis(folder, durable=False) as server:
        yield server


@pytest.fixture
async def house(pool: asyncpg.Pool, own_redis: Redis) -> AsyncIterator[House]:
    built = await House.build(pool, own_redis.url())
    yield built
    await built.close()


async def _published(house: House) -> int:
    return int(REGISTRY.get_sample_value("chibo_relay_published_total", _where(house)) or 0)


def _where(house: House) -> dict[str, str]:
    return {"service": SERVICE, "partition": str(house.log.partition_of("alpha"))}


async def test_a_service_that_starts_before_redis_reads_it_when_it_is_there(house: House, own_redis: Redis) -> None:
    own_redis.stop()
    await house.relay()
    following = await house.follow(Remarks())
    at = await house.remark("alpha", "before")
    assert await following.wait_for("remarks", at, timeout=20)
    own_redis.start()
    own_redis.wait()
    before = await _published(house)

    async def published() -> bool:
        return await _published(house) > before

    await eventually(published)
    at = await house.remark("alpha", "after")
    assert await following.wait_for("remarks", at, timeout=20)
    assert await house.counted() == {"alpha": 2}


async def test_redis_restarts_empty_again_and_again(house: House, own_redis: Redis) -> None:
    await house.relay()
    following = await house.follow(Remarks())
    recorded = 0
    for _ in range(3):
        for _ in range(10):
            at = await house.remark("alpha", "noted")
            recorded += 1
        own_redis.stop()
        at = await house.remark("alpha", "while it is away")
        recorded += 1
        own_redis.start()
        own_redis.wait()
    assert await following.wait_for("remarks", at, timeout=30)
    assert await house.counted() == {"alpha": recorded}


async def test_while_redis_hangs_the_owners_feed_brings_the_events(house: House, own_redis: Redis) -> None:
    await house.relay()
    following = await house.follow(Remarks())
    assert await following.wait_for("remarks", await house.remark("alpha", "before"), timeout=20)
    assert own_redis.pid is not None
    os.kill(own_redis.pid, signal.SIGSTOP)
    try:
        assert await following.wait_for("remarks", await house.remark("alpha", "meanwhile"), timeout=20)
    finally:
        os.kill(own_redis.pid, signal.SIGCONT)
    assert await following.wait_for("remarks", await house.remark("alpha", "after"), timeout=20)
    assert await house.counted() == {"alpha": 3}


async def test_postgresql_drops_every_connection_again_and_again(house: House, database: str) -> None:
    await house.relay()
    following = [await house.follow(Remarks()), await house.follow(Remarks())]
    drop = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name <> 'recorder'"
    )
    recorded: dict[str, int] = {}
    last: list[Position] = []
    async with asyncpg.create_pool(database, min_size=1, server_settings={"application_name": "recorder"}) as own:
        recorder = replace(house, log=await EventLog.open(own, SERVICE))
        for number in range(60):
            cell = f"cell-{number % 3}"
            last.append(await recorder.remark(cell, "noted"))
            recorded[cell] = recorded.get(cell, 0) + 1
            if number % 10 == 5:
                await own.execute(drop)
    for at in last[-3:]:
        assert await following[0].wait_for("remarks", at, timeout=30)
    assert await house.counted() == recorded


async def test_a_reader_that_silently_stopped_is_noticed_and_started_again(house: House) -> None:
    await house.relay()
    following = await house.follow(Remarks(), look=0.5, silent=7)
    assert await following.wait_for("remarks", await house.remark("alpha", "before"), timeout=20)
    reading = [task for task in asyncio.all_tasks() if "_consume" in repr(task.get_coro())]
    assert reading
    for task in reading:
        task.cancel()

    async def noticed() -> bool:
        return f"no longer reads {SERVICE}" in following.health()

    await eventually(noticed)

    async def well_again() -> bool:
        return following.health() == []

    await eventually(well_again)
    assert await following.wait_for("remarks", await house.remark("alpha", "after"), timeout=20)
