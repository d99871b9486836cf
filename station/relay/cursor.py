"""How far the journal has been sent: pure bookkeeping over sequence numbers, bounded in memory."""

from station.relay.ranges import Ranges

RUNS_MAX = 400
"""Holes that may stand open between delivered leaves; beyond, only holes are filled and nothing new is begun."""


class Cursor:
    """Two cursors over one journal: *live* leaves, appended since the connection, and the *backlog* before them.

    A leaf is open, taken (on its way), delivered, withheld, or returned: nobody subscribes, and it is open again at
    `reopen_returned`.
    `sent` is the highest seq up to which all are delivered or withheld; `withheld` counts refusals since the start.
    Where there are witnesses, a leaf is at its goal only when they have cosigned it: `acked` moves by `note_cosigned`,
    and each connection begins there. Without them `acked` is `sent`.
    """

    def __init__(self, sent: int = -1, runs_max: int = RUNS_MAX, *, is_witnessed: bool = False) -> None:
        self.sent = sent
        self._cosigned = sent
        self._is_witnessed = is_witnessed
        self.withheld = 0
        self.head = sent
        self._live_from = sent + 1
        self._runs_max = runs_max
        self._settled = Ranges()  # delivered or withheld, above `sent`
        self._refused = Ranges()  # withheld, above `sent`
        self._returned = Ranges()
        self._closed = Ranges()  # settled, taken or returned: not to be taken now

    @property
    def acked(self) -> int:
        """The highest seq up to which nothing waits."""
        return self._cosigned if self._is_witnessed else self.sent

    @property
    def waiting(self) -> int:
        """How many leaves lie above `acked`."""
        return max(0, self.head - self.acked)

    @property
    def has_returned(self) -> bool:
        """Whether leaves wait for a subscriber."""
        return self._returned.run_count > 0

    @property
    def run_count(self) -> int:
        """How many runs all the sets of the bookkeeping hold: that is what it weighs in memory."""
        return sum(each.run_count for each in (self._settled, self._refused, self._returned, self._closed))

    def begin_connection(self, head: int) -> None:
        """Begin anew from acked + 1: what was on its way is open again; leaves above `head` will be live."""
        self.head = max(head, self.sent)
        self._live_from = self.head + 1
        self.rewind()

    def rewind(self) -> None:
        """Open everything above `acked` again.

        Deliveries are forgotten, since a PUBACK survives no crash of the broker. Refusals above `sent` stay, but where
        there are witnesses: the hash that went for a leaf may be lost as well.
        """
        self.sent = self.acked
        self._returned.clear()
        if self._is_witnessed:
            self._refused.clear()
        self._settled = self._refused.copy()
        self._closed = self._refused.copy()

    def note_cosigned(self, seq: int) -> None:
        """All witnesses have cosigned everything up to `seq`, whatever became of its PUBACKs."""
        self._cosigned = max(self._cosigned, seq)
        if self._is_witnessed and self._cosigned > self.sent:
            self._settled.add(self.sent + 1, self._cosigned)
            self._advance_sent()

    def note_head(self, head: int) -> None:
        """Learn that the journal reaches up to `head`."""
        self.head = max(self.head, head)

    def has_gone(self, seq: int) -> bool:
        """Whether this leaf was sent, or is on its way."""
        return seq <= self.sent or seq in self._closed

    def take_live(self, rows_max: int) -> range:
        """Take the lowest run of open live leaves, at most `rows_max`; empty where there is none."""
        return self._take_open_run(max(self._live_from, self.sent + 1), self.head, rows_max)

    def take_backlog(self, rows_max: int) -> range:
        """Take the lowest run of open leaves of the backlog, at most `rows_max`."""
        return self._take_open_run(self.sent + 1, self._live_from - 1, rows_max)

    def take_one(self, seq: int) -> None:
        """Take this leaf out of its turn, if it is open."""
        if self.sent < seq <= self.head:
            self._closed.add(seq, seq)

    def put_back(self, seqs: range) -> None:
        """Open taken leaves again that were not sent after all."""
        if seqs:
            self._closed.remove(seqs[0], seqs[-1])

    def note_delivered(self, seq: int) -> None:
        """A broker with a subscriber took the leaf."""
        if self._is_taken(seq):
            self._settle_leaf(seq)

    def note_refused(self, seq: int) -> None:
        """The broker will not have this leaf; its hash went instead. It blocks nobody."""
        if self._is_taken(seq):
            self.withheld += 1
            self._refused.add(seq, seq)
            self._settle_leaf(seq)

    def note_returned(self, seq: int) -> None:
        """Nobody subscribes: not delivered, and closed until `reopen_returned`."""
        if self._is_taken(seq):
            self._returned.add(seq, seq)

    def reopen_returned(self) -> int:
        """Open all returned leaves again; return the highest of them, -1 where there is none."""
        highest = self._returned.last
        for first, last in self._returned.runs:
            self._closed.remove(first, last)
        self._returned.clear()
        return -1 if highest is None else highest

    def _take_open_run(self, first: int, last: int, rows_max: int) -> range:
        gap = self._closed.gap(first, min(last, self._highest_takable()))
        if gap is None:
            return range(0)
        taken = range(gap[0], min(gap[1], gap[0] + rows_max - 1) + 1)
        self._closed.add(taken[0], taken[-1])
        return taken

    def _highest_takable(self) -> int:
        """How far leaves may be taken: with too many holes open, no further than the highest settled leaf."""
        crowded = max(self._settled.run_count, self._refused.run_count) >= self._runs_max
        highest = self._settled.last
        return highest if crowded and highest is not None else self.head

    def _is_taken(self, seq: int) -> bool:
        return seq > self.sent and seq in self._closed and seq not in self._settled and seq not in self._returned

    def _settle_leaf(self, seq: int) -> None:
        self._settled.add(seq, seq)
        if seq == self.sent + 1:
            self._advance_sent()

    def _advance_sent(self) -> None:
        self.sent = self._settled.first_run_end
        for each in (self._settled, self._refused, self._closed, self._returned):
            each.drop_through(self.sent)
