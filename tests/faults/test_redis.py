"""Redis goes away, comes back with less than it had, or is written to by a stranger."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis

from shared.eventlog.partition import partition_of
from shared.streams.frame import stream_key
from tests.faults.fleet import Fleet, until
from tests.faults.load import Bloc, Book, under_load
from tests.faults.proof import prove

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("fleet")]

PARTITIONS = 4


@contextmanager
def redis(fleet: Fleet) -> Iterator[Redis]:
    with Redis.from_url(fleet.redis.url()) as client:
        yield client


@pytest.mark.parametrize("file", ["with its file", "without its file"])
async def test_redis_is_killed_and_comes_back(fleet: Fleet, bloc: Bloc, book: Book, file: str) -> None:
    failures = fleet.metric("chibo_relay_failures_total")
    repairs = fleet.metric("chibo_relay_repairs_total", reason="empty")
    with under_load(bloc, book) as load:
        fleet.kill(fleet.redis)
        until(fleet.wrong, "readiness tells that Redis is away")
        load.goes_on()
        if file == "without its file":
            fleet.lose_the_file()
        fleet.revive(fleet.redis)
    await prove(fleet, book)
    assert fleet.metric("chibo_relay_failures_total") > failures
    if file == "without its file":
        assert fleet.metric("chibo_relay_repairs_total", reason="empty") > repairs


async def test_everything_in_redis_is_deleted(fleet: Fleet, bloc: Bloc, book: Book) -> None:
    repairs = fleet.metric("chibo_relay_repairs_total", reason="empty")
    with under_load(bloc, book) as load, redis(fleet) as client:
        for _ in range(3):
            client.flushall()
            load.goes_on(10)
    await prove(fleet, book)
    assert fleet.metric("chibo_relay_repairs_total", reason="empty") > repairs


async def test_a_stranger_writes_to_the_streams(fleet: Fleet, bloc: Bloc, book: Book) -> None:
    """``XADD *`` takes the clock for an id: far above every position, so Redis refuses what the relay writes next."""
    repairs = fleet.metric("chibo_relay_repairs_total", reason="stray")
    strays = fleet.metric("chibo_stray_entries_total")
    with under_load(bloc, book) as load, redis(fleet) as client:
        for cell in bloc.cells:
            for service in ("members", "meetings", "inspection", "notifications"):
                client.xadd(stream_key(service, partition_of(cell.id, PARTITIONS)), {"tin": "không phải của chibo"})
        load.goes_on()
    await prove(fleet, book)
    assert fleet.metric("chibo_relay_repairs_total", reason="stray") > repairs
    assert fleet.metric("chibo_stray_entries_total") > strays
