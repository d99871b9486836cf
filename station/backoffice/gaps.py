"""When to ask a station for what is missing, and for how much. Pure: time is an argument, in seconds."""

from collections.abc import Callable

GAP_S = 3.0
"""A gap that stands so long is one; before, its leaves may only be late."""

PAUSES_S = (5.0, 10.0, 20.0, 40.0)
"""Between requests that brought nothing; the last one repeats."""

BETWEEN_S = 0.5
"""At least so long between any two requests to a station."""

EVENTS_MAX = 1000
"""Events of one request."""

GAPS_MAX = 10
"""Of so many gaps each is asked for in its turn, so that one that cannot be filled does not hold up the others."""

Gaps = list[tuple[int, int]]


class Asking:
    """The requests for one epoch."""

    def __init__(self) -> None:
        self._stuck_at: int | None = None
        self._since = 0.0
        self._asked_at = float("-inf")
        self._asked_to = -1
        self._tries = 0

    def request(self, contiguous: int, head: int, gaps: Callable[[], Gaps], now: float) -> tuple[int, int] | None:
        """Return what to ask for now as (from, to), both included; `gaps` is called only when it is time."""
        if contiguous >= head:
            self._stuck_at, self._tries, self._asked_to = None, 0, -1
            return None
        self._note_progress(contiguous, now)
        if not self._is_due(contiguous, now):
            return None
        found = gaps()
        if not found:
            return None
        first, last = found[self._tries % len(found)]
        last = min(last, first + EVENTS_MAX - 1)
        self._asked_at, self._asked_to = now, last
        self._tries += 1
        return first, last

    def _note_progress(self, contiguous: int, now: float) -> None:
        if contiguous != self._stuck_at:
            self._stuck_at, self._since, self._tries = contiguous, now, 0

    def _is_due(self, contiguous: int, now: float) -> bool:
        if now < self._asked_at + BETWEEN_S:
            return False
        if 0 <= self._asked_to <= contiguous:
            return True  # all of the last request came: the next one
        pause_s = PAUSES_S[min(self._tries, len(PAUSES_S)) - 1] if self._tries else 0.0
        return now >= self._since + GAP_S and now >= self._asked_at + pause_s


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
