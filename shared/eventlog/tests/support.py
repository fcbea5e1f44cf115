"""Commands and events for the log's tests: said quickly."""

import asyncio
from collections.abc import Iterable
from typing import Any

import asyncpg

from shared.eventlog import Command, EventLog, Recorded, Write
from shared.events.meetings import StatementRecorded

# Keys of cells of which each belongs to another of four partitions.
KEY_OF = {0: "cell-3", 1: "cell-2", 2: "cell-0", 3: "cell-5"}


def said(text: str = "Nhất trí") -> StatementRecorded:
    return StatementRecorded(meeting="m", cell="c", statement="s", item="i", speaker="p", text=text)


def write(stream: str, expected: int, *texts: str) -> Write:
    return Write(stream, expected, [said(text) for text in texts])


def order(key: str | None = None, content: str = "") -> Command:
    """A command; with an idempotency key its fingerprint is that of ``content``."""
    return Command("secretary", "correlation", key=key, fingerprint=content.encode() if key else None)


def texts(events: list[Recorded[Any]]) -> list[str]:
    return [event.data.text for event in events]


async def positions(log: EventLog, partition: int) -> list[int]:
    return [event.position for event in await log.feed(partition, 0, 10_000)]


async def until_waiting(pool: asyncpg.Pool, sessions: int, *, unless: Iterable[asyncio.Task[Any]] = ()) -> None:
    """Until so many sessions of this database wait for a lock that another holds, or a task ends that should wait."""
    tasks = list(unless)
    while not any(task.done() for task in tasks):
        waiting = await pool.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        if waiting >= sessions:
            return
