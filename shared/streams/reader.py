"""FastStream reading the streams of one source: a batch subscriber per partition, without a consumer group."""

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any

from faststream import AckPolicy
from faststream._internal.endpoint.subscriber.mixins import TasksMixin
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.message import FAKE_CONSUMER, RedisBatchStreamMessage

from shared.streams.faults import Backoff, Stopped, pause
from shared.streams.frame import Entries, entry_id, stream_key, unframe_all
from shared.streams.lane import Lane
from shared.telemetry.log import get_logger
from shared.telemetry.metrics import STRAY_ENTRIES

BLOCK = 5_000  # milliseconds a read waits for news
ANSWER = 15.0  # seconds: a read that blocks must be able to outlast the socket's patience
RECORDS = 500
ASTRAY = 1.0  # seconds between looks at a stream that somebody else has written to

FASTSTREAM_LOG = logging.getLogger("chibo.faststream")
FASTSTREAM_LOG.setLevel(logging.WARNING)  # it tells of every task that ends

log = get_logger(__name__)


class Reader:
    """Reads all partitions of ``source`` that have a lane and delivers what it reads.

    FastStream moves on after a batch whatever becomes of it, so a handler here returns only when the batch is
    delivered. Whatever FastStream read, or forgot to read, the checkpoints decide and the feed fills the gaps.
    """

    def __init__(self, service: str, source: str, lanes: Mapping[int, Lane], redis_url: str) -> None:
        self.source = source
        self._service, self._lanes, self._redis_url = service, lanes, redis_url
        self._stopping = asyncio.Event()
        self._broker: RedisBroker | None = None
        self._starting: asyncio.Task[None] | None = None
        self._answered = dict.fromkeys(lanes, time.monotonic())
        self._asked = dict.fromkeys(lanes, time.monotonic())
        self._strays = STRAY_ENTRIES.labels(service, source)

    def start(self) -> None:
        """Returns at once: reading begins when Redis is there."""
        self._starting = asyncio.create_task(self._start())

    async def stop(self) -> None:
        self._stopping.set()
        if self._starting is not None:
            await self._starting
        await self._close()

    async def restart(self) -> None:
        """For a reader that has silently stopped."""
        await self.stop()
        self._stopping.clear()
        self._asked = dict.fromkeys(self._lanes, time.monotonic())
        self.start()

    def age(self, partition: int) -> float:
        """Seconds since Redis last answered a read of this partition, an empty answer included."""
        return time.monotonic() - self._answered[partition]

    def silence(self) -> float:
        """Seconds since the quietest partition was last read, with or without success."""
        return time.monotonic() - min(self._asked.values())

    async def _start(self) -> None:
        backoff = Backoff(self._stopping, first=0.2)
        while True:
            try:
                self._broker = self._declare()
                await self._watch(self._broker)
                await self._broker.start()
                return
            except Exception as error:
                log.warning("reader.retries", source=self.source, error=repr(error))
                await self._close()
                try:
                    await backoff.wait()
                except Stopped:
                    return

    def _declare(self) -> RedisBroker:
        broker = RedisBroker(
            self._redis_url,
            max_connections=len(self._lanes) + 4,
            socket_timeout=ANSWER,
            graceful_timeout=5.0,
            apply_types=False,
            logger=FASTSTREAM_LOG,
        )
        for partition, lane in self._lanes.items():
            self._subscribe(broker, partition, lane)
        return broker

    def _subscribe(self, broker: RedisBroker, partition: int, lane: Lane) -> None:
        async def decode(message: Any) -> Entries:
            raw = message.raw_message
            return unframe_all(self.source, partition, raw["message_ids"], raw["data"])

        key = stream_key(self.source, partition)
        stream = StreamSub(
            key, batch=True, last_id=entry_id(lane.position), polling_interval=BLOCK, max_records=RECORDS
        )
        subscriber = broker.subscriber(stream=stream, parser=_parse, decoder=decode, ack_policy=AckPolicy.MANUAL)

        @subscriber
        async def deliver(entries: Entries) -> None:
            try:
                believed = await lane.deliver(entries.events)
            except Stopped:
                return
            if believed and not entries.strays:
                return
            self._strays.inc(max(1, len(entries.strays)))
            log.error("reader.stray", stream=key, entries=entries.strays[:3], last_id=entries.last_id)
            if int(entries.last_id.partition("-")[0]) > lane.furthest:  # or we would wait for ids beyond it for ever
                subscriber.last_id = entry_id(lane.furthest)
                await pause(self._stopping, ASTRAY)

    async def _watch(self, broker: RedisBroker) -> None:
        """Notice every read: FastStream itself gives no sign of one that brought nothing. Read nothing twice."""
        client = await broker.connect()
        read = client.xread
        partitions = {stream_key(self.source, partition): partition for partition in self._lanes}

        async def watched(streams: Any, **options: Any) -> Any:
            ((key, after),) = streams.items()
            partition = partitions[key]
            after = max(int(after.partition("-")[0]), self._lanes[partition].position)  # the feed may have been faster
            try:
                entries = await read({key: entry_id(after)}, **options)
                self._answered[partition] = time.monotonic()
                return entries
            finally:
                self._asked[partition] = time.monotonic()

        client.xread = watched  # type: ignore[method-assign, assignment]

    async def _close(self) -> None:
        """FastStream cancels its tasks but does not wait for them: closing their connections would race with that."""
        if self._broker is None:
            return
        subscribers = [s for s in self._broker.subscribers if isinstance(s, TasksMixin)]
        reading = {task for subscriber in subscribers for task in subscriber.tasks}
        await asyncio.gather(*(subscriber.stop() for subscriber in subscribers))
        while reading:
            _, reading = await asyncio.wait(reading, timeout=0.5)
            for task in reading:
                task.cancel()
        await self._broker.stop()
        self._broker = None


async def _parse(message: Any) -> RedisBatchStreamMessage:
    """What FastStream needs to carry a batch to our decoder; its own parser would decode every body twice."""
    return RedisBatchStreamMessage(raw_message=message, body=b"", consumer=FAKE_CONSUMER, group=None)
