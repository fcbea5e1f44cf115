"""Appending, and freshness of inspection's wall, while the log grows a thousandfold.

A database for each size, all of them there at once and measured in turns, so that a busy minute of the machine meets
every size alike. The logs are filled past the append function (`bench.fill`) and verify; the wall is as large as such
a log makes it: built from the first events, then its rows of meetings and of what happened in them copied under new
ids. Relay, Redis and the wall's subscription run in this process, one size at a time.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from statistics import median

import asyncpg

from bench.append import appending
from bench.figures import Figure, Result, Size
from bench.fill import Log, Meeting, copies, fill, stored
from bench.freshness import ASKED, Cells, measure, watch
from bench.load import Statements, rate
from bench.servers import Place
from bench.told import establish, tours
from deploy.local.demo import story
from services.inspection.views.wall import WALL
from services.inspection.views.wall.tables import HAPPENING, MEETING
from shared.database import open_pool
from shared.eventlog import EventLog
from shared.process import settle
from shared.streams import Table, schema
from shared.streams.hub import Hub
from shared.streams.rebuild import prepare_views, rebuild
from shared.streams.relay import Relay
from shared.streams.subscriptions import Subscriptions

PARTITIONS = 4
PATTERNS = 700  # meetings of the story that the logs are made of, again and again
KEPT = 1_000  # entries a stream; more would only make Redis read what the wall has
GROWN = 1.3  # times the smallest log's
CHECKPOINTS = """
    UPDATE checkpoint c SET position = h.position FROM public.partition_head h
    WHERE c.source = 'meetings' AND c.partition = h.partition"""
COMMANDS = """
    INSERT INTO public.command (key, fingerprint, partition, position, versions, answer)
    SELECT gen_random_uuid()::text, sha256(hash), partition, position, '{}', '{}' FROM public.event WHERE version = 1"""
INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE schemaname = 'view_wall' AND tablename = $1 AND indexdef NOT LIKE 'CREATE UNIQUE%'"""


@dataclass(frozen=True, slots=True)
class Extent:
    sizes: Sequence[int]  # events
    rounds: int
    fresh_seconds: float
    append_seconds: float


EXTENTS: dict[Size, Extent] = {
    "full": Extent((10_000, 100_000, 1_000_000, 10_000_000), 5, 5.0, 2.0),
    "quick": Extent((10_000, 100_000, 1_000_000), 3, 3.0, 1.0),
    "tiny": Extent((500, 1_500), 1, 0.5, 0.2),
}


@dataclass(frozen=True, slots=True)
class Sized:
    """One log of some size, and the wall that follows it, in one database."""

    events: int
    pool: asyncpg.Pool
    logs: Mapping[str, EventLog]
    redis_url: str

    @asynccontextmanager
    async def followed(self, meetings: Iterator[story.Held]) -> AsyncIterator[Cells]:
        """With its relay and the wall's subscription at work."""
        async with AsyncExitStack() as stack:
            wall = await watch(stack, self.pool)
            hub = Hub(self.pool)
            await hub.start()
            stack.push_async_callback(hub.stop)
            for log in self.logs.values():
                relay = Relay(log, self.redis_url, hub, maxlen=KEPT)
                await relay.start()
                stack.push_async_callback(relay.stop)
            following = Subscriptions(
                "inspection", self.pool, self.redis_url, views=[WALL], feeds=dict(self.logs), hub=hub
            )
            await following.start()
            stack.push_async_callback(following.stop)
            yield Cells(self.logs["meetings"], wall, {}, meetings)


async def run(place: Place, size: Size) -> Result:
    extent, meetings, said = EXTENTS[size], tours(), Statements()
    patterns = [stored(held) for held in islice(tours(), min(PATTERNS, extent.sizes[0] // 20))]
    settle()
    async with AsyncExitStack() as stack:
        members = await _members(stack, place)
        grown = []
        for number, events in enumerate(extent.sizes):
            grown.append(await _grow(stack, place, number, events, patterns, members))
        fresh = []
        for _ in range(extent.rounds):
            for one in grown:
                async with one.followed(meetings) as cells:
                    assert await cells.on_the_wall(60)
                    await measure(cells, ASKED, extent.fresh_seconds / 5)
                    fresh.append({"events": one.events, **await measure(cells, ASKED, extent.fresh_seconds)})
        appended = []
        for _ in range(extent.rounds):
            for one in grown:
                append = appending(one.logs["meetings"], said)
                await rate(append, extent.append_seconds / 5)
                appended.append({"events": one.events, "a_second": round(await rate(append, extent.append_seconds))})
    return Result(_figures(extent, fresh, appended), [*fresh, *appended])


def _figures(
    extent: Extent, fresh: Sequence[Mapping[str, float]], appended: Sequence[Mapping[str, float]]
) -> list[Figure]:
    figures = list[Figure]()
    for what, rounds, unit in (
        ("a_second", appended, "commands/s"),
        ("p50_ms", fresh, "ms, p50"),
        ("p99_ms", fresh, "ms, p99"),
    ):
        of = {size: median(told[what] for told in rounds if told["events"] == size) for size in extent.sizes}
        smallest = of[extent.sizes[0]]
        for size, value in of.items():
            figures.append(Figure(f"{size:,} events", value, unit))
        for size, value in list(of.items())[1:]:
            times = smallest / value if what == "a_second" else value / max(smallest, 0.01)
            target = None if what == "p99_ms" else GROWN  # of a few hundred events: too few to compare
            named = {"a_second": "longer to append", "p50_ms": "later, p50", "p99_ms": "later, p99"}[what]
            figures.append(Figure(f"{size:,} events", times, f"times {named}", at_most=target))
    return figures


async def _members(stack: AsyncExitStack, place: Place) -> EventLog:
    url = await stack.enter_async_context(place.database("members", PARTITIONS))
    pool = await stack.enter_async_context(await open_pool(url, name="bench"))
    log = await EventLog.open(pool, "members")
    await establish(log)
    return log


async def _grow(
    stack: AsyncExitStack, place: Place, number: int, events: int, patterns: Sequence[Meeting], members: EventLog
) -> Sized:
    url = await stack.enter_async_context(place.database(f"grown_{number}", PARTITIONS))
    pool = await stack.enter_async_context(await open_pool(url, name="bench"))
    logs = {"members": members, "meetings": await EventLog.open(pool, "meetings")}
    end, first = Log("meetings", PARTITIONS), sum(len(meeting.events) for meeting in patterns)
    async with pool.acquire() as connection, pool.acquire() as other:
        for statement in schema.CREATE:
            await connection.execute(statement)
        await prepare_views(connection, [WALL])
        await fill(connection, end, copies(patterns), min(first, events))
        await rebuild(pool, "inspection", WALL, logs)
        base = dict(end.heads)
        await asyncio.gather(
            fill(connection, end, copies(patterns), events - end.events) if events > end.events else asyncio.sleep(0),
            _widen(other, events // end.events - 1, {partition: head for partition, (head, _) in base.items()}),
        )
        await connection.execute(COMMANDS)
        await connection.execute(CHECKPOINTS)
    return Sized(events, pool, logs, place.redis_url.replace("db=0", f"db={number}"))


async def _widen(connection: asyncpg.Connection, copies: int, heads: Mapping[int, int]) -> None:
    """Every meeting on the wall, and all that happened in it, so many times more."""
    if copies < 1:
        return
    for table, anew in ((MEETING, {"meeting": "gen_random_uuid()"}), (HAPPENING, {"position": _positions(heads)})):
        await _multiply(connection, table, copies, anew)


def _positions(heads: Mapping[int, int]) -> str:
    """Those that follow: a copy of what happened up to the head is what happens as far beyond it."""
    cases = " ".join(f"WHEN {int(partition)} THEN {int(head)}" for partition, head in heads.items())
    return f"position + copy * (CASE partition {cases} END)::bigint"


async def _multiply(connection: asyncpg.Connection, table: Table, copies: int, anew: Mapping[str, str]) -> None:
    indexes = await connection.fetch(INDEXES, table.name)
    for index in indexes:
        await connection.execute(f'DROP INDEX view_wall."{index["indexname"]}"')
    values = ", ".join(anew.get(column, column) for column in table.written)
    await connection.execute(
        f"INSERT INTO view_wall.{table.name} ({', '.join(table.written)})"
        f" SELECT {values} FROM view_wall.{table.name}, generate_series(1, $1::integer) AS copy",
        copies,
    )
    for index in indexes:
        await connection.execute(index["indexdef"])
    await connection.execute(f"ANALYZE view_wall.{table.name}")
