"""Sending commands to the database so that those which wait for the disk together travel together.

A partition's events can only be committed one transaction after the other, each waiting for the disk. So commands that
arrive while a transaction is under way are sent in the next, in one call. A command that arrives alone is sent at
once; nothing ever waits for company. The database decides each command by itself, so what refuses one refuses no other.

Several partitions share a lane, and a lane waits for none of them: if another transaction holds a partition, its
commands are answered `Busy` and wait in a queue of the partition's own, so that all others pass.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import asyncpg

from shared.eventlog.append import Busy, Elsewhere, Outcome, Request, call
from shared.eventlog.model import Appended, DifferentPartitions, UnknownOutcome
from shared.telemetry.metrics import APPEND_LOOKUPS

LANES = 2  # transactions under way at once: while one waits for the disk, the next fills
MOST = 64  # commands in one transaction

# When one of these arrives the server may have committed, or may still do so.
LOST = (
    OSError,  # includes TimeoutError
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InternalClientError,  # what asyncpg may say of a connection that just broke
)
PAUSES = (0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # seconds before each attempt to learn what happened
ATTEMPTS = 3  # at a command that was sent to another partition than its streams', or lost a race

# Somebody else made the stream in another partition meanwhile, or holds two partitions in another order: ask again.
RACES = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError)


class _Lost(Exception):
    """The connection broke; the server may know of the command if it was ``sent``."""

    def __init__(self, error: Exception, *, sent: bool) -> None:
        self.error, self.sent = error, sent


Waiting = tuple[Request, "asyncio.Future[Outcome]"]


@dataclass(slots=True)
class _Queue:
    wait: bool  # for partitions that other transactions hold
    waiting: deque[Waiting] = field(default_factory=deque)
    emptying: asyncio.Task[None] | None = None


class Sender:
    """Sends to the log of one service, each lane in transactions of its own."""

    def __init__(self, pool: asyncpg.Pool, service: str, grown: Callable[[int], None]) -> None:
        self._pool = pool
        self._service = service
        self._grown = grown  # told each partition that has new events on disk
        self._lanes = [_Queue(wait=False) for _ in range(LANES)]
        self._held: dict[int, _Queue] = {}  # by partition
        self._lookups = APPEND_LOOKUPS.labels(service)

    async def send(self, request: Request) -> Appended:
        """Raises `LogError`, and whatever else kept the command from being recorded.

        After a broken connection the command is sent again under its key, which is the look-up: the database answers
        what it answered, or records it now; should the first still be under way there, the second waits for it.
        Without a key nothing that was sent is sent twice.
        """
        attempt = self._shared
        attempts, pauses = ATTEMPTS, iter(PAUSES)
        while True:
            try:
                outcome = await attempt(request)
            except _Lost as lost:
                if request.key is None and not lost.sent:
                    raise lost.error from None
                pause = None if request.key is None else next(pauses, None)
                if pause is None:
                    raise UnknownOutcome("it is not known whether the command was recorded") from lost.error
                await asyncio.sleep(pause)
                if lost.sent:
                    self._lookups.inc()
                attempt = self._alone
            except RACES:
                attempts -= 1
                if not attempts:
                    raise
                attempt = self._alone
            except Exception:
                if attempt == self._alone:
                    raise
                attempt = self._alone  # another command may have spoiled the transaction
            else:
                match outcome:
                    case Appended():
                        return outcome
                    case Busy():
                        attempt = self._queued
                    case Elsewhere(partition) if attempts:
                        attempts -= 1
                        request = replace(request, partition=partition)
                    case Elsewhere():
                        raise DifferentPartitions(", ".join(request.versions))
                    case _:
                        raise outcome

    async def _alone(self, request: Request) -> Outcome:
        (outcome,) = await self._transaction([request], wait=True)
        return outcome

    async def _shared(self, request: Request) -> Outcome:
        return await self._travel(request, self._lanes[request.partition % LANES])

    async def _queued(self, request: Request) -> Outcome:
        queue = self._held.setdefault(request.partition, _Queue(wait=True))
        return await self._travel(request, queue)

    async def _travel(self, request: Request, queue: _Queue) -> Outcome:
        answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        queue.waiting.append((request, answered))
        if queue.emptying is None:
            queue.emptying = asyncio.create_task(self._empty(queue))
        return await answered

    async def _empty(self, queue: _Queue) -> None:
        waiting = queue.waiting
        try:
            while waiting:
                taken = [waiting.popleft() for _ in range(min(len(waiting), MOST))]
                # whoever gave up meanwhile is not sent
                batch = [pair for pair in taken if not pair[1].done()]
                batch.sort(key=lambda pair: pair[0].partition)
                if batch:
                    await self._send(batch, wait=queue.wait)
        finally:
            queue.emptying = None

    async def _send(self, batch: list[Waiting], *, wait: bool) -> None:
        try:
            outcomes = await self._transaction([request for request, _ in batch], wait=wait)
        except Exception as error:
            for _, answered in batch:
                if not answered.done():
                    answered.set_exception(_Lost(error.error, sent=error.sent) if isinstance(error, _Lost) else error)
        else:
            for (_, answered), outcome in zip(batch, outcomes, strict=True):
                if not answered.done():
                    answered.set_result(outcome)

    async def _transaction(self, requests: list[Request], *, wait: bool) -> list[Outcome]:
        """Raises `_Lost`, or what spoiled the transaction; then nothing was written."""
        sent = False
        try:
            async with self._pool.acquire() as connection:
                sent = True
                outcomes = await call(connection, self._service, requests, wait=wait)
        except LOST as error:
            raise _Lost(error, sent=sent) from error
        for outcome in outcomes:
            if isinstance(outcome, Appended) and outcome.at.position and not outcome.repeated:
                self._grown(outcome.at.partition)
        return outcomes
