"""Everything one service follows: what `create_service` starts, stops, and asks for its health."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from shared.eventlog import Position
from shared.streams.faults import Backoff, Stopped, is_transient, pause
from shared.streams.hub import Hub
from shared.streams.lane import Feed, Lane
from shared.streams.reader import Reader
from shared.streams.subscription import Subscription
from shared.streams.view import Policy, View
from shared.streams.waiting import Waiting
from shared.telemetry.log import get_logger
from shared.telemetry.metrics import LAST_READ_AGE, PARKED_EVENTS, SUBSCRIPTION_LAG

LOOK = 5.0  # seconds between two looks at the owners' heads
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
    ) -> None:
        self._service, self._pool, self._redis_url, self._feeds, self._share = service, pool, redis_url, feeds, share
        self._stopping = asyncio.Event()
        turns = asyncio.Semaphore(max(1, pool.get_max_size() // 2))  # handlers may need connections of their own
        followers: list[View | Policy] = [*views, *policies]
        self._subscriptions = [
            Subscription(pool, service, what, stopping=self._stopping, context=context, turns=turns)
            for what in followers
        ]
        self._waiting = Waiting(pool, hub)
        self._readers: dict[str, Reader] = {}
        self._lanes: dict[str, dict[int, Lane]] = {}
        self._stuck: dict[str, str] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Returns at once: owners, Redis and PostgreSQL may still be on their way."""
        sources = sorted({source for subscription in self._subscriptions for source in subscription.sources})
        self._tasks = [asyncio.create_task(self._follow(source)) for source in sources]

    async def stop(self) -> None:
        self._stopping.set()
        await asyncio.gather(*self._tasks)
        await asyncio.gather(*(reader.stop() for reader in self._readers.values()))

    async def wait_for(self, view: str, at: Position, timeout: float = 2.0) -> bool:
        return await self._waiting.wait_for(view, at, timeout)

    def health(self) -> list[str]:
        """What is wrong now, in words; empty when all is well."""
        wrong = list(self._stuck.values())
        wrong += [f"no longer reads {source}" for source, reader in self._readers.items() if reader.silence() > SILENT]
        wrong += [task.get_name() for task in self._tasks if task.done() and not self._stopping.is_set()]
        return wrong

    async def _follow(self, source: str) -> None:
        """Start reading a source, then look after it: measure the lag, catch up what Redis does not bring."""
        try:
            lanes = self._lanes[source] = await self._open(source)
            reader = self._readers[source] = Reader(self._service, source, lanes, self._redis_url)
            reader.start()
            seen = dict.fromkeys(lanes, -1)
            await pause(self._stopping, LOOK / 10)
            while not self._stopping.is_set():
                await self._look(source, lanes, seen)
                if reader.silence() > SILENT:
                    log.error("reader.silent", source=source, seconds=reader.silence())
                    await reader.restart()
                await pause(self._stopping, LOOK)
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
                break
            except Exception as error:
                log.warning("source.retries", source=source, error=repr(error), exc_info=not is_transient(error))
                await backoff.wait()
        which, count = self._share
        lanes = {}
        for partition in sorted(range(max(partitions) + 1)):
            if partition % count == which:
                positions = dict.fromkeys(names, 0)
                positions |= {row["subscription"]: row["position"] for row in known if row["partition"] == partition}
                lanes[partition] = Lane(
                    self._pool,
                    self._service,
                    source,
                    partition,
                    self._feeds[source],
                    following,
                    positions,
                    self._stopping,
                )
        return lanes

    async def _look(self, source: str, lanes: dict[int, Lane], seen: dict[int, int]) -> None:
        """Compare with the owner's heads; a lane that is behind and has not moved since the last look catches up."""
        try:
            heads = await self._feeds[source].heads()
            for partition, lane in lanes.items():
                lag = heads[partition] - lane.position
                if lag > 0 and lane.position == seen[partition]:
                    await lane.catch_up()
                seen[partition] = lane.position
                for name, position in lane.positions.items():
                    SUBSCRIPTION_LAG.labels(self._service, name, source, partition).set(heads[partition] - position)
                LAST_READ_AGE.labels(self._service, source, partition).set(self._readers[source].age(partition))
            for row in await self._pool.fetch(PARKED):
                PARKED_EVENTS.labels(self._service, row["subscription"]).set(row["parked"])
        except Stopped:
            raise
        except Exception as error:
            log.warning("source.unreachable", source=source, error=repr(error), exc_info=not is_transient(error))
