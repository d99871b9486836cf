"""Which of the different bytes that came give the root that the station signed. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product

from station.sealing.merkle import CompactRange

HASHES_MAX = 300_000
"""Leaves hashed in all tries for one checkpoint: about half a second."""

TRIES_MIN = 4

Choice = dict[int, bytes]


def fitting_choice(
    base: CompactRange, present: Sequence[bytes], candidates: Mapping[int, Sequence[bytes]], root: bytes
) -> tuple[Choice, CompactRange] | None:
    """Return which hash to take for each disputed seq, and the tree that has this root then; None where none is found.

    `present` are the hashes that follow upon `base`; `candidates` the others by seq, the newest first.
    """
    tries_max = max(TRIES_MIN, HASHES_MAX // max(1, len(present)))
    for choice in islice(_choices(base.size, present, candidates), tries_max):
        hashes = list(present)
        for seq, hash in choice.items():
            hashes[seq - base.size] = hash
        tree = base.extend(hashes)
        if tree.root() == root:
            return choice, tree
    return None


def _choices(first: int, present: Sequence[bytes], candidates: Mapping[int, Sequence[bytes]]) -> Iterator[Choice]:
    """Yield the likely ones first: the station sends its own bytes again and again, so all of its may be the newest."""
    newest = {seq: hashes[0] for seq, hashes in candidates.items()}
    here = {seq: present[seq - first] for seq in candidates}
    yield newest
    for start in (here, newest):
        for seq, hashes in candidates.items():
            yield from ({**start, seq: hash} for hash in hashes)
    for hashes in product(*candidates.values()):
        yield dict(zip(candidates, hashes, strict=True))
