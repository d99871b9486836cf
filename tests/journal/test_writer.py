"""The journal thread: one commit for what waits, nothing of a failed attempt, and an answer for each."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from station.journal import ballast, snapshot
from station.journal.faults import StorageFault
from station.journal.journal import FILE_NAME, Journal, Snapshot
from station.journal.reader import Reader
from station.journal.writer import ROWS_MAX, CommitFailed, Durable, Group, ReserveRestored, Writer, WriterAnswer
from tests.journal.rows import WALL_MS, count_events, rows

ANSWER_WITHIN_S = 20.0


class Failing(Journal):
    """A journal whose next commits fail as told."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.faults: list[Exception] = []

    def append(self, *arguments: object, **named: object) -> None:
        if self.faults:
            raise self.faults.pop(0)
        super().append(*arguments, **named)  # type: ignore[arg-type]


class Bench:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.journal = Failing(directory)
        self.epoch = self.journal.open(WALL_MS).epoch
        self.answers: SimpleQueue[WriterAnswer] = SimpleQueue()
        self.writer = Writer(self.journal, self.answers.put)
        self.reader = Reader.open_at(directory / FILE_NAME)
        self._events = count_events(3_000)

    def group(self, first_seq: int, count: int = 1, attempt: int = 0, snapshot: Snapshot | None = None) -> Group:
        events = self._events[first_seq : first_seq + count]
        return Group(attempt, rows(first_seq, events, self.epoch), snapshot=snapshot)

    def answered(self) -> list[WriterAnswer]:
        found = []
        while not self.answers.empty():
            found.append(self.answers.get())
        return found

    def close(self) -> None:
        self.reader.close()
        self.journal.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def sql_error(code: int, text: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


def test_what_waits_is_one_commit_and_one_answer(bench: Bench) -> None:
    for seq in range(20):
        bench.writer.submit(bench.group(seq))

    assert bench.writer.commit_waiting(0)

    assert bench.writer.commits == 1
    assert bench.answered() == [Durable(19, True)]
    assert bench.reader.head() == 19


def test_a_commit_takes_no_more_than_its_limit_and_the_rest_comes_next(bench: Bench) -> None:
    for seq in range(0, ROWS_MAX + 50, 10):
        bench.writer.submit(bench.group(seq, 10))

    bench.writer.commit_waiting(0)
    assert bench.answered() == [Durable(ROWS_MAX - 1, True)]
    bench.writer.commit_waiting(0)
    assert bench.answered() == [Durable(ROWS_MAX + 49, True)]
    assert bench.writer.commits == 2


def test_nothing_that_waits_is_nothing_to_commit(bench: Bench) -> None:
    assert bench.writer.commit_waiting(0)
    assert bench.writer.commits == 0
    assert bench.answered() == []


def test_groups_of_a_failed_attempt_are_dropped_and_the_next_attempt_is_taken(bench: Bench) -> None:
    bench.journal.faults.append(sql_error(10, "disk I/O error"))
    bench.writer.submit(bench.group(0))
    bench.writer.commit_waiting(0)
    bench.writer.submit(bench.group(1))
    bench.writer.submit(bench.group(2))
    bench.writer.submit(bench.group(0, attempt=1))
    bench.writer.commit_waiting(0)

    assert bench.answered() == [CommitFailed(0, StorageFault.DISK_ERROR, "disk I/O error"), Durable(0, True)]
    assert bench.reader.head() == 0


def test_only_dropped_groups_are_nothing_to_commit(bench: Bench) -> None:
    bench.journal.faults.append(sql_error(10, "disk I/O error"))
    bench.writer.submit(bench.group(0))
    bench.writer.commit_waiting(0)
    bench.writer.submit(bench.group(1))
    bench.writer.commit_waiting(0)

    assert len(bench.answered()) == 1
    assert bench.writer.commits == 0


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (sql_error(10, "disk I/O error"), StorageFault.DISK_ERROR),
        (sql_error(10 | 3 << 8, "disk I/O error"), StorageFault.DISK_ERROR),
        (sql_error(13, "database or disk is full"), StorageFault.DISK_FULL),
        (sql_error(8, "attempt to write a readonly database"), StorageFault.DISK_READ_ONLY),
        (sql_error(11, "database disk image is malformed"), StorageFault.DISK_CORRUPT),
        (sql_error(26, "file is not a database"), StorageFault.DISK_CORRUPT),
        (sql_error(19, "event: seq must be the next one"), StorageFault.DISK_CORRUPT),
        (OSError(28, "No space left on device"), StorageFault.DISK_FULL),
        (OSError(30, "Read-only file system"), StorageFault.DISK_READ_ONLY),
        (OSError(5, "Input/output error"), StorageFault.DISK_ERROR),
    ],
)
def test_a_failed_commit_says_what_is_wrong(bench: Bench, error: Exception, fault: StorageFault) -> None:
    bench.journal.faults.append(error)
    bench.writer.submit(bench.group(0))
    bench.writer.commit_waiting(0)

    assert bench.answered() == [CommitFailed(0, fault, str(error))]


def test_a_row_that_is_there_after_all_is_found_by_the_next_commit(bench: Bench) -> None:
    bench.journal.append(bench.group(0, 2).rows)  # the commit that seemed to fail
    bench.writer.submit(bench.group(0, attempt=1))
    bench.writer.commit_waiting(0)

    [answer] = bench.answered()
    assert isinstance(answer, CommitFailed)
    assert answer.fault is StorageFault.DISK_CORRUPT


def test_a_full_disk_costs_the_reserve_which_comes_back_by_itself(bench: Bench) -> None:
    bench.journal.faults.append(sql_error(13, "database or disk is full"))
    bench.writer.submit(bench.group(0))
    bench.writer.commit_waiting(0)
    assert not (bench.directory / ballast.NAME).exists()

    bench.writer.submit(bench.group(0, attempt=1))
    bench.writer.commit_waiting(0)
    assert bench.answered()[1] == Durable(0, False)

    bench.writer.commit_waiting(0)
    assert bench.answered() == [ReserveRestored()]
    assert (bench.directory / ballast.NAME).exists()

    bench.writer.commit_waiting(0)
    bench.writer.submit(bench.group(1, attempt=1))
    bench.writer.commit_waiting(0)
    assert bench.answered() == [Durable(1, True)]


def test_a_journal_that_was_opened_without_room_says_so_from_the_first_commit(bench: Bench) -> None:
    bench.journal.ballast.drop()
    bench.writer.submit(bench.group(0))
    bench.writer.commit_waiting(0)

    assert bench.answered() == [Durable(0, False)]


def test_of_several_snapshots_the_newest_is_kept(bench: Bench) -> None:
    bench.writer.submit(bench.group(0, snapshot=Snapshot(0, b"old")))
    bench.writer.submit(bench.group(1, snapshot=Snapshot(1, b"new")))
    bench.writer.submit(bench.group(2))
    bench.writer.commit_waiting(0)

    assert bench.reader.snapshot(snapshot.VERSION) == b"new"


def test_the_thread_commits_what_is_queued_before_it_stops_and_closes(bench: Bench) -> None:
    thread = threading.Thread(target=bench.writer.run, daemon=True)
    thread.start()
    for seq in range(100):
        bench.writer.submit(bench.group(seq))
    bench.reader.close()
    bench.writer.stop()
    thread.join(ANSWER_WITHIN_S)

    assert not thread.is_alive()
    assert bench.answered()[-1] == Durable(99, True)
    # The last connection to close writes the WAL back: were there a second that writes, it would still be there.
    assert not (bench.directory / f"{FILE_NAME}-wal").exists()
    assert bench.reader.head() == 99


def test_an_error_that_no_disk_makes_ends_the_thread_aloud(bench: Bench) -> None:
    bench.journal.faults.append(ValueError("a fault of the program"))
    bench.writer.submit(bench.group(0))

    with pytest.raises(ValueError, match="a fault of the program"):
        bench.writer.commit_waiting(0)
