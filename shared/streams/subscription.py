"""One view or policy following its sources: a batch is one transaction that applies it and moves the checkpoint."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

import asyncpg
import orjson

from shared.eventlog import Recorded
from shared.events import UnknownEventType
from shared.streams.changes import MOST_TOPICS, Changes
from shared.streams.faults import Backoff, is_transient
from shared.streams.hub import CHANNEL
from shared.streams.incoming import Incoming, unbroken
from shared.streams.view import Policy, View
from shared.telemetry.log import get_logger
from shared.telemetry.metrics import EVENTS_APPLIED, FRESHNESS, SUBSCRIPTION_RETRIES

LOCK_CLASS = 0x_C81B0  # the first number of our advisory locks; the second stands for the view
ASYNC_COMMIT = "set_config('synchronous_commit', 'off', true)"  # a crash loses effect and checkpoint together
LOCK_ALONE = f"SELECT pg_advisory_xact_lock($1, $2), {ASYNC_COMMIT}"
LOCK_SHARED = f"SELECT pg_advisory_xact_lock_shared($1, $2), {ASYNC_COMMIT}"
LOCK_CHECKPOINT = (
    "SELECT position, parked FROM checkpoint WHERE subscription = $1 AND source = $2 AND partition = $3 FOR UPDATE"
)
INSERT_CHECKPOINT = (
    "INSERT INTO checkpoint (subscription, source, partition) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
)
BLOCKED = """
    SELECT stream, min(position) AS position FROM parked
    WHERE subscription = $1 AND source = $2 AND partition = $3 AND skipped_at IS NULL GROUP BY stream
"""
PARK = """
    INSERT INTO parked (subscription, source, partition, position, stream, type, error, behind)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (subscription, source, partition, position) DO UPDATE SET error = excluded.error, skipped_at = NULL
"""
MOVE = """
    UPDATE checkpoint SET position = $4, moved_at = now() WHERE subscription = $1 AND source = $2 AND partition = $3
"""
COUNT_PARKED = """
    UPDATE checkpoint c SET parked = (
        SELECT count(*) FROM parked p WHERE p.subscription = c.subscription AND p.source = c.source
            AND p.partition = c.partition AND p.skipped_at IS NULL)
    WHERE subscription = $1 AND source = $2 AND partition = $3
"""

log = get_logger(__name__)


class Failed(Exception):
    """Nothing of a batch was committed. ``culprit`` is the index of the event whose handler failed, if it is known."""

    def __init__(self, tried: Sequence[Incoming], culprit: int | None) -> None:
        super().__init__()
        self.tried, self.culprit = tried, culprit


def lock_number(view: str) -> int:
    """The second number of a view's advisory lock."""
    return crc32(view.encode()) - (1 << 31)


class Subscription:
    """A `View` or `Policy` with its checkpoints. ``name`` and ``schema`` differ from the view's during a rebuild."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        service: str,
        what: View | Policy,
        *,
        stopping: asyncio.Event,
        context: Any = None,
        suffix: str = "",
        turns: asyncio.Semaphore | None = None,
    ) -> None:
        self.name = what.name + suffix
        self.sources = what.sources
        self.is_view = isinstance(what, View)
        self.schema = f"view_{what.name}{suffix}"
        self._what, self._pool, self._service, self._context = what, pool, service, context
        self._stopping = stopping
        self._turns = turns or asyncio.Semaphore(4)
        self._lock = (LOCK_CLASS, lock_number(self.name))

    def wants(self, event: Incoming) -> bool:
        """Whether the event has an effect here; one that nobody can know has: it must be seen by an operator."""
        return event.stored.type in self._what.handlers or not event.is_known

    async def apply(self, source: str, partition: int, events: Sequence[Incoming]) -> int:
        """Apply what follows the checkpoint without a gap and move it there; returns where it is now.

        Passing failures are tried again until it works or the service stops (`faults.Stopped`); an event that
        cannot be applied is parked, and so is what follows it in its stream.
        """
        backoff, poison = Backoff(self._stopping), None
        while True:
            try:
                return await self._transaction(source, partition, events, poison)
            except Failed as failed:
                error = failed.__cause__
                assert error is not None
                if is_transient(error) or poison is not None:
                    SUBSCRIPTION_RETRIES.labels(self._service, self.name).inc()
                    log.warning("subscription.retries", subscription=self.name, source=source, error=repr(error))
                    await backoff.wait()
                elif len(failed.tried) == 1:
                    events, poison = failed.tried, error
                else:
                    middle = len(failed.tried) // 2 if failed.culprit is None else failed.culprit
                    await self.apply(source, partition, failed.tried[: max(middle, 1)])

    async def _transaction(
        self, source: str, partition: int, events: Sequence[Incoming], poison: BaseException | None
    ) -> int:
        """One attempt. With ``poison`` the only event is parked instead of applied. Raises `Failed`."""
        tried: Sequence[Incoming] = events
        at: int | None = None
        try:
            async with self._turns, self._pool.acquire() as connection, connection.transaction():
                place = (self.name, source, partition)
                position, parked = await self._lock_checkpoint(connection, place)
                tried = self._one_transaction(unbroken(list(events), position))
                if not tried:
                    return position
                blocked: dict[str, int] = {}
                if parked:
                    blocked = {row["stream"]: row["position"] for row in await connection.fetch(BLOCKED, *place)}
                run, parking = self._begin(connection), False
                for index, event in enumerate(tried):
                    at = index
                    if not self.wants(event):
                        continue
                    behind = blocked.get(event.stored.stream)
                    if behind is not None or poison is not None:
                        await self._park(connection, place, event, behind, poison)
                        parking = True
                        continue
                    if not event.is_known:
                        raise UnknownEventType(event.stored.type, event.stored.schema)
                    await run.handle(event.recorded())
                at = None
                topics = await run.finish()
                position = tried[-1].position
                await connection.execute(MOVE, *place, position)
                if parking:
                    await connection.execute(COUNT_PARKED, *place)
                if self.is_view:
                    payload = changed([self.name], source, partition, position, topics)
                    await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, payload)
        except Exception as error:
            raise Failed(tried, at) from error
        self._observe(source, tried)
        return position

    async def _lock_checkpoint(self, connection: asyncpg.Connection, place: tuple[str, str, int]) -> tuple[int, int]:
        """Position and number of parked events; nobody else moves this checkpoint until we commit."""
        if isinstance(self._what, View):
            lock = LOCK_SHARED if place[1] in self._what.concurrent else LOCK_ALONE
            await connection.execute(lock, *self._lock)
        row = await connection.fetchrow(LOCK_CHECKPOINT, *place)
        if row is None:
            await connection.execute(INSERT_CHECKPOINT, *place)
            row = await connection.fetchrow(LOCK_CHECKPOINT, *place)
        return row["position"], row["parked"]

    def _one_transaction(self, events: list[Incoming]) -> list[Incoming]:
        """As many events as go together: for a policy at most one that has an effect, so that it holds its locks
        (the head of its own log) only shortly."""
        if not self.is_view:
            for index, event in enumerate(events):
                if self.wants(event):
                    return events[: index + 1]
        return events

    def _begin(self, connection: asyncpg.Connection) -> "_ViewRun | _PolicyRun":
        if isinstance(self._what, View):
            return _ViewRun(self._what, Changes(connection, self.schema))
        return _PolicyRun(self._what, self._context, connection)

    async def _park(
        self,
        connection: asyncpg.Connection,
        place: tuple[str, str, int],
        event: Incoming,
        behind: int | None,
        poison: BaseException | None,
    ) -> None:
        error = f"{type(poison).__name__}: {poison}" if poison is not None else f"behind position {behind}"
        stored = event.stored
        await connection.execute(PARK, *place, stored.position, stored.stream, stored.type, error, behind)
        if behind is None:
            at = f"{stored.service}.{stored.partition}.{stored.position}"
            log.error("subscription.parked", subscription=self.name, position=at, type=stored.type, exc_info=poison)

    def _observe(self, source: str, events: Sequence[Incoming]) -> None:
        EVENTS_APPLIED.labels(self._service, self.name, source).inc(len(events))
        if self.is_view:
            age = datetime.now(UTC) - events[-1].stored.recorded_at
            FRESHNESS.labels(self._service, self.name).observe(max(0.0, age.total_seconds()))


class _ViewRun:
    def __init__(self, view: View, changes: Changes) -> None:
        self._view, self._changes = view, changes

    async def handle(self, event: Recorded[Any]) -> None:
        await self._view.handlers[event.type](self._changes, event)

    async def finish(self) -> set[str]:
        await self._changes.flush()
        return self._changes.topics


class _PolicyRun:
    def __init__(self, policy: Policy, context: Any, connection: asyncpg.Connection) -> None:
        self._policy, self._context, self._connection = policy, context, connection

    async def handle(self, event: Recorded[Any]) -> None:
        await self._policy.handlers[event.type](self._context, self._connection, event)

    async def finish(self) -> set[str]:
        return set()


def changed(subscriptions: list[str], source: str, partition: int, position: int, topics: set[str]) -> str:
    """The notification of a committed batch, as `hub.ViewChanged.parse` reads it."""
    shown: list[str] | str = sorted(topics) if len(topics) <= MOST_TOPICS else "*"
    told = {
        "subscriptions": subscriptions,
        "source": source,
        "partition": partition,
        "position": position,
        "topics": shown,
    }
    return orjson.dumps(told).decode()
