"""One epoch's journal file: opening it, replaying it, appending to it. Used by one thread at a time.

`journal.db` in the data directory is the current epoch. A file that is corrupt is renamed aside, never deleted,
and a new epoch begins.
"""

import contextlib
import os
import secrets
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
from playhouse.migrations import Runner

from station.domain.leaf import rfc3339
from station.domain.station import Station
from station.journal import schema, snapshot
from station.journal.faults import SQL_ERROR, StorageFault, fault_of, primary_code
from station.journal.reader import JournalCorrupt, Reader
from station.journal.replay import replay

FILE_NAME = "journal.db"
REASON_CHARS_MAX = 200
BALLAST_NAME = "ballast"
BALLAST_BYTES = 1024 * 1024
INSERT_EVENT = "INSERT INTO event (seq, leaf, hash, acked) VALUES (?, ?, ?, ?)"

Row = tuple[int, bytes, bytes, int]
"""seq, leaf, hash, acked: as in the table."""


class Snapshot(msgspec.Struct, frozen=True):
    """A state as bytes, as of `seq`."""

    seq: int
    state: bytes


class Opened(msgspec.Struct, frozen=True):
    """What a journal holds at start. `reason` says why a new epoch began; empty where the old one goes on.

    `snapshot_seq` is where the replay began: the seq of the snapshot, or -1.
    """

    station: Station
    epoch: str
    acked: int
    snapshot_seq: int = -1
    reason: str = ""
    previous: str = ""


def epoch_name(wall_ms: int) -> str:
    """An epoch's name, its creation time and a random part: `20261123T140405Z-7f3a`."""

    return rfc3339(wall_ms)[:19].replace("-", "").replace(":", "") + "Z-" + secrets.token_hex(2)


class Journal:
    """The writing side of one journal. The caller holds the station's lock file."""

    def __init__(self, directory: Path, connect: Callable[[Path], Any] = schema.writing) -> None:
        self.path = directory / FILE_NAME
        self._ballast = directory / BALLAST_NAME
        self._connect = connect
        self._database: Any = None
        self.has_reserve = True

    def open(self, wall_ms: int) -> Opened:
        """Open, migrate, check and replay; begin a new epoch where there is none or the old one is corrupt."""
        is_new = not self.path.exists()
        try:
            opened = self._open(wall_ms, "first start" if is_new else "")
        except Exception as error:  # SQLite's own, peewee's or ours: what counts is whether the file is corrupt
            if not _is_corrupt(error):
                raise
            reason, previous = str(error), self._epoch_name_left()
            # Before the connection closes: that would write the WAL into the corrupt file.
            self._set_aside(wall_ms)
            self.close()
            opened = self._open(wall_ms, f"journal set aside: {reason}"[:REASON_CHARS_MAX], previous)
        self.keep_ballast()
        return opened

    def _open(self, wall_ms: int, reason: str, previous: str = "") -> Opened:
        self._database = self._connect(self.path)
        self._database.connect()
        schema.assert_pragmas(self._database)
        runner: Any = Runner
        runner(self._database, str(schema.MIGRATIONS)).up()
        self._database.bind(schema.MODELS)
        if schema.Epoch.select().count() == 0:
            schema.Epoch.insert(name=epoch_name(wall_ms)).execute()
            reason = reason or "journal was empty"
        reader = Reader(self._database)
        station = replay(reader)
        return Opened(station, reader.epoch(), reader.acked(), reader.snapshot_seq(snapshot.VERSION), reason, previous)

    def append(
        self, rows: Iterable[Row], documents: Iterable[tuple[str, bytes]] = (), kept: Snapshot | None = None
    ) -> None:
        """Commit these rows, all or none, durably. After an error the outcome is unknown until a later commit."""
        connection = self._database.connection()
        execute = connection.execute
        if connection.in_transaction:
            execute("ROLLBACK")
        execute("BEGIN IMMEDIATE")
        try:
            for document in documents:
                execute("INSERT OR IGNORE INTO document (sha256, content) VALUES (?, ?)", document)
            connection.executemany(INSERT_EVENT, rows)
            if kept is not None:
                execute("DELETE FROM snapshot")
                row = (kept.seq, snapshot.VERSION, kept.state)
                execute("INSERT INTO snapshot (seq, version, state) VALUES (?, ?, ?)", row)
            execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                execute("ROLLBACK")
            raise

    def keep_ballast(self) -> bool:
        """Reserve the space that facts still need on a full disk; False where there is none left to reserve."""
        self.has_reserve = self._has_ballast() or self._make_ballast()
        return self.has_reserve

    def _has_ballast(self) -> bool:
        return self._ballast.exists() and self._ballast.stat().st_size == BALLAST_BYTES

    def _make_ballast(self) -> bool:
        try:
            with self._ballast.open("wb") as ballast:
                os.posix_fallocate(ballast.fileno(), 0, BALLAST_BYTES)
        except OSError:
            self.drop_ballast()
            return False
        return True

    def drop_ballast(self) -> None:
        """Give the reserve up: the disk is full."""
        self.has_reserve = False
        with contextlib.suppress(OSError):
            self._ballast.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the connection; SQLite checkpoints the WAL then."""
        if self._database is not None and not self._database.is_closed():
            self._database.close()

    def _epoch_name_left(self) -> str:
        try:
            return str(Reader(self._database).epoch())
        except Exception:  # whatever a corrupt file makes of a query: then the name is not known
            return ""

    def _set_aside(self, wall_ms: int) -> None:
        """Move the file away with its WAL and shared memory, under a name that nothing has.

        Linked first and only then unlinked: a power cut in between leaves everything under one name or both.
        """
        numbers = (number for number in count(wall_ms) if not self._aside(number, "").exists())
        number = next(numbers)
        left = [suffix for suffix in ("", "-wal", "-shm") if self._with(suffix).exists()]
        for suffix in left:
            os.link(self._with(suffix), self._aside(number, suffix))
        for suffix in left:
            self._with(suffix).unlink()

    def _with(self, suffix: str) -> Path:
        return Path(f"{self.path}{suffix}")

    def _aside(self, number: int, suffix: str) -> Path:
        return self.path.with_name(f"journal-corrupt-{number}.db{suffix}")


def _is_corrupt(error: Exception) -> bool:
    # A flipped bit in the schema shows as text that cannot be read, or as a column that is not there.
    if isinstance(error, JournalCorrupt | UnicodeDecodeError) or primary_code(error) == SQL_ERROR:
        return True
    return fault_of(error) is StorageFault.DISK_CORRUPT
