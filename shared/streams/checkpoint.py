"""The rows that say how far a subscription is in a partition of a source, and what it could not apply there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg

LOCK = """
    SELECT position, parked, (SELECT version FROM view_state WHERE name = $1) AS version
    FROM checkpoint WHERE subscription = $1 AND source = $2 AND partition = $3 FOR UPDATE
"""
# Once any checkpoint of a source is there, all are: so the number of its partitions is known without asking its owner.
ENSURE = """
    INSERT INTO checkpoint (subscription, source, partition)
    SELECT s, $2, p FROM unnest($1::text[]) AS s, unnest($3::integer[]) AS p ON CONFLICT DO NOTHING
"""
MOVE = """
    UPDATE checkpoint SET position = $4, moved_at = now() WHERE subscription = $1 AND source = $2 AND partition = $3
"""
COUNT = """
    UPDATE checkpoint c SET parked = (
        SELECT count(*) FROM parked p WHERE p.subscription = c.subscription AND p.source = c.source
            AND p.partition = c.partition AND p.skipped_at IS NULL)
    WHERE subscription = $1 AND source = $2 AND partition = $3
"""
BLOCKED = """
    SELECT stream, min(position) AS position FROM parked
    WHERE subscription = $1 AND source = $2 AND partition = $3 AND skipped_at IS NULL GROUP BY stream
"""
# What an operator has skipped for the view that a rebuild makes anew ($9) stays skipped, on record.
PARK = """
    INSERT INTO parked (subscription, source, partition, position, stream, type, error, behind,
                        skipped_at, skipped_by, reason)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, known.skipped_at, known.skipped_by, known.reason
    FROM (SELECT) AS one LEFT JOIN parked AS known
        ON known.subscription = $9 AND known.source = $2 AND known.partition = $3 AND known.position = $4
    ON CONFLICT (subscription, source, partition, position) DO UPDATE SET error = excluded.error
"""
FIRST_PARKED = """
    SELECT min(position) FROM parked
    WHERE subscription = $1 AND source = $2 AND partition = $3 AND stream = $4 AND skipped_at IS NULL
"""
UNPARK = "DELETE FROM parked WHERE subscription = $1 AND source = $2 AND partition = $3 AND position = $4"
FAILS_AGAIN = """
    UPDATE parked SET error = $5, behind = NULL
    WHERE subscription = $1 AND source = $2 AND partition = $3 AND position = $4
"""
SKIP = """
    UPDATE parked SET skipped_at = now(), skipped_by = $5, reason = $6
    WHERE subscription = $1 AND source = $2 AND partition = $3 AND position = $4 AND skipped_at IS NULL RETURNING 1
"""


@dataclass(frozen=True, slots=True)
class Place:
    """One subscription in one partition of one source; ``key`` are its columns."""

    subscription: str
    source: str
    partition: int

    @property
    def key(self) -> tuple[str, str, int]:
        return self.subscription, self.source, self.partition


class Checkpoint:
    """A locked checkpoint: until the transaction of ``connection`` ends nobody else applies anything here."""

    def __init__(self, connection: asyncpg.Connection, place: Place, row: Mapping[str, Any]) -> None:
        self.position: int = row["position"]
        self.version: int | None = row["version"]  # of the view as it was built
        self._has_parked = row["parked"] > 0
        self._connection, self._key = connection, place.key

    @classmethod
    async def lock(cls, connection: asyncpg.Connection, place: Place) -> "Checkpoint":
        row = await connection.fetchrow(LOCK, *place.key)
        if row is None:  # a view that was made again under our feet
            await connection.execute(ENSURE, [place.subscription], place.source, [place.partition])
            row = await connection.fetchrow(LOCK, *place.key)
        return cls(connection, place, row)

    async def move(self, position: int) -> None:
        self.position = position
        await self._connection.execute(MOVE, *self._key, position)

    async def blocked(self) -> dict[str, int]:
        """Streams that have parked events, with the position of the first."""
        if not self._has_parked:
            return {}
        return {row["stream"]: row["position"] for row in await self._connection.fetch(BLOCKED, *self._key)}

    async def park(
        self, position: int, stream: str, type_name: str, error: str, behind: int | None, *, serving: str
    ) -> None:
        """``serving``: the subscription that this one is to replace, or its own name."""
        await self._connection.execute(PARK, *self._key, position, stream, type_name, error, behind, serving)
        await self._connection.execute(COUNT, *self._key)

    async def first_parked(self, stream: str) -> int | None:
        position: int | None = await self._connection.fetchval(FIRST_PARKED, *self._key, stream)
        return position

    async def unpark(self, position: int) -> None:
        await self._connection.execute(UNPARK, *self._key, position)
        await self._connection.execute(COUNT, *self._key)

    async def fails_again(self, position: int, error: str) -> None:
        await self._connection.execute(FAILS_AGAIN, *self._key, position, error)

    async def skip(self, position: int, by: str, reason: str) -> bool:
        """Whether there was such a parked event."""
        skipped = await self._connection.fetchval(SKIP, *self._key, position, by, reason) is not None
        await self._connection.execute(COUNT, *self._key)
        return skipped
