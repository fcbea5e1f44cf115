"""The way of one partition of one source into every subscription that follows it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol, TypeVar

import asyncpg

from shared.eventlog import Stored
from shared.streams.faults import Backoff, is_transient
from shared.streams.hub import CHANNEL
from shared.streams.incoming import Incoming, in_order
from shared.streams.subscription import ASYNC_COMMIT, Subscription, changed
from shared.telemetry.log import get_logger
from shared.telemetry.metrics import EVENTS_APPLIED, EVENTS_FROM_FEED

FETCH = 500

# Those that know of nothing between their checkpoint and $5 that concerns them pass it in one statement.
PASS = f"""
    WITH mine AS (
        SELECT subscription FROM checkpoint
        WHERE subscription = ANY($1) AND source = $2 AND partition = $3 AND position >= $4 AND position < $5
        ORDER BY subscription FOR UPDATE
    ), moved AS (
        UPDATE checkpoint c SET position = $5, moved_at = now() FROM mine
        WHERE c.subscription = mine.subscription AND c.source = $2 AND c.partition = $3
        RETURNING c.subscription
    )
    SELECT array_agg(subscription) AS moved, pg_notify($6, $7), {ASYNC_COMMIT} FROM moved
"""  # noqa: S608

T = TypeVar("T")

log = get_logger(__name__)


class Feed(Protocol):
    """Where an owner serves its log: its `EventLog`, or a client of its HTTP feed."""

    async def feed(self, partition: int, after: int, limit: int) -> list[Stored]: ...

    async def heads(self) -> dict[int, int]: ...


class Lane:
    """``positions``: how far each subscription is, as last seen by this process."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        service: str,
        source: str,
        partition: int,
        feed: Feed,
        subscriptions: Sequence[Subscription],
        positions: dict[str, int],
        stopping: asyncio.Event,
    ) -> None:
        self.source, self.partition, self.positions = source, partition, positions
        self.moved_at = time.monotonic()
        self._pool, self._service, self._feed, self._subscriptions = pool, service, feed, subscriptions
        self._stopping = stopping
        self._one_batch = asyncio.Lock()

    @property
    def position(self) -> int:
        """What every subscription has reached."""
        return min(self.positions.values())

    async def deliver(self, events: Sequence[Stored]) -> bool:
        """Bring every subscription past ``events``. False if some of them are not in the owner's log."""
        async with self._one_batch:
            incoming = in_order(events)
            if not incoming:
                return True
            rest = await self._pass(incoming)
            brought = await asyncio.gather(*(self._bring(subscription, incoming) for subscription in rest))
            return all(brought)

    async def catch_up(self) -> None:
        """Bring every subscription to the owner's head without Redis."""
        while events := await self._feed.feed(self.partition, self.position, FETCH):
            EVENTS_FROM_FEED.labels(self._service, self.source).inc(len(events))
            await self.deliver(events)
            if len(events) < FETCH or self._stopping.is_set():
                return

    async def _pass(self, events: list[Incoming]) -> list[Subscription]:
        """Move the checkpoints of those whom nothing here concerns; returns the others."""
        first, last = events[0].position, events[-1].position
        if last - first + 1 != len(events):
            return list(self._subscriptions)
        idle = [
            s.name
            for s in self._subscriptions
            if self.positions[s.name] >= first - 1 and not any(s.wants(event) for event in events)
        ]
        moved: list[str] = []
        if idle:
            told = changed(idle, self.source, self.partition, last, set())
            row = await self._until_it_works(
                lambda: self._pool.fetchrow(PASS, idle, self.source, self.partition, first - 1, last, CHANNEL, told)
            )
            moved = row["moved"] or []
            for name in moved:
                self._reached(name, last)
                EVENTS_APPLIED.labels(self._service, name, self.source).inc(len(events))
        return [s for s in self._subscriptions if s.name not in moved]

    async def _bring(self, subscription: Subscription, events: list[Incoming]) -> bool:
        """Bring one subscription past ``events``, fetching what is missing before or among them."""
        offered = events
        while True:
            position = await subscription.apply(self.source, self.partition, offered)
            self._reached(subscription.name, position)
            left = [event for event in events if event.position > position]
            if not left:
                return True
            if left[0].position == position + 1:
                offered = left
                continue
            log.info("lane.gap", subscription=subscription.name, source=self.source, after=position)
            missing = await self._until_it_works(partial(self._feed.feed, self.partition, position, FETCH))
            if not missing:
                return False
            EVENTS_FROM_FEED.labels(self._service, self.source).inc(len(missing))
            offered = in_order(missing)

    async def _until_it_works(self, attempt: Callable[[], Awaitable[T]]) -> T:
        backoff = Backoff(self._stopping)
        while True:
            try:
                return await attempt()
            except Exception as error:
                log.warning("lane.retries", source=self.source, error=repr(error), exc_info=not is_transient(error))
                await backoff.wait()

    def _reached(self, subscription: str, position: int) -> None:
        if position > self.positions[subscription]:
            self.positions[subscription] = position
            self.moved_at = time.monotonic()
