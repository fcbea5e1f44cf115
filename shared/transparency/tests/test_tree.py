"""The tree against the vectors of Certificate Transparency, and against RFC 9162's definitions taken word by word."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transparency.tree import (
    EMPTY,
    Frontier,
    Subtrees,
    consistency_ranges,
    inclusion_ranges,
    is_consistent,
    leaf_hash,
    node_hash,
    root_by_inclusion,
    root_of,
    subtree_roots,
)

# Vectors of Certificate Transparency's reference implementation (merkle_tree_test.cc), also used by Trillian.
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
L1, L4 = (  # nodes that several proofs share: of the second leaf, and of the fifth
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
)
L23, L45, L67, L6 = (
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
)
INCLUSION = {  # (index, size) -> path
    (0, 1): [],
    (0, 8): [L1, L23, L6],
    (5, 8): [L4, L67, ROOTS[4]],
    (2, 3): [ROOTS[2]],
    (1, 5): [ROOTS[1], L23, L4],
}
CONSISTENCY = {  # (old size, size) -> proof
    (1, 1): [],
    (1, 8): [L1, L23, L6],
    (6, 8): [L45, L67, ROOTS[4]],
    (2, 5): [L23, L4],
}

LEAVES = [leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES]
SIZES = range(71)
MANY = [leaf_hash(str(n).encode()) for n in SIZES]


def flipped(octets: bytes, bit: int) -> bytes:
    return bytes(octet ^ (1 << bit % 8 if at == bit // 8 else 0) for at, octet in enumerate(octets))


def mth(leaves: list[bytes]) -> bytes:
    """The Merkle Tree Hash as RFC 9162 §2.1.1 defines it."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    k = max(2**n for n in range(8) if 2**n < len(leaves))
    return node_hash(mth(leaves[:k]), mth(leaves[k:]))


def hexed(nodes: list[bytes]) -> list[str]:
    return [node.hex() for node in nodes]


def test_roots_are_the_published_ones() -> None:
    assert [root_of(LEAVES[:size]).hex() for size in range(9)] == ROOTS


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_are_the_published_ones(index: int, size: int) -> None:
    path = subtree_roots(inclusion_ranges(index, size), LEAVES[:size])
    assert hexed(path) == INCLUSION[index, size]
    assert root_by_inclusion(LEAVES[index], index, size, path) == bytes.fromhex(ROOTS[size])


@pytest.mark.parametrize(("old", "size"), CONSISTENCY)
def test_consistency_proofs_are_the_published_ones(old: int, size: int) -> None:
    proof = subtree_roots(consistency_ranges(old, size), LEAVES[:size])
    assert hexed(proof) == CONSISTENCY[old, size]
    assert is_consistent(old, bytes.fromhex(ROOTS[old]), size, bytes.fromhex(ROOTS[size]), proof)


def test_roots_are_those_of_the_definition_however_the_leaves_arrive() -> None:
    for size in SIZES:
        one_by_one = Frontier()
        for leaf in MANY[:size]:
            one_by_one.extend([leaf])
        assert one_by_one.size == size
        assert root_of(MANY[:size]) == one_by_one.root() == mth(MANY[:size])


@given(st.lists(st.integers(0, 40), max_size=12))
def test_any_batches_make_the_same_tree(batches: list[int]) -> None:
    leaves = [leaf_hash(str(n).encode()) for n in range(sum(batches))]
    frontier, start = Frontier(), 0
    for batch in batches:
        frontier.extend(leaves[start : start + batch])
        start += batch
    assert frontier.root() == root_of(leaves)


def test_every_leaf_of_every_tree_is_proven_and_no_other_place_is() -> None:
    for size in SIZES:
        root = root_of(MANY[:size])
        for index in range(size):
            path = subtree_roots(inclusion_ranges(index, size), MANY[:size])
            proves = [
                (claimed, leaf)
                for claimed in (index - 1, index, index + 1, index ^ 2, size, -1)
                for leaf in (index, (index + 1) % size)
                if root_by_inclusion(MANY[leaf], claimed, size, path) == root
            ]
            assert set(proves) == {(index, index)}


def test_every_tree_is_proven_to_be_the_beginning_of_every_later_one() -> None:
    for size in SIZES[1:]:
        root = root_of(MANY[:size])
        assert is_consistent(0, EMPTY, size, root, [])
        for old in range(1, size + 1):
            proof = subtree_roots(consistency_ranges(old, size), MANY[:size])
            was = root_of(MANY[:old])
            assert is_consistent(old, was, size, root, proof)
            assert not is_consistent(old, MANY[0][::-1], size, root, proof)
            assert not is_consistent(old, was, size, MANY[0][::-1], proof)


@given(st.data())
def test_an_inclusion_proof_with_anything_changed_proves_nothing(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 70))
    index = data.draw(st.integers(0, size - 1))
    path = subtree_roots(inclusion_ranges(index, size), MANY[:size])
    at, bit = data.draw(st.integers(0, len(path) - 1)), data.draw(st.integers(0, 255))
    wrong = [
        [*path[:at], flipped(path[at], bit), *path[at + 1 :]],
        [*path[:at], *path[at + 1 :]],
        [*path[:at], path[at], *path[at:]],
        [*path[:at], path[at][:31], *path[at + 1 :]],
        [*path, MANY[0]],
    ]
    root = root_of(MANY[:size])
    assert root not in [root_by_inclusion(MANY[index], index, size, changed) for changed in wrong]
    assert root_by_inclusion(flipped(MANY[index], bit), index, size, path) != root
    other = data.draw(st.integers(0, 80).filter(lambda n: n != size))
    if other <= 70:  # the size of another tree, whose root is another
        assert root_by_inclusion(MANY[index], index, other, path) != root_of(MANY[:other])


@given(st.data())
def test_a_consistency_proof_with_anything_changed_proves_nothing(data: st.DataObject) -> None:
    size = data.draw(st.integers(3, 70))
    old = data.draw(st.integers(1, size - 1))
    proof = subtree_roots(consistency_ranges(old, size), MANY[:size])
    was, root = root_of(MANY[:old]), root_of(MANY[:size])
    at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    for changed in (
        [*proof[:at], flipped(proof[at], bit), *proof[at + 1 :]],
        [*proof[:at], *proof[at + 1 :]],
        [*proof[:at], proof[at], *proof[at:]],
        [*proof, MANY[0]],
        [],
    ):
        assert not is_consistent(old, was, size, root, changed)
    assert not is_consistent(old, flipped(was, bit), size, root, proof)
    assert not is_consistent(old, was, size, flipped(root, bit), proof)
    assert not is_consistent(size, root, old, was, proof)
    other = data.draw(st.integers(0, size).filter(lambda n: n != old))
    assert not is_consistent(other, root_of(MANY[:other]), size, flipped(root, bit), proof)


def test_what_lies_outside_the_tree_has_no_proof() -> None:
    for index, size in ((0, 0), (3, 3), (-1, 3)):
        with pytest.raises(ValueError, match="there is no leaf"):
            inclusion_ranges(index, size)
        assert root_by_inclusion(MANY[0], index, size, []) is None
    for old, size in ((0, 3), (4, 3), (-1, 3)):
        with pytest.raises(ValueError, match="no beginning"):
            consistency_ranges(old, size)
    assert not is_consistent(4, EMPTY, 3, EMPTY, [])


def test_what_is_kept_is_a_hash_a_level_however_many_leaves_stream_by() -> None:
    frontier, path = Frontier(), Subtrees(inclusion_ranges(4_711, 200_000))
    for start in range(0, 200_000, 2_000):
        page = [n.to_bytes(32, "big") for n in range(start, start + 2_000)]
        frontier.extend(page)
        path.extend(page)
    assert len(frontier._peaks) == 18
    assert root_by_inclusion((4_711).to_bytes(32, "big"), 4_711, 200_000, path.roots()) == frontier.root()
