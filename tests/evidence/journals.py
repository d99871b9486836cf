"""Journals with checkpoints and cosignatures as a station makes them, in a directory or in memory."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from unittest import mock

from station.domain.core.event import Event
from station.domain.count.events import PlanLoaded
from station.evidence.trust import Outside, Trust
from station.journal import journal as journals
from station.journal.journal import FILE_NAME, Journal, Row
from station.journal.reader import Reader
from station.sealing.checkpoint import Checkpoint, cosign, sign_checkpoint
from station.sealing.merkle import CompactRange
from station.sealing.note import COSIGNATURE, SigningKey
from tests.journal.rows import LOCATED, OPENED, SOURCE, STARTED, WALL_MS, rows, scanned, sql

# Keys from fixed seeds: a failing run can be run again.
STATION = SigningKey(SOURCE.removeprefix("/"), 1, bytes(range(32)))
THIEF = SigningKey(SOURCE.removeprefix("/"), 1, bytes(range(1, 33)))
OFFICE = SigningKey("office", COSIGNATURE, bytes(range(2, 34)))
AUDITOR = SigningKey("auditor", COSIGNATURE, bytes(range(3, 35)))
EVERY = 10
EPOCH = "20261123T140405Z-7f3a"
AT_S = 1_795_000_100
PLAN = b'{"plan": "P-1"}'


def facts(count: int) -> list[Event]:
    """So many events: a start, a plan, an open count, packages."""
    import hashlib

    plan = PlanLoaded("P-1", 1, 3, hashlib.sha256(PLAN).hexdigest(), "ana")
    return [STARTED, plan, OPENED, LOCATED, *(scanned(number) for number in range(count))][:count]


def origin(epoch: str) -> str:
    return f"{SOURCE.removeprefix('/')}/{epoch}"


def sealed(
    hashes: Iterable[bytes], epoch: str, key: SigningKey = STATION, every: int = EVERY
) -> list[tuple[int, bytes, bytes]]:
    """The checkpoints over these leaf hashes, one after so many: size, note, range."""
    grown, made = CompactRange.EMPTY, []
    for each in hashes:
        grown = grown.append(each)
        if grown.size % every == 0:
            note = sign_checkpoint(Checkpoint(origin(epoch), grown.size, grown.root()), key)
            made.append((grown.size, note, grown.encode()))
    return made


class Made:
    """A journal of `count` events with a checkpoint every ten, cosigned by the office up to the last but `behind`."""

    def __init__(self, directory: Path, count: int = 53, behind: int = 0, key: SigningKey = STATION) -> None:
        self.directory, self.path = directory, directory / FILE_NAME
        directory.mkdir(exist_ok=True)
        journal = Journal(directory)
        with mock.patch.object(journals, "epoch_name", return_value=EPOCH):
            self.epoch = journal.open(WALL_MS).epoch
        self.rows: list[Row] = [(*row[:3], row[0] - 1) for row in rows(0, facts(count), self.epoch)]
        journal.append(self.rows, [(self.rows_plan(), PLAN)])
        self.sealed = sealed((row[2] for row in self.rows), self.epoch, key)
        connection = journal._database.connection()
        connection.executemany("INSERT INTO checkpoint VALUES (?, ?, ?)", self.sealed)
        size, note, _ = self.sealed[len(self.sealed) - 1 - behind]
        self.size, self.witnessed = size, cosign(note, OFFICE, AT_S)
        connection.execute("INSERT INTO cosigned VALUES ('office', ?, ?)", (size, self.witnessed))
        journal.close()

    @staticmethod
    def rows_plan() -> str:
        import hashlib

        return hashlib.sha256(PLAN).hexdigest()

    @property
    def trust(self) -> Trust:
        """All that somebody can know from elsewhere."""
        return Trust(STATION.verifier, "", (OFFICE.verifier,), (Outside("office.txt", self.witnessed),))

    def leave_key(self) -> None:
        (self.directory / "station.key").write_text(STATION.encode_private())

    def prune(self, below: int) -> None:
        """As the station does, but without an event that says so."""
        connection = sqlite3.connect(self.path)
        with connection:
            connection.execute(f"UPDATE floor SET seq = {below}")
            connection.execute(f"INSERT INTO pruned SELECT seq, hash FROM event WHERE seq < {below}")
            connection.execute(f"DELETE FROM event WHERE seq < {below}")
        connection.close()

    def image(self) -> bytes:
        """The file without its write-ahead log, so that it opens in memory; without triggers, as a thief has it."""
        triggers = sql(self.directory, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
        sql(self.directory, *(f"DROP TRIGGER {name}" for (name,) in triggers), "PRAGMA journal_mode = DELETE", "VACUUM")
        return self.path.read_bytes()


class Memory:
    """A database in memory, to a `Reader` as good as one in a file."""

    def __init__(self, image: bytes) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        self._connection.deserialize(image)

    def is_closed(self) -> bool:
        return False

    def connection(self) -> sqlite3.Connection:
        return self._connection

    def close(self) -> None:
        self._connection.close()

    def reader(self) -> Reader:
        return Reader(self)

    def do(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, values).fetchall()
