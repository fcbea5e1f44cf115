"""Recomputing the whole log: does every event stand where and as it was recorded?

Reads in small pages with keyset conditions, so memory stays flat however long the log is, and no snapshot is held
open that would keep the database from cleaning up behind the appends that go on meanwhile. The Merkle trees that
checkpoints sign grow in the same pass.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeAlias

import asyncpg

from shared.eventlog.chain import GENESIS, canonical
from shared.eventlog.codec import COLUMNS, to_stored
from shared.eventlog.model import Broken, Misfit, Stored, Verification
from shared.transparency.tree import Frontier, leaf_hashes

PAGE = 2_000  # events per query

HEADS = "SELECT partition, position, hash FROM public.partition_head"
BY_POSITION = f"SELECT {COLUMNS} FROM public.event WHERE partition = $1 AND position > $2 ORDER BY position LIMIT $3"  # noqa: S608
BEFORE_FIRST = "SELECT min(position) FROM public.event WHERE partition = $1 AND position < 1"
PAST_HEAD = """
    SELECT min(e.position) FROM public.event e
    WHERE e.partition = $1
      AND e.position > coalesce((SELECT h.position FROM public.partition_head h WHERE h.partition = $1), 0)"""
BY_STREAM = """
    SELECT stream, version, partition, position FROM public.event
    WHERE (stream, version) > ($1, $2) ORDER BY stream, version LIMIT $3"""
STRAY = """
    SELECT partition, min(position) AS position
    FROM (SELECT partition, position FROM public.event
          UNION ALL SELECT partition, position FROM public.partition_head) AS anything
    WHERE partition < 0 OR partition >= $1 GROUP BY 1"""

Runner: TypeAlias = asyncpg.Pool | asyncpg.Connection
Progress = Callable[[int, int], None]


async def verify(
    pool: Runner,
    service: str,
    partitions: int,
    progress: Progress | None = None,
    sizes: Mapping[int, Collection[int]] | None = None,
) -> Verification:
    """Every partition up to the head it has now: the first event of each that does not fit, if any.

    ``sizes``: by partition, after how many events the root of its tree is wanted, besides the one at the end.
    """
    heads = {row["partition"]: row for row in await pool.fetch(HEADS)}
    counted: dict[int, int] = {}
    roots: dict[tuple[int, int], bytes] = {}
    broken: dict[int, Broken] = {}
    for partition in range(partitions):
        tree = Tree((sizes or {}).get(partition, ()))
        try:
            async for entries in fitting_entries(pool, service, partition, heads.get(partition), progress):
                tree.extend(leaf_hashes(entries))
        except Misfit as misfit:
            broken[partition] = misfit.broken
        counted[partition] = tree.size
        roots |= {(partition, size): root for size, root in tree.roots().items()}
    for row in await pool.fetch(STRAY, partitions):
        broken[row["partition"]] = Broken(row["partition"], row["position"], "there is no such partition")
    try:
        async for found in _streams(pool, counted):
            known = broken.get(found.partition)
            if known is None or found.position < known.position:
                broken[found.partition] = found
    except asyncpg.InternalServerError:
        if not broken:  # else what cannot be read has been named
            raise
    return Verification(counted, [broken[partition] for partition in sorted(broken)], roots)


class Tree:
    """The tree of a partition whose events stream by, and its root at some sizes."""

    def __init__(self, wanted: Collection[int]) -> None:
        self._frontier = Frontier()
        self._wanted = sorted(wanted, reverse=True)
        self._roots: dict[int, bytes] = {}

    @property
    def size(self) -> int:
        return self._frontier.size

    def extend(self, leaves: Sequence[bytes]) -> None:
        while self._wanted and self._wanted[-1] <= self.size + len(leaves):
            count = self._wanted.pop() - self.size
            self._frontier.extend(leaves[:count])
            self._roots[self.size] = self._frontier.root()
            leaves = leaves[count:]
        self._frontier.extend(leaves)

    def roots(self) -> dict[int, bytes]:
        """By size; the one of all events is among them."""
        return self._roots | {self.size: self._frontier.root()}


async def fitting_entries(
    pool: Runner, service: str, partition: int, head: Any, progress: Progress | None
) -> AsyncGenerator[list[bytes], None]:
    """The canonical forms of a partition's events up to its head, in order, as long as they fit. Raises `Misfit`."""
    position, last = 0, GENESIS
    until = head["position"] if head is not None else 0

    def misfit(at: int, reason: str) -> Misfit:
        return Misfit(Broken(partition, at, reason))

    if (before := await pool.fetchval(BEFORE_FIRST, partition)) is not None:
        raise misfit(before, "positions begin at 1")
    while position < until:
        page = await _page(pool, service, partition, position, min(PAGE, until - position))
        fitting: list[bytes] = []
        wrong: Misfit | None = None
        for event in page:
            if event.position != position + 1:
                wrong = misfit(position + 1, f"missing: the next event is {event.position}")
                break
            form = canonical(event)
            last = sha256(last + form).digest()
            if event.hash != last:
                wrong = misfit(event.position, "its hash is not that of what is stored")
                break
            position = event.position
            fitting.append(form)
        yield fitting
        if wrong is not None:
            raise wrong
        if not page:
            raise misfit(position + 1, f"missing: the head says {until} events")
        if progress is not None:
            progress(partition, position)
    if head is None:
        raise misfit(1, "the partition has no head")
    if head["hash"] != last:
        raise misfit(position, "the head's hash is not that of the last event")
    if (past := await pool.fetchval(PAST_HEAD, partition)) is not None:
        raise misfit(past, f"past the head, which says {until} events")


async def _page(pool: Runner, service: str, partition: int, position: int, limit: int) -> list[Stored]:
    """Up to ``limit`` events past ``position``, fewer before one that cannot be read; `Misfit` for that one."""
    try:
        return [to_stored(service, row) for row in await pool.fetch(BY_POSITION, partition, position, limit)]
    except (OverflowError, asyncpg.InternalServerError):  # an instant past the year 9999; a page the disk lost
        if limit == 1:
            raise Misfit(Broken(partition, position + 1, "it cannot be read")) from None
    return await _page(pool, service, partition, position, limit // 2)


async def _streams(pool: Runner, fitting: Mapping[int, int]) -> AsyncIterator[Broken]:
    """Events whose version does not follow the one before in their stream, or in another order than positions.

    Only of those that fit their partition's chain: ``fitting`` from the first. One that does not has been named, and
    must not bring those around it under suspicion.
    """
    read = ("", 0)
    stream, version, partition, position = "", 0, 0, 0
    while page := await pool.fetch(BY_STREAM, *read, PAGE):
        for now, number, home, at in page:
            if not 0 < at <= fitting.get(home, 0):
                continue
            if now != stream:
                stream, version, partition, position = now, 0, home, 0
            if number != version + 1:
                yield Broken(home, at, f"version {number} of {stream} follows {version}")
            elif home != partition or at <= position:
                yield Broken(home, at, f"{stream} goes on out of order")
            else:
                position = at
            version, partition = number, home
        read = (page[-1]["stream"], page[-1]["version"])
