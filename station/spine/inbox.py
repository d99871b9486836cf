"""The loop's bounded inbox. Scans are refused at its door when it is full; facts and answers always enter."""

import threading
from collections import Counter

import msgspec

from station.domain.core.conditions import Link
from station.domain.core.inputs import Input, ScansOverflowed
from station.journal.handoff import Handoff
from station.journal.writer import WriterAnswer

SCANS_MAX = 1000
TAKE_MAX = 256


class LinkMoved(msgspec.Struct, frozen=True):
    """The relay's link to the broker is up or down."""

    link: Link


class Acked(msgspec.Struct, frozen=True):
    """Every witness has cosigned up to `seq`, or where there is none, that far has left; `withheld` went as a hash."""

    seq: int
    withheld: int


class CosignatureCame(msgspec.Struct, frozen=True):
    """A witness's cosignature, verified, on our own checkpoint of `size`: a side value for the journal."""

    witness: str
    size: int
    note: bytes


class RolledBack(msgspec.Struct, frozen=True):
    """A witness knows more of this epoch than the journal, or other than it: `checkpoint` is what it cosigned."""

    text: str
    checkpoint: bytes


Message = Input | WriterAnswer | LinkMoved | Acked | CosignatureCame | RolledBack


class Inbox:
    """The queue between the many threads that report something and the loop, which alone takes from it."""

    def __init__(self, scans_max: int = SCANS_MAX) -> None:
        self._queue: Handoff[Message] = Handoff()
        self._scans_max = scans_max
        self._overflow: Counter[str] = Counter()
        self._lock = threading.Lock()

    def offer(self, input: Input) -> bool:
        """Take an input; False where it is a scan and the inbox is full: its driver refuses it then."""
        if input.refusable and len(self._queue) >= self._scans_max:
            self.count_refused(getattr(input, "source", ""))
            return False
        self._queue.put(input)
        return True

    def count_refused(self, source: str) -> None:
        """Remember a scan that did not enter, for `take_refusals`."""
        with self._lock:
            self._overflow[source] += 1

    def put(self, message: Message) -> None:
        """Take a message that is never refused."""
        self._queue.put(message)

    def take_messages(self, timeout_s: float) -> list[Message]:
        """Return what waits, at most `TAKE_MAX` messages; none when nothing came within `timeout_s`."""
        self._queue.wait(timeout_s)
        return self._queue.take_all(TAKE_MAX)

    def take_refusals(self, at: int) -> list[Input]:
        """Return the refusals since the last call, as inputs; none while the inbox is still full."""
        if not self._overflow or len(self._queue) >= self._scans_max:
            return []
        with self._lock:
            counts, self._overflow = self._overflow, Counter()
        return [ScansOverflowed(source, at, times) for source, times in counts.items()]
