"""The Merkle tree of RFC 9162 §2.1 over a list that only grows: its root, proofs, and how a stranger checks them.

A *hash* here is 32 octets. Leaves come as their hashes, in batches, and stream by: what is kept is one hash for
every level, or for every node of the proofs asked for, however many leaves there are.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

SIZE = 32  # octets of a hash
EMPTY = sha256(b"").digest()  # the root of no leaves


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    return [sha256(b"\x00" + entry).digest() for entry in entries]  # without a call for each


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The tree over the leaves so far, of which only the roots of perfect subtrees are kept: they are enough."""

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes | None] = []  # at level n the root of 2**n leaves, where size has that bit

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes: level by level, like a carry in binary addition."""
        row = list(leaves)
        self.size += len(row)
        level = 0
        while row:
            if level == len(self._peaks):
                self._peaks.append(None)
            if (peak := self._peaks[level]) is not None:
                row.insert(0, peak)
            self._peaks[level] = row.pop() if len(row) % 2 else None
            pairs = iter(row)
            row = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
            level += 1

    def root(self) -> bytes:
        root: bytes | None = None
        for peak in self._peaks:
            if peak is not None:
                root = peak if root is None else node_hash(peak, root)
        return EMPTY if root is None else root


class Subtrees:
    """The roots over some ranges of leaves that do not overlap, gathered as all leaves stream by from the first."""

    def __init__(self, ranges: Sequence[range]) -> None:
        self._gathered = [(wanted, Frontier()) for wanted in ranges]
        self._seen = 0

    def extend(self, leaves: Sequence[bytes]) -> None:
        for wanted, frontier in self._gathered:
            start, stop = (min(max(edge - self._seen, 0), len(leaves)) for edge in (wanted.start, wanted.stop))
            frontier.extend(leaves[start:stop])
        self._seen += len(leaves)

    def roots(self) -> list[bytes]:
        """In the order of the ranges, all of which must have gone by."""
        return [frontier.root() for _, frontier in self._gathered]


def inclusion_ranges(index: int, size: int) -> list[range]:
    """The subtrees beside the way from leaf ``index`` up to the root of ``size`` leaves, lowest first (§2.1.3.1).

    Raises ValueError when there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} among {size}")
    beside, start, stop = [], 0, size
    while stop - start > 1:
        middle = start + _left(stop - start)
        if index < middle:
            beside.append(range(middle, stop))
            stop = middle
        else:
            beside.append(range(start, middle))
            start = middle
    return beside[::-1]


def consistency_ranges(old: int, size: int) -> list[range]:
    """The subtrees that show ``old`` leaves to be the beginning of ``size``, lowest first (§2.1.4.1).

    Raises ValueError unless ``0 < old <= size``.
    """
    if not 0 < old <= size:
        raise ValueError(f"{old} leaves are no beginning of {size}")
    beside, start, stop = [], 0, size
    while stop != old:
        middle = start + _left(stop - start)
        if old <= middle:
            beside.append(range(middle, stop))
            stop = middle
        else:
            beside.append(range(start, middle))
            start = middle
    if start > 0:  # otherwise what remains is the old tree, whose root the reader knows
        beside.append(range(start, stop))
    return beside[::-1]


def subtree_roots(ranges: Sequence[range], leaves: Sequence[bytes]) -> list[bytes]:
    """The proof that ``ranges`` describe, from the hashes of all leaves."""
    gathered = Subtrees(ranges)
    gathered.extend(leaves)
    return gathered.roots()


def root_of(leaves: Iterable[bytes]) -> bytes:
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier.root()


def root_by_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root of ``size`` leaves of which ``leaf`` is number ``index``, if ``path`` is a proof (§2.1.3.2), else None.

    A root and a path do not tell the size: take it from where the root comes from, a signed checkpoint.
    """
    if not 0 <= index < size:
        return None
    root, at, last = leaf, index, size - 1
    for beside in path:
        if last == 0 or len(beside) != SIZE:
            return None
        if at % 2 or at == last:
            root = node_hash(beside, root)
            while at % 2 == 0 and at:  # no sibling on these levels: the right edge is ragged
                at, last = at >> 1, last >> 1
        else:
            root = node_hash(root, beside)
        at, last = at >> 1, last >> 1
    return root if last == 0 else None


def is_consistent(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether ``proof`` shows that the tree of ``old`` leaves is the beginning of that of ``size`` (§2.1.4.2).

    Every list begins with the empty one, and equals itself, without any proof.
    """
    if not 0 <= old <= size or any(len(node) != SIZE for node in proof):
        return False
    if old in (0, size):
        return not proof and old_root == (EMPTY if old == 0 else root)
    if old & (old - 1) == 0:  # a perfect tree is itself the first node
        proof = [old_root, *proof]
    if not proof:
        return False
    at, last = old - 1, size - 1
    while at % 2:
        at, last = at >> 1, last >> 1
    was = now = proof[0]
    for beside in proof[1:]:
        if last == 0:
            return False
        if at % 2 or at == last:
            was, now = node_hash(beside, was), node_hash(beside, now)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            now = node_hash(now, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and was == old_root and now == root


def _left(size: int) -> int:
    """The largest power of two smaller than ``size``: how many leaves are left of the root."""
    return 1 << (size - 1).bit_length() - 1
