"""All views of a service from nothing, as when it starts beside full logs: relay, Redis, subscriptions.

They follow together, so that what is read and decoded can be shared; what they fetch from the owners because one
fell behind the others is told beside (decision 0012).
"""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time

import asyncpg
from redis.asyncio import Redis

from bench.figures import Figure, Result, Size
from bench.servers import Place
from bench.sources import PARTITIONS, VIEWS, prepare
from shared.database import open_pool
from shared.eventlog import EventLog, Position
from shared.process import settle
from shared.streams.hub import Hub
from shared.streams.rebuild import prepare_views
from shared.streams.relay import Relay
from shared.streams.subscriptions import Subscriptions
from shared.telemetry.metrics import REGISTRY

PATIENCE = 600.0  # seconds


@dataclass(frozen=True, slots=True)
class Extent:
    events: int
    rounds: int


EXTENTS: dict[Size, Extent] = {"full": Extent(60_000, 3), "quick": Extent(30_000, 1), "tiny": Extent(1_000, 1)}


async def run(place: Place, size: Size) -> Result:
    extent = EXTENTS[size]
    async with AsyncExitStack() as stack:
        members = await stack.enter_async_context(place.database("members", PARTITIONS))
        meetings = await stack.enter_async_context(place.database("meetings", PARTITIONS))
        await prepare(members, meetings, extent.events)
        members_pool = await stack.enter_async_context(await open_pool(members, name="bench"))
        pool = await stack.enter_async_context(await open_pool(meetings, name="bench"))
        logs = {
            "members": await EventLog.open(members_pool, "members"),
            "meetings": await EventLog.open(pool, "meetings"),
        }
        settle()
        rounds = [await _once(pool, place.redis_url, logs) for _ in range(extent.rounds)]
    figures = [
        Figure(f"{len(VIEWS)} views together", median(told["a_second"] for told in rounds), "events/s"),
        Figure("by their process", median(told["a_core_second"] for told in rounds), "events per core second"),
        Figure("fetched from the owners' feeds", median(told["fetched"] for told in rounds), "events"),
    ]
    return Result(
        figures, rounds, [f"logs of {rounds[0]['events']:,} events, each of which every view is brought past"]
    )


async def _once(pool: asyncpg.Pool, redis_url: str, logs: dict[str, EventLog]) -> dict[str, float]:
    async with Redis.from_url(redis_url) as redis:
        await redis.flushall()
    async with pool.acquire() as connection:
        await connection.execute("DELETE FROM view_state")
        await connection.execute("DELETE FROM checkpoint")
        await prepare_views(connection, VIEWS)
    heads = {source: await log.heads() for source, log in logs.items()}
    events = sum(sum(of.values()) for of in heads.values())
    fetched, started, used = _from_feed(), perf_counter(), process_time()
    await _follow(pool, redis_url, logs, heads)
    took, used = perf_counter() - started, process_time() - used
    return {
        "events": events,
        "a_second": round(events / took),
        "a_core_second": round(events / used),
        "fetched": _from_feed() - fetched,
    }


async def _follow(
    pool: asyncpg.Pool, redis_url: str, logs: dict[str, EventLog], heads: dict[str, dict[int, int]]
) -> None:
    """Until every view has everything."""
    async with AsyncExitStack() as stack:
        hub = Hub(pool)
        await hub.start()
        stack.push_async_callback(hub.stop)
        for log in logs.values():
            relay = Relay(log, redis_url, hub)
            await relay.start()
            stack.push_async_callback(relay.stop)
        following = Subscriptions("inspection", pool, redis_url, views=VIEWS, feeds=logs, hub=hub)
        await following.start()
        stack.push_async_callback(following.stop)
        for view in VIEWS:
            for source in view.sources:
                for partition, head in heads[source].items():
                    reached = await following.wait_for(view.name, Position(source, partition, head), PATIENCE)
                    if not reached:
                        raise TimeoutError(f"{view.name} does not follow {source}")


def _from_feed() -> float:
    labels = {"service": "inspection"}
    return sum(
        REGISTRY.get_sample_value("chibo_events_from_feed_total", {**labels, "source": source}) or 0
        for source in ("members", "meetings")
    )
