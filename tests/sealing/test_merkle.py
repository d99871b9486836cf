"""Roots, compact ranges, and proofs made and checked, against the recursive definitions."""

import random
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.sealing.merkle import (
    EMPTY_ROOT,
    PROOF_HASHES_MAX,
    SIZE_MAX,
    CompactRange,
    ProofRefused,
    Subtrees,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    inclusion_proofs,
    leaf_hash,
    leaf_hashes,
    node_hash,
    root_of,
)
from tests.sealing import reference
from tests.sealing.reference import Log, Misfit, grown_roots, included_root

# The leaves and roots that the first Certificate Transparency code was tested with, and many since.
KNOWN_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
KNOWN_ROOTS = [
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
LEAVES = [sha256(b"%d" % number).digest() for number in range(300)]
LOG = Log(LEAVES)
HASH = st.binary(min_size=32, max_size=32)
SIZE = st.one_of(st.integers(1, 70), st.integers(1, SIZE_MAX))


@pytest.mark.parametrize("size", range(9))
def test_the_well_known_roots(size: int) -> None:
    hashes = [leaf_hash(bytes.fromhex(leaf)) for leaf in KNOWN_LEAVES[:size]]

    assert root_of(hashes).hex() == KNOWN_ROOTS[size]


def test_a_leaf_is_never_a_node() -> None:
    left, right = LEAVES[:2]

    assert leaf_hash(b"custody") == reference.leaf(b"custody")
    assert node_hash(left, right) == reference.node(left, right) != leaf_hash(left + right)


@pytest.mark.parametrize("size", range(131))
def test_every_proof_of_a_small_tree_is_the_recursive_one_and_holds(size: int) -> None:
    hashes, root = LEAVES[:size], LOG.root(0, size)
    assert root_of(hashes) == root
    for index in range(size):
        proof = inclusion_proof(hashes, index)
        assert proof == list(LOG.path(index, 0, size))
        check_inclusion(hashes[index], index, size, proof, root)
    for old in range(1, size + 1):
        proof = consistency_proof(hashes, old)
        assert proof == list(LOG.proof(old, 0, size))
        check_consistency(old, LOG.root(0, old), size, root, proof)


@given(st.integers(1, 300), st.lists(st.integers(0, 299), max_size=8))
def test_many_proofs_at_once_are_the_single_ones(size: int, numbers: list[int]) -> None:
    indexes = [number % size for number in numbers]

    assert inclusion_proofs(LEAVES[:size], indexes) == [list(LOG.path(index, 0, size)) for index in indexes]


@given(st.lists(HASH, max_size=70), st.integers(0, 70))
def test_appending_one_by_one_or_many_at_once_gives_the_root_of_all(hashes: list[bytes], at: int) -> None:
    one_by_one = CompactRange.EMPTY
    for hash in hashes:
        one_by_one = one_by_one.append(hash)

    assert one_by_one.root() == root_of(hashes) == Log(hashes).root(0, len(hashes))
    assert CompactRange.EMPTY.extend(hashes[:at]).extend(hashes[at:]) == one_by_one
    assert one_by_one.size == len(hashes)


@given(st.integers(0, 150), st.integers(0, 70), st.integers(0, 70))
def test_from_the_subtrees_of_leaves_anywhere_a_range_grows_to_any_size_among_them(
    before: int, later: int, more: int
) -> None:
    size = before + later
    following = Subtrees.over(before, LEAVES[before : size + more])
    known = CompactRange.EMPTY.extend(LEAVES[:before])

    assert (following.first, following.end) == (before, size + more)
    assert known.grown_to(following, size).root() == LOG.root(0, size)
    assert known.grown_to(following, size).grown_to(following, following.end).root() == LOG.root(0, size + more)


@pytest.mark.parametrize(("first", "size"), [(9, 9), (8, 7), (8, 13)])
def test_leaves_that_are_not_among_the_subtrees_are_not_made_up(first: int, size: int) -> None:
    following = Subtrees.over(first, LEAVES[first:12])

    with pytest.raises(ValueError, match=f"range of 8: leaves up to {size} are not among {first} to 12"):
        CompactRange.EMPTY.extend(LEAVES[:8]).grown_to(following, size)


@given(st.integers(0, 40), st.integers(1, 70))
def test_each_subtree_has_the_root_of_its_leaves(first: int, count: int) -> None:
    following = Subtrees.over(first, LEAVES[first : first + count])

    for height, level in enumerate(following.levels):
        inside = range(-(-first >> height), first + count >> height)
        assert len(level) == 32 * len(inside)
        for index in inside:
            assert following.root(height, index) == LOG.root(index << height, index + 1 << height)


@given(st.lists(st.binary(max_size=200), max_size=9))
def test_the_hashes_of_many_leaves_are_those_of_each(leaves: list[bytes]) -> None:
    assert leaf_hashes(leaves) == [leaf_hash(leaf) for leaf in leaves] == [reference.leaf(leaf) for leaf in leaves]


@given(st.lists(HASH, max_size=70))
def test_a_range_is_read_back_from_its_bytes_and_grows_on(hashes: list[bytes]) -> None:
    kept = CompactRange.EMPTY.extend(hashes)
    read = CompactRange.decode(len(hashes), kept.encode())

    assert read == kept
    assert read.append(LEAVES[0]).root() == root_of([*hashes, LEAVES[0]])


@given(SIZE, st.randoms(use_true_random=False))
def test_a_range_of_any_size_has_the_hashes_of_its_perfect_subtrees(size: int, chance: random.Random) -> None:
    hashes = tuple(chance.randbytes(32) for _ in range(size.bit_count()))
    kept = CompactRange(size, hashes)

    assert CompactRange.decode(size, kept.encode()) == kept
    with pytest.raises(ValueError, match="compact range: "):
        CompactRange.decode(size, kept.encode() + bytes(32))
    with pytest.raises(ValueError, match="compact range: "):
        CompactRange.decode(size, kept.encode()[:-1])


@pytest.mark.parametrize("size", [-1, 2**63])
def test_a_size_out_of_bounds_is_no_range(size: int) -> None:
    with pytest.raises(ValueError, match="between 0 and 9223372036854775807"):
        CompactRange(size, (LEAVES[0],))


def test_only_hashes_are_appended() -> None:
    with pytest.raises(ValueError, match="leaf 1: a hash of 31 bytes; it has 32"):
        CompactRange.EMPTY.extend([LEAVES[0], LEAVES[1][:31]])
    with pytest.raises(ValueError, match="a hash of 33 bytes"):
        CompactRange(1, (LEAVES[0] + b"\0",))


@pytest.mark.parametrize("index", [-1, 5])
def test_no_proof_is_made_of_a_leaf_outside(index: int) -> None:
    with pytest.raises(ValueError, match=f"leaf {index}: not in a tree of 5"):
        inclusion_proof(LEAVES[:5], index)


@pytest.mark.parametrize("old_size", [-1, 6])
def test_no_proof_is_made_from_a_size_outside(old_size: int) -> None:
    with pytest.raises(ValueError, match=f"old size {old_size}: not within a tree of 5"):
        consistency_proof(LEAVES[:5], old_size)


def test_every_tree_begins_with_the_empty_one() -> None:
    assert consistency_proof(LEAVES[:5], 0) == []
    check_consistency(0, EMPTY_ROOT, 5, LOG.root(0, 5), [])
    check_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])


@pytest.mark.parametrize(
    ("old_root", "size", "root", "proof"),
    [
        (EMPTY_ROOT, 5, LEAVES[0], [LEAVES[0]]),
        (LEAVES[0], 5, LEAVES[0], []),
        (LEAVES[0], 0, LEAVES[0], []),
        (EMPTY_ROOT, 0, LEAVES[0], []),
        (LEAVES[0], 0, EMPTY_ROOT, []),
        (b"", 5, LEAVES[0], []),
        (EMPTY_ROOT, 5, b"", []),
    ],
)
def test_nothing_else_is_consistent_with_the_empty_tree(
    old_root: bytes, size: int, root: bytes, proof: list[bytes]
) -> None:
    with pytest.raises(ProofRefused):
        check_consistency(0, old_root, size, root, proof)


@given(SIZE, st.data())
def test_an_inclusion_proof_of_any_size_is_read_as_the_recursion_reads_it(size: int, draw: st.DataObject) -> None:
    index = draw.draw(st.integers(0, size - 1))
    proof = _hashes(draw, _length(index, size))
    root = included_root(LEAVES[0], index, size, proof)

    check_inclusion(LEAVES[0], index, size, proof, root)
    for wrong in (proof[:-1], [*proof, root]):
        if wrong != proof:
            with pytest.raises(ProofRefused):
                check_inclusion(LEAVES[0], index, size, wrong, root)


@given(st.tuples(SIZE, SIZE), st.data())
def test_a_consistency_proof_of_any_sizes_is_read_as_the_recursion_reads_it(
    sizes: tuple[int, int], draw: st.DataObject
) -> None:
    old, size = sorted(sizes)
    if old == size:
        return
    old_root = LEAVES[0]
    proof = _hashes(draw, _grown_length(old, size))
    old_root, root = grown_roots(old, size, old_root, proof)

    if len(proof) <= PROOF_HASHES_MAX:
        check_consistency(old, old_root, size, root, proof)
        with pytest.raises(ProofRefused):
            check_consistency(old, old_root, size, root, proof[1:])
    with pytest.raises(ProofRefused):
        check_consistency(old, old_root, size, root, [*proof, root])


@pytest.mark.parametrize("count", [PROOF_HASHES_MAX, PROOF_HASHES_MAX + 1])
def test_a_proof_has_at_most_63_hashes(count: int) -> None:
    proof = [LEAVES[0]] * count
    root = LEAVES[0]
    for hash in proof:
        root = node_hash(root, hash)
    if count == PROOF_HASHES_MAX:
        check_inclusion(LEAVES[0], 0, SIZE_MAX, proof, root)
        return
    with pytest.raises(ProofRefused, match="64 hashes; at most 63"):
        check_inclusion(LEAVES[0], 0, SIZE_MAX, proof, root)
    with pytest.raises(ProofRefused, match="64 hashes; at most 63"):
        check_consistency(1, LEAVES[0], SIZE_MAX, root, proof)


@pytest.mark.parametrize("size", [-1, 0, 2**63])
def test_no_proof_is_of_a_size_out_of_bounds(size: int) -> None:
    with pytest.raises(ProofRefused):
        check_inclusion(LEAVES[0], 0, size, [], LEAVES[0])
    with pytest.raises(ProofRefused):
        check_consistency(size, LEAVES[0], size, LEAVES[0], [])


@pytest.mark.parametrize("length", [0, 31, 33])
def test_what_is_no_hash_is_no_leaf_even_where_the_root_is_the_same(length: int) -> None:
    with pytest.raises(ProofRefused, match=f"a hash of {length} bytes; it has 32"):
        check_inclusion(bytes(length), 0, 1, [], bytes(length))


@pytest.mark.parametrize("proof", [[], LEAVES[:1], LEAVES[:2]])
def test_a_log_does_not_grow_from_less_than_nothing(proof: list[bytes]) -> None:
    with pytest.raises(ProofRefused, match="from size -1 to 2; a log only grows"):
        check_consistency(-1, EMPTY_ROOT, 2, LOG.root(0, 2), proof)


def test_a_refusal_says_what_does_not_fit() -> None:
    proof = inclusion_proof(LEAVES[:5], 2)
    for arguments, text in (
        ((5, 5, proof), "leaf 5 of a tree of 5; the last one is 4"),
        ((2, 5, proof[:-1]), "too few"),
        ((2, 5, [*proof, proof[0]]), "too many"),
        ((2, 5, [*proof[:-1], b"short"]), "a hash of 5 bytes; it has 32"),
        ((3, 5, proof), "it gives [0-9a-f]{64} as root of size 5, not " + LOG.root(0, 5).hex()),
    ):
        with pytest.raises(ProofRefused, match=f"proof: .*{text}"):
            check_inclusion(LEAVES[2], *arguments, LOG.root(0, 5))
    with pytest.raises(ProofRefused, match="from size 5 to 4; a log only grows"):
        check_consistency(5, LOG.root(0, 5), 4, LOG.root(0, 4), [])


def _hashes(draw: st.DataObject, count: int) -> list[bytes]:
    seed = draw.draw(st.integers(0, 2**32))
    return [sha256(b"%d %d" % (seed, number)).digest() for number in range(count)]


def _length(index: int, size: int) -> int:
    for count in range(65):
        try:
            included_root(b"", index, size, [b""] * count)
        except Misfit:
            continue
        return count
    raise AssertionError("no proof of any length fits")


def _grown_length(old: int, size: int) -> int:
    for count in range(66):
        try:
            grown_roots(old, size, b"", [b""] * count)
        except Misfit:
            continue
        return count
    raise AssertionError("no proof of any length fits")
