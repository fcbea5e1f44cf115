"""Making a log large quickly: meetings copied into it past the append function, numbered and chained as it would.

The rows are what the function would have written, hashes by the code that verifies them, so the log verifies. Its
indexes are made when it is full: that is what makes ten million events a matter of minutes.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple
from uuid import uuid4

import asyncpg

from bench.told import meeting_events
from deploy.local.demo import story
from shared.eventlog import Command, Stored
from shared.eventlog.chain import GENESIS, next_hash
from shared.eventlog.codec import metadata_text
from shared.eventlog.partition import partition_of

BATCH = 20_000  # rows in one COPY
SINCE = datetime(2024, 1, 1, tzinfo=UTC)
COLUMNS = ("partition", "position", "stream", "version", "type", "schema", "data", "metadata", "recorded_at", "hash")
WITHOUT_INDEXES = "ALTER TABLE public.event DROP CONSTRAINT event_stream_version, DROP CONSTRAINT event_pkey"
WITH_INDEXES = """
    ALTER TABLE public.event ADD CONSTRAINT event_pkey PRIMARY KEY (partition, position),
    ADD CONSTRAINT event_stream_version UNIQUE (stream, version)"""
HEAD = "UPDATE public.partition_head SET position = $2, hash = $3 WHERE partition = $1"


class Meeting(NamedTuple):
    """One meeting as its events are stored: type, schema, data."""

    id: str
    cell: str
    events: Sequence[tuple[str, int, str]]


def stored(held: story.Held) -> Meeting:
    meeting, events = meeting_events(held)
    return Meeting(meeting, held.cell.id, [(event.TYPE, event.SCHEMA, event.model_dump_json()) for event in events])


def copies(patterns: Sequence[Meeting]) -> Iterator[Meeting]:
    """The same meetings over and over, each under an id of its own."""
    while True:
        for pattern in patterns:
            own = str(uuid4())
            told = [(kind, schema, data.replace(pattern.id, own)) for kind, schema, data in pattern.events]
            yield Meeting(own, pattern.cell, told)


@dataclass
class Log:
    """The end of an empty log that is being filled."""

    service: str
    partitions: int

    def __post_init__(self) -> None:
        self.heads = dict.fromkeys(range(self.partitions), (0, GENESIS))
        self.instant = SINCE

    @property
    def events(self) -> int:
        return sum(position for position, _ in self.heads.values())

    def rows(self, meetings: Iterator[Meeting], events: int) -> Iterator[tuple[object, ...]]:
        """At least ``events`` rows of table event, to the end of a meeting."""
        made = 0
        while made < events:
            meeting = next(meetings)
            partition = partition_of(meeting.cell, self.partitions)
            position, head = self.heads[partition]
            metadata = metadata_text(Command("bench", "bench"), meeting.cell)
            octets, stream = metadata.encode(), f"meeting:{meeting.id}"
            self.instant += timedelta(milliseconds=5)
            for version, (kind, schema, data) in enumerate(meeting.events, 1):
                position += 1
                event = Stored(
                    self.service, partition, position, stream, version, kind, schema, data.encode(), octets,
                    self.instant, b"",
                )  # fmt: skip
                head = next_hash(head, event)
                yield partition, position, stream, version, kind, schema, data, metadata, self.instant, head
            self.heads[partition] = position, head
            made += len(meeting.events)


async def fill(connection: asyncpg.Connection, log: Log, meetings: Iterator[Meeting], events: int) -> None:
    """Add so many events and a few to the connection's log, whose end is ``log``."""
    await connection.execute(WITHOUT_INDEXES)
    rows = log.rows(meetings, events)
    under_way: asyncio.Task[object] | None = None
    while batch := list(islice(rows, BATCH)):
        if under_way is not None:
            await under_way
        copying = connection.copy_records_to_table("event", records=batch, columns=COLUMNS)
        under_way = asyncio.create_task(copying)
        await asyncio.sleep(0)  # the server takes these while the next are made
    if under_way is not None:
        await under_way
    await connection.execute("SET maintenance_work_mem = '512MB'")
    await connection.execute(WITH_INDEXES)
    await connection.execute("RESET maintenance_work_mem")
    for partition, (position, head) in log.heads.items():
        await connection.execute(HEAD, partition, position, head)
    await connection.execute("ANALYZE public.event")
