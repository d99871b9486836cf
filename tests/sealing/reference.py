"""RFC 6962, section 2.1, word for word and slow: what the tree of the product is held against.

Nothing of `station` is imported here. `Log` makes roots and proofs from the recursive definitions; `rebuilt` reads
proofs by the same recursion, from the root down, where the product climbs from the leaf up.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import sha256


def leaf(content: bytes) -> bytes:
    return sha256(b"\x00" + content).digest()


def node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """`k`: the largest power of two smaller than `size`."""
    k = 1
    while k * 2 < size:
        k *= 2
    return k


class Log:
    """Leaf hashes, and MTH, PATH and PROOF over them."""

    def __init__(self, hashes: Sequence[bytes]) -> None:
        self.hashes = hashes
        self.root = lru_cache(maxsize=None)(self._root)
        self.path = lru_cache(maxsize=None)(self._path)
        self.proof = lru_cache(maxsize=None)(self._proof)

    def _root(self, start: int, end: int) -> bytes:
        """`MTH(D[start:end])`."""
        if start == end:
            return sha256().digest()
        if end - start == 1:
            return self.hashes[start]
        k = split(end - start)
        return node(self.root(start, start + k), self.root(start + k, end))

    def _path(self, index: int, start: int, end: int) -> tuple[bytes, ...]:
        """`PATH(index, D[start:end])`, where `index` counts from `start`."""
        if end - start == 1:
            return ()
        k = split(end - start)
        if index < k:
            return (*self.path(index, start, start + k), self.root(start + k, end))
        return (*self.path(index - k, start + k, end), self.root(start, start + k))

    def _proof(self, old: int, start: int, end: int, known: bool = True) -> tuple[bytes, ...]:
        """`SUBPROOF(old, D[start:end], known)`."""
        if old == end - start:
            return () if known else (self.root(start, end),)
        k = split(end - start)
        if old <= k:
            return (*self.proof(old, start, start + k, known), self.root(start + k, end))
        return (*self.proof(old - k, start + k, end, False), self.root(start, start + k))


class Misfit(Exception):
    """A proof with more or fewer hashes than its sizes need."""


def included_root(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that an inclusion proof leads to."""
    above = iter(reversed(proof))
    root = _included(leaf_hash, index, size, above)
    _exhausted(above)
    return root


def _included(leaf_hash: bytes, index: int, size: int, above: Iterator[bytes]) -> bytes:
    if size == 1:
        return leaf_hash
    k, sibling = split(size), _next(above)
    if index < k:
        return node(_included(leaf_hash, index, k, above), sibling)
    return node(sibling, _included(leaf_hash, index - k, size - k, above))


def grown_roots(old: int, size: int, old_root: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The old and the new root that a consistency proof leads to, for 0 < old < size."""
    above = iter(reversed(proof))
    roots = _grown(old, size, old_root, above)
    _exhausted(above)
    return roots


def _grown(old: int, size: int, known: bytes | None, above: Iterator[bytes]) -> tuple[bytes, bytes]:
    if old == size:
        root = _next(above) if known is None else known
        return root, root
    k, sibling = split(size), _next(above)
    if old <= k:
        old_root, root = _grown(old, k, known, above)
        return old_root, node(root, sibling)
    old_root, root = _grown(old - k, size - k, None, above)
    return node(sibling, old_root), node(sibling, root)


def _next(above: Iterator[bytes]) -> bytes:
    try:
        return next(above)
    except StopIteration:
        raise Misfit from None


def _exhausted(above: Iterator[bytes]) -> None:
    if next(above, None) is not None:
        raise Misfit
