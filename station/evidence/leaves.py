"""What each leaf shows by itself: that it hashes to what was kept, stands at its place, and is an event of this log.

No leaf needs another for that, so long journals are looked at in chunks by every processor; what follows from all of
them together (roots, signatures, keys) is for the walk, which takes the chunks in their order.
"""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache, partial
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path

import msgspec

from station.domain.events import EVENTS
from station.domain.leaf import Leaf
from station.journal.reader import READ_FAULTS, JournalCorrupt, Reader, checked
from station.sealing.merkle import leaf_hash

CHUNK_ROWS = 5_000
BATCH_ROWS = 500
"""Read at once, and let go: some two milliseconds, in which the writer's log cannot be written back."""
ALONE_BELOW_ROWS = 4 * CHUNK_ROWS
"""A shorter log is looked at sooner than other processors are ready."""
TOLD = frozenset({"document", "key", "below"})
"""Of these fields the walk wants to know."""

Row = tuple[int, bytes, bytes]

_PLAIN = frozenset(name.encode() for name, event in EVENTS.items() if not TOLD.intersection(event.__struct_fields__))


class Chunk(msgspec.Struct):
    """Rows in order from `first` on: their hashes, the leaves of which more must be known, and the first fault."""

    first: int
    hashes: list[bytes]
    telling: list[tuple[int, bytes]]
    fault: str = ""


class Place:
    """Where a leaf of this log stands. `source` is `/custody/<site>/<station>`, `epoch` the log's name."""

    def __init__(self, source: str, epoch: str) -> None:
        self.source, self.epoch = source, epoch
        quoted = msgspec.json.encode(source).decode().replace("%", "%%")
        # How every leaf begins that a station wrote: seen at once, where reading the leaf takes five times as long.
        self.head = f'{{"specversion":"1.0","id":"{epoch}-%d","source":{quoted},"type":"'.encode()

    def check(self, seq: int, leaf: bytes, kept_hash: bytes) -> None:
        """Read the leaf whole; raise `JournalCorrupt` where it is not event `seq` of this log."""
        checked(seq, leaf, kept_hash, seq)
        found = msgspec.json.decode(leaf, type=Leaf)
        if found.epoch != self.epoch or found.id != f"{self.epoch}-{seq}":
            raise JournalCorrupt(f"event {seq}: is of epoch {found.epoch!r}; must be {self.epoch!r}")
        if found.source != self.source:
            raise JournalCorrupt(f"event {seq}: is of {found.source!r}; must be of {self.source!r}")


def looked_at(first: int, rows: Iterable[Row], place: Place) -> Chunk:
    """Look at these rows up to the first fault.

    A leaf that begins as it must, and is of a type that tells the walk nothing, is held by its hash; any other is read.
    """
    chunk = Chunk(first, [], [])
    hashes, seq, begins, plain = chunk.hashes, first, place.head, _PLAIN
    try:
        for found, leaf, kept_hash in rows:
            if found != seq:
                raise JournalCorrupt(f"event {found}: must be {seq}; rows are missing")
            if leaf_hash(leaf) != kept_hash:
                raise JournalCorrupt(f"event {seq}: its bytes are not those that were hashed")
            head = begins % seq
            if not leaf.startswith(head) or leaf[len(head) : leaf.find(b'"', len(head))] not in plain:
                place.check(seq, leaf, kept_hash)
                chunk.telling.append((seq, leaf))
            hashes.append(kept_hash)
            seq += 1
    except (TypeError, *READ_FAULTS) as fault:
        rotten = f"event {seq}: its leaf and its hash must be bytes"
        chunk.fault = rotten if isinstance(fault, TypeError) else str(fault)
    return chunk


def in_chunks(first: int, rows: Iterable[Row], place: Place) -> Iterator[Chunk]:
    """All of these rows, chunk by chunk, up to the first fault; at least one chunk."""
    left = iter(rows)
    while True:
        chunk = looked_at(first, islice(left, CHUNK_ROWS), place)
        yield chunk
        if chunk.fault or len(chunk.hashes) < CHUNK_ROWS:
            return
        first += CHUNK_ROWS


def of_journal(reader: Reader, path: Path | None, first: int, place: Place) -> Iterator[Chunk]:
    """The same of a journal from event `first` on, by every processor where it is long and lies at `path`."""
    head, processors = reader.head(), len(os.sched_getaffinity(0))
    if path is None or processors == 1 or head - first < ALONE_BELOW_ROWS:
        yield from in_chunks(first, _rows(reader, first), place)
        return
    with ProcessPoolExecutor(processors, mp_context=get_context("fork")) as pool:
        firsts = range(first, head + 1, CHUNK_ROWS)
        yield from pool.map(partial(_of_file, path, place.source, place.epoch), firsts)


def _of_file(path: Path, source: str, epoch: str, first: int) -> Chunk:
    try:
        return looked_at(first, islice(_rows(_reader(path), first), CHUNK_ROWS), Place(source, epoch))
    except READ_FAULTS as fault:
        return Chunk(first, [], [], str(fault))


@lru_cache(maxsize=1)  # one for each process that helps, for as long as it does
def _reader(path: Path) -> Reader:
    return Reader.at(path)


def _rows(reader: Reader, first: int) -> Iterator[Row]:
    return chain.from_iterable(reader.batches(first, BATCH_ROWS))  # a rotten cell is told of above
