"""Proving one event: the nodes beside its way up to the root that a checkpoint signs.

The partition is read from its first event: no node of its tree is kept anywhere, where it could be wrong.
"""

from contextlib import aclosing

from shared.eventlog.model import Inclusion
from shared.eventlog.verify import HEADS, Progress, Runner, fitting_entries
from shared.transparency.tree import Subtrees, inclusion_ranges, leaf_hash, root_by_inclusion


async def prove(
    pool: Runner, service: str, partition: int, position: int, size: int | None = None, progress: Progress | None = None
) -> Inclusion:
    """That the event at ``position`` is among the first ``size`` of its partition; all there are, when not given.

    Raises `LookupError` when there are not so many events, `Misfit` when they do not fit.
    """
    head = next((row for row in await pool.fetch(HEADS) if row["partition"] == partition), None)
    there = 0 if head is None else head["position"]
    size = there if size is None else size
    if not 0 < position <= size <= there:
        raise LookupError(f"there are {there} events")
    beside, entry, seen = Subtrees(inclusion_ranges(position - 1, size)), b"", 0
    async with aclosing(fitting_entries(pool, service, partition, head, progress)) as pages:
        async for entries in pages:
            beside.extend([leaf_hash(form) for form in entries])
            if seen < position <= seen + len(entries):
                entry = entries[position - 1 - seen]
            seen += len(entries)
            if size <= seen < there:  # what follows is no part of this proof
                break
    path = tuple(beside.roots())
    root = root_by_inclusion(leaf_hash(entry), position - 1, size, path)
    assert root is not None
    return Inclusion(entry, size, path, root)
