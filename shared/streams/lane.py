"""The way of one partition of one source into every subscription that follows it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

import asyncpg

from shared.eventlog import Stored
from shared.streams.faults import Backoff, Stopped, is_transient
from shared.streams.feed import Feed
from shared.streams.hub import CHANNEL
from shared.streams.incoming import Incoming, in_order
from shared.streams.subscription import ASYNC_COMMIT, Subscription
from shared.telemetry.log import get_logger
from shared.telemetry.metrics import EVENTS_APPLIED, EVENTS_FROM_FEED

FETCH = 500
PATIENCE = 1.0  # seconds the others wait for a subscription that is slow, or that something keeps from its work

# Those that know of nothing up to $6 that concerns them pass it in one statement; not for a view of another version.
PASS = f"""
    WITH mine AS (
        SELECT c.subscription FROM unnest($1::text[], $2::integer[]) AS ours(name, version)
        JOIN checkpoint c ON c.subscription = ours.name
        LEFT JOIN view_state v ON v.name = ours.name
        WHERE c.source = $3 AND c.partition = $4 AND c.position >= $5 AND c.position < $6
            AND v.version IS NOT DISTINCT FROM ours.version
        ORDER BY c.subscription FOR UPDATE OF c
    ), moved AS (
        UPDATE checkpoint c SET position = $6, moved_at = now() FROM mine
        WHERE c.subscription = mine.subscription AND c.source = $3 AND c.partition = $4
        RETURNING c.subscription
    )
    SELECT names, {ASYNC_COMMIT}, pg_notify($7, json_build_object(
        'subscriptions', names, 'source', $3::text, 'partition', $4::integer, 'position', $6::bigint,
        'topics', '{{}}'::text[])::text)
    FROM (SELECT array_agg(subscription) AS names FROM moved) AS told WHERE names IS NOT NULL
"""  # noqa: S608

T = TypeVar("T")

log = get_logger(__name__)


class Lane:
    """``positions``: how far each subscription is, as last seen by this process; the database knows better.

    A subscription that takes long is left to itself while the others go on; when it is through it fetches from the
    feed what it has missed.
    """

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
        patience: float | None = PATIENCE,
    ) -> None:
        self.source, self.partition, self.positions = source, partition, positions
        self._pool, self._service, self._feed, self._subscriptions = pool, service, feed, subscriptions
        self._stopping, self._patience = stopping, patience
        self._seen = 0  # the last position that was delivered here
        self._busy: dict[str, asyncio.Task[bool]] = {}

    @property
    def position(self) -> int:
        """What every subscription has reached."""
        return min(self.positions.values())

    @property
    def furthest(self) -> int:
        """What some subscription has reached: the source has had at least this."""
        return max(self.positions.values())

    async def deliver(self, events: Sequence[Stored]) -> bool:
        """Bring every subscription past ``events``. False if some of these are not in the owner's log.

        Raises `faults.Stopped`.
        """
        incoming = in_order(events)
        if not incoming:
            return True
        self._seen = max(self._seen, incoming[-1].position)
        for subscription in await self._pass(incoming):
            if subscription.name not in self._busy:
                task = asyncio.create_task(self._bring(subscription, incoming))
                self._busy[subscription.name] = task
                task.add_done_callback(partial(self._through, subscription.name))
        if not self._busy:
            return True
        through, _ = await asyncio.wait(self._busy.values(), timeout=self._patience)
        if any(task.cancelled() for task in through):
            raise Stopped
        return all(task.result() for task in through)

    async def advance(self) -> bool:
        """Bring those that are not busy a batch nearer to the owner's head without Redis; whether there is more."""
        idle = [position for name, position in self.positions.items() if name not in self._busy]
        if not idle or self._stopping.is_set():
            return False
        events = await self._feed.feed(self.partition, min(idle), FETCH)
        EVENTS_FROM_FEED.labels(self._service, self.source).inc(len(events))
        await self.deliver(events)
        return len(events) == FETCH

    async def stop(self) -> None:
        """End what is under way; nothing of it is lost."""
        for task in self._busy.values():
            task.cancel()
        if self._busy:
            await asyncio.wait(self._busy.values())

    async def _pass(self, events: list[Incoming]) -> list[Subscription]:
        """Move the checkpoints of those whom nothing here concerns; returns the others."""
        first, last = events[0].position, events[-1].position
        if last - first + 1 != len(events):
            return list(self._subscriptions)
        idle = {
            s.name: s.version
            for s in self._subscriptions
            if s.name not in self._busy
            and first - 1 <= self.positions[s.name] < last
            and not any(s.wants(event) for event in events)
        }
        moved: list[str] = []
        if idle:
            given = [list(idle), list(idle.values()), self.source, self.partition, first - 1, last, CHANNEL]
            row = await self._until_it_works(partial(self._pool.fetchrow, PASS, *given))
            moved = row["names"] if row else []
            for name in moved:
                self._reached(name, last)
                EVENTS_APPLIED.labels(self._service, name, self.source).inc(len(events))
        return [s for s in self._subscriptions if s.name not in moved]

    async def _bring(self, subscription: Subscription, events: list[Incoming]) -> bool:
        """Bring one subscription past ``events`` and all that was delivered meanwhile, fetching what is missing."""
        offered = events
        while True:
            position = await subscription.apply(self.source, self.partition, offered)
            self._reached(subscription.name, position)
            if position >= self._seen:
                return True
            offered = [event for event in events if event.position > position]
            if offered and offered[0].position == position + 1:
                continue
            missing = await self._until_it_works(partial(self._feed.feed, self.partition, position, FETCH))
            if not missing:
                self._seen = position
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
        self.positions[subscription] = max(position, self.positions[subscription])

    def _through(self, subscription: str, task: asyncio.Task[bool]) -> None:
        del self._busy[subscription]
        if not task.cancelled():
            task.exception()  # whoever waited has it; a late one is `Stopped`
