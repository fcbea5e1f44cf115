"""Filling views from logs that hold the demonstration's meetings: how many events a second, and a CPU second.

``python -m bench.views postgresql://owner@host:port/database [--redis redis://…] [--meetings 4000] [--rounds 1]`` makes
databases of its own and drops them; prints one JSON object. Each view is rebuilt by itself; with ``--redis`` (which is
emptied!) all of them then catch up together, the log published by a relay. ``cpu`` counts this process alone, which
does all the work but PostgreSQL's; ``statements`` are round trips to it.
"""

import argparse
import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from time import perf_counter, process_time
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import uvloop
from redis.asyncio import Redis

from bench.told import TODAY, establish, meeting_events
from deploy.local.demo import story
from services.inspection.views.wall import WALL
from services.meetings.views.calendar import CALENDAR
from services.meetings.views.participation import PARTICIPATION
from services.meetings.views.tasks import TASKS
from shared.database import open_pool
from shared.eventlog import Command, EventLog, Position, Write
from shared.eventlog import schema as eventlog_schema
from shared.process import settle
from shared.streams import View
from shared.streams import schema as streams_schema
from shared.streams.hub import Hub
from shared.streams.rebuild import prepare_views, rebuild
from shared.streams.relay import Relay
from shared.streams.subscriptions import Subscriptions
from shared.telemetry.log import configure_logging

VIEWS = (WALL, CALENDAR, PARTICIPATION, TASKS)
PARTITIONS = 4
AT_ONCE = 32


async def fill(members: EventLog, meetings: EventLog, count: int) -> int:
    """Record the organisations and ``count`` meetings; returns how many events."""
    await establish(members)
    turns = asyncio.Semaphore(AT_ONCE)

    async def record(held: story.Held) -> int:
        async with turns:
            meeting, events = meeting_events(held)
            write = Write(f"meeting:{meeting}", 0, events)
            await meetings.append(write, key=held.cell.id, command=Command("bench", "bench"))
            return len(events)

    return sum(await asyncio.gather(*map(record, story.meetings(TODAY)[:count])))


@asynccontextmanager
async def database(server: str) -> AsyncIterator[asyncpg.Pool]:
    """A database of its own with an empty log."""
    admin, name = await asyncpg.connect(server), f"bench_{secrets.token_hex(6)}"
    try:
        await admin.execute(f"CREATE DATABASE {name}")
        pool = await open_pool(urlunsplit(urlsplit(server)._replace(path=f"/{name}")), name="bench")
        async with pool:
            async with pool.acquire() as connection:
                await eventlog_schema.create(connection, PARTITIONS)
            yield pool
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


async def timed(pool: asyncpg.Pool, events: int, work: Callable[[], Awaitable[object]]) -> dict[str, Any]:
    """``statements`` are those of connections that existed before ``work``; all of the pool's are made first."""
    statements = 0

    def count(_query: object) -> None:
        nonlocal statements
        statements += 1

    held = [await pool.acquire() for _ in range(pool.get_max_size())]
    for connection in held:
        connection.add_query_logger(count)
        await pool.release(connection)
    started, cpu = perf_counter(), process_time()
    await work()
    wall, cpu = perf_counter() - started, process_time() - cpu
    for connection in [await pool.acquire() for _ in held]:
        connection.remove_query_logger(count)
        await pool.release(connection)
    return {
        "events": events,
        "seconds": round(wall, 2),
        "cpu_seconds": round(cpu, 2),
        "events_per_second": round(events / wall),
        "events_per_cpu_second": round(events / cpu),
        "statements": statements,
    }


async def catch_up(
    pool: asyncpg.Pool, redis_url: str, feeds: dict[str, EventLog], views: Sequence[View]
) -> Callable[[], Awaitable[object]]:
    """All ``views`` from nothing, as when a service starts beside a full log: relay, Redis, subscriptions."""
    redis = Redis.from_url(redis_url)
    await redis.flushall()
    await redis.aclose()
    async with pool.acquire() as connection:
        await connection.execute("DELETE FROM view_state")
        await connection.execute("DELETE FROM checkpoint")
        await prepare_views(connection, views)
    heads = {source: await log.heads() for source, log in feeds.items()}

    async def work() -> None:
        hub = Hub(pool)
        await hub.start()
        relays = [Relay(log, redis_url, hub) for log in feeds.values()]
        following = Subscriptions("inspection", pool, redis_url, views=views, feeds=feeds, hub=hub)
        for relay in relays:
            await relay.start()
        await following.start()
        for view in views:
            for source in view.sources:
                for partition, head in heads[source].items():
                    reached = await following.wait_for(view.name, Position(source, partition, head), 600)
                    assert reached or head == 0, f"{view.name} does not follow {source}"
        await following.stop()
        for relay in relays:
            await relay.stop()
        await hub.stop()

    return work


async def main(server: str, redis_url: str | None, count: int, rounds: int) -> dict[str, object]:
    async with database(server) as members_pool, database(server) as pool:
        members, meetings = await EventLog.open(members_pool, "members"), await EventLog.open(pool, "meetings")
        events = await fill(members, meetings, count)
        feeds = {"members": members, "meetings": meetings}
        async with pool.acquire() as connection:
            for statement in streams_schema.CREATE:
                await connection.execute(statement)
            await prepare_views(connection, VIEWS)
        settle()
        results = []
        for number in range(rounds):
            for view in VIEWS:
                measured = await timed(pool, events, partial(rebuild, pool, "inspection", view, feeds))
                results.append({"rebuild": view.name, "round": number, **measured})
            if redis_url is not None:
                work = await catch_up(pool, redis_url, feeds, VIEWS)
                results.append({"catch_up": "all", "round": number, **await timed(pool, events, work)})
    return {"bench": "views", "partitions": PARTITIONS, "results": results}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server", help="a PostgreSQL, as a role that may create databases")
    parser.add_argument("--redis", help="a Redis of one's own: it is emptied")
    parser.add_argument("--meetings", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    configure_logging(as_json=False, level="WARNING")
    print(json.dumps(uvloop.run(main(given.server, given.redis, given.meetings, given.rounds)), indent=2))
