"""Making the schemas of views, and filling a fresh copy of a view from the logs while the old one serves."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import asyncpg

from shared.streams.checkpoint import ENSURE
from shared.streams.feed import Feed
from shared.streams.hub import CHANNEL, ViewChanged
from shared.streams.lane import Lane
from shared.streams.subscription import LOCK_ALONE, Subscription, lock_numbers
from shared.streams.view import View
from shared.telemetry.log import get_logger

NEXT, OLD = "__next", "__old"
VERSIONS = "SELECT name, version FROM view_state"
REMEMBER = """
    INSERT INTO view_state (name, version) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET version = excluded.version, built_at = now()
"""
FORGET = (
    "DELETE FROM checkpoint WHERE subscription = $1",
    "DELETE FROM parked WHERE subscription = $1",
    "DELETE FROM view_state WHERE name = $1",
)
RENAME = (
    "UPDATE checkpoint SET subscription = $1 WHERE subscription = $2",
    "UPDATE parked SET subscription = $1 WHERE subscription = $2",
    "UPDATE view_state SET name = $1, built_at = now() WHERE name = $2",
)

Progress = Callable[[int, int], None]
"""Told how many events of how many have been applied."""

log = get_logger(__name__)


class AlreadyRebuilding(RuntimeError):
    """Somebody else is rebuilding this view at this moment."""


async def prepare_views(connection: asyncpg.Connection, views: Sequence[View]) -> None:
    """At migration: make the views that are missing, empty; their subscriptions fill them.

    Views whose version has been raised are rebuilt by the workers once they run, because that needs the other
    services' feeds. To be called as the service's own role, which has to own the schemas to swap them.
    """
    async with connection.transaction():
        made = {row["name"] for row in await connection.fetch(VERSIONS)}
        for view in views:
            if view.name not in made:
                await _make(connection, view, "")


async def outdated(pool: asyncpg.Pool, views: Sequence[View]) -> list[View]:
    """The views whose declared version is newer than the one that was built."""
    built = {row["name"]: row["version"] for row in await pool.fetch(VERSIONS)}
    return [view for view in views if built.get(view.name, view.version) < view.version]


async def rebuild(
    pool: asyncpg.Pool,
    service: str,
    view: View,
    feeds: Mapping[str, Feed],
    *,
    stopping: asyncio.Event | None = None,
    progress: Progress = lambda done, total: None,
) -> None:
    """Fill a fresh copy of ``view`` from its sources' logs, then put it in the place of the old one.

    The old one serves and follows its sources all the time; only the last few events are applied while it stands
    still. Raises `AlreadyRebuilding`, `faults.Stopped`, and what a feed raises that cannot be reached.
    """
    stopping = stopping or asyncio.Event()
    guard_numbers = lock_numbers(f"rebuild {view.name}")
    async with pool.acquire() as guard:
        if not await guard.fetchval("SELECT pg_try_advisory_lock($1, $2)", *guard_numbers):
            raise AlreadyRebuilding(view.name)
        try:
            async with guard.transaction():
                await _make(guard, view, NEXT)
            lanes = await _lanes(pool, service, view, feeds, stopping)
            await _fill(lanes, feeds, progress)
            async with guard.transaction():
                await guard.execute(LOCK_ALONE, *lock_numbers(view.name))
                await _fill(lanes, feeds, progress)
                await _swap(guard, view)
            await guard.execute(f'DROP SCHEMA IF EXISTS "{view.schema}{OLD}" CASCADE')
            log.info("view.rebuilt", view=view.name, version=view.version)
        finally:
            if not guard.is_closed():
                await guard.execute("SELECT pg_advisory_unlock($1, $2)", *guard_numbers)


async def make_schema(connection: asyncpg.Connection, view: View, schema: str) -> None:
    """The empty tables of ``view`` in a schema of their own; what was there before is dropped."""
    await connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
    await connection.execute(f'CREATE SCHEMA "{schema}"')
    for table in view.tables:
        for statement in table.create(schema):
            await connection.execute(statement)


async def _make(connection: asyncpg.Connection, view: View, suffix: str) -> None:
    """A view with nothing in it and no checkpoints, under its own name or beside it."""
    await make_schema(connection, view, view.schema + suffix)
    for statement in FORGET:
        await connection.execute(statement, view.name + suffix)
    await connection.execute(REMEMBER, view.name + suffix, view.version)


async def _lanes(
    pool: asyncpg.Pool, service: str, view: View, feeds: Mapping[str, Feed], stopping: asyncio.Event
) -> list[Lane]:
    copy = Subscription(pool, service, view, stopping=stopping, turns=asyncio.Semaphore(4), suffix=NEXT)
    partitions = {source: list(await feeds[source].heads()) for source in view.sources}
    for source in view.sources:
        await pool.execute(ENSURE, [copy.name], source, partitions[source])
    return [
        Lane(pool, service, source, partition, feeds[source], [copy], {copy.name: 0}, stopping, patience=None)
        for source in view.sources
        for partition in partitions[source]
    ]


async def _fill(lanes: Sequence[Lane], feeds: Mapping[str, Feed], progress: Progress) -> None:
    """Batch by batch, every lane in turn, so that no source is far ahead of another."""
    heads = {source: await feeds[source].heads() for source in {lane.source for lane in lanes}}
    total = sum(heads[lane.source][lane.partition] for lane in lanes)
    behind = list(lanes)
    while behind:
        more = await asyncio.gather(*(lane.advance() for lane in behind))
        behind = [lane for lane, has_more in zip(behind, more, strict=True) if has_more]
        progress(sum(lane.position for lane in lanes), total)


async def _swap(connection: asyncpg.Connection, view: View) -> None:
    """Put the copy in place. Nobody applies anything to the view: the caller holds its lock."""
    await connection.execute(f'DROP SCHEMA IF EXISTS "{view.schema}{OLD}" CASCADE')
    await connection.execute(f'ALTER SCHEMA "{view.schema}" RENAME TO "{view.schema}{OLD}"')
    await connection.execute(f'ALTER SCHEMA "{view.schema}{NEXT}" RENAME TO "{view.schema}"')
    for statement in FORGET:
        await connection.execute(statement, view.name)
    for statement in RENAME:
        await connection.execute(statement, view.name, view.name + NEXT)
    await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, ViewChanged((view.name,)).payload())
