"""One view or policy following its sources: a batch is one transaction that applies it and moves the checkpoint."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

import asyncpg

from shared.streams.changes import Changes
from shared.streams.checkpoint import Checkpoint, Place
from shared.streams.faults import Backoff, is_transient
from shared.streams.feed import Feed
from shared.streams.hub import CHANNEL, ViewChanged
from shared.streams.incoming import Incoming, unbroken
from shared.streams.table import Spot
from shared.streams.view import Policy, View
from shared.telemetry.log import get_logger
from shared.telemetry.metrics import EVENTS_APPLIED, FRESHNESS, SUBSCRIPTION_RETRIES

LOCK_CLASS = 0x_C81B0  # the first number of our advisory locks; the second stands for the view
ASYNC_COMMIT = "set_config('synchronous_commit', 'off', true)"  # a crash loses effect and checkpoint together
LOCK_ALONE = f"SELECT pg_advisory_xact_lock($1, $2), {ASYNC_COMMIT}"
LOCK_SHARED = f"SELECT pg_advisory_xact_lock_shared($1, $2), {ASYNC_COMMIT}"

log = get_logger(__name__)


class Failed(Exception):
    """Nothing of a batch was committed. ``culprit`` is the index of the event whose handler failed, if it is known."""

    def __init__(self, tried: Sequence[Incoming], culprit: int | None, error: Exception) -> None:
        super().__init__(str(error))
        self.tried, self.culprit, self.error = tried, culprit, error


class OtherVersion(Exception):
    """The view was built for another version of this code: leave it alone until it is rebuilt, or we are replaced."""

    def __init__(self, view: str, ours: int | None, built: int | None) -> None:
        super().__init__(f"view {view} is built for version {built}, this code has version {ours}")


def lock_numbers(view: str) -> tuple[int, int]:
    """The two numbers of a view's advisory lock."""
    return LOCK_CLASS, crc32(view.encode()) - (1 << 31)


class Subscription:
    """A `View` or `Policy` with its checkpoints. During a rebuild ``suffix`` sets its name and schema apart.

    ``context`` is given to policies. ``turns`` bounds how many transactions all subscriptions of a process have open:
    handlers may need connections of their own, and must find some left in the pool.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        service: str,
        what: View | Policy,
        *,
        stopping: asyncio.Event,
        turns: asyncio.Semaphore,
        context: Any = None,
        suffix: str = "",
    ) -> None:
        self.name = what.name + suffix
        self.sources = what.sources
        self.is_view = isinstance(what, View)
        self.version = what.version if isinstance(what, View) else None
        self._what, self._pool, self._service, self._context = what, pool, service, context
        self._schema = f"view_{what.name}{suffix}"
        self._stopping, self._turns = stopping, turns

    def wants(self, event: Incoming) -> bool:
        """Whether the event has an effect here; one that nobody can know has: an operator must see it."""
        return event.stored.type in self._what.handlers or not event.is_known

    async def apply(self, source: str, partition: int, events: Sequence[Incoming]) -> int:
        """Apply what follows the checkpoint without a gap and move it there; returns where it is now.

        Passing failures are tried again until it works or the service stops (`faults.Stopped`). An event that
        fails twice is parked, and so is what follows it in its stream.
        """
        place = Place(self.name, source, partition)
        backoff, suspected, poison = Backoff(self._stopping), False, None
        while True:
            try:
                return await self._attempt(place, events, poison)
            except Failed as failed:
                if poison is not None or isinstance(failed.error, OtherVersion) or is_transient(failed.error):
                    SUBSCRIPTION_RETRIES.labels(self._service, self.name).inc()
                    log.warning("subscription.retries", subscription=self.name, source=source, error=str(failed))
                    await backoff.wait()
                elif len(failed.tried) == 1 and not suspected:
                    events, suspected = failed.tried, True
                    await backoff.wait()
                elif len(failed.tried) == 1:
                    events, poison = failed.tried, failed.error
                else:
                    middle = len(failed.tried) // 2 if failed.culprit is None else failed.culprit
                    await self.apply(source, partition, failed.tried[: max(middle, 1)])

    async def retry(self, source: str, partition: int, stream: str, feed: Feed) -> int:
        """Apply the parked events of a stream in order, each in a transaction of its own; returns how many.

        Raises what the first one that fails again raises; it and those behind it stay parked.
        """
        place, done = Place(self.name, source, partition), 0
        while (failure := await self._retry_first(place, stream, feed)) is True:
            done += 1
        if isinstance(failure, Exception):
            raise failure
        return done

    async def _attempt(self, place: Place, events: Sequence[Incoming], poison: Exception | None) -> int:
        """One transaction. With ``poison`` the only event is parked instead of applied. Raises `Failed`."""
        tried, at = events, None
        try:
            async with self._turns, self._pool.acquire() as connection, connection.transaction():
                checkpoint = await self._lock(connection, place)
                tried = self._one_transaction(unbroken(events, checkpoint.position))
                if not tried:
                    return checkpoint.position
                blocked, changes = await checkpoint.blocked(), Changes(connection, self._schema)
                wanted = [(at, event) for at, event in enumerate(tried) if self.wants(event)]
                spots: dict[Spot, None] = {}
                for at, event in wanted:  # noqa: B007
                    if poison is None and event.stored.stream not in blocked:
                        spots.update(self._foreseen(event))
                at = None
                await changes.prefetch(spots)
                for at, event in wanted:  # noqa: B007
                    behind = blocked.get(event.stored.stream)
                    if behind is not None or poison is not None:
                        await self._park(checkpoint, event, behind, poison)
                    else:
                        await self._handle(changes, event)
                at = None
                await changes.flush()
                await checkpoint.move(tried[-1].position)
                await self._tell(connection, place, checkpoint.position, changes.topics)
        except Exception as error:
            raise Failed(tried, at, error) from error
        self._observe(place.source, tried)
        return checkpoint.position

    async def _retry_first(self, place: Place, stream: str, feed: Feed) -> bool | Exception:
        """Apply the first parked event of a stream; False when there is none, the error if it fails again."""
        async with self._turns, self._pool.acquire() as connection, connection.transaction():
            checkpoint = await self._lock(connection, place)
            position = await checkpoint.first_parked(stream)
            if position is None:
                return False
            (stored,) = await feed.feed(place.partition, position - 1, 1)
            changes = Changes(connection, self._schema)
            try:
                async with connection.transaction():
                    await self._handle(changes, Incoming(stored))
                    await changes.flush()
            except Exception as error:
                await checkpoint.fails_again(position, describe(error))
                return error
            await checkpoint.unpark(position)
            await self._tell(connection, place, checkpoint.position, changes.topics)
            return True

    async def _lock(self, connection: asyncpg.Connection, place: Place) -> Checkpoint:
        """Nobody else moves this checkpoint until we commit, nor changes the view unless it may at the same time."""
        if isinstance(self._what, View):
            lock = LOCK_SHARED if place.source in self._what.concurrent else LOCK_ALONE
            await connection.execute(lock, *lock_numbers(self.name))
        checkpoint = await Checkpoint.lock(connection, place)
        if checkpoint.version != self.version:
            raise OtherVersion(self.name, self.version, checkpoint.version)
        return checkpoint

    def _one_transaction(self, events: list[Incoming]) -> list[Incoming]:
        """As many events as go together: for a policy at most one that has an effect, so that it holds its locks
        (the head of its own log) only shortly."""
        if not self.is_view:
            for index, event in enumerate(events):
                if self.wants(event):
                    return events[: index + 1]
        return events

    def _foreseen(self, event: Incoming) -> dict[Spot, None]:
        """Raises like `_handle`."""
        return dict.fromkeys(self._what.foreseen(event.recorded())) if isinstance(self._what, View) else {}

    async def _handle(self, changes: Changes, event: Incoming) -> None:
        """Raises `shared.events.UnknownEventType`, and whatever the handler raises."""
        recorded = event.recorded()
        if isinstance(self._what, Policy):
            await self._what.handlers[recorded.type](self._context, changes.connection, recorded)
        elif recorded.type in self._what.handlers:
            await self._what.handlers[recorded.type](changes, recorded)

    async def _park(
        self, checkpoint: Checkpoint, event: Incoming, behind: int | None, poison: Exception | None
    ) -> None:
        stored = event.stored
        error = f"behind position {behind}" if poison is None else describe(poison)
        await checkpoint.park(stored.position, stored.stream, stored.type, error, behind, serving=self._what.name)
        if behind is None:
            at = f"{stored.service}.{stored.partition}.{stored.position}"
            log.error("subscription.parked", subscription=self.name, at=at, type=stored.type, exc_info=poison)

    async def _tell(self, connection: asyncpg.Connection, place: Place, position: int, topics: set[str]) -> None:
        """Wake who waits for this view or shows it, once this transaction commits."""
        if self.is_view:
            told = ViewChanged((self.name,), place.source, place.partition, position, frozenset(topics))
            await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, told.payload())

    def _observe(self, source: str, events: Sequence[Incoming]) -> None:
        EVENTS_APPLIED.labels(self._service, self.name, source).inc(len(events))
        if self.is_view:
            age = datetime.now(UTC) - events[-1].stored.recorded_at
            FRESHNESS.labels(self._service, self.name).observe(max(0.0, age.total_seconds()))


def describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:2000]
