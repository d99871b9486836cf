"""When to ask a station for what is missing, and for how much. Pure: time is an argument, in seconds."""

from collections.abc import Callable

GAP_S = 3.0
"""A gap that stands so long is one; before, its leaves may only be late."""

PAUSES_S = (5.0, 10.0, 20.0, 40.0)
"""Between requests that brought nothing; the last one repeats."""

BETWEEN_S = 0.5
"""At least so long between any two requests to a station."""

EVENTS_MAX = 1000
"""Events of one request. It covers every gap within so many events, for a station answers few requests a minute."""

GAPS_MAX = 100
"""Gaps that one request may cover."""

LOOK_EVENTS_MAX = 50_000
"""Events that are searched for gaps at once: a long stretch without any must not stall the receiver."""

Gaps = Callable[[int, int], list[tuple[int, int]]]
"""The lowest gaps within (first, last), at most `GAPS_MAX`."""


class Asking:
    """The requests for one epoch: they walk over all gaps, again and again, and wait after one that brought nothing."""

    def __init__(self) -> None:
        self._stuck_at: int | None = None
        self._since = 0.0
        self._asked_at = float("-inf")
        self._asked: tuple[int, int] | None = None
        self._next = 0
        self._misses = 0

    def request(self, contiguous: int, head: int, gaps: Gaps, now: float) -> tuple[int, int] | None:
        """Return what to ask for now as (from, to), both included; `gaps` is called only when it is time."""
        if contiguous >= head:
            self._stuck_at, self._misses, self._asked = None, 0, None
            return None
        self._note_progress(contiguous, now)
        if not self._is_due(contiguous, gaps, now):
            return None
        self._next = max(self._next, contiguous + 1)
        found = gaps(self._next, min(head, self._next + LOOK_EVENTS_MAX - 1))
        if not found:
            self._next = self._next + LOOK_EVENTS_MAX if self._next + LOOK_EVENTS_MAX <= head else 0
            return None
        self._asked_at, self._asked = now, _covering(found)
        self._misses += 1  # until it shows that it brought something
        self._next = self._asked[1] + 1 if self._asked[1] < head else 0
        return self._asked

    def _note_progress(self, contiguous: int, now: float) -> None:
        if contiguous != self._stuck_at:
            self._stuck_at, self._since = contiguous, now
            self._misses = 1 if self._asked and contiguous < self._asked[1] else 0

    def _is_due(self, contiguous: int, gaps: Gaps, now: float) -> bool:
        if now < self._asked_at + BETWEEN_S:
            return False
        if self._asked and (self._asked[1] <= contiguous or not gaps(*self._asked)):
            self._misses = max(0, self._misses - 1)
            self._asked = None
            return True  # all of the last request came: the next one
        pause_s = PAUSES_S[min(self._misses, len(PAUSES_S)) - 1] if self._misses else 0.0
        return now >= self._since + GAP_S and now >= self._asked_at + pause_s


def _covering(found: list[tuple[int, int]]) -> tuple[int, int]:
    """From the first gap on, as far as one request may reach."""
    first = found[0][0]
    end = first + EVENTS_MAX - 1
    return first, max(min(last, end) for begin, last in found if begin <= end)


class Probe:
    """Asks again for leaves that are here, from the first on, until the one that differs has come."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._first = 0
        self._asked_at = float("-inf")
        self._tries = 0

    def saw(self, seq: int) -> None:
        """A leaf came again, the same."""
        if seq == self._last:
            self._first, self._tries = seq + 1, 0

    def request(self, now: float) -> tuple[int, int] | None:
        """Return what to ask for now, or None."""
        pause_s = PAUSES_S[min(self._tries, len(PAUSES_S)) - 1] if self._tries else BETWEEN_S
        if self.is_over or now < self._asked_at + pause_s:
            return None
        self._asked_at = now
        self._tries += 1
        return self._first, self._last

    @property
    def is_over(self) -> bool:
        """Whether all was asked for, or a station does not answer."""
        return self._first >= self._size or self._tries > 2 * len(PAUSES_S)

    @property
    def _last(self) -> int:
        return min(self._first + EVENTS_MAX, self._size) - 1
