"""What each leaf shows by itself: that it hashes to what was kept, stands at its place, and is an event of this log.

No leaf needs another for that, and no subtree a leaf outside it, so long journals are looked at in chunks by every
processor; what follows from all of them together (roots, signatures, keys) is for the walk, which takes the chunks in
their order.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

import msgspec

from station.domain.station.duties import EVENTS
from station.domain.station.leaf import Leaf
from station.evidence.shares import SharedWork
from station.journal.reader import READ_FAULTS, JournalCorrupt, Reader, checked_event
from station.sealing.merkle import HASH_BYTES, Subtrees, leaf_hash, leaf_hashes

CHUNK_ROWS = 4_096
"""A power of two: the chunk after an event that is a multiple of it is one subtree of the log."""
TOGETHER_ROWS = 128
"""Looked at as one, since that costs each of them less; not so many that they leave the processor's cache."""
BATCH_ROWS = 512
"""Read at once, and let go: some two milliseconds, in which the writer's log cannot be written back."""
ALONE_BELOW_ROWS = 4 * CHUNK_ROWS
"""A shorter log is looked at sooner than other processors are ready."""
TOLD = frozenset({"document", "key", "below"})
"""Of these fields the walk wants to know."""

Row = tuple[int, bytes, bytes]
Kept = TypeVar("Kept")

_PLAIN = frozenset(name.encode() for name, event in EVENTS.items() if not TOLD.intersection(event.__struct_fields__))
_TYPE_BYTES = max(map(len, _PLAIN)) + 1
"""Enough to see the end of a plain type."""


class Chunk(msgspec.Struct):
    """Rows in their order: the tree over them, the leaves of which more must be known, and the first fault."""

    subtrees: Subtrees
    telling: list[tuple[int, bytes]]
    fault: str = ""


class LeafPlace:
    """Where a leaf of this log stands. `source` is `/custody/<site>/<station>`, `epoch` the log's name."""

    def __init__(self, source: str, epoch: str) -> None:
        self.source, self.epoch = source, epoch
        quoted = msgspec.json.encode(source).decode().replace("%", "%%")
        # How every leaf begins that a station wrote: seen at once, where reading the leaf takes five times as long.
        self.head = f'{{"specversion":"1.0","id":"{epoch}-%d","source":{quoted},"type":"'.encode()

    def are_plain(self, first: int, leaves: Sequence[bytes]) -> bool:
        """Tell whether these begin as leaves from event `first` on must, each of a type that tells the walk nothing."""
        heads = self.head * len(leaves) % tuple(range(first, first + len(leaves)))
        size = len(self.head % first)
        # Where the numbers begin to have one digit more, these are fewer bytes than the heads.
        if b"".join(map(itemgetter(slice(size)), leaves)) != heads:
            return False
        types = set(map(itemgetter(slice(size, size + _TYPE_BYTES)), leaves))
        return all(found.partition(b'"')[0] in _PLAIN for found in types)

    def check_leaf(self, seq: int, leaf: bytes, kept_hash: bytes) -> None:
        """Read the leaf whole; raise `JournalCorrupt` where it is not event `seq` of this log."""
        checked_event(seq, leaf, kept_hash, seq)
        found = msgspec.json.decode(leaf, type=Leaf)
        if found.epoch != self.epoch or found.id != f"{self.epoch}-{seq}":
            raise JournalCorrupt(f"event {seq}: is of epoch {found.epoch!r}; must be {self.epoch!r}")
        if found.source != self.source:
            raise JournalCorrupt(f"event {seq}: is of {found.source!r}; must be of {self.source!r}")


def looked_at(first: int, rows: Iterable[Row], place: LeafPlace) -> Chunk:
    """Look at these rows up to the first fault.

    A leaf that begins as it must, and is of a type that tells the walk nothing, is held by its hash; any other is read.
    """
    hashes, telling, fault = list[bytes](), list[tuple[int, bytes]](), ""
    left = iter(rows)
    try:
        while together := list(islice(left, TOGETHER_ROWS)):
            found = _plain_hashes(first + len(hashes), together, place)
            if found:
                hashes += found
            else:
                for row in together:
                    _look_at_row(first + len(hashes), row, place, telling)
                    hashes.append(row[2])
    except READ_FAULTS as found_fault:
        fault = str(found_fault)
    return Chunk(Subtrees.over(first, hashes), telling, fault)


def _plain_hashes(first: int, rows: list[Row], place: LeafPlace) -> list[bytes]:
    """The hashes of rows that all hold and tell the walk nothing; none where they must be looked at one by one."""
    seqs, leaves, kept_hashes = zip(*rows, strict=True)
    if seqs != tuple(range(first, first + len(rows))):
        return []
    try:
        hashes = leaf_hashes(leaves)
    except TypeError:  # a rotten cell may be anything
        return []
    return hashes if hashes == list(kept_hashes) and place.are_plain(first, leaves) else []


def _look_at_row(seq: int, row: Row, place: LeafPlace, telling: list[tuple[int, bytes]]) -> None:
    """Look at one row and add it to what tells the walk more; raise `JournalCorrupt` where it is not event `seq`."""
    found, leaf, kept_hash = row
    if found != seq:
        raise JournalCorrupt(f"event {found}: must be {seq}; rows are missing")
    if not isinstance(leaf, bytes):
        raise JournalCorrupt(f"event {seq}: its leaf and its hash must be bytes")
    if leaf_hash(leaf) != kept_hash:
        raise JournalCorrupt(f"event {seq}: its bytes are not those that were hashed")
    if not place.are_plain(seq, [leaf]):
        place.check_leaf(seq, leaf, kept_hash)
        telling.append((seq, leaf))


def pruned_chunk(first: int, rows: Iterable[tuple[int, bytes]]) -> Chunk:
    """The hashes that stand for pruned events, up to the first that is not there."""
    hashes, fault = list[bytes](), ""
    try:
        for seq, kept_hash in rows:
            if seq != first + len(hashes) or len(kept_hash) != HASH_BYTES:
                raise JournalCorrupt(f"event {first + len(hashes)}: is not there, and no hash stands for it")
            hashes.append(kept_hash)
    except READ_FAULTS as found_fault:
        fault = str(found_fault)
    return Chunk(Subtrees.over(first, hashes), [], fault)


def in_chunks(first: int, rows: Iterable[Kept], look: Callable[[int, Iterable[Kept]], Chunk]) -> Iterator[Chunk]:
    """All of these rows, chunk by chunk as `_look_at_row` sees them, up to the first fault; at least one chunk."""
    left = iter(rows)
    while True:
        chunk = look(first, islice(left, CHUNK_ROWS))
        yield chunk
        if chunk.fault or chunk.subtrees.end - first < CHUNK_ROWS:
            return
        first = chunk.subtrees.end


def of_journal(reader: Reader, path: Path | None, first: int, place: LeafPlace) -> Iterator[Chunk]:
    """The same of a journal from event `first` on, by every processor where it is long and lies at `path`."""
    head = reader.head()
    if path is None or len(os.sched_getaffinity(0)) == 1 or head - first < ALONE_BELOW_ROWS:
        yield from in_chunks(first, _read_rows(reader, first), partial(looked_at, place=place))
        return
    firsts = range(first, head + 1, CHUNK_ROWS)
    yield from SharedWork(
        firsts, partial(_read_chunk, place, reader), partial(_of_file, place, path)
    ).results_in_order()


def _read_chunk(place: LeafPlace, reader: Reader, first: int) -> Chunk:
    return looked_at(first, islice(_read_rows(reader, first), CHUNK_ROWS), place)


def _of_file(place: LeafPlace, path: Path, first: int) -> Chunk:
    try:
        return _read_chunk(place, _open_reader(path), first)
    except READ_FAULTS as fault:
        return Chunk(Subtrees.over(first, []), [], str(fault))


@lru_cache(maxsize=1)  # one for each program that helps, for as long as it does
def _open_reader(path: Path) -> Reader:
    return Reader.open_at(path)


def _read_rows(reader: Reader, first: int) -> Iterator[Row]:
    return chain.from_iterable(reader.row_batches(first, BATCH_ROWS))  # a rotten cell is told of above
