"""The tables of checkpoints and of pruning: what their triggers refuse, and what a reader sees of them."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.journal import schema
from station.journal.journal import FILE_NAME, Journal
from station.journal.reader import JournalCorrupt, Reader
from tests.journal.rows import WALL_MS, count_events, row, rows, scanned, sql, without_triggers

SEALED = "INSERT INTO checkpoint VALUES (20, x'aa', x'bb'), (40, x'cc', x'dd')"
COSIGNED = "INSERT INTO cosigned VALUES ('office', 40, x'ee')"


class Opened:
    """A journal of 54 events, all but the last acked, with the writing connection."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.journal = Journal(directory)
        epoch = self.journal.open(WALL_MS).epoch
        written = rows(0, count_events(50), epoch)
        self.journal.append([*written, row(53, scanned(50), epoch, acked=52)])
        self.hashes = [kept_hash for _, kept_hash in Reader.open_at(directory / FILE_NAME).all_leaf_hashes()]
        self.connection: Any = self.journal._database.connection()
        self.reader = Reader.open_at(directory / FILE_NAME)

    def do(self, *statements: str) -> None:
        for statement in statements:
            self.connection.execute(statement)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    opened = Opened(tmp_path)
    yield opened
    opened.reader.close()
    opened.journal.close()


def prune(below: int) -> tuple[str, ...]:
    return (
        f"UPDATE floor SET seq = {below}",
        f"INSERT INTO pruned SELECT seq, hash FROM event WHERE seq < {below}",
        f"DELETE FROM event WHERE seq < {below}",
    )


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("UPDATE checkpoint SET note = x'00'", "append-only"),
        ("UPDATE checkpoint SET range = x'00' WHERE size = 20", "append-only"),
        ("DELETE FROM checkpoint", "append-only"),
        ("DELETE FROM checkpoint WHERE size = 40", "append-only"),
        ("INSERT INTO checkpoint VALUES (40, x'00', x'00')", "above the last one"),
        ("INSERT OR REPLACE INTO checkpoint VALUES (40, x'00', x'00')", "above the last one"),
        ("INSERT INTO checkpoint VALUES (30, x'00', x'00')", "above the last one"),
        ("INSERT INTO checkpoint VALUES (0, x'00', x'00')", "above the last one"),
        ("INSERT INTO checkpoint VALUES (55, x'00', x'00')", "within the events"),
        ("INSERT OR REPLACE INTO cosigned VALUES ('office', 39, x'00')", "must not be below"),
        ("UPDATE cosigned SET size = 39", "must not be below"),
        ("UPDATE cosigned SET witness = 'another'", "must not be below"),
        ("INSERT INTO floor VALUES (9)", "one row"),
        ("DELETE FROM floor", "one row"),
        ("UPDATE floor SET seq = 54", "not past what is acked"),
        ("INSERT INTO pruned VALUES (0, x'00')", "below the floor"),
        ("DELETE FROM event WHERE seq = 0", "append-only"),
    ],
)
def test_what_is_sealed_cannot_be_changed(opened: Opened, statement: str, text: str) -> None:
    opened.do(SEALED, COSIGNED)
    before = list(opened.connection.iterdump())

    with pytest.raises(sqlite3.IntegrityError, match=text):
        opened.do(statement)

    assert list(opened.connection.iterdump()) == before


def test_a_cosigned_checkpoint_is_replaced_by_a_later_one(opened: Opened) -> None:
    opened.do(COSIGNED, "INSERT OR REPLACE INTO cosigned VALUES ('office', 50, x'ff')")
    opened.do("INSERT INTO cosigned VALUES ('auditor', 7, x'01')", "UPDATE cosigned SET size = 8 WHERE size = 7")

    assert opened.reader.cosigned_checkpoints() == [("auditor", 8, b"\x01"), ("office", 50, b"\xff")]


# -- pruning --


def test_events_below_the_floor_go_and_their_hashes_stay(opened: Opened) -> None:
    opened.do(*prune(10), *prune(30))

    assert opened.reader.pruned_below() == 30
    assert [seq for seq, _, _ in opened.reader.stored_events()] == list(range(30, 54))
    assert list(opened.reader.all_leaf_hashes()) == list(enumerate(opened.hashes))
    assert list(opened.reader.all_leaf_hashes(25)) == list(enumerate(opened.hashes))[25:]


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("DELETE FROM event WHERE seq = 10", "append-only"),
        ("DELETE FROM event", "append-only"),
        ("UPDATE floor SET seq = 9", "must rise"),
        ("UPDATE pruned SET hash = x'00'", "append-only"),
        ("DELETE FROM pruned", "append-only"),
        ("INSERT OR REPLACE INTO pruned VALUES (3, x'00')", "below the floor"),
        ("INSERT INTO pruned SELECT seq, hash FROM event WHERE seq = 10", "below the floor"),
        ("INSERT INTO event VALUES (3, x'00', x'00', -1)", "must be the next one"),
        ("INSERT OR REPLACE INTO event VALUES (3, x'00', x'00', -1)", "must be the next one"),
    ],
)
def test_after_pruning_everything_else_stands_as_before(opened: Opened, statement: str, text: str) -> None:
    opened.do(*prune(10))
    before = list(opened.connection.iterdump())

    with pytest.raises(sqlite3.IntegrityError, match=text):
        opened.do(statement)

    assert list(opened.connection.iterdump()) == before


@pytest.mark.parametrize("hash_of", [None, "x'00'", "(SELECT hash FROM event WHERE seq = 4)"])
def test_no_event_goes_without_its_own_hash(opened: Opened, hash_of: str | None) -> None:
    opened.do("UPDATE floor SET seq = 10")
    with pytest.raises(sqlite3.IntegrityError, match=r"append-only|below the floor"):
        opened.do(
            *([f"INSERT INTO pruned VALUES (3, {hash_of})"] if hash_of else []), "DELETE FROM event WHERE seq = 3"
        )

    assert [seq for seq, _, _ in opened.reader.stored_events()] == list(range(54))


# -- reading --


def test_checkpoints_come_in_order_and_within_their_sizes(opened: Opened) -> None:
    opened.do(SEALED)

    assert opened.reader.checkpoints_between(0, 100) == [(20, b"\xaa"), (40, b"\xcc")]
    assert opened.reader.checkpoints_between(20, 39) == [(20, b"\xaa")]
    assert opened.reader.checkpoints_between(21, 39) == []
    assert opened.reader.newest_checkpoint() == (40, b"\xcc", b"\xdd")
    assert list(opened.reader.stored_checkpoints()) == [(20, b"\xaa", b"\xbb"), (40, b"\xcc", b"\xdd")]
    assert list(opened.reader.stored_checkpoints(21)) == [(40, b"\xcc", b"\xdd")]


def test_a_journal_without_checkpoints_has_none(opened: Opened) -> None:
    assert (opened.reader.checkpoints_between(0, 100), opened.reader.newest_checkpoint()) == ([], None)
    assert (
        list(opened.reader.stored_checkpoints()),
        opened.reader.cosigned_checkpoints(),
        opened.reader.pruned_below(),
    ) == ([], [], 0)


def test_more_checkpoints_than_a_batch_holds_all_come_once(opened: Opened) -> None:
    epoch = opened.reader.epoch()
    opened.journal.append([row(seq, scanned(seq), epoch) for seq in range(54, 300)])
    opened.connection.executemany("INSERT INTO checkpoint VALUES (?, x'aa', x'bb')", [(n,) for n in range(1, 251)])

    assert [size for size, _, _ in opened.reader.stored_checkpoints()] == list(range(1, 251))
    assert [size for size, _ in opened.reader.checkpoints_between(0, 250)] == list(range(1, 101))
    assert [seq for seq, _ in opened.reader.all_leaf_hashes()] == list(range(300))


@pytest.mark.parametrize("found", ["x'00'", "'text'", "7"])
def test_what_is_no_hash_is_named(opened: Opened, found: str) -> None:
    opened.journal.close()
    without_triggers(opened.directory, f"UPDATE event SET hash = {found} WHERE seq = 7")

    with pytest.raises(JournalCorrupt, match="event 7: its hash must be 32 bytes"):
        list(opened.reader.all_leaf_hashes())


def test_what_is_no_checkpoint_is_named(opened: Opened) -> None:
    opened.do("INSERT INTO checkpoint VALUES (20, 'text', x'bb')")

    with pytest.raises(JournalCorrupt, match="checkpoint 20: must be bytes"):
        list(opened.reader.stored_checkpoints())


def test_a_journal_of_the_first_release_is_brought_up_and_keeps_its_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "migrations"
    old.mkdir()
    (old / "0001_epoch.py").write_bytes((schema.MIGRATIONS / "0001_epoch.py").read_bytes())
    with monkeypatch.context() as yesterday:
        yesterday.setattr(schema, "MIGRATIONS", old)
        yesterday.setattr(schema, "MODELS", schema.MODELS[:4])
        journal = Journal(tmp_path)
        written = rows(0, count_events(5), journal.open(WALL_MS).epoch)
        journal.append(written)
        journal.close()
    assert not sql(tmp_path, "SELECT 1 FROM sqlite_master WHERE name = 'checkpoint'")

    today = Journal(tmp_path)
    assert today.open(WALL_MS).reason == ""

    assert list(Reader.open_at(tmp_path / FILE_NAME).stored_events()) == [each[:3] for each in written]
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        today._database.connection().execute("DELETE FROM event WHERE seq = 0")
    today.close()
