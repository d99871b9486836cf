"""One epoch's journal file: opening it, replaying it, appending to it. Used by one thread at a time.

`journal.db` in the data directory is the current epoch. A file that is corrupt is renamed aside, never deleted,
and a new epoch begins.
"""

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from playhouse.migrations import Runner

from station.domain.station.leaf import rfc3339
from station.domain.station.state import Station
from station.journal import quarantine, schema, snapshot
from station.journal.ballast import Ballast
from station.journal.faults import SQL_ERROR, StorageFault, fault_of, primary_code
from station.journal.reader import JournalCorrupt, Reader
from station.journal.replay import replay
from station.journal.sealer import CheckpointRow, Sealer
from station.journal.yielding import yielding_between
from station.sealing.note import SigningKey

FILE_NAME = "journal.db"
REASON_CHARS_MAX = 200
PRUNED_ROWS_MAX = 50
INSERT_EVENT = "INSERT INTO event (seq, leaf, hash, acked) VALUES (?, ?, ?, ?)"
INSERT_DOCUMENT = "INSERT OR IGNORE INTO document (sha256, content) VALUES (?, ?)"
INSERT_SNAPSHOT = "INSERT INTO snapshot (seq, version, state) VALUES (?, ?, ?)"
FORGET_SNAPSHOTS = "DELETE FROM snapshot WHERE version <> ?"
"""All but the last one of the version before, with which whoever rolls back begins."""
INSERT_CHECKPOINT = "INSERT INTO checkpoint (size, note, range) VALUES (?, ?, ?)"
KEEP_COSIGNED = "INSERT OR REPLACE INTO cosigned (witness, size, note) VALUES (?, ?, ?)"

Row = tuple[int, bytes, bytes, int]
"""seq, leaf, hash, acked: as in the table."""

CosignedRow = tuple[str, int, bytes]
"""witness, size, note: as in the table."""


class Snapshot(msgspec.Struct, frozen=True):
    """A state as bytes, as of `seq`."""

    seq: int
    state: bytes


class Opened(msgspec.Struct, frozen=True):
    """What a journal holds at start. `reason` says why a new epoch began; empty where the old one goes on.

    `previous` and `checkpoint` are the old epoch's name and its last known checkpoint; empty where unknown.
    `snapshot_seq` is where the replay began: the seq of the snapshot, or -1.
    """

    station: Station
    epoch: str
    acked: int
    snapshot_seq: int = -1
    reason: str = ""
    previous: str = ""
    checkpoint: str = ""


def epoch_name(wall_ms: int) -> str:
    """An epoch's name, its creation time and a random part: `20261123T140405Z-7f3a`."""

    return rfc3339(wall_ms)[:19].replace("-", "").replace(":", "") + "Z-" + secrets.token_hex(2)


class Journal:
    """The writing side of one journal. The caller holds the station's lock file."""

    def __init__(
        self,
        directory: Path,
        connect: Callable[[Path], Any] = schema.open_for_writing,
        *,
        key: SigningKey | None = None,
        now: Callable[[], int] = lambda: time.monotonic_ns() // 1_000_000,
    ) -> None:
        """`key` signs the checkpoints; without one there are none. `now` is monotonic milliseconds."""
        self.path = directory / FILE_NAME
        self.ballast = Ballast(directory)
        self._connect, self.key, self._now = connect, key, now
        self._database: Any = None
        # The database's own, and a cursor of it: asking peewee and sqlite3 for them takes as long as a statement.
        self._connection: Any = None
        self._cursor: Any = None
        self._sealer: Sealer | None = None

    def open(self, wall_ms: int) -> Opened:
        """Open, migrate, check and replay; begin a new epoch where there is none, or where the old one has ended."""
        directory = self.path.parent
        try:
            opened = self._open_file(wall_ms)
        except Exception as error:  # SQLite's own, peewee's or ours: what counts is whether the file is corrupt
            if not _is_corrupt(error):
                raise
            quarantine.write_ending(directory, self._ending_of_corrupt(f"journal set aside: {error}"))
            opened = self._open_anew(wall_ms, "corrupt")
        ending = quarantine.read_ending(directory)
        if ending and ending.previous == opened.epoch:
            opened = self._open_anew(wall_ms, "rolled-back")
        self.ballast.keep()
        if opened.station.seq >= 0:
            quarantine.forget_ending(directory)
            return opened
        began = ending or quarantine.Ending("", "first start")
        return msgspec.structs.replace(
            opened, reason=began.reason, previous=began.previous, checkpoint=began.checkpoint
        )

    def _open_anew(self, wall_ms: int, word: str) -> Opened:
        # Moved before the connection closes: that would write the WAL into what is kept as evidence.
        quarantine.quarantine_journal(self.path, word, wall_ms)
        self.close()
        return self._open_file(wall_ms)

    def _open_file(self, wall_ms: int) -> Opened:
        self._database = self._connect(self.path)
        self._database.connect()
        self._connection = self._database.connection()
        self._cursor = self._connection.cursor()
        schema.assert_pragmas(self._database)
        runner: Any = Runner
        runner(self._database, str(schema.MIGRATIONS)).up()
        self._database.bind(schema.MODELS)
        if schema.Epoch.select().count() == 0:
            schema.Epoch.insert(name=epoch_name(wall_ms)).execute()
        reader = Reader(self._database)
        station = replay(reader)
        self._sealer = Sealer.resume(self.key, reader, self._now) if self.key else None
        return Opened(station, reader.epoch(), reader.acked(), reader.snapshot_seq(snapshot.VERSION))

    def append(
        self,
        rows: Sequence[Row],
        documents: Sequence[tuple[str, bytes]] = (),
        kept: Snapshot | None = None,
        cosigned: Sequence[CosignedRow] = (),
        *,
        is_urgent: bool = False,
    ) -> None:
        """Commit these rows, all or none, durably, and the checkpoint that is due with them; at once if urgent.

        `cosigned` are side values. After an error the outcome is unknown until a later commit.
        """
        hashes = [row[2] for row in rows]
        checkpoint = self._sealer.checkpoint_due(hashes, is_urgent) if self._sealer else None
        if len(rows) == 1 and not (documents or kept or cosigned or checkpoint):
            # Nearly every commit. A statement by itself is a transaction, in a third of the statements.
            _undo_open(self._connection)
            self._cursor.execute(INSERT_EVENT, rows[0])
        else:
            self._append_in_transaction(rows, documents, kept, cosigned, checkpoint)
        if self._sealer:
            self._sealer.note_committed(hashes)

    def _append_in_transaction(
        self,
        rows: Sequence[Row],
        documents: Sequence[tuple[str, bytes]],
        kept: Snapshot | None,
        cosigned: Sequence[CosignedRow],
        checkpoint: CheckpointRow | None,
    ) -> None:
        with _transaction(self._connection) as execute:
            for document in documents:
                execute(INSERT_DOCUMENT, document)
            self._connection.executemany(INSERT_EVENT, yielding_between(rows))  # after a stall there are hundreds
            if kept is not None:
                execute(FORGET_SNAPSHOTS, (snapshot.VERSION - 1,))
                execute(INSERT_SNAPSHOT, (kept.seq, snapshot.VERSION, kept.state))
            for each in cosigned:
                execute(KEEP_COSIGNED, each)
            if checkpoint is not None:
                execute(INSERT_CHECKPOINT, checkpoint)

    def seal_when_due(self) -> bool:
        """Commit a checkpoint over the events that have none, where one is due; return whether it was."""
        if self._sealer is None or (checkpoint := self._sealer.checkpoint_due([], is_urgent=False)) is None:
            return False
        with _transaction(self._connection) as execute:
            execute(INSERT_CHECKPOINT, checkpoint)
        self._sealer.note_committed([])
        return True

    def prune_some(self, below: int, rows_max: int = PRUNED_ROWS_MAX) -> bool:
        """Let hashes stand for at most `rows_max` events below seq `below`; return whether there were any.

        Never past what is acked, and never what the newest snapshot does not cover.
        """
        reader = Reader(self._database)
        first = min(reader.acked() + 1, reader.snapshot_seq(snapshot.VERSION) + 1, below)
        rows = reader.prunable_hashes(first, rows_max)
        if rows:
            with _transaction(self._connection) as execute:
                execute("UPDATE floor SET seq = ? WHERE seq < ?", (rows[-1][0] + 1, rows[-1][0] + 1))
                self._connection.executemany("INSERT INTO pruned (seq, hash) VALUES (?, ?)", rows)
                execute("DELETE FROM event WHERE seq <= ?", (rows[-1][0],))
        return bool(rows)

    def use_key(self, key: SigningKey) -> None:
        """Sign the checkpoints from the next one on with this key."""
        self.key = key
        if self._sealer is not None:
            self._sealer.use_key(key)

    def close(self) -> None:
        """Close the connection; SQLite checkpoints the WAL then."""
        if self._database is not None and not self._database.is_closed():
            self._database.close()

    def _ending_of_corrupt(self, reason: str) -> quarantine.Ending:
        """What a corrupt journal still says of its epoch: whatever the file makes of a query, then it is not known."""
        reader, previous, checkpoint = Reader(self._database), "", b""
        with contextlib.suppress(Exception):
            previous = reader.epoch()
        with contextlib.suppress(Exception):
            newest = reader.newest_checkpoint()
            checkpoint = newest[1] if newest else b""
        return quarantine.Ending(previous, reason[:REASON_CHARS_MAX], checkpoint.decode(errors="replace"))


@contextlib.contextmanager
def _transaction(connection: Any) -> Iterator[Callable[..., Any]]:
    """One transaction, begun at once; what an earlier one left open is undone first."""
    execute = connection.execute
    _undo_open(connection)
    execute("BEGIN IMMEDIATE")
    try:
        yield execute
        execute("COMMIT")
    except BaseException:
        _undo_open(connection)
        raise


def _undo_open(connection: Any) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _is_corrupt(error: Exception) -> bool:
    # A flipped bit in the schema shows as text that cannot be read, or as a column that is not there.
    if isinstance(error, JournalCorrupt | UnicodeDecodeError) or primary_code(error) == SQL_ERROR:
        return True
    return fault_of(error) is StorageFault.DISK_CORRUPT
