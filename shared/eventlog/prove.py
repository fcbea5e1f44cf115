"""Proofs against the roots that checkpoints sign: that an event stands in the log, and that the log only grew.

The partition is read from its first event: no node of its tree is kept anywhere, where it could be wrong.
"""

from contextlib import aclosing
from typing import Any

from shared.eventlog.model import Extension, Inclusion
from shared.eventlog.verify import HEADS, Progress, Runner, Tree, fitting_entries
from shared.transparency.tree import (
    Subtrees,
    consistency_ranges,
    inclusion_ranges,
    leaf_hash,
    leaf_hashes,
    root_by_inclusion,
)


async def prove(
    pool: Runner, service: str, partition: int, position: int, size: int | None = None, progress: Progress | None = None
) -> Inclusion:
    """That the event at ``position`` is among the first ``size`` of its partition; all there are, when not given.

    Raises `LookupError` when there are not so many events, `Misfit` when they do not fit.
    """
    head, there = await _head(pool, partition)
    size = there if size is None else size
    if not 0 < position <= size <= there:
        raise LookupError(f"there are {there} events")
    beside, entry, seen = Subtrees(inclusion_ranges(position - 1, size)), b"", 0
    async with aclosing(fitting_entries(pool, service, partition, head, progress)) as pages:
        async for entries in pages:
            beside.extend(leaf_hashes(entries))
            if seen < position <= seen + len(entries):
                entry = entries[position - 1 - seen]
            seen += len(entries)
            if size <= seen < there:  # what follows is no part of this proof
                break
    path = tuple(beside.roots())
    root = root_by_inclusion(leaf_hash(entry), position - 1, size, path)
    assert root is not None
    return Inclusion(entry, size, path, root)


async def prove_growth(
    pool: Runner, service: str, partition: int, old: int, progress: Progress | None = None
) -> Extension:
    """That the first ``old`` events of a partition are the beginning of all that it has. Raises as `prove`."""
    head, there = await _head(pool, partition)
    if old > there:
        raise LookupError(f"there are {there} events")
    beside, tree = Subtrees(consistency_ranges(old, there) if old else ()), Tree({old})
    async for entries in fitting_entries(pool, service, partition, head, progress):
        leaves = leaf_hashes(entries)
        beside.extend(leaves)
        tree.extend(leaves)
    roots = tree.roots()
    return Extension(old, roots[old], there, roots[there], tuple(beside.roots()))


async def _head(pool: Runner, partition: int) -> tuple[Any, int]:
    """Its row and how many events it says there are."""
    head = next((row for row in await pool.fetch(HEADS) if row["partition"] == partition), None)
    return head, 0 if head is None else head["position"]
