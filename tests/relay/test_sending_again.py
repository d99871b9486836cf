"""Checkpoints after their last leaf, what is asked for again, and the way back to what is acked."""

import hashlib
import json

import pytest

from station.relay.cursor import Cursor
from station.relay.outgoing import NOTE_TYPE, Outgoing, OutgoingKind
from station.relay.sender import BREAKERS_MAX, FALLS_MAX, Sender
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
        self.sender.begin_connection(65_536)
        self.sender.look_at_journal()

    def seal(self, size: int) -> None:
        self.journal.notes[size] = b"note of %d" % size

    def take(self, room: int = 1_000) -> list[str]:
        """Take so many messages, and have all of them taken by the broker."""
        taken = self.sender.take_outgoing(room)
        for each in taken:
            self.sender.note_answer(each, 0)
        return [named(each) for each in taken]

    def numbers(self) -> list[int]:
        return [int(each) for each in self.take() if each.isdigit()]


def named(sent: Outgoing) -> str:
    match sent.kind:
        case OutgoingKind.LEAF:
            return str(sent.seq)
        case OutgoingKind.HASH:
            return f"hash {sent.seq}"
        case OutgoingKind.CHECKPOINT:
            return f"checkpoint {sent.seq + 1}"


def test_a_checkpoint_goes_right_after_its_last_leaf() -> None:
    bench = Bench(6, 2, 5)

    assert bench.take() == ["0", "1", "checkpoint 2", "2", "3", "4", "checkpoint 5", "5"]


def test_a_checkpoint_is_the_note_s_own_bytes_and_takes_its_place_in_the_window() -> None:
    bench = Bench(2, 1)
    assert bench.take(1) == ["0"]

    (sent,) = bench.sender.take_outgoing(1)
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

    bench.sender.look_at_journal()
    assert bench.take() == ["checkpoint 3"]
    bench.sender.look_at_journal()
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
    bench.sender.look_at_journal()

    assert bench.take(3) == ["300", "checkpoint 301", "1"]


def test_a_connection_begins_at_what_is_acked_not_at_what_was_sent() -> None:
    bench = Bench(10)
    assert bench.numbers() == list(range(10))
    assert (bench.cursor.sent, bench.cursor.acked, bench.cursor.waiting) == (9, -1, 10)

    bench.cursor.note_cosigned(5)
    bench.connect()

    assert bench.numbers() == [6, 7, 8, 9]
    assert bench.cursor.waiting == 4


def test_without_a_witness_a_connection_begins_at_what_was_sent() -> None:
    cursor = Cursor()
    cursor.begin_connection(4)
    for seq in cursor.take_backlog(10):
        cursor.note_delivered(seq)
    cursor.begin_connection(4)

    assert (cursor.acked, list(cursor.take_backlog(10))) == (4, [])


def test_an_acknowledgement_settles_what_has_no_answer_yet() -> None:
    bench = Bench(4)
    taken = bench.sender.take_outgoing(10)
    bench.cursor.note_cosigned(2)
    assert (bench.cursor.sent, bench.cursor.acked) == (2, 2)

    for each in taken:
        bench.sender.note_answer(each, 0)
    assert bench.cursor.sent == 3


def test_acked_never_goes_back() -> None:
    bench = Bench(4)
    bench.cursor.note_cosigned(2)
    bench.cursor.note_cosigned(1)

    assert bench.cursor.acked == 2


def test_after_too_long_a_silence_everything_above_acked_goes_again() -> None:
    bench = Bench(5, 3, 5)
    bench.take()
    bench.cursor.note_cosigned(2)

    bench.sender.rewind()

    assert bench.take() == ["3", "4", "checkpoint 5"]


def test_what_is_asked_for_goes_again_with_its_checkpoints_between_live_and_backlog() -> None:
    bench = Bench(300, 2, 4)
    assert bench.take(12)[-1] == "9"
    bench.sender.queue_resend(1, 3)
    bench.journal.append(leaf(300))
    bench.sender.look_at_journal()

    assert bench.take(6) == ["300", "1", "checkpoint 2", "2", "3", "checkpoint 4"]
    assert bench.take(1) == ["10"]


def test_below_acked_too() -> None:
    bench = Bench(10, acked=9)
    bench.sender.queue_resend(3, 4)

    assert bench.numbers() == [3, 4]


def test_a_long_range_is_read_in_batches_and_beyond_the_head_there_is_nothing() -> None:
    bench = Bench(250, acked=249)
    bench.sender.queue_resend(0, 10_000)

    assert bench.numbers() == list(range(250))
    assert bench.journal.longest_read <= 100


def test_what_is_on_its_way_already_is_not_sent_twice_at_once() -> None:
    bench = Bench(3)
    taken = bench.sender.take_outgoing(10)
    bench.sender.queue_resend(0, 2)
    assert bench.sender.take_outgoing(10) == []

    for each in taken:
        bench.sender.note_answer(each, 0)
    assert bench.cursor.sent == 2


def test_a_pruned_leaf_goes_as_the_hash_that_is_left_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(6, acked=5)
    lost = hashlib.sha256(b"leaf 0").digest()
    bench.journal.gone[0] = lost
    bench.journal.rows[0] = b""
    bench.sender.queue_resend(0, 0)
    leaves = bench.journal.leaves
    monkeypatch.setattr(bench.journal, "leaves", lambda first, most: [row for row in leaves(first, most) if row[1]])

    (sent,) = bench.sender.take_outgoing(10)
    assert (sent.kind, sent.topic) == (OutgoingKind.HASH, f"{BASE}/withheld")
    assert json.loads(sent.payload) == {"epoch": EPOCH, "seq": 0, "hash": lost.hex()}


BREAKERS = (3, 40)
"""Leaves that break each connection on which they go."""


def survive(bench: Bench, connections: int) -> list[str]:
    """Send over so many connections; those before a breaker are answered, as in one stream. What passed, in order."""
    passed: list[str] = []
    for _ in range(connections):
        while taken := bench.sender.take_outgoing(100):
            is_broken = False
            for each in taken:
                is_broken |= each.kind is OutgoingKind.LEAF and each.seq in BREAKERS
                if not is_broken:
                    bench.sender.note_answer(each, 0)
                    passed.append(named(each))
            if is_broken:
                bench.sender.end_connection(is_fault=True)
                break
        else:
            return passed
        bench.connect()
    return passed


def test_two_leaves_that_break_connections_do_not_make_one_another_forgotten() -> None:
    """Each connection begins at acked again: what was found out of the first one must hold until the second is."""
    bench = Bench(60, 60)
    passed = survive(bench, 2 * FALLS_MAX + 1)
    assert {"hash 3", "hash 40", "59", "checkpoint 60"} <= set(passed)
    assert bench.cursor.sent == 59


def test_a_suspect_goes_before_everything_else_and_alone() -> None:
    bench = Bench(5_000, 41)
    for each in bench.sender.take_outgoing(60):
        if each.seq < 40:
            bench.sender.note_answer(each, 0)
    bench.sender.end_connection(is_fault=True)
    bench.journal.append(leaf(5_000))
    bench.connect()
    bench.sender.queue_resend(0, 999)
    bench.journal.append(leaf(5_001))
    bench.sender.look_at_journal()
    trial = bench.sender.take_outgoing(100)
    assert [named(each) for each in trial] == ["40"]
    assert bench.sender.take_outgoing(100) == []
    bench.sender.note_answer(trial[0], 0)
    assert [named(each) for each in bench.sender.take_outgoing(4)] == ["checkpoint 41", "5001", "0", "1"]
    assert bench.cursor.has_gone(40)


def test_a_leaf_below_acked_that_breaks_connections_goes_as_its_hash_though_asked_for_once() -> None:
    bench = Bench(60, acked=59)
    bench.sender.queue_resend(3, 3)
    assert survive(bench, FALLS_MAX + 1) == ["hash 3"]
    bench.sender.queue_resend(2, 4)
    assert survive(bench, 1) == ["2", "hash 3", "4"], "it breaks no connection again"


def test_a_suspect_that_the_journal_no_longer_has_holds_up_nothing() -> None:
    bench = Bench(10)
    bench.sender.take_outgoing(100)
    bench.sender.end_connection(is_fault=True)
    bench.journal.rows.clear()
    bench.connect()
    assert bench.sender.take_outgoing(100) == []
    bench.journal.append(*(leaf(seq) for seq in range(12)))
    bench.sender.look_at_journal()
    assert "11" in bench.take()


def test_of_leaves_that_break_connections_the_newest_are_remembered() -> None:
    bench = Bench(1)
    for seq in range(BREAKERS_MAX + 5):
        bench.sender._remember_breaker(seq)
    assert list(bench.sender._breakers) == list(range(5, BREAKERS_MAX + 5))


def test_after_a_rewind_the_hash_of_a_refused_leaf_goes_again_too() -> None:
    """It may be lost behind its PUBACK as any leaf."""
    bench = Bench(5)
    for each in bench.sender.take_outgoing(100):
        follower = bench.sender.note_answer(each, 135 if each.seq == 2 else 0)
        if follower:
            bench.sender.note_answer(follower, 0)
    assert bench.cursor.sent == 4
    bench.connect()
    assert bench.take() == ["0", "1", "2", "3", "4"]


def test_a_refusal_above_a_hole_is_forgotten_by_a_rewind() -> None:
    bench = Bench(5)
    taken = bench.sender.take_outgoing(100)
    follower = bench.sender.note_answer(taken[3], 135)
    assert follower is not None
    bench.sender.note_answer(follower, 0)
    bench.connect()
    assert bench.take() == ["0", "1", "2", "3", "4"]
