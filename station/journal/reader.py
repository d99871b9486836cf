"""Reading a journal in short batches; any number of readers beside the one writer."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peewee

from station.domain.core.decider import Recorded
from station.domain.station.leaf import LeafFault, decode
from station.journal import schema
from station.sealing.merkle import leaf_hash

ROWS_MAX = 100
HASH_BYTES = 32


class JournalCorrupt(Exception):
    """The journal's file does not hold what was written; the text says where it shows."""


READ_FAULTS = (JournalCorrupt, sqlite3.DatabaseError, peewee.DatabaseError, UnicodeDecodeError)
"""What reading a file that is no sound journal raises: ours, SQLite's by itself or by way of peewee, and that of a
text in which a bit fell over."""


class Reader:
    """One thread's queries on a journal. A read-only connection opens at the first of them."""

    def __init__(self, database: Any) -> None:
        self._database = database

    @classmethod
    def open_at(cls, path: Path) -> "Reader":
        """Read the journal at `path`, whether a station writes to it or not."""
        return cls(schema.open_for_reading(path))

    def head(self) -> int:
        """The newest seq; -1 where there is none."""
        found = self._query_rows("SELECT max(seq) FROM event")[0][0]
        return -1 if found is None else int(found)

    def epoch(self) -> str:
        """The epoch's name."""
        found = self._query_rows("SELECT name FROM epoch")
        if len(found) != 1:
            raise JournalCorrupt(f"epoch: {len(found)} names; must be one")
        return str(found[0][0])

    def acked(self) -> int:
        """How far a receiver had it when the newest event was written; -1 where nothing was sent."""
        found = self._query_rows("SELECT seq, acked FROM event ORDER BY seq DESC LIMIT 1")
        if not found:
            return -1
        seq, acked = found[0]
        if not isinstance(acked, int) or not -1 <= acked < seq:
            raise JournalCorrupt(f"event {seq}: says that {acked} was sent; must be below it")
        return acked

    def leaves(self, first_seq: int, rows_max: int = ROWS_MAX) -> list[tuple[int, bytes]]:
        """At most `rows_max` (100 at most) leaves from `first_seq` on, in order."""
        sql = "SELECT seq, leaf FROM event WHERE seq >= ? ORDER BY seq LIMIT ?"
        return [(int(seq), bytes(leaf)) for seq, leaf in self._query_rows(sql, first_seq, min(rows_max, ROWS_MAX))]

    def stored_events(self, first_seq: int = 0) -> Iterator[tuple[int, bytes, bytes]]:
        """Every (seq, leaf, hash) from `first_seq` on, read in batches."""
        for batch in self.row_batches(first_seq):
            for seq, leaf, kept_hash in batch:
                if not isinstance(leaf, bytes) or not isinstance(kept_hash, bytes):
                    raise JournalCorrupt(f"event {seq}: its leaf and its hash must be bytes")
                yield int(seq), leaf, kept_hash

    def row_batches(self, first_seq: int = 0, rows_max: int = ROWS_MAX) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of events as they stand in the file, `rows_max` at once: a rotten cell may be anything."""
        sql = "SELECT seq, leaf, hash FROM event WHERE seq >= ? ORDER BY seq LIMIT ?"
        while batch := self._query_rows(sql, first_seq, rows_max):
            yield batch
            first_seq = int(batch[-1][0]) + 1

    def all_leaf_hashes(self, first_seq: int = 0) -> Iterator[tuple[int, bytes]]:
        """Every (seq, leaf hash) from `first_seq` on, those of pruned events too, read in batches."""
        sql = (
            "SELECT seq, hash FROM pruned WHERE seq >= ? UNION ALL SELECT seq, hash FROM event WHERE seq >= ? "
            "ORDER BY seq LIMIT ?"
        )
        while batch := self._query_rows(sql, first_seq, first_seq, ROWS_MAX):
            for seq, kept_hash in batch:
                if not isinstance(kept_hash, bytes) or len(kept_hash) != HASH_BYTES:
                    raise JournalCorrupt(f"event {seq}: its hash must be {HASH_BYTES} bytes")
                yield int(seq), kept_hash
            first_seq = int(batch[-1][0]) + 1

    def pruned_leaves(self, first_seq: int, rows_max: int = ROWS_MAX) -> list[tuple[int, bytes]]:
        """The (seq, hash) of pruned events from `first_seq` on, in order; 100 at most."""
        sql = "SELECT seq, hash FROM pruned WHERE seq >= ? ORDER BY seq LIMIT ?"
        return [(int(seq), bytes(hash)) for seq, hash in self._query_rows(sql, first_seq, min(rows_max, ROWS_MAX))]

    def prunable_hashes(self, below: int, rows_max: int = ROWS_MAX) -> list[tuple[int, bytes]]:
        """The (seq, hash) of the oldest events that are still here whole, below this seq; at most `rows_max`."""
        sql = "SELECT seq, hash FROM event WHERE seq < ? ORDER BY seq LIMIT ?"
        return [(int(seq), bytes(hash)) for seq, hash in self._query_rows(sql, below, min(rows_max, ROWS_MAX))]

    def pruned_below(self) -> int:
        """Events below this seq may have been pruned."""
        return int(self._query_rows("SELECT seq FROM floor")[0][0])

    def checkpoints_between(self, first_size: int, last_size: int) -> list[tuple[int, bytes]]:
        """The (size, signed note) of each checkpoint whose size lies within these two, in order; 100 at most."""
        sql = "SELECT size, note FROM checkpoint WHERE size BETWEEN ? AND ? ORDER BY size LIMIT ?"
        rows = self._query_rows(sql, first_size, last_size, ROWS_MAX)
        return [(int(size), _bytes_of(f"checkpoint {size}", note)) for size, note in rows]

    def keeps_checkpoints(self) -> bool:
        """False for a journal of the first release, which had no table of them."""
        return bool(self._query_rows("SELECT 1 FROM sqlite_master WHERE name = 'checkpoint'"))

    def newest_checkpoint(self) -> tuple[int, bytes, bytes] | None:
        """The (size, signed note, compact range) of the newest checkpoint, or None."""
        rows = self._query_rows("SELECT size, note, range FROM checkpoint ORDER BY size DESC LIMIT 1")
        return _checkpoint_row(rows[0]) if rows else None

    def stored_checkpoints(self, first_size: int = 0) -> Iterator[tuple[int, bytes, bytes]]:
        """Every (size, signed note, compact range) from `first_size` on, read in batches."""
        sql = "SELECT size, note, range FROM checkpoint WHERE size >= ? ORDER BY size LIMIT ?"
        while batch := self._query_rows(sql, first_size, ROWS_MAX):
            yield from map(_checkpoint_row, batch)
            first_size = int(batch[-1][0]) + 1

    def cosigned_checkpoints(self) -> list[tuple[str, int, bytes]]:
        """The (witness, size, note with its cosignature) of the newest checkpoint that each witness cosigned."""
        rows = self._query_rows("SELECT witness, size, note FROM cosigned ORDER BY witness")
        return [
            (str(name), _whole_number(name, size), _bytes_of(f"cosigned by {name}", note)) for name, size, note in rows
        ]

    def pruned_hashes(self) -> Iterator[tuple[int, bytes]]:
        """Every (seq, leaf hash) of events that were pruned, read in batches."""
        first_seq, sql = -1, "SELECT seq, hash FROM pruned WHERE seq > ? ORDER BY seq LIMIT ?"
        while batch := self._query_rows(sql, first_seq, ROWS_MAX):
            yield from ((int(seq), _bytes_of(f"pruned event {seq}", kept_hash)) for seq, kept_hash in batch)
            first_seq = int(batch[-1][0])

    def document(self, sha256: str) -> bytes | None:
        """The bytes of a document, or None."""
        rows = self._query_rows("SELECT content FROM document WHERE sha256 = ?", sha256)
        return _bytes_of(f"document {sha256}", rows[0][0]) if rows else None

    def snapshot_seq(self, version: int) -> int:
        """The seq of the newest snapshot of this version; -1 where there is none."""
        rows = self._query_rows("SELECT coalesce(max(seq), -1) FROM snapshot WHERE version = ?", version)
        return int(rows[0][0])

    def snapshot(self, version: int) -> bytes | None:
        """The newest snapshot of this version, or None."""
        rows = self._query_rows("SELECT state FROM snapshot WHERE version = ? ORDER BY seq DESC LIMIT 1", version)
        return bytes(rows[0][0]) if rows else None

    def close(self) -> None:
        self._database.close()

    def _query_rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        if self._database.is_closed():
            self._database.connect()
        rows: list[tuple[Any, ...]] = self._database.connection().execute(sql, values).fetchall()
        return rows


def _checkpoint_row(row: tuple[Any, ...]) -> tuple[int, bytes, bytes]:
    size, note, kept_range = row
    return int(size), _bytes_of(f"checkpoint {size}", note), _bytes_of(f"checkpoint {size}", kept_range)


def _whole_number(witness: object, found: object) -> int:
    if not isinstance(found, int):
        raise JournalCorrupt(f"cosigned by {witness}: its size must be a whole number")
    return found


def _bytes_of(where: str, found: object) -> bytes:
    if not isinstance(found, bytes):
        raise JournalCorrupt(f"{where}: must be bytes as they were written")
    return found


def checked_event(seq: int, leaf: bytes, kept_hash: bytes, expected_seq: int) -> Recorded:
    """The event of one row, if the row is the expected one and its bytes are those that were hashed."""
    if seq != expected_seq:
        raise JournalCorrupt(f"event {seq}: must be {expected_seq}; rows are missing")
    if leaf_hash(leaf) != kept_hash:
        raise JournalCorrupt(f"event {seq}: its bytes are not those that were hashed")
    try:
        recorded = decode(leaf, kept_hash)
    except LeafFault as fault:
        raise JournalCorrupt(f"event {seq}: {fault}") from None
    if recorded.seq != seq:
        raise JournalCorrupt(f"event {seq}: its leaf says {recorded.seq}")
    return recorded
