"""Everything one service follows: what `create_service` starts, stops, and asks for its health."""

import asyncio
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

import asyncpg

from shared.eventlog import Position
from shared.streams.checkpoint import ENSURE
from shared.streams.faults import Backoff, Stopped, is_transient, pause
from shared.streams.feed import Feed
from shared.streams.hub import Hub
from shared.streams.lane import Lane
from shared.streams.reader import Reader
from shared.streams.rebuild import AlreadyRebuilding, outdated, rebuild
from shared.streams.subscription import Subscription
from shared.streams.view import Policy, View
from shared.streams.waiting import Waiting
from shared.telemetry.log import get_logger
from shared.telemetry.metrics import LAST_READ_AGE, PARKED_EVENTS, SUBSCRIPTION_LAG, WAITS

LOOK = 5.0  # seconds between two looks at the owners' heads
GRACE = 2.0  # seconds a look at an owner may take when we are stopping
SILENT = 30.0  # seconds after which a reader that has not read is restarted, and the service is not ready

CHECKPOINTS = "SELECT subscription, partition, position FROM checkpoint WHERE source = $1 AND subscription = ANY($2)"
PARKED = "SELECT subscription, count(*) AS parked FROM parked WHERE skipped_at IS NULL GROUP BY subscription"

log = get_logger(__name__)


class Subscriptions:
    """``feeds``: by source, the owner's log or a client of it. ``context`` is given to policies.

    ``share`` is (which, of how many) replicas: partitions are divided by their number; checkpoints fence mistakes.
    """

    def __init__(
        self,
        service: str,
        pool: asyncpg.Pool,
        redis_url: str,
        *,
        views: Sequence[View] = (),
        policies: Sequence[Policy] = (),
        feeds: Mapping[str, Feed],
        hub: Hub,
        context: Any = None,
        share: tuple[int, int] = (0, 1),
        look: float = LOOK,
        silent: float = SILENT,
    ) -> None:
        self._service, self._pool, self._redis_url, self._feeds, self._share = service, pool, redis_url, feeds, share
        self._look_every, self._silent = look, silent
        self._stopping = asyncio.Event()
        self._views = list(views)
        turns = asyncio.Semaphore(max(1, pool.get_max_size() // 2))
        effects = asyncio.Semaphore(max(1, pool.get_max_size() // 4))  # policies may be slow: views do not wait
        self._subscriptions = [Subscription(pool, service, v, stopping=self._stopping, turns=turns) for v in views]
        self._subscriptions += [
            Subscription(pool, service, policy, stopping=self._stopping, turns=effects, context=context)
            for policy in policies
        ]
        self._waiting = Waiting(pool, hub)
        self._waits = {
            (subscription.name, outcome): WAITS.labels(service, subscription.name, outcome)
            for subscription in self._subscriptions
            for outcome in ("reached", "late")
        }
        self._readers: dict[str, Reader] = {}
        self._lanes: dict[str, dict[int, Lane]] = {}
        self._behind: dict[tuple[str, str, int], tuple[int, float]] = {}  # who stands where, since when
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Returns at once: owners, Redis and PostgreSQL may still be on their way."""
        sources = sorted({source for subscription in self._subscriptions for source in subscription.sources})
        self._tasks = [asyncio.create_task(self._renew(), name="rebuilding outdated views")]
        self._tasks += [asyncio.create_task(self._follow(source), name=f"following {source}") for source in sources]

    async def stop(self) -> None:
        self._stopping.set()
        _, late = await asyncio.wait(self._tasks, timeout=GRACE)
        for task in late:
            task.cancel()
        lanes = [lane for lanes in self._lanes.values() for lane in lanes.values()]
        await asyncio.gather(*(reader.stop() for reader in self._readers.values()), *(lane.stop() for lane in lanes))
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def wait_for(self, view: str, at: Position, timeout: float = 2.0) -> bool:
        reached = await self._waiting.wait_for(view, at, timeout)
        self._waits[view, "reached" if reached else "late"].inc()
        return reached

    async def caught_up(self) -> None:
        """Return when every view has all that its sources hold by now, however long that takes."""
        for source in sorted({source for view in self._views for source in view.sources}):
            for partition, head in (await self._heads(source)).items():
                for view in self._views:
                    if source in view.sources:
                        at = Position(source, partition, head)
                        while not await self.wait_for(view.name, at, timeout=LOOK):
                            log.info("view.behind", view=view.name, source=source, partition=partition, head=head)

    async def retry(self, subscription: str, source: str, partition: int, stream: str) -> int:
        """Apply the parked events of a stream in order and unblock it; see `Subscription.retry`.

        Raises KeyError when nothing here is called ``subscription``.
        """
        found = {s.name: s for s in self._subscriptions}[subscription]
        return await found.retry(source, partition, stream, self._feeds[source])

    def health(self) -> list[str]:
        """What is wrong now, in words; empty when all is well.

        A policy that waits for another service is not: its lag shows, and pages can be served without it.
        """
        silent = [source for source, reader in self._readers.items() if reader.silence() > self._silent]
        ended = [task.get_name() for task in self._tasks if task.done() and task.exception()]
        views = {subscription.name for subscription in self._subscriptions if subscription.is_view}
        stuck = [
            f"{name} has stood at {source}.{partition}.{position} for {monotonic() - since:.0f} s"
            for (name, source, partition), (position, since) in self._behind.items()
            if name in views
            and monotonic() - since > self._silent
            and self._lanes[source][partition].positions[name] == position  # not merely measured long ago
        ]
        return [f"no longer reads {source}" for source in silent] + [f"{name} has ended" for name in ended] + stuck

    async def _renew(self) -> None:
        """Rebuild the views whose version was raised; several replicas may try, one does it."""
        backoff = Backoff(self._stopping)
        try:
            while True:
                try:
                    for view in await outdated(self._pool, self._views):
                        await rebuild(self._pool, self._service, view, self._feeds, stopping=self._stopping)
                    return
                except AlreadyRebuilding:
                    await backoff.wait()
                except Exception as error:
                    log.warning("view.retries", error=repr(error), exc_info=not is_transient(error))
                    await backoff.wait()
        except Stopped:
            return

    async def _follow(self, source: str) -> None:
        """Start reading a source, then look after it: measure the lag, catch up what Redis does not bring."""
        try:
            lanes = self._lanes[source] = await self._open(source)
            reader = self._readers[source] = Reader(self._service, source, lanes, self._redis_url)
            reader.start()
            seen = {partition: lane.position for partition, lane in lanes.items()}
            await pause(self._stopping, self._look_every / 10)
            while not self._stopping.is_set():
                await self._look(source, lanes, seen)
                if reader.silence() > self._silent:
                    log.error("reader.silent", source=source, seconds=reader.silence())
                    await reader.restart()
                await pause(self._stopping, self._look_every)
        except Stopped:
            return

    async def _open(self, source: str) -> dict[int, Lane]:
        """The lanes of a source, from our checkpoints and as many partitions as its owner has."""
        backoff = Backoff(self._stopping)
        following = [s for s in self._subscriptions if source in s.sources]
        names = [s.name for s in following]
        while True:
            try:
                known = await self._pool.fetch(CHECKPOINTS, source, names)
                partitions = {row["partition"] for row in known} or set(await self._feeds[source].heads())
                await self._pool.execute(ENSURE, names, source, sorted(partitions))
                break
            except Exception as error:
                log.warning("source.retries", source=source, error=repr(error), exc_info=not is_transient(error))
                await backoff.wait()
        which, count = self._share
        lanes = {}
        for partition in sorted(partitions):
            if partition % count == which:
                positions = dict.fromkeys(names, 0)
                positions |= {row["subscription"]: row["position"] for row in known if row["partition"] == partition}
                feed = self._feeds[source]
                lanes[partition] = Lane(
                    self._pool, self._service, source, partition, feed, following, positions, self._stopping
                )
        return lanes

    async def _heads(self, source: str) -> dict[int, int]:
        """The owner's heads, asked for until it answers."""
        backoff = Backoff(self._stopping)
        while True:
            try:
                return await self._feeds[source].heads()
            except Exception as error:
                log.warning("source.retries", source=source, error=repr(error), exc_info=not is_transient(error))
                await backoff.wait()

    async def _look(self, source: str, lanes: dict[int, Lane], seen: dict[int, int]) -> None:
        """Compare with the owner's heads; a lane that is behind and has not moved since the last look catches up."""
        try:
            heads = await self._feeds[source].heads()
            for partition, lane in lanes.items():
                if heads[partition] > lane.position == seen[partition]:
                    while await lane.advance():
                        pass
                seen[partition] = lane.position
                self._measure(lane, heads[partition])
            counted = {row["subscription"]: row["parked"] for row in await self._pool.fetch(PARKED)}
            for subscription in self._subscriptions:
                PARKED_EVENTS.labels(self._service, subscription.name).set(counted.get(subscription.name, 0))
        except Stopped:
            raise
        except Exception as error:
            log.warning("source.unreachable", source=source, error=repr(error), exc_info=not is_transient(error))

    def _measure(self, lane: Lane, head: int) -> None:
        where = (lane.source, lane.partition)
        LAST_READ_AGE.labels(self._service, *where).set(self._readers[lane.source].age(lane.partition))
        for name, position in lane.positions.items():
            SUBSCRIPTION_LAG.labels(self._service, name, *where).set(head - position)
            before, _ = self._behind.get((name, *where), (-1, 0.0))
            if position >= head:
                self._behind.pop((name, *where), None)
            elif position != before:
                self._behind[name, *where] = (position, monotonic())
