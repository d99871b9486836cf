"""Which snapshots a journal keeps, and which of them a start begins from."""

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

from station.domain.lifecycle.events import SourceWentAway
from station.journal import snapshot, snapshot_v3
from station.journal.journal import FILE_NAME, Journal, Snapshot
from station.journal.reader import Reader
from station.journal.replay import replay
from tests.journal.rows import WALL_MS, rows

BEFORE = Path(__file__).parent / "before" / "journal.db.gz"


def opened(directory: Path) -> tuple[Path, Journal]:
    """The journal of the release before, in the middle of a count, its newest snapshot of version 3."""
    (directory / FILE_NAME).write_bytes(gzip.decompress(BEFORE.read_bytes()))
    return directory, Journal(directory)


def kept(directory: Path) -> list[tuple[int, int]]:
    """The (version, seq) of each snapshot that the file holds."""
    with closing(sqlite3.connect(directory / FILE_NAME)) as database:
        return sorted(database.execute("SELECT version, seq FROM snapshot"))


def snap(journal: Journal, epoch: str, seq: int, source: str) -> None:
    """One more event, and a snapshot of what it comes to."""
    with closing(Reader.open_at(journal.path)) as reader:
        station = replay(reader)
    [row] = rows(seq, [SourceWentAway(source, "gone")], epoch)
    journal.append([row], kept=Snapshot(station.seq, snapshot.encode(station)))


def test_the_last_snapshot_of_the_version_before_is_kept_beside_the_newest(tmp_path: Path) -> None:
    directory, journal = opened(tmp_path)
    began = journal.open(WALL_MS)
    [(version, seq)] = kept(directory)
    assert version == snapshot_v3.VERSION == snapshot.VERSION - 1

    head = began.station.seq
    snap(journal, began.epoch, head + 1, "pole")
    snap(journal, began.epoch, head + 2, "ring")
    assert kept(directory) == [(version, seq), (snapshot.VERSION, head + 1)]
    journal.close()


def test_a_start_begins_from_the_newest_version_that_it_knows(tmp_path: Path) -> None:
    directory, journal = opened(tmp_path)
    began = journal.open(WALL_MS)
    snap(journal, began.epoch, began.station.seq + 1, "pole")
    journal.close()
    with closing(sqlite3.connect(directory / FILE_NAME)) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE event SET leaf = x'00' WHERE seq < ?", (began.station.seq,))
        database.commit()

    with closing(Reader.open_at(directory / FILE_NAME)) as reader:
        assert replay(reader).seq == began.station.seq + 1
