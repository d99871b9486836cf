"""What goes next: over a journal in memory and a clock that the test turns."""

import hashlib
import json

import pytest
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from station.relay.cursor import Cursor
from station.relay.outgoing import LEAF_TYPE, Outgoing, OutgoingKind, packet_bytes
from station.relay.sender import FALLS_MAX, Sender
from station.relay.topics import Topics
from tests.relay.world import BASE, EPOCH, MemoryJournal, leaf

OK, NOBODY, DENIED, QUOTA = 0, 16, 135, 151


class Bench:
    """A sender on a connection, with everything around it in reach."""

    def __init__(self, leaf_count: int, packet_bytes_max: int = 65_536) -> None:
        self.now = 100.0
        self.journal = MemoryJournal([leaf(seq) for seq in range(leaf_count)])
        self.cursor = Cursor()
        self.sender = Sender(
            Topics("greenleaf-414", "vault-1"), self.journal, self.cursor, lambda: self.now, (1.0, 2.0, 4.0)
        )
        self.reconnect(packet_bytes_max)

    def reconnect(self, packet_bytes_max: int = 65_536) -> None:
        self.sender.begin_connection(packet_bytes_max)
        self.sender.look_at_journal()

    def answer(self, sent: list[Outgoing], reason: int) -> list[Outgoing]:
        answers = [self.sender.note_answer(each, reason) for each in sent]
        return [each for each in answers if each is not None]

    def seqs(self, room: int = 100) -> list[int]:
        return [each.seq for each in self.sender.take_outgoing(room)]


def test_it_sends_the_leaf_s_own_bytes_under_its_type() -> None:
    bench = Bench(1)
    (sent,) = bench.sender.take_outgoing(100)
    assert (sent.seq, sent.kind, sent.topic) == (0, OutgoingKind.LEAF, f"{BASE}/event/count.scanned")
    assert sent.payload is bench.journal.rows[0]
    assert sent.content_type == LEAF_TYPE


def test_room_and_order() -> None:
    bench = Bench(250)
    assert bench.seqs(100) == list(range(100))
    assert bench.sender.in_flight == 100
    assert bench.seqs(0) == bench.seqs(-3) == []
    assert bench.seqs(7) == list(range(100, 107))


def test_live_leaves_go_before_the_backlog() -> None:
    bench = Bench(500)
    assert bench.seqs(10) == list(range(10))
    bench.journal.append(leaf(500), leaf(501))
    bench.sender.look_at_journal()
    assert bench.seqs(4) == [500, 501, 10, 11]


def test_nothing_is_sent_before_the_first_look_of_a_connection() -> None:
    bench = Bench(5)
    bench.sender.begin_connection(65_536)
    assert bench.seqs() == []
    bench.sender.look_at_journal()
    assert bench.seqs() == [0, 1, 2, 3, 4]


def test_reads_are_short_however_much_room_there_is() -> None:
    bench = Bench(1_000)
    assert len(bench.sender.take_outgoing(1_000)) == 1_000
    assert bench.journal.longest_read == 100


def test_nobody_subscribed_stalls_the_backlog_with_growing_pauses() -> None:
    bench = Bench(300)
    for pause_s in (1.0, 2.0, 4.0, 4.0):
        sent = bench.sender.take_outgoing(100)
        assert [each.seq for each in sent] == list(range(100))
        bench.answer(sent, NOBODY)
        assert bench.seqs() == []
        assert bench.sender.wait_s(60) == pause_s
        bench.now += pause_s - 0.01
        assert bench.seqs() == []
        bench.now += 0.02
        assert bench.sender.wait_s(60) == 0
    assert bench.cursor.sent == -1
    assert bench.cursor.waiting == 300


def test_a_subscriber_ends_the_stall_and_the_pauses_start_anew() -> None:
    bench = Bench(4)
    for _ in range(2):
        bench.answer(bench.sender.take_outgoing(100), NOBODY)
        bench.now += 5
    bench.answer(bench.sender.take_outgoing(100), OK)
    assert bench.cursor.sent == 3
    assert bench.sender.wait_s(60) == 60
    bench.journal.append(leaf(4))
    bench.sender.look_at_journal()
    bench.answer(bench.sender.take_outgoing(100), NOBODY)
    assert bench.sender.wait_s(60) == 1.0


def test_a_live_leaf_is_tried_once_during_a_stall() -> None:
    bench = Bench(3)
    bench.answer(bench.sender.take_outgoing(100), NOBODY)
    bench.journal.append(leaf(3))
    bench.sender.look_at_journal()
    sent = bench.sender.take_outgoing(100)
    assert [each.seq for each in sent] == [3]
    bench.answer(sent, NOBODY)
    assert bench.seqs() == []
    assert bench.sender.wait_s(60) == 1.0


def test_one_type_without_a_subscriber_does_not_spin_while_others_pass() -> None:
    bench = Bench(0)
    bench.journal.append(*(leaf(seq, "door.held" if seq % 2 else "count.scanned") for seq in range(40)))
    bench.sender.look_at_journal()
    pauses = []
    for _ in range(4):
        for each in bench.sender.take_outgoing(10):
            bench.sender.note_answer(each, NOBODY if each.event_type == "door.held" else OK)
        pauses.append(bench.sender.wait_s(60))
        bench.now += 5
    assert pauses[-1] == 4.0


def test_a_full_broker_is_tried_again_later() -> None:
    bench = Bench(1)
    assert bench.answer(bench.sender.take_outgoing(1), QUOTA) == []
    assert (bench.cursor.sent, bench.cursor.withheld) == (-1, 0)
    bench.now += 1
    bench.answer(bench.sender.take_outgoing(1), OK)
    assert bench.cursor.sent == 0


def test_a_refused_leaf_is_followed_by_its_hash_in_its_place() -> None:
    bench = Bench(2)
    first, second = bench.sender.take_outgoing(2)
    (follower,) = bench.answer([first], DENIED)
    assert (follower.kind, follower.topic) == (OutgoingKind.HASH, f"{BASE}/withheld")
    digest = hashlib.sha256(b"\0" + bench.journal.rows[0]).hexdigest()
    assert json.loads(follower.payload) == {"epoch": EPOCH, "seq": 0, "hash": digest}
    assert bench.sender.in_flight == 2
    bench.answer([second], OK)
    assert bench.cursor.sent == -1
    bench.answer([follower], OK)
    assert (bench.cursor.sent, bench.cursor.withheld) == (1, 1)


def test_a_hash_that_nobody_took_comes_back_and_one_that_is_refused_too_ends_it() -> None:
    bench = Bench(1)
    (follower,) = bench.answer(bench.sender.take_outgoing(1), DENIED)
    bench.answer([follower], NOBODY)
    assert bench.cursor.sent == -1
    bench.now += 1
    (follower,) = bench.answer(bench.sender.take_outgoing(1), DENIED)
    assert bench.answer([follower], DENIED) == []
    assert (bench.cursor.sent, bench.cursor.withheld) == (0, 1)


def test_an_oversized_leaf_goes_as_its_hash_at_once() -> None:
    bench = Bench(1)
    size = packet_bytes(f"{BASE}/event/count.scanned", bench.journal.rows[0], LEAF_TYPE)
    bench.reconnect(size)
    assert bench.sender.take_outgoing(1)[0].kind is OutgoingKind.LEAF
    bench.reconnect(size - 1)
    assert bench.sender.take_outgoing(1)[0].kind is OutgoingKind.HASH
    assert "leaf-oversized/count.scanned" in bench.sender.refusals.withheld_alerts()


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[]", b"{}", b'{"type":7}', b'{"type":"a/b"}', b'{"type":"#"}'])
def test_what_names_no_topic_goes_as_its_hash(raw: bytes) -> None:
    bench = Bench(0)
    bench.journal.append(raw, leaf(1))
    bench.sender.look_at_journal()
    assert [each.kind for each in bench.sender.take_outgoing(9)] == [OutgoingKind.HASH, OutgoingKind.LEAF]
    assert "leaf-unreadable/unknown" in bench.sender.refusals.withheld_alerts()


def test_a_leaf_that_breaks_connections_is_withheld_after_it_was_alone() -> None:
    bench = Bench(10)
    bench.answer(bench.sender.take_outgoing(100)[:4], OK)
    bench.sender.end_connection(is_fault=True)
    for _ in range(FALLS_MAX - 1):
        bench.reconnect()
        assert bench.seqs() == [4]
        bench.sender.end_connection(is_fault=True)
    bench.reconnect()
    (sent,) = bench.sender.take_outgoing(100)
    assert (sent.seq, sent.kind) == (4, OutgoingKind.HASH)
    bench.answer([sent], OK)
    assert bench.seqs() == [5, 6, 7, 8, 9]
    assert bench.cursor.withheld == 1


def test_a_network_that_breaks_accuses_no_leaf() -> None:
    bench = Bench(10)
    for _ in range(3 * FALLS_MAX):
        assert bench.seqs() == list(range(10))
        bench.sender.end_connection(is_fault=False)
        bench.reconnect()


def test_a_suspect_that_passes_is_acquitted() -> None:
    bench = Bench(10)
    bench.seqs()
    bench.sender.end_connection(is_fault=True)
    bench.reconnect()
    bench.answer(bench.sender.take_outgoing(100), OK)
    assert bench.seqs() == list(range(1, 10))


def test_answers_of_an_old_connection_or_twice_change_nothing() -> None:
    bench = Bench(3)
    old = bench.sender.take_outgoing(3)
    bench.sender.end_connection(is_fault=False)
    bench.reconnect()
    bench.answer(old, OK)
    assert bench.cursor.sent == -1
    new = bench.sender.take_outgoing(3)
    bench.answer(new + new, OK)
    assert bench.cursor.sent == 2


def test_a_journal_that_fails_leaves_everything_open() -> None:
    bench = Bench(5)
    bench.journal.fault = OSError("I/O error")
    with pytest.raises(OSError, match="I/O error"):
        bench.sender.take_outgoing(5)
    bench.journal.fault = None
    assert bench.seqs() == [0, 1, 2, 3, 4]


def test_rows_that_are_not_there_are_passed_over_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(10)
    whole = bench.journal.leaves
    pruned = {0, 4}
    leaves = lambda first, count: [row for row in whole(first, count) if row[0] not in pruned]  # noqa: E731
    monkeypatch.setattr(bench.journal, "leaves", leaves)
    sent = bench.sender.take_outgoing(100)
    assert [each.seq for each in sent] == [1, 2, 3, 5, 6, 7, 8, 9]
    bench.answer(sent, OK)
    assert bench.cursor.sent == 9
    assert bench.sender.absent == 2


def test_a_shorter_batch_than_asked_for_is_no_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(10)
    whole = bench.journal.leaves
    monkeypatch.setattr(bench.journal, "leaves", lambda first, count: whole(first, min(count, 3)))
    assert bench.seqs() == list(range(10))


@pytest.mark.parametrize("payload_bytes", [0, 50, 63, 64, 70, 16_000, 16_290, 16_310, 32_768, 2_097_152])
def test_the_packet_size_is_what_paho_writes(payload_bytes: int) -> None:
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5)
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ContentType = LEAF_TYPE
    written: list[int] = []
    client._packet_queue = lambda _command, packet, *_: written.append(len(packet)) or 0  # type: ignore
    client._sock = object()  # type: ignore[assignment]
    topic, payload = f"{BASE}/event/count.scanned", b"x" * payload_bytes
    client._send_publish(1, topic.encode(), payload, 1, False, False, None, properties)
    client._sock = None
    assert written == [packet_bytes(topic, payload, LEAF_TYPE)]
