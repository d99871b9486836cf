"""One epoch's journal file: opening it, replaying it, appending to it. Used by one thread at a time.

`journal.db` in the data directory is the current epoch. A file that is corrupt is renamed aside, never deleted,
and a new epoch begins.
"""

import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
from peewee import DatabaseError
from playhouse.migrations import Runner

from station.domain.leaf import rfc3339
from station.domain.station import Station
from station.journal import schema, snapshot
from station.journal.faults import StorageFault, fault_of
from station.journal.reader import JournalCorrupt, Reader
from station.journal.replay import replay

FILE_NAME = "journal.db"
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
    """What a journal holds at start. `reason` says why a new epoch began; empty where the old one goes on."""

    station: Station
    epoch: str
    acked: int
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

    def open(self, wall_ms: int) -> Opened:
        """Open, migrate, check and replay; begin a new epoch where there is none or the old one is corrupt."""
        is_new = not self.path.exists()
        try:
            opened = self._open(wall_ms, "first start" if is_new else "")
        except (JournalCorrupt, DatabaseError) as error:
            if not _is_corrupt(error):
                raise
            reason, previous = str(error), self._epoch_name_left()
            self.close()
            self._set_aside(wall_ms)
            opened = self._open(wall_ms, f"journal set aside: {reason}"[:200], previous)
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
        reader = Reader(self._database)
        return Opened(replay(reader), reader.epoch(), reader.acked(), reason, previous)

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
        if self._ballast.exists() and self._ballast.stat().st_size == BALLAST_BYTES:
            return True
        try:
            with self._ballast.open("wb") as ballast:
                os.posix_fallocate(ballast.fileno(), 0, BALLAST_BYTES)
        except OSError:
            self._ballast.unlink(missing_ok=True)
            return False
        return True

    def drop_ballast(self) -> None:
        """Give the reserve up: the disk is full."""
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
        for suffix in ("", "-wal", "-shm"):
            left = Path(f"{self.path}{suffix}")
            if left.exists():
                left.rename(self.path.with_name(f"journal-corrupt-{wall_ms}.db{suffix}"))


def _is_corrupt(error: Exception) -> bool:
    return isinstance(error, JournalCorrupt) or fault_of(error) is StorageFault.DISK_CORRUPT
