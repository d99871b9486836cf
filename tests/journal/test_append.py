"""What goes in comes out, byte for byte; what is in cannot be changed."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.domain.core.event import Event
from station.journal import schema, snapshot
from station.journal.faults import StorageFault, fault_of
from station.journal.journal import FILE_NAME, INSERT_EVENT, Journal, Snapshot
from station.journal.reader import Reader
from station.sealing.merkle import leaf_hash
from tests.journal.rows import LOCATED, OPENED, STARTED, WALL_MS, count_events, row, rows, sql


class Opened:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.journal = Journal(directory)
        self.epoch = self.journal.open(WALL_MS).epoch
        self.reader = Reader.open_at(directory / FILE_NAME)

    def close(self) -> None:
        self.reader.close()
        self.journal.close()


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    opened = Opened(tmp_path)
    yield opened
    opened.close()


def test_leaves_come_out_byte_for_byte_with_their_hashes(opened: Opened) -> None:
    written = rows(0, count_events(250), opened.epoch)
    opened.journal.append(written)

    assert list(opened.reader.stored_events()) == [each[:3] for each in written]
    assert opened.reader.head() == 252


@settings(max_examples=25)
@given(leaves=st.lists(st.binary(max_size=2_000), min_size=1, max_size=20))
def test_any_bytes_come_out_as_they_went_in(tmp_path_factory: pytest.TempPathFactory, leaves: list[bytes]) -> None:
    opened = Opened(tmp_path_factory.mktemp("any"))
    opened.journal.append([(seq, leaf, leaf_hash(leaf), -1) for seq, leaf in enumerate(leaves)])

    assert [leaf for _, leaf, _ in opened.reader.stored_events()] == leaves
    opened.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET leaf = x'00' WHERE seq = 1",
        "UPDATE event SET hash = x'00'",
        "UPDATE event SET acked = 7",
        "DELETE FROM event WHERE seq = 2",
        "DELETE FROM event",
        "INSERT OR REPLACE INTO event VALUES (1, x'00', x'00', -1)",
        "REPLACE INTO event VALUES (2, x'00', x'00', -1)",
        "UPDATE document SET content = x'00'",
        "DELETE FROM document",
        "INSERT OR REPLACE INTO document SELECT sha256, x'00' FROM document",
        "UPDATE epoch SET name = 'another'",
        "DELETE FROM epoch",
    ],
)
def test_what_is_written_cannot_be_changed(opened: Opened, statement: str) -> None:
    opened.journal.append(rows(0, count_events(1), opened.epoch), [("ab" * 32, b"a plan")])
    before = list(opened.reader.stored_events())
    connection = opened.journal._database.connection()

    with pytest.raises(sqlite3.IntegrityError, match=r"append-only|must be the next one"):
        connection.execute(statement)

    assert list(opened.reader.stored_events()) == before
    assert opened.reader.document("ab" * 32) == b"a plan"
    assert opened.reader.epoch() == opened.epoch


def test_a_connection_without_recursive_triggers_could_replace_a_document_so_the_pragma_is_asserted(
    opened: Opened,
) -> None:
    opened.journal.append([], [("ab" * 32, b"a plan")])
    with closing(sqlite3.connect(opened.directory / FILE_NAME)) as careless:
        careless.execute("INSERT OR REPLACE INTO document VALUES (?, ?)", ("ab" * 32, b"another"))
        careless.rollback()

    assert schema.PRAGMAS["recursive_triggers"] == ("on", 1)


@pytest.mark.parametrize("seq", [0, 2, 4, 100, -1])
def test_only_the_next_seq_is_taken_and_nothing_of_a_group_with_another(opened: Opened, seq: int) -> None:
    opened.journal.append(rows(0, [STARTED, OPENED], opened.epoch))

    with pytest.raises(sqlite3.IntegrityError) as refused:
        opened.journal.append([row(2, LOCATED, opened.epoch), row(seq, LOCATED, opened.epoch)])

    assert fault_of(refused.value) is StorageFault.DISK_CORRUPT
    assert opened.reader.head() == 1
    opened.journal.append([row(2, LOCATED, opened.epoch)])
    assert opened.reader.head() == 2


def test_a_document_comes_in_the_transaction_of_its_event_and_the_same_again_is_no_fault(opened: Opened) -> None:
    content = b'{"plan": "P-1"}'
    sha256 = hashlib.sha256(content).hexdigest()
    with pytest.raises(sqlite3.IntegrityError):
        opened.journal.append([row(7, STARTED, opened.epoch)], [(sha256, content)])
    assert opened.reader.document(sha256) is None

    opened.journal.append([row(0, STARTED, opened.epoch)], [(sha256, content)])
    opened.journal.append([row(1, OPENED, opened.epoch)], [(sha256, content)])

    assert opened.reader.document(sha256) == content
    assert opened.reader.document("00" * 32) is None


def test_only_the_newest_snapshot_is_kept(opened: Opened) -> None:
    opened.journal.append(rows(0, [STARTED], opened.epoch), kept=Snapshot(0, b"old"))
    opened.journal.append([row(1, OPENED, opened.epoch)], kept=Snapshot(1, b"new"))

    assert opened.reader.snapshot(snapshot.VERSION) == b"new"
    assert opened.reader.snapshot_seq(snapshot.VERSION) == 1
    assert (opened.reader.snapshot(99), opened.reader.snapshot_seq(99)) == (None, -1)
    assert sql(opened.directory, "SELECT count(*) FROM snapshot") == [(1,)]


# -- reading --


def test_a_reader_sees_whole_groups_while_the_writer_writes(opened: Opened) -> None:
    events = count_events(300)
    opened.journal.append(rows(0, events[:100], opened.epoch))
    reading = opened.reader.stored_events()
    first = [next(reading) for _ in range(50)]

    opened.journal.append(rows(100, events[100:], opened.epoch))

    assert [seq for seq, _, _ in (*first, *reading)] == list(range(303))
    assert opened.reader.head() == 302


def test_a_batch_has_at_most_100_rows_whatever_is_asked_for(opened: Opened) -> None:
    opened.journal.append(rows(0, count_events(300), opened.epoch))

    assert [seq for seq, _ in opened.reader.leaves(0, 1_000)] == list(range(100))
    assert [seq for seq, _ in opened.reader.leaves(250, 20)] == list(range(250, 270))
    assert opened.reader.leaves(303) == []


def test_a_reader_holds_no_transaction_between_batches(opened: Opened) -> None:
    opened.journal.append(rows(0, count_events(300), opened.epoch))
    reading = opened.reader.stored_events()
    next(reading)

    # With a cursor held open the WAL could not be written back whole: busy would be 1.
    connection = opened.journal._database.connection()
    assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0


def test_a_reader_cannot_write(opened: Opened) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        opened.reader._query_rows("INSERT INTO event VALUES (0, x'00', x'00', -1)")


def test_how_far_a_receiver_had_it_comes_with_the_newest_event(opened: Opened) -> None:
    assert opened.reader.acked() == -1
    opened.journal.append(rows(0, [STARTED, OPENED], opened.epoch))
    assert opened.reader.acked() == -1
    opened.journal.append([row(2, LOCATED, opened.epoch, acked=1)])
    assert opened.reader.acked() == 1


def test_an_event_by_itself_is_committed_by_one_statement(opened: Opened) -> None:
    statements: list[str] = []
    opened.journal.append(rows(0, [STARTED, OPENED], opened.epoch))
    opened.journal._connection.set_trace_callback(statements.append)
    opened.journal.append([row(2, LOCATED, opened.epoch)])

    # A line that begins with "--" is one of a trigger.
    assert {each.split(" (")[0] for each in statements if not each.startswith("--")} == {"INSERT INTO event"}
    assert not opened.journal._connection.in_transaction
    assert opened.reader.head() == 2


@pytest.mark.parametrize("events", [[LOCATED], [LOCATED, LOCATED]], ids=["one", "several"])
def test_what_a_failed_commit_left_open_is_undone_before_the_next(opened: Opened, events: list[Event]) -> None:
    opened.journal.append(rows(0, [STARTED], opened.epoch))
    opened.journal._connection.execute("BEGIN IMMEDIATE")
    opened.journal._connection.execute(INSERT_EVENT, row(1, OPENED, opened.epoch))
    written = rows(1, events, opened.epoch)
    opened.journal.append(written)

    assert list(opened.reader.stored_events(1)) == [each[:3] for each in written]


def test_many_rows_are_written_with_breaths_between_them(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    breaths: list[float] = []
    monkeypatch.setattr("station.journal.yielding.time.sleep", breaths.append)
    opened.journal.append(rows(0, count_events(50), opened.epoch))

    assert len(breaths) == 53 // 16
    assert opened.reader.head() == 52
