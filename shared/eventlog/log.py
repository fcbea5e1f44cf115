"""The event log of one service, in its own PostgreSQL database."""

from collections.abc import Callable, Collection, Mapping, Sequence
from time import perf_counter
from typing import Any

import asyncpg

from shared.eventlog import append, prove, verify
from shared.eventlog.announce import Announcer, channel
from shared.eventlog.codec import COLUMNS, to_recorded, to_stored
from shared.eventlog.folded import Folded
from shared.eventlog.model import (
    Appended,
    Command,
    Extension,
    Inclusion,
    Position,
    Recorded,
    StaleVersion,
    Stored,
    Verification,
    Write,
)
from shared.eventlog.partition import partition_of
from shared.eventlog.sender import Sender
from shared.telemetry.metrics import APPEND_CONFLICTS, APPEND_REPEATS, APPEND_SECONDS, APPENDS

READ = f"SELECT {COLUMNS} FROM public.event WHERE stream = $1 AND version > $2 ORDER BY version"  # noqa: S608
FEED = f"SELECT {COLUMNS} FROM public.event WHERE partition = $1 AND position > $2 ORDER BY position LIMIT $3"  # noqa: S608
HEADS = "SELECT partition, position FROM public.partition_head ORDER BY partition"


class EventLog:
    """Append, read, feed, verify. Partition count is fixed when the database is created and read from it."""

    def __init__(self, pool: asyncpg.Pool, service: str, partitions: int) -> None:
        self.service = service
        self.partitions = partitions
        self.channel = channel(service)
        self.folded = Folded()
        self._pool = pool
        self._sender = Sender(pool, service, Announcer(pool, self.channel).announce)
        self._appends = APPENDS.labels(service)
        self._seconds = APPEND_SECONDS.labels(service)
        self._conflicts = APPEND_CONFLICTS.labels(service)
        self._repeats = APPEND_REPEATS.labels(service)

    @classmethod
    async def open(cls, pool: asyncpg.Pool, service: str) -> "EventLog":
        """The log in the pool's database. Raises asyncpg.UndefinedTableError when it has not been migrated."""
        return cls(pool, service, await pool.fetchval("SELECT partitions FROM public.log_settings"))

    def partition_of(self, key: str) -> int:
        """The partition a partition key hashes to; the same on every machine and for ever."""
        return partition_of(key, self.partitions)

    async def append(
        self,
        writes: Write | Sequence[Write],
        *,
        key: str,
        command: Command,
        answer: dict[str, Any] | None = None,
        connection: asyncpg.Connection | None = None,
    ) -> Appended:
        """Append all of ``writes`` or nothing, to the partition of ``key`` (of the streams, where they have events).

        With ``connection`` it joins that transaction, which should have little left to do but commit: until then the
        partition takes no other append. Otherwise it commits by itself, and if the connection breaks it finds out what
        became of the command by its idempotency key.

        Raises `StaleVersion`, `KeyReused`, `DifferentPartitions`; `UnknownOutcome` when the connection broke and the
        command has no key, or the database did not come back for some seconds. A refusal leaves a joined transaction
        as it was.
        """
        request = append.prepare(
            [writes] if isinstance(writes, Write) else writes, self.partition_of(key), key, command, answer
        )
        started = perf_counter()
        try:
            if connection is None:
                appended = await self._sender.send(request)
            else:
                appended = await append.join(connection, self.service, self.channel, request)
        except StaleVersion:
            self._conflicts.inc()
            raise
        if appended.repeated:
            self._repeats.inc()
        else:
            self._appends.inc()
            self._seconds.observe(perf_counter() - started)
        return appended

    async def find(self, command: Command, connection: asyncpg.Connection | None = None) -> Appended | None:
        """What a command with this key was answered. Raises `KeyReused`.

        ``connection``, here and below: one whose transaction has appended itself; no second one is taken then.
        """
        if command.key is None:
            return None
        return await append.find(connection or self._pool, self.service, command.key, command.fingerprint)

    async def read(
        self, stream: str, after: int = 0, connection: asyncpg.Connection | None = None
    ) -> list[Recorded[Any]]:
        """The events of a stream past version ``after``, typed and upcast. Raises `shared.events.UnknownEventType`."""
        rows = await (connection or self._pool).fetch(READ, stream, after)
        return [to_recorded(to_stored(self.service, row)) for row in rows]

    async def feed(self, partition: int, after: int, limit: int) -> list[Stored]:
        """At most ``limit`` events of a partition that follow position ``after``, without a gap."""
        return [to_stored(self.service, row) for row in await self._pool.fetch(FEED, partition, after, limit)]

    async def heads(self) -> dict[int, int]:
        """Partition -> position of its last event (0 when empty); every partition is present."""
        return {row["partition"]: row["position"] for row in await self._pool.fetch(HEADS)}

    async def verify(
        self,
        progress: Callable[[int, int], None] | None = None,
        sizes: Mapping[int, Collection[int]] | None = None,
    ) -> Verification:
        """Recompute every hash and name what does not fit; ``progress`` is told (partition, position) now and then.

        ``sizes``: partition -> numbers of events after which the root of its Merkle tree is wanted, too.
        """
        return await verify.verify(self._pool, self.service, self.partitions, progress, sizes)

    async def prove(
        self,
        at: Position,
        size: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Inclusion:
        """That the event ``at`` is among the first ``size`` of its partition (None: all). Reads these from the first.

        Raises `LookupError` when there are not so many, `Misfit` when they do not fit.
        """
        return await prove.prove(self._pool, self.service, at.partition, at.position, size, progress)

    async def prove_growth(
        self, partition: int, old: int, progress: Callable[[int, int], None] | None = None
    ) -> Extension:
        """That the first ``old`` events of a partition are the beginning of all that it has now. Raises as `prove`."""
        return await prove.prove_growth(self._pool, self.service, partition, old, progress)
