"""What stations swore to, on disk: one writing connection, and nothing is told before its transaction is durable."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from station.backoffice.store import schema
from station.backoffice.store.epochs import Added, Epoch, KeptCheckpoint
from station.sealing.merkle import CompactRange

ROWS_MAX = 500
"""Rows of a query that is not ended at once: a held cursor keeps the WAL from being checkpointed."""


class Store:
    """Leaves, checkpoints and cosignatures by epoch. Write within `group`; one thread at a time.

    What is cached of an epoch is written back when its group commits, and forgotten when it fails.
    """

    def __init__(self, database: Any) -> None:
        self._database = database
        self._epochs: dict[tuple[str, str], Epoch] = {}
        self._depth = 0

    @classmethod
    def open_for_writing(cls, path: Path) -> "Store":
        """Open for writing, made if it is not there; the caller holds the lock file."""
        return cls(schema.open_for_writing(path))

    @classmethod
    def open_for_reading(cls, path: Path) -> "Store":
        """Open for reading beside a writer."""
        return cls(schema.open_for_reading(path))

    def close(self) -> None:
        """Close the connection."""
        self._database.close()

    @contextmanager
    def group(self) -> Iterator[None]:
        """One transaction, durable when this returns; nothing of it holds when it raises."""
        if self._depth:
            yield
            return
        self._depth = 1
        try:
            with self._database.atomic("IMMEDIATE"):
                yield
                self._write_back()
        except BaseException:
            self._epochs.clear()
            raise
        finally:
            self._depth = 0

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part of a group that holds by itself, or not at all when it raises; an `Epoch` is to be found anew then."""
        self._write_back()
        try:
            with self._database.atomic():
                yield
                self._write_back()
        except BaseException:
            self._epochs.clear()
            raise

    # Epochs

    def ensure_epoch(self, station: str, name: str) -> Epoch:
        """Return this journal of this station; one that is new is added."""
        found = self.find_epoch(station, name)
        if found is None:
            self.run_statement(
                "INSERT INTO epoch (station, name, contiguous, head, verified, previous, reason) "
                "VALUES (?, ?, -1, -1, 0, '', '')",
                station,
                name,
            )
            found = self.find_epoch(station, name)
            assert found is not None
        return found

    def find_epoch(self, station: str, name: str) -> Epoch | None:
        """Return this journal of this station; None where nothing of it is known."""
        if cached := self._epochs.get((station, name)):
            return cached
        rows = self.read_rows(
            "SELECT id, contiguous, head, verified, previous, reason FROM epoch WHERE station = ? AND name = ?",
            station,
            name,
        )
        if not rows:
            return None
        self._epochs[station, name] = found = self._load_epoch(station, name, rows[0])
        return found

    def epochs_of(self, station: str = "") -> list[Epoch]:
        """Return all journals, or those of one station, in the order in which they were first heard of."""
        rows = self.read_rows(
            "SELECT station, name FROM epoch WHERE station = ? OR ? = '' ORDER BY id", station, station
        )
        found = (self.find_epoch(*row) for row in rows)
        return [each for each in found if each is not None]

    def _load_epoch(self, station: str, name: str, row: tuple[Any, ...]) -> Epoch:
        id, contiguous, head, verified, previous, reason = row
        highest = self.read_rows("SELECT coalesce(max(seq), -1) FROM leaf WHERE epoch = ?", id)[0][0]
        boots = self.read_rows("SELECT boot, first_seq, last_seq FROM boot WHERE epoch = ?", id)
        return Epoch(
            id=id,
            station=station,
            name=name,
            contiguous=contiguous,
            highest=highest,
            claimed=highest,
            disputed={seq for (seq,) in self.read_rows("SELECT DISTINCT seq FROM candidate WHERE epoch = ?", id)},
            head=head,
            verified=verified,
            previous=previous,
            reason=reason,
            range=self.range_at_most(id, verified),
            boots={boot: (first, last) for boot, first, last in boots},
        )

    def _write_back(self) -> None:
        for epoch in self._epochs.values():
            if epoch.is_changed:
                self.run_statement(
                    "UPDATE epoch SET contiguous = ?, head = ?, verified = ?, previous = ?, reason = ? WHERE id = ?",
                    epoch.contiguous,
                    epoch.head,
                    epoch.verified,
                    epoch.previous,
                    epoch.reason,
                    epoch.id,
                )
                epoch.is_changed = False
            for boot in epoch.changed_boots:
                self.run_statement(
                    "INSERT OR REPLACE INTO boot VALUES (?, ?, ?, ?)", epoch.id, boot, *epoch.boots[boot]
                )
            epoch.changed_boots.clear()

    # Leaves

    def add_leaf(self, epoch: Epoch, seq: int, hash: bytes, leaf: bytes | None) -> Added:
        """Store a leaf, or its hash alone, and advance `contiguous` in the same transaction."""
        if self._run_counted("INSERT OR IGNORE INTO leaf VALUES (?, ?, ?, ?)", epoch.id, seq, hash, leaf):
            if seq == epoch.contiguous + 1:
                epoch.contiguous = seq if epoch.highest < seq else self._run_end(epoch, seq)
                epoch.is_changed = True
            epoch.highest, epoch.claimed = max(epoch.highest, seq), max(epoch.claimed, seq)
            return Added.NEW
        stored, is_withheld = self.read_rows(
            "SELECT hash, leaf IS NULL FROM leaf WHERE epoch = ? AND seq = ?", epoch.id, seq
        )[0]
        if stored != hash:
            return Added.OTHER
        if not is_withheld or leaf is None:
            return Added.SAME
        self.run_statement("UPDATE leaf SET leaf = ? WHERE epoch = ? AND seq = ?", leaf, epoch.id, seq)
        return Added.FILLED

    def _run_end(self, epoch: Epoch, seq: int) -> int:
        """Return the end of the run of stored leaves that begins at `seq`, which is stored."""
        return self._run_ends(epoch, seq, 1)[0]

    def _run_ends(self, epoch: Epoch, first: int, ends_max: int) -> list[int]:
        """Return the ends of the lowest runs of stored leaves from `first` on; streams over the index."""
        rows = self.read_rows(
            "SELECT seq FROM leaf AS here WHERE epoch = ? AND seq >= ? AND NOT EXISTS "
            "(SELECT 1 FROM leaf WHERE epoch = here.epoch AND seq = here.seq + 1) ORDER BY seq LIMIT ?",
            epoch.id,
            first,
            ends_max,
        )
        return [seq for (seq,) in rows]

    def _next_stored_seq(self, epoch: Epoch, seq: int) -> int | None:
        """Return the lowest stored seq from `seq` on."""
        found: int | None = self.read_rows("SELECT min(seq) FROM leaf WHERE epoch = ? AND seq >= ?", epoch.id, seq)[0][
            0
        ]
        return found

    def gaps_between(self, epoch: Epoch, first: int, last: int, gaps_max: int) -> list[tuple[int, int]]:
        """Return the lowest missing runs within first..last as (first, last), at most `gaps_max`."""
        found = []
        for begin in [first, *(end + 1 for end in self._run_ends(epoch, first, gaps_max))]:
            following = self._next_stored_seq(epoch, begin)
            end = last if following is None else min(last, following - 1)
            if begin <= end:
                found.append((begin, end))
        return found[:gaps_max]

    def missing_runs(self, epoch: Epoch, gaps_max: int = 100) -> list[tuple[int, int]]:
        """Return what is known to exist and is not here, as (first, last), both missing."""
        return self.gaps_between(epoch, epoch.contiguous + 1, epoch.known_head, gaps_max)

    def leaf_at(self, epoch: Epoch, seq: int) -> bytes | None:
        """Return the bytes of an event; None where they are not here."""
        rows = self.read_rows("SELECT leaf FROM leaf WHERE epoch = ? AND seq = ?", epoch.id, seq)
        return rows[0][0] if rows else None

    def stored_leaves(self, epoch: Epoch, first: int = 0) -> Iterator[tuple[int, bytes, bytes | None]]:
        """Yield (seq, hash, leaf or None) in the order of seq, read in batches."""
        while batch := self.read_rows(
            "SELECT seq, hash, leaf FROM leaf WHERE epoch = ? AND seq >= ? ORDER BY seq LIMIT ?",
            epoch.id,
            first,
            ROWS_MAX,
        ):
            yield from ((seq, hash, leaf) for seq, hash, leaf in batch)
            first = batch[-1][0] + 1

    def leaf_hashes(self, epoch: Epoch, first: int, end: int) -> Iterator[bytes]:
        """Yield the leaf hashes of first..end-1; fewer where some are missing."""
        while first < end:
            batch = self.read_rows(
                "SELECT seq, hash FROM leaf WHERE epoch = ? AND seq >= ? AND seq < ? ORDER BY seq LIMIT ?",
                epoch.id,
                first,
                end,
                ROWS_MAX,
            )
            if not batch:
                return
            yield from (hash for _, hash in batch)
            first = batch[-1][0] + 1

    # Checkpoints

    def keep_pending(self, epoch: Epoch, size: int, root: bytes, note: bytes) -> None:
        """Keep a checkpoint as pending, or this note of it instead of the one that is kept."""
        self.run_statement(
            "INSERT INTO checkpoint VALUES (?, ?, ?, ?, 'pending', NULL) "
            "ON CONFLICT (epoch, size, root) DO UPDATE SET note = excluded.note, state = 'pending'",
            epoch.id,
            size,
            root,
            note,
        )

    def checkpoints_in_state(self, epoch: Epoch, state: str, size_max: int) -> list[KeptCheckpoint]:
        """Return the checkpoints in this state up to a size, the smallest first, at most `ROWS_MAX`."""
        rows = self.read_rows(
            "SELECT size, root, note, state FROM checkpoint WHERE epoch = ? AND state = ? AND size <= ? "
            "ORDER BY size LIMIT ?",
            epoch.id,
            state,
            size_max,
            ROWS_MAX,
        )
        return [KeptCheckpoint(*row) for row in rows]

    def checkpoints_of(self, epoch: Epoch, size: int) -> list[KeptCheckpoint]:
        """Return all checkpoints of one size, whatever became of them."""
        rows = self.read_rows(
            "SELECT size, root, note, state FROM checkpoint WHERE epoch = ? AND size = ?", epoch.id, size
        )
        return [KeptCheckpoint(*row) for row in rows]

    def verified_between(self, epoch: Epoch, first: int, last: int) -> list[KeptCheckpoint]:
        """Return the verified checkpoints of sizes first..last, the smallest first."""
        rows = self.read_rows(
            "SELECT size, root, note, state FROM checkpoint WHERE epoch = ? AND state = 'verified' "
            "AND size BETWEEN ? AND ? ORDER BY size",
            epoch.id,
            first,
            last,
        )
        return [KeptCheckpoint(*row) for row in rows]

    def settle_checkpoint(
        self, epoch: Epoch, found: KeptCheckpoint, verified: CompactRange | None, refusal: str = "refused"
    ) -> None:
        """Say what became of a checkpoint: verified with its compact range and the note that holds, or a refusal."""
        state, raw = (refusal, None) if verified is None else ("verified", verified.encode())
        self.run_statement(
            "UPDATE checkpoint SET state = ?, range = ?, note = ? WHERE epoch = ? AND size = ? AND root = ?",
            state,
            raw,
            found.note,
            epoch.id,
            found.size,
            found.root,
        )
        if verified is not None and verified.size > epoch.verified:
            epoch.verified, epoch.range, epoch.is_changed = verified.size, verified, True

    def reconsider_refused(self, epoch: Epoch) -> None:
        """Make refused checkpoints pending again: a key that was not known then may have signed them."""
        self.run_statement(
            "UPDATE checkpoint SET state = 'pending' WHERE epoch = ? AND state IN ('refused', 'unfitting')", epoch.id
        )

    def range_at_most(self, epoch_id: int, size: int) -> CompactRange:
        """Return the compact range of the largest verified tree of at most this size."""
        rows = self.read_rows(
            "SELECT size, range FROM checkpoint WHERE epoch = ? AND state = 'verified' AND size <= ? "
            "ORDER BY size DESC LIMIT 1",
            epoch_id,
            size,
        )
        return CompactRange.decode(*rows[0]) if rows else CompactRange.EMPTY

    def add_cosignature(self, epoch: Epoch, size: int, note: bytes, at_s: int) -> None:
        """Keep a checkpoint with our cosignature."""
        self.run_statement("INSERT OR REPLACE INTO cosignature VALUES (?, ?, ?, ?)", epoch.id, size, note, at_s)

    def find_cosignature(self, epoch: Epoch, size: int | None = None) -> tuple[int, bytes] | None:
        """Return size and note of what was cosigned for this size, or of the largest."""
        rows = self.read_rows(
            "SELECT size, note FROM cosignature WHERE epoch = ? AND (size = ? OR ? IS NULL) ORDER BY size DESC LIMIT 1",
            epoch.id,
            size,
            size,
        )
        return (rows[0][0], rows[0][1]) if rows else None

    # Anything else goes by SQL from the module whose it is.

    def run_statement(self, sql: str, *values: Any) -> None:
        """Run one SQL statement within the group."""
        self._run_counted(sql, *values)

    def read_rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        found: list[tuple[Any, ...]] = self._database.execute_sql(sql, values).fetchall()
        return found

    def _run_counted(self, sql: str, *values: Any) -> int:
        if not self._depth:
            raise RuntimeError("store: a statement outside of a group; must be within one, so that it is durable")
        return int(self._database.execute_sql(sql, values).rowcount)
