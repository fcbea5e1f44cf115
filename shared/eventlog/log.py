"""The event log of one service, in its own PostgreSQL database."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg

from shared.eventlog.model import Appended, Command, Recorded, Stored, Verification, Write


class EventLog:
    """Append, read, feed, verify. Partition count is fixed when the database is created and read from it."""

    service: str
    partitions: int

    @classmethod
    async def open(cls, pool: asyncpg.Pool, service: str) -> "EventLog":
        raise NotImplementedError

    def partition_of(self, key: str) -> int:
        """The partition a partition key hashes to; the same on every machine and for ever."""
        raise NotImplementedError

    async def append(
        self,
        writes: Write | Sequence[Write],
        *,
        key: str,
        command: Command,
        answer: dict[str, Any] | None = None,
        connection: asyncpg.Connection | None = None,
    ) -> Appended:
        raise NotImplementedError

    async def find(self, command: Command) -> Appended | None:
        """What a command with this key was answered. Raises `KeyReused`."""
        raise NotImplementedError

    async def read(self, stream: str, after: int = 0) -> list[Recorded[Any]]:
        raise NotImplementedError

    async def feed(self, partition: int, after: int, limit: int) -> list[Stored]:
        raise NotImplementedError

    async def heads(self) -> dict[int, int]:
        """Partition -> position of its last event (0 when empty); every partition is present."""
        raise NotImplementedError

    def verify(self) -> AsyncIterator[Verification]:
        raise NotImplementedError
