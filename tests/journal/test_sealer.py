"""When a checkpoint is signed, over what, and that no size ever has two roots."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from station.journal.journal import FILE_NAME, Journal, Row
from station.journal.reader import Reader
from station.journal.sealer import SEAL_EVENTS_MAX, SEAL_EVERY_MS
from station.journal.writer import CommitFailed, Durable, Group, Sealed, Writer, WriterAnswer
from station.sealing.checkpoint import Checkpoint, open_checkpoint
from station.sealing.merkle import CompactRange, root_of
from station.sealing.note import ED25519, SigningKey
from tests.journal.rows import WALL_MS, count_events, rows, without_triggers

KEY = SigningKey("custody/greenleaf-414/vault-1", ED25519, b"\x07" * 32)


class Bench:
    """A journal with a key, and a clock that the test turns."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.now = directory, 1_000
        self.open()

    def open(self) -> None:
        self.journal = Journal(self.directory, key=KEY, now=lambda: self.now)
        self.epoch = self.journal.open(WALL_MS).epoch
        self.reader = Reader.open_at(self.directory / FILE_NAME)
        self.rows = rows(0, count_events(1_000), self.epoch)

    def append(self, first: int, last: int, *, is_urgent: bool = False) -> None:
        self.journal.append(self.rows[first : last + 1], is_urgent=is_urgent)

    def sizes(self) -> list[int]:
        return [size for size, _, _ in self.reader.stored_checkpoints()]

    def close(self) -> None:
        self.reader.close()
        self.journal.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def hashes(made: list[Row]) -> list[bytes]:
    return [row[2] for row in made]


def test_the_first_commit_of_a_run_is_sealed_and_then_nothing_for_a_minute(bench: Bench) -> None:
    for seq in range(10):
        bench.append(seq, seq)

    assert bench.sizes() == [1]


def test_a_hundred_events_are_sealed_whatever_the_time(bench: Bench) -> None:
    for seq in range(2 * SEAL_EVENTS_MAX + 2):
        bench.append(seq, seq)

    assert bench.sizes() == [1, 1 + SEAL_EVENTS_MAX, 1 + 2 * SEAL_EVENTS_MAX]


def test_what_is_urgent_is_sealed_with_its_own_commit(bench: Bench) -> None:
    bench.append(0, 0)
    bench.append(1, 4, is_urgent=True)

    assert bench.sizes() == [1, 5]


def test_a_minute_later_the_next_event_is_sealed(bench: Bench) -> None:
    bench.append(0, 0)
    bench.now += SEAL_EVERY_MS - 1
    bench.append(1, 1)
    assert bench.sizes() == [1]

    bench.now += 1
    bench.append(2, 2)
    assert bench.sizes() == [1, 3]


def test_each_checkpoint_says_origin_size_and_root_and_is_signed(bench: Bench) -> None:
    for seq in range(250):
        bench.append(seq, seq)

    sealed = list(bench.reader.stored_checkpoints())
    assert len(sealed) == 3
    for size, note, kept in sealed:
        root = root_of(hashes(bench.rows[:size]))
        assert open_checkpoint(note, [KEY.verifier]) == Checkpoint(f"{KEY.name}/{bench.epoch}", size, root)
        assert CompactRange.decode(size, kept).root() == root


def test_what_nothing_follows_is_sealed_by_itself_and_only_once(bench: Bench) -> None:
    bench.append(0, 0)
    bench.append(1, 2)
    assert not bench.journal.seal_when_due()

    bench.now += SEAL_EVERY_MS
    assert bench.journal.seal_when_due()
    assert bench.sizes() == [1, 3]

    bench.now += SEAL_EVERY_MS
    assert not bench.journal.seal_when_due()


def test_a_new_run_goes_on_with_the_tree(bench: Bench) -> None:
    bench.append(0, 41)
    bench.append(42, 59)
    bench.close()

    bench.open()
    bench.append(60, 60)

    size, note, _ = list(bench.reader.stored_checkpoints())[-1]
    assert size == 61
    assert open_checkpoint(note, [KEY.verifier]).root == root_of(hashes(bench.rows[:61]))


def test_a_commit_that_failed_leaves_the_tree_as_it_was(bench: Bench) -> None:
    bench.append(0, 0)
    with pytest.raises(sqlite3.IntegrityError, match="the next one"):
        bench.append(5, 5, is_urgent=True)

    bench.append(1, 1, is_urgent=True)

    size, note, _ = list(bench.reader.stored_checkpoints())[-1]
    assert (size, open_checkpoint(note, [KEY.verifier]).root) == (2, root_of(hashes(bench.rows[:2])))


def test_a_new_key_signs_from_its_use_on(bench: Bench) -> None:
    new = SigningKey.generate(KEY.name)
    bench.append(0, 0, is_urgent=True)
    bench.journal.use_key(new)
    bench.append(1, 1, is_urgent=True)

    (_, first, _), (_, second, _) = bench.reader.stored_checkpoints()
    open_checkpoint(first, [KEY.verifier])
    open_checkpoint(second, [new.verifier])


def test_a_checkpoint_whose_range_rotted_is_a_corrupt_journal(bench: Bench) -> None:
    bench.append(0, 0)
    bench.close()
    without_triggers(bench.directory, "UPDATE checkpoint SET range = x'00'")

    opened = Journal(bench.directory, key=KEY).open(WALL_MS)

    assert opened.previous == bench.epoch
    assert opened.reason.startswith("journal set aside: checkpoint")
    bench.open()


def test_a_journal_without_a_key_has_no_checkpoints(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    made = rows(0, count_events(5), journal.open(WALL_MS).epoch)
    journal.append(made, is_urgent=True)

    assert not journal.seal_when_due()
    assert list(Reader.open_at(journal.path).stored_checkpoints()) == []
    journal.close()


class Threaded(Bench):
    """The same under the journal thread's own turns."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.answers: SimpleQueue[WriterAnswer] = SimpleQueue()
        self.writer = Writer(self.journal, self.answers.put)

    def turn(self, *seqs: int, attempt: int = 0, is_urgent: bool = False) -> WriterAnswer | None:
        for seq in seqs:
            self.writer.submit(Group(attempt, [self.rows[seq]], is_urgent=is_urgent))
        self.writer.commit_waiting(0)
        return None if self.answers.empty() else self.answers.get()


@pytest.fixture
def threaded(tmp_path: Path) -> Iterator[Threaded]:
    bench = Threaded(tmp_path)
    yield bench
    bench.close()


def test_the_thread_seals_when_it_is_idle_and_says_so(threaded: Threaded) -> None:
    assert threaded.turn(0) == Durable(0, True)
    assert threaded.turn(1) == Durable(1, True)
    assert threaded.turn() is None

    threaded.now += SEAL_EVERY_MS
    assert threaded.turn() == Sealed()
    assert threaded.sizes() == [1, 2]


def test_one_urgent_group_seals_all_that_is_gathered(threaded: Threaded) -> None:
    threaded.turn(0)
    threaded.writer.submit(Group(0, [threaded.rows[1]]))
    threaded.turn(2, is_urgent=True)

    assert threaded.sizes() == [1, 3]


def test_nothing_is_sealed_while_commits_fail(threaded: Threaded, monkeypatch: pytest.MonkeyPatch) -> None:
    threaded.turn(0)
    threaded.turn(1)
    with monkeypatch.context() as broken:
        broken.setattr(threaded.journal, "append", fails)
        assert isinstance(threaded.turn(2), CommitFailed)
    threaded.now += SEAL_EVERY_MS
    assert threaded.turn() is None

    assert threaded.turn(2, attempt=1) == Durable(2, True)
    assert threaded.sizes() == [1, 3]


def test_a_seal_that_fails_is_a_failed_commit(threaded: Threaded, monkeypatch: pytest.MonkeyPatch) -> None:
    threaded.turn(0)
    threaded.turn(1)
    threaded.now += SEAL_EVERY_MS
    with monkeypatch.context() as broken:
        broken.setattr(threaded.journal, "seal_when_due", fails)
        answer = threaded.turn()

    assert isinstance(answer, CommitFailed)
    assert answer.attempt == 0


def fails(*_: object, **__: object) -> None:
    raise OSError(5, "Input/output error")
