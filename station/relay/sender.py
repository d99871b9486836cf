"""Which leaf goes next and what an answer to it means: pure over a cursor, a journal and a clock."""

from collections import deque
from collections.abc import Callable, Sequence

import msgspec

from station.relay.cursor import Cursor
from station.relay.outgoing import (
    LEAF_TYPE,
    LeafReader,
    Outgoing,
    OutgoingKind,
    WhyWithheld,
    WithheldAlerts,
    checkpoint_message,
    hash_message,
    packet_bytes,
)
from station.relay.topics import NameRefused, Topics
from station.sealing.merkle import leaf_hash

BATCH_ROWS_MAX = 100
"""Rows a read; a longer read would hold the journal's write-ahead log open."""

ASKED_MAX = 16
"""Ranges at once that a receiver may have asked for again; the oldest gives way, and will be asked for anew."""

FALLS_MAX = 3
"""Connections that may break as a protocol fault over one leaf: once in company, twice with it alone on its way."""

BREAKERS_MAX = 1000
"""Leaves that are remembered for having broken so many; the oldest is forgotten, and breaks them anew."""

NO_SUBSCRIBERS = 16
REFUSED_FROM = 128
PACKET_TOO_LARGE = 149
LATER = frozenset({NO_SUBSCRIBERS, 145, 151})
"""PUBACK reasons to try again after: nobody subscribes, identifier in use, quota exceeded (MQTT 5, 3.4.2.1)."""


class _Head(msgspec.Struct):
    """The two attributes of a leaf that the relay needs."""

    type: str
    epoch: str = ""


_decode_head = msgspec.json.Decoder(_Head).decode


class Sender:
    """Feeds the window: live leaves first, the backlog fills the rest; answers move the cursor."""

    def __init__(
        self,
        topics: Topics,
        journal: LeafReader,
        cursor: Cursor,
        now: Callable[[], float],
        pauses_s: Sequence[float],
    ) -> None:
        self._topics = topics
        self._journal = journal
        self._cursor = cursor
        self._now = now
        self._pauses_s = pauses_s
        self._live: deque[tuple[int, bytes]] = deque()
        self._backlog: deque[tuple[int, bytes]] = deque()
        self._in_flight: dict[int, Outgoing] = {}  # in the order they were sent
        self._packet_bytes_max = 0
        self._has_looked = False
        self._misses = 0
        self._stalled_until = 0.0
        self._retried_through = -1
        self._suspect = -1
        self._falls = 0
        self._breakers: dict[int, None] = {}  # in the order in which they were found
        self._asked: deque[range] = deque(maxlen=ASKED_MAX)
        self._again: deque[tuple[int, bytes]] = deque()
        self._checkpoints: dict[int, bytes] = {}  # by size, of leaves in a lane
        self._due: deque[Outgoing] = deque()
        self._announced = 0
        self.refusals = WithheldAlerts()
        self.absent = 0
        """Leaves that the journal no longer had when it was their turn."""

    @property
    def in_flight(self) -> int:
        """How many leaves await an answer."""
        return len(self._in_flight)

    def begin_connection(self, packet_bytes_max: int) -> None:
        """Start on a new connection; `packet_bytes_max` is the broker's limit."""
        self._packet_bytes_max = packet_bytes_max
        self._has_looked = False
        self._forget_lanes()

    def end_connection(self, is_fault: bool) -> None:
        """The connection is over; `is_fault` says that one side found the other's packets wrong.

        Answers come in the order of sending, so the oldest leaf without one is the one to suspect.
        """
        oldest = next(iter(self._in_flight), -1)
        if is_fault and oldest >= 0:
            self._falls = self._falls + 1 if oldest == self._suspect else 1
            self._suspect = oldest
            if self._falls >= FALLS_MAX:
                self._remember_breaker(oldest)
        self._forget_lanes()

    def look_at_journal(self) -> None:
        """Learn how far the journal goes; nothing is sent on a connection before its first look."""
        head = self._journal.head()
        if self._has_looked:
            self._cursor.note_head(head)
        else:
            self._cursor.begin_connection(head)
            self._has_looked = True
        self._look_for_late_checkpoint()

    def queue_resend(self, first: int, last: int) -> None:
        """A receiver misses first..last: they go again, whether delivered or not."""
        self._asked.append(range(max(0, first), min(last, self._cursor.head) + 1))

    def rewind(self) -> None:
        """Nobody cosigned what was sent: send it all again."""
        self._backlog.clear()
        self._live.clear()
        self._cursor.rewind()
        self._announced = 0

    def take_outgoing(self, room: int) -> list[Outgoing]:
        """Return up to `room` messages to publish now, live ones first."""
        if not self._has_looked:
            return []
        self._end_stall()
        if self._suspect >= 0:
            return self._try_suspect(room)
        taken: list[Outgoing] = []
        while len(taken) < room and (outgoing := self._next_outgoing()) is not None:
            taken.append(outgoing)
        return taken

    def _try_suspect(self, room: int) -> list[Outgoing]:
        """Before anything else, and alone: so it takes one answer to know, whatever else waits."""
        if self._in_flight or room <= 0:
            return []
        rows = [row for row in self._journal.leaves(self._suspect, 1) if row[0] == self._suspect]
        if not rows:
            self._acquit_suspect(self._suspect)
            return []
        self._cursor.take_one(self._suspect)
        for size, note in self._journal.checkpoints_between(self._suspect + 1, self._suspect + 1):
            self._announce_checkpoint(size, note)
        outgoing = self._outgoing_of(*rows[0])
        self._in_flight[outgoing.seq] = outgoing
        return [outgoing]

    def _next_outgoing(self) -> Outgoing | None:
        """A checkpoint whose last leaf has gone, else the next leaf."""
        if self._due:
            return self._due.popleft()
        row = self._next_row()
        if row is None:  # looking for it may have found pruned ones
            return self._due.popleft() if self._due else None
        outgoing = self._outgoing_of(*row)
        self._in_flight[outgoing.seq] = outgoing
        note = self._checkpoints.pop(outgoing.seq + 1, None)
        if note is not None:
            self._announce_checkpoint(outgoing.seq + 1, note)
        return outgoing

    def note_answer(self, sent: Outgoing, reason: int) -> Outgoing | None:
        """Take the PUBACK's reason for a message; return what has to follow it, in its place in the window."""
        if self._in_flight.get(sent.seq) is not sent:
            return None
        if sent.kind is OutgoingKind.LEAF and reason >= REFUSED_FROM and reason not in LATER:
            follower = self._withhold_leaf(sent.seq, sent.leaf, sent.event_type, WhyWithheld.REFUSED, reason)
            self._in_flight[sent.seq] = follower
            return follower
        del self._in_flight[sent.seq]
        self._acquit_suspect(sent.seq)
        if reason in LATER:
            self._come_back(sent.seq)
        elif sent.kind is OutgoingKind.HASH:
            self._cursor.note_refused(sent.seq)
        else:
            self._note_delivered(sent)
        return None

    def wait_s(self, longest_s: float) -> float:
        """Return how long nothing new can be sent by itself, at most `longest_s`."""
        if not self._cursor.has_returned:
            return longest_s
        return min(longest_s, max(0.0, self._stalled_until - self._now()))

    def _forget_lanes(self) -> None:
        for each in (self._live, self._backlog, self._again, self._in_flight, self._checkpoints, self._due):
            each.clear()
        self._announced = 0

    def _remember_breaker(self, seq: int) -> None:
        self._breakers[seq] = None
        if len(self._breakers) > BREAKERS_MAX:
            del self._breakers[next(iter(self._breakers))]

    def _announce_checkpoint(self, size: int, note: bytes) -> None:
        self._announced = max(self._announced, size)
        self._due.append(checkpoint_message(self._topics, size, note))

    def _look_for_late_checkpoint(self) -> None:
        """One that was made when its last leaf had gone already; any other goes right after its leaf."""
        newest = self._journal.newest_checkpoint()
        if newest is not None and newest[0] > self._announced and self._cursor.has_gone(newest[0] - 1):
            self._announce_checkpoint(newest[0], newest[1])

    def _next_row(self) -> tuple[int, bytes] | None:
        if not self._live:
            self._fill_lane(self._live, self._cursor.take_live(BATCH_ROWS_MAX))
        if self._live:
            return self._live.popleft()
        if (again := self._next_again()) is not None:
            return again
        if self._cursor.has_returned:
            return None
        if not self._backlog:
            self._fill_lane(self._backlog, self._cursor.take_backlog(BATCH_ROWS_MAX))
        return self._backlog.popleft() if self._backlog else None

    def _next_again(self) -> tuple[int, bytes] | None:
        while self._again or self._asked:
            if not self._again:
                self._read_again(self._asked.popleft())
            elif (row := self._again.popleft())[0] not in self._in_flight:
                return row
        return None

    def _read_again(self, asked: range) -> None:
        batch, rest = asked[:BATCH_ROWS_MAX], asked[BATCH_ROWS_MAX:]
        if rest:
            self._asked.appendleft(rest)
        if not batch:
            return
        rows = [row for row in self._journal.leaves(batch.start, len(batch)) if row[0] in batch]
        self._again.extend(rows)
        self._note_checkpoints(rows)
        for seq, hash in self._journal.pruned_leaves(batch.start, len(batch)):
            if seq in batch:
                self._due.append(hash_message(self._topics, "pruned", (self._journal.epoch(), seq), hash))

    def _note_checkpoints(self, rows: list[tuple[int, bytes]]) -> None:
        if rows:
            self._checkpoints.update(self._journal.checkpoints_between(rows[0][0] + 1, rows[-1][0] + 1))

    def _fill_lane(self, lane: deque[tuple[int, bytes]], seqs: range) -> None:
        """Read what was taken; what the journal did not hand out is opened again, what it skipped is absent."""
        if not seqs:
            return
        rows = self._read_leaves(seqs)
        end = rows[-1][0] + 1 if rows else seqs.start
        self._cursor.put_back(range(end, seqs.stop))
        for seq in set(range(seqs.start, end)).difference(seq for seq, _ in rows):
            self.absent += 1
            self._cursor.note_delivered(seq)
        lane.extend(rows)
        self._note_checkpoints(rows)

    def _read_leaves(self, seqs: range) -> list[tuple[int, bytes]]:
        try:
            rows = self._journal.leaves(seqs.start, len(seqs))
        except Exception:  # whatever a failing disk raises: the leaves are open again, the caller waits
            self._cursor.put_back(seqs)
            raise
        return [row for row in rows if row[0] in seqs]

    def _outgoing_of(self, seq: int, leaf: bytes) -> Outgoing:
        try:
            event_type = _decode_head(leaf).type
            topic = self._topics.event_topic(event_type)
        except (msgspec.MsgspecError, NameRefused, UnicodeDecodeError):
            return self._withhold_leaf(seq, leaf, "unknown", WhyWithheld.UNREADABLE)
        if seq in self._breakers:
            return self._withhold_leaf(seq, leaf, event_type, WhyWithheld.REFUSED, PACKET_TOO_LARGE)
        if packet_bytes(topic, leaf, LEAF_TYPE) > self._packet_bytes_max:
            return self._withhold_leaf(seq, leaf, event_type, WhyWithheld.OVERSIZED)
        return Outgoing(seq, OutgoingKind.LEAF, event_type, topic, leaf, LEAF_TYPE, leaf)

    def _withhold_leaf(self, seq: int, leaf: bytes, event_type: str, why: WhyWithheld, reason: int = 0) -> Outgoing:
        self.refusals.note_withheld(why, event_type, seq, reason)
        try:
            epoch = _decode_head(leaf).epoch
        except (msgspec.MsgspecError, UnicodeDecodeError):
            epoch = ""
        return hash_message(self._topics, event_type, (epoch, seq), leaf_hash(leaf), leaf)

    def _note_delivered(self, sent: Outgoing) -> None:
        self._cursor.note_delivered(sent.seq)
        self.refusals.note_passed(sent.event_type)
        if sent.seq <= self._retried_through:
            self._misses = 0

    def _come_back(self, seq: int) -> None:
        """Nobody subscribes: the leaf waits; the pause grows once a round, not once a leaf."""
        if not self._cursor.has_returned:
            self._stalled_until = self._now() + self._pauses_s[min(self._misses, len(self._pauses_s) - 1)]
            self._misses += 1
        self._cursor.note_returned(seq)

    def _end_stall(self) -> None:
        if self._cursor.has_returned and self._now() >= self._stalled_until:
            self._retried_through = self._cursor.reopen_returned()

    def _acquit_suspect(self, seq: int) -> None:
        if seq == self._suspect:
            self._suspect, self._falls = -1, 0
