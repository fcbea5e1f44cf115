"""Recomputing the whole log: does every event stand where and as it was recorded?

Reads in small pages with keyset conditions, so memory stays flat however long the log is, and no snapshot is held
open that would keep the database from cleaning up behind the appends that go on meanwhile.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg

from shared.eventlog.chain import GENESIS, next_hash
from shared.eventlog.codec import to_stored
from shared.eventlog.model import Broken, Verification

PAGE = 2_000  # events per query

HEADS = "SELECT partition, position, hash FROM public.partition_head"
BY_POSITION = """
    SELECT partition, position, stream, version, type, schema, data, metadata, recorded_at, hash FROM public.event
    WHERE partition = $1 AND position > $2 ORDER BY position LIMIT $3"""
PAST_HEAD = """
    SELECT min(e.position) FROM public.event e
    WHERE e.partition = $1
      AND e.position > coalesce((SELECT h.position FROM public.partition_head h WHERE h.partition = $1), 0)"""
BY_STREAM = """
    SELECT stream, version, partition, position FROM public.event
    WHERE (stream, version) > ($1, $2) ORDER BY stream, version LIMIT $3"""
STRAY = (
    "SELECT partition, min(position) AS position FROM public.event WHERE partition < 0 OR partition >= $1 GROUP BY 1"
)


async def verify(
    pool: asyncpg.Pool, service: str, partitions: int, progress: Callable[[int, int], None] | None = None
) -> Verification:
    """Every partition up to the head it has now: the first event of each that does not fit, if any."""
    heads = {row["partition"]: row for row in await pool.fetch(HEADS)}
    counted: dict[int, int] = {}
    broken: dict[int, Broken] = {}
    for partition in range(partitions):
        counted[partition], found = await _partition(pool, service, partition, heads.get(partition), progress)
        if found:
            broken[partition] = found
    for row in await pool.fetch(STRAY, partitions):
        broken[row["partition"]] = Broken(row["partition"], row["position"], "there is no such partition")
    async for found in _streams(pool):
        known = broken.get(found.partition)
        if known is None or found.position < known.position:
            broken[found.partition] = found
    return Verification(counted, [broken[partition] for partition in sorted(broken)])


async def _partition(
    pool: asyncpg.Pool, service: str, partition: int, head: Any, progress: Callable[[int, int], None] | None
) -> tuple[int, Broken | None]:
    """How many events fit from the start, and the first that does not."""
    position, last = 0, GENESIS
    until = head["position"] if head is not None else 0
    while position < until:
        page = await pool.fetch(BY_POSITION, partition, position, min(PAGE, until - position))
        for event in (to_stored(service, row) for row in page):
            if event.position != position + 1:
                return position, Broken(partition, position + 1, f"missing: the next event is {event.position}")
            last = next_hash(last, event)
            if event.hash != last:
                return position, Broken(partition, event.position, "its hash is not that of what is stored")
            position = event.position
        if not page:
            return position, Broken(partition, position + 1, f"missing: the head says {until} events")
        if progress is not None:
            progress(partition, position)
    if head is None:
        return position, Broken(partition, 1, "the partition has no head")
    if head["hash"] != last:
        return position, Broken(partition, position, "the head's hash is not that of the last event")
    if (past := await pool.fetchval(PAST_HEAD, partition)) is not None:
        return position, Broken(partition, past, f"past the head, which says {until} events")
    return position, None


async def _streams(pool: asyncpg.Pool) -> AsyncIterator[Broken]:
    """Events whose version does not follow the one before in their stream, or in another order than positions."""
    stream, version, partition, position = "", 0, 0, 0
    while page := await pool.fetch(BY_STREAM, stream, version, PAGE):
        for row in page:
            if row["stream"] != stream:
                stream, version, partition, position = row["stream"], 0, row["partition"], 0
            if row["version"] != version + 1:
                yield Broken(
                    row["partition"], row["position"], f"version {row['version']} of {stream} follows {version}"
                )
            elif row["partition"] != partition or row["position"] <= position:
                yield Broken(row["partition"], row["position"], f"{stream} goes on out of order")
            version, partition, position = row["version"], row["partition"], row["position"]
