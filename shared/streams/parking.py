"""Parked events, for operators: see them, or skip one with a reason. `Subscription.retry` tries a stream again."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from shared.streams.checkpoint import Checkpoint, Place

LIST = """
    SELECT subscription, source, partition, position, stream, type, error, behind, parked_at FROM parked
    WHERE skipped_at IS NULL ORDER BY subscription, source, partition, position
"""


@dataclass(frozen=True, slots=True)
class Parked:
    """An event whose effect ``subscription`` lacks. ``behind``: the failing event it waits for, if it is not that."""

    subscription: str
    source: str
    partition: int
    position: int
    stream: str
    type: str
    error: str
    behind: int | None
    parked_at: datetime

    @property
    def place(self) -> Place:
        return Place(self.subscription, self.source, self.partition)


class NotParked(LookupError):
    """There is no such parked event, or somebody else has dealt with it."""


async def parked(pool: asyncpg.Pool) -> list[Parked]:
    """What waits for an operator, oldest first within each subscription."""
    return [Parked(**row) for row in await pool.fetch(LIST)]


async def skip(pool: asyncpg.Pool, place: Place, position: int, *, by: str, reason: str) -> None:
    """Give up one event for one subscription, on record. What waits behind it still waits: retry the stream next.

    When the view is rebuilt the event is tried again; if it still fails it stays skipped.

    Raises `NotParked`, and ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("skipping an event needs a reason")
    async with pool.acquire() as connection, connection.transaction():
        checkpoint = await Checkpoint.lock(connection, place)
        if not await checkpoint.skip(position, by, reason):
            raise NotParked(f"{place.source}.{place.partition}.{position} is not parked for {place.subscription}")
