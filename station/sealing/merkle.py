"""The Merkle tree of RFC 6962, section 2.1, over the leaves as stored: roots, proofs, and their checks.

Proofs are checked as RFC 9162, sections 2.1.3.2 and 2.1.4.2, says. A size is below 2**63, a hash has 32 bytes.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

HASH_BYTES = 32
SIZE_MAX = 2**63 - 1
PROOF_HASHES_MAX = 63
EMPTY_ROOT = hashlib.sha256(b"").digest()

# Copied for each leaf and node: looking SHA-256 up anew takes as long as hashing one.
_LEAF = hashlib.sha256(b"\x00")
_NODE = hashlib.sha256(b"\x01")


class ProofRefused(ValueError):
    """A proof that does not prove what it was given for; the text says why."""


def leaf_hash(leaf: bytes) -> bytes:
    """`SHA-256(0x00 || leaf)`, 32 bytes."""
    hash = _LEAF.copy()
    hash.update(leaf)
    return hash.digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """`SHA-256(0x01 || left || right)`, 32 bytes."""
    hash = _NODE.copy()
    hash.update(left + right)
    return hash.digest()


def leaf_hashes(leaves: Iterable[bytes]) -> list[bytes]:
    """The `leaf_hash` of each, without a call for each."""
    hashes, begun = [], _LEAF.copy
    for leaf in leaves:
        hash = begun()
        hash.update(leaf)
        hashes.append(hash.digest())
    return hashes


def _node_hashes(level: Iterable[bytes]) -> list[bytes]:
    """The `node_hash` of each two, without a call for each; a last one without a sibling is left out."""
    hashes, begun, each = [], _NODE.copy, iter(level)
    for left, right in zip(each, each, strict=False):
        hash = begun()
        hash.update(left + right)
        hashes.append(hash.digest())
    return hashes


@dataclass(frozen=True, slots=True)
class Subtrees:
    """Leaves that follow each other in a log, from leaf `first` on, and all perfect subtrees that end among them.

    `levels` are the roots of the subtrees of 1, 2, 4... leaves, one after the other; the leaves' own hashes come first.
    """

    first: int
    levels: tuple[bytes, ...]

    @classmethod
    def over(cls, first: int, hashes: Sequence[bytes]) -> "Subtrees":
        """The subtrees over these leaf hashes; raise ValueError for one that is no hash."""
        if not set(map(len, hashes)) <= {HASH_BYTES}:
            at, hash = next((at, hash) for at, hash in enumerate(hashes, first) if len(hash) != HASH_BYTES)
            raise ValueError(f"leaf {at}: a hash of {len(hash)} bytes; it has {HASH_BYTES}")
        levels, level, index = [], hashes, first
        while level:
            levels.append(b"".join(level))
            level = _node_hashes(level[index & 1 :])  # one whose sibling comes before these leaves has no parent here
            index = index + 1 >> 1
        return cls(first, tuple(levels))

    @property
    def end(self) -> int:
        """The size of the log with these leaves at its end."""
        return self.first + (len(self.levels[0]) // HASH_BYTES if self.levels else 0)

    def root(self, height: int, index: int) -> bytes:
        """The root over the 2**`height` leaves from leaf `index` * 2**`height` of the log on, all among these."""
        at = (index + (-self.first >> height)) * HASH_BYTES
        return self.levels[height][at : at + HASH_BYTES]


@dataclass(frozen=True, slots=True)
class CompactRange:
    """A tree of `size` leaves as the roots of its perfect subtrees, the largest first: all that appending needs."""

    size: int
    hashes: tuple[bytes, ...]

    EMPTY: ClassVar["CompactRange"]

    def __post_init__(self) -> None:
        """Raise ValueError for a size out of bounds, or for hashes that do not fit the size."""
        count = self.size.bit_count()
        fault = _size_fault(self.size) or _hash_fault(self.hashes)
        if not fault and len(self.hashes) != count:
            fault = f"{len(self.hashes)} hashes for size {self.size}; it has {count}"
        if fault:
            raise ValueError(f"compact range: {fault}")

    def append(self, leaf_hash: bytes) -> "CompactRange":
        """The range with one more leaf."""
        return self.extend((leaf_hash,))

    def extend(self, hashes: Iterable[bytes]) -> "CompactRange":
        """The range with these leaf hashes appended in their order; raise ValueError for one that is no hash."""
        following = Subtrees.over(self.size, list(hashes))
        return self.grown_to(following, following.end)

    def grown_to(self, following: Subtrees, size: int) -> "CompactRange":
        """The range of `size` leaves, those after its own from `following`; raise ValueError for others."""
        if not following.first <= self.size <= size <= following.end:
            raise ValueError(
                f"range of {self.size}: leaves up to {size} are not among {following.first} to {following.end}"
            )
        at, roots = self.size, list(self.hashes)
        while at < size:
            # The largest subtree that begins here and does not reach beyond.
            height = (size - at).bit_length() - 1
            if at:
                height = min(height, (at & -at).bit_length() - 1)
            index = at >> height
            root = following.root(height, index)
            while index & 1:  # it is the second one below a node
                root = node_hash(roots.pop(), root)
                index >>= 1
            roots.append(root)
            at += 1 << height
        return CompactRange(size, tuple(roots))

    def root(self) -> bytes:
        """The root of the whole tree."""
        if not self.hashes:
            return EMPTY_ROOT
        *larger, root = self.hashes
        for left in reversed(larger):
            root = node_hash(left, root)
        return root

    def encode(self) -> bytes:
        """The hashes one after the other; the size is not in it."""
        return b"".join(self.hashes)

    @classmethod
    def decode(cls, size: int, raw: bytes) -> "CompactRange":
        """The inverse of `encode`; raise ValueError for bytes that do not fit the size."""
        return cls(size, tuple(raw[start : start + HASH_BYTES] for start in range(0, len(raw), HASH_BYTES)))


def root_of(hashes: Iterable[bytes]) -> bytes:
    """The root of the tree over these leaf hashes."""
    return CompactRange.EMPTY.extend(hashes).root()


def inclusion_proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """That leaf `index` is in the tree over all of `hashes`, for `check_inclusion`; raise ValueError if it is not."""
    return inclusion_proofs(hashes, [index])[0]


def inclusion_proofs(hashes: Sequence[bytes], indexes: Sequence[int]) -> list[list[bytes]]:
    """One proof for each index, for hardly more than the cost of one of them."""
    for index in indexes:
        if not 0 <= index < len(hashes):
            raise ValueError(f"leaf {index}: not in a tree of {len(hashes)} leaves")
    proofs: list[list[bytes]] = [[] for _ in indexes]
    for height, level in enumerate(_tree_levels(hashes)):
        for index, proof in zip(indexes, proofs, strict=True):
            sibling = index >> height ^ 1
            if sibling < len(level):
                proof.append(level[sibling])
    return proofs


def consistency_proof(hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """That the first `old_size` leaves are the old tree, for `check_consistency`; raise ValueError for a larger one."""
    if not 0 <= old_size <= len(hashes):
        raise ValueError(f"old size {old_size}: not within a tree of {len(hashes)} leaves")
    proof: list[bytes] = []
    if old_size in (0, len(hashes)):
        return proof
    # The perfect subtree that ends the old tree is part of both: the proof begins there.
    start = (old_size & -old_size).bit_length() - 1
    for height, level in enumerate(_tree_levels(hashes)):
        node = old_size - 1 >> height
        if height == start and node:  # where node is 0, it is the old root itself, which is known
            proof.append(level[node])
        if height >= start and node ^ 1 < len(level):
            proof.append(level[node ^ 1])
    return proof


def _tree_levels(hashes: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """From the leaves to the root; a node without a sibling moves up as it is, and so makes RFC 6962's tree."""
    level = hashes
    while len(level) > 1:
        yield level
        above = _node_hashes(level)
        if len(level) & 1:
            above.append(level[-1])
        level = above


def check_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ProofRefused unless the leaf stands at `index` in the tree of `size` leaves with that root."""
    _check_form(size, (leaf_hash, *proof), len(proof))
    if not 0 <= index < size:
        raise ProofRefused(f"proof: leaf {index} of a tree of {size}; the last one is {size - 1}")
    _, computed = _climb_to_roots(index, size - 1, leaf_hash, proof)
    _check_root(size, computed, root)


def check_consistency(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Raise ProofRefused unless the old tree is the beginning of the new one.

    Every tree begins with the empty one: where `old_size` is 0, `old_root` is EMPTY_ROOT and the proof is empty.
    """
    _check_form(size, proof, len(proof))
    if not 0 <= old_size <= size:
        raise ProofRefused(f"proof: from size {old_size} to {size}; a log only grows")
    if old_size in (0, size):
        _check_trivial(old_size, old_root, size, root, proof)
        return
    # The largest perfect subtree that ends the old tree is the first hash; if it is all of it, that is left out.
    start = (old_size & -old_size).bit_length() - 1
    node, last = old_size - 1 >> start, size - 1 >> start
    seed, siblings = (proof[0], proof[1:]) if node and proof else (old_root, proof)
    old_computed, computed = _climb_to_roots(node, last, seed, siblings)
    _check_root(old_size, old_computed, old_root)
    _check_root(size, computed, root)


def _check_trivial(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise ProofRefused(f"proof: {len(proof)} hashes from size {old_size} to {size}; none is needed")
    if old_size == 0:
        _check_root(0, EMPTY_ROOT, old_root)
        _check_form(size, (root,), 0)
    if old_size == size:
        _check_root(size, old_root, root)


def _climb_to_roots(node: int, last: int, seed: bytes, siblings: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The roots of the tree that ends with this node, and of the whole one; `last` is the level's last node."""
    old = whole = seed
    for sibling in siblings:
        if not last:
            raise ProofRefused(f"proof: {len(siblings)} hashes above the first; too many for these sizes")
        if node & 1 or node == last:
            old, whole = node_hash(sibling, old), node_hash(sibling, whole)
            while node and not node & 1:  # without siblings on these levels
                node, last = node >> 1, last >> 1
        else:
            whole = node_hash(whole, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofRefused(f"proof: {len(siblings)} hashes above the first; too few for these sizes")
    return old, whole


def _check_form(size: int, hashes: Sequence[bytes], count: int) -> None:
    fault = _size_fault(size)
    if not fault and count > PROOF_HASHES_MAX:
        fault = f"{count} hashes; at most {PROOF_HASHES_MAX}"
    if fault := fault or _hash_fault(hashes):
        raise ProofRefused(f"proof: {fault}")


def _size_fault(size: int) -> str:
    return "" if 0 <= size <= SIZE_MAX else f"size {size}; it is between 0 and {SIZE_MAX}"


def _hash_fault(hashes: Sequence[bytes]) -> str:
    lengths = [len(hash) for hash in hashes if len(hash) != HASH_BYTES]
    return f"a hash of {lengths[0]} bytes; it has {HASH_BYTES}" if lengths else ""


def _check_root(size: int, computed: bytes, given: bytes) -> None:
    if computed != given:
        raise ProofRefused(f"proof: it gives {computed.hex()} as root of size {size}, not {given.hex()}")


CompactRange.EMPTY = CompactRange(0, ())
