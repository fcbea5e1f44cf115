"""From the log to Redis. Keeps no state: Redis says how far a stream is, the log has what follows.

Several relays may run: Redis refuses an id that is not larger than the last, so a race only costs a refused command.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from shared.eventlog import EventLog, Stored
from shared.streams.faults import Backoff, Stopped, is_transient, pause
from shared.streams.frame import FIELD, entry_id, frame, stream_key
from shared.streams.hub import Hub
from shared.telemetry.log import get_logger
from shared.telemetry.metrics import RELAY_FAILURES, RELAY_PUBLISHED, RELAY_REPAIRS

BATCH = 500
LOOK = 5.0  # seconds between looks at every stream when nothing wakes the relay
BEYOND = 2**63 - 1  # the largest position there could be; the ids of Redis go to twice that

log = get_logger(__name__)


class Relay:
    """Publishes one service's log; ``maxlen`` entries are kept per stream, about. ``look``: see `LOOK`."""

    def __init__(
        self, event_log: EventLog, redis_url: str, hub: Hub, *, maxlen: int = 100_000, look: float = LOOK
    ) -> None:
        self._log, self._hub, self._maxlen, self._look = event_log, hub, maxlen, look
        self._redis = Redis.from_url(redis_url)
        self._grown: set[int] = set()
        self._existed: set[int] = set()  # partitions whose stream this process has seen
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failing: str | None = None
        self._holding = False

    async def start(self) -> None:
        """Returns at once; Redis and PostgreSQL may still be on their way."""
        RELAY_FAILURES.labels(self._log.service)  # an alert sees a counter rise only if it was there before
        for partition in range(self._log.partitions):
            for reason in ("stray", "empty"):
                RELAY_REPAIRS.labels(self._log.service, partition, reason)
        self._hub.add(self._log.channel, self._heard)
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        self._stopping.set()
        self._woken.set()
        self._hub.remove(self._log.channel, self._heard)
        if self._task is not None:
            await self._task
        await self._redis.aclose()

    def health(self) -> list[str]:
        """What is wrong now, in words; empty when all is well."""
        if self._task is not None and self._task.done() and not self._stopping.is_set():
            return ["the relay has stopped"]
        return [f"the relay fails: {self._failing}"] if self._failing else []

    @contextmanager
    def held(self) -> Iterator[None]:
        """Publish nothing meanwhile: what is loaded in bulk is then read in large batches, not as it trickles in."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
            self._heard("")

    def _heard(self, payload: str) -> None:
        self._grown.update([int(payload)] if payload else range(self._log.partitions))
        self._woken.set()

    async def _run(self) -> None:
        backoff = Backoff(self._stopping)
        everything = set(range(self._log.partitions))
        todo = everything
        while not self._stopping.is_set():
            try:
                behind = await self._publish(sorted(todo))
                self._failing = None
                backoff.reset()
            except Exception as error:
                self._failing = f"{type(error).__name__}: {error}"
                RELAY_FAILURES.labels(self._log.service).inc()
                log.warning("relay.retries", error=self._failing, exc_info=not is_transient(error))
                try:
                    await backoff.wait()
                except Stopped:
                    return
                todo = everything
                continue
            woken = bool(behind) or await pause(self._woken, self._look)
            self._woken.clear()
            todo, self._grown = (self._grown | behind if woken else everything), set()

    async def _publish(self, partitions: list[int]) -> set[int]:
        """Bring the streams of ``partitions`` a batch nearer to the log; returns those that have more to come."""
        if self._holding:
            return set()
        tops = await self._tops(partitions)
        return {
            partition for partition, top in zip(partitions, tops, strict=True) if await self._follow(partition, top)
        }

    async def _follow(self, partition: int, top: int) -> bool:
        """Publish what follows ``top``; whether there is more."""
        after = top
        if top == 0:
            head = (await self._log.heads())[partition]
            after = max(0, head - self._maxlen)
        events = await self._log.feed(partition, after, BATCH)
        if not events and top > (await self._log.heads())[partition]:
            log.error("relay.stray", stream=stream_key(self._log.service, partition), top=top)
            RELAY_REPAIRS.labels(self._log.service, partition, "stray").inc()
            await self._redis.delete(stream_key(self._log.service, partition))
            self._existed.discard(partition)
            return True
        if events:
            await self._add(partition, events)
            if top == 0 and (after > 0 or partition in self._existed):
                RELAY_REPAIRS.labels(self._log.service, partition, "empty").inc()
        if events or top > 0:
            self._existed.add(partition)
        return len(events) == BATCH

    async def _add(self, partition: int, events: list[Stored]) -> None:
        key = stream_key(self._log.service, partition)
        pipeline = self._redis.pipeline(transaction=True)  # readers wake to the whole batch, not to its first entry
        for event in events:
            pipeline.xadd(
                key, {FIELD: await frame(event)}, id=entry_id(event.position), maxlen=self._maxlen, approximate=True
            )
        published = 0
        for answer in await pipeline.execute(raise_on_error=False):
            if isinstance(answer, ResponseError) and "equal or smaller" in str(answer):
                continue  # another relay was faster
            if isinstance(answer, Exception):
                raise answer
            published += 1
        RELAY_PUBLISHED.labels(self._log.service, partition).inc(published)

    async def _tops(self, partitions: list[int]) -> list[int]:
        """The last id each stream has ever had; 0 for a stream that does not exist."""
        pipeline = self._redis.pipeline(transaction=False)
        for partition in partitions:
            pipeline.xinfo_stream(stream_key(self._log.service, partition))
        tops = []
        for answer in await pipeline.execute(raise_on_error=False):
            if isinstance(answer, ResponseError) and "no such key" in str(answer):
                tops.append(0)
            elif isinstance(answer, ResponseError) and "wrong kind" in str(answer):
                tops.append(BEYOND)  # somebody else's, and in the way
            elif isinstance(answer, Exception):
                raise answer
            else:
                tops.append(min(int(answer["last-generated-id"].split(b"-")[0]), BEYOND))
        return tops
