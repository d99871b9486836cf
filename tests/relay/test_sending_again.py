"""Checkpoints after their last leaf, what is asked for again, and the way back to what is acked."""

import hashlib
import json

import pytest

from station.relay.cursor import Cursor
from station.relay.outgoing import NOTE_TYPE, Kind, Outgoing
from station.relay.sender import Sender
from station.relay.topics import Topics
from tests.relay.world import BASE, EPOCH, MemoryJournal, leaf


class Bench:
    """A witnessed sender on a connection; `sent` is what it gave, as texts."""

    def __init__(self, leaf_count: int, *checkpoints: int, acked: int = -1) -> None:
        self.journal = MemoryJournal([leaf(seq) for seq in range(leaf_count)])
        for size in checkpoints:
            self.seal(size)
        self.cursor = Cursor(acked, is_witnessed=True)
        self.sender = Sender(Topics("greenleaf-414", "vault-1"), self.journal, self.cursor, lambda: 1.0, (1.0,))
        self.connect()

    def connect(self) -> None:
        self.sender.connected(65_536)
        self.sender.look()

    def seal(self, size: int) -> None:
        self.journal.notes[size] = b"note of %d" % size

    def take(self, room: int = 1_000) -> list[str]:
        """Take so many messages, and have all of them taken by the broker."""
        taken = self.sender.take(room)
        for each in taken:
            self.sender.answered(each, 0)
        return [named(each) for each in taken]

    def numbers(self) -> list[int]:
        return [int(each) for each in self.take() if each.isdigit()]


def named(sent: Outgoing) -> str:
    match sent.kind:
        case Kind.LEAF:
            return str(sent.seq)
        case Kind.HASH:
            return f"hash {sent.seq}"
        case Kind.CHECKPOINT:
            return f"checkpoint {sent.seq + 1}"


def test_a_checkpoint_goes_right_after_its_last_leaf() -> None:
    bench = Bench(6, 2, 5)

    assert bench.take() == ["0", "1", "checkpoint 2", "2", "3", "4", "checkpoint 5", "5"]


def test_a_checkpoint_is_the_note_s_own_bytes_and_takes_its_place_in_the_window() -> None:
    bench = Bench(2, 1)
    assert bench.take(1) == ["0"]

    (sent,) = bench.sender.take(1)
    assert (sent.topic, sent.payload, sent.content_type) == (f"{BASE}/checkpoint", b"note of 1", NOTE_TYPE)
    assert bench.take() == ["1"]


def test_checkpoints_of_a_long_backlog_each_follow_their_leaf() -> None:
    bench = Bench(1_000, *range(1, 1_001, 100))

    sent = bench.take(5_000)

    assert len(sent) == 1_010
    for size in range(1, 1_001, 100):
        assert sent[sent.index(f"checkpoint {size}") - 1] == str(size - 1)


def test_one_that_was_signed_after_its_leaf_had_gone_is_sent_at_the_next_look() -> None:
    bench = Bench(3, 1)
    bench.take()
    bench.seal(3)
    assert bench.take() == []

    bench.sender.look()
    assert bench.take() == ["checkpoint 3"]
    bench.sender.look()
    assert bench.take() == []


def test_a_connection_with_nothing_to_send_still_tells_the_newest_checkpoint() -> None:
    bench = Bench(3, 1, 3, acked=2)

    assert bench.take() == ["checkpoint 3"]
    bench.connect()
    assert bench.take() == ["checkpoint 3"]


def test_live_leaves_and_their_checkpoint_go_before_the_backlog() -> None:
    bench = Bench(300)
    assert bench.take(1) == ["0"]
    bench.journal.append(leaf(300))
    bench.seal(301)
    bench.sender.look()

    assert bench.take(3) == ["300", "checkpoint 301", "1"]


def test_a_connection_begins_at_what_is_acked_not_at_what_was_sent() -> None:
    bench = Bench(10)
    assert bench.numbers() == list(range(10))
    assert (bench.cursor.sent, bench.cursor.acked, bench.cursor.waiting) == (9, -1, 10)

    bench.cursor.acknowledged(5)
    bench.connect()

    assert bench.numbers() == [6, 7, 8, 9]
    assert bench.cursor.waiting == 4


def test_without_a_witness_a_connection_begins_at_what_was_sent() -> None:
    cursor = Cursor()
    cursor.connected(4)
    for seq in cursor.take_backlog(10):
        cursor.delivered(seq)
    cursor.connected(4)

    assert (cursor.acked, list(cursor.take_backlog(10))) == (4, [])


def test_an_acknowledgement_settles_what_has_no_answer_yet() -> None:
    bench = Bench(4)
    taken = bench.sender.take(10)
    bench.cursor.acknowledged(2)
    assert (bench.cursor.sent, bench.cursor.acked) == (2, 2)

    for each in taken:
        bench.sender.answered(each, 0)
    assert bench.cursor.sent == 3


def test_acked_never_goes_back() -> None:
    bench = Bench(4)
    bench.cursor.acknowledged(2)
    bench.cursor.acknowledged(1)

    assert bench.cursor.acked == 2


def test_after_too_long_a_silence_everything_above_acked_goes_again() -> None:
    bench = Bench(5, 3, 5)
    bench.take()
    bench.cursor.acknowledged(2)

    bench.sender.rewind()

    assert bench.take() == ["3", "4", "checkpoint 5"]


def test_what_is_asked_for_goes_again_with_its_checkpoints_between_live_and_backlog() -> None:
    bench = Bench(300, 2, 4)
    assert bench.take(12)[-1] == "9"
    bench.sender.ask(1, 3)
    bench.journal.append(leaf(300))
    bench.sender.look()

    assert bench.take(6) == ["300", "1", "checkpoint 2", "2", "3", "checkpoint 4"]
    assert bench.take(1) == ["10"]


def test_below_acked_too() -> None:
    bench = Bench(10, acked=9)
    bench.sender.ask(3, 4)

    assert bench.numbers() == [3, 4]


def test_a_long_range_is_read_in_batches_and_beyond_the_head_there_is_nothing() -> None:
    bench = Bench(250, acked=249)
    bench.sender.ask(0, 10_000)

    assert bench.numbers() == list(range(250))
    assert bench.journal.longest_read <= 100


def test_what_is_on_its_way_already_is_not_sent_twice_at_once() -> None:
    bench = Bench(3)
    taken = bench.sender.take(10)
    bench.sender.ask(0, 2)
    assert bench.sender.take(10) == []

    for each in taken:
        bench.sender.answered(each, 0)
    assert bench.cursor.sent == 2


def test_a_pruned_leaf_goes_as_the_hash_that_is_left_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(6, acked=5)
    lost = hashlib.sha256(b"leaf 0").digest()
    bench.journal.gone[0] = lost
    bench.journal.rows[0] = b""
    bench.sender.ask(0, 0)
    leaves = bench.journal.leaves
    monkeypatch.setattr(bench.journal, "leaves", lambda first, most: [row for row in leaves(first, most) if row[1]])

    (sent,) = bench.sender.take(10)
    assert (sent.kind, sent.topic) == (Kind.HASH, f"{BASE}/withheld")
    assert json.loads(sent.payload) == {"epoch": EPOCH, "seq": 0, "hash": lost.hex()}
