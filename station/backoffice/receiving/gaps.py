"""When to ask a station for what is missing, and for how much. Pure: time is an argument, in seconds."""

from collections.abc import Callable

GAP_S = 3.0
"""A gap that stands so long is one; before, its leaves may only be late."""

PAUSES_S = (5.0, 10.0, 20.0, 40.0)
"""Between requests that brought nothing; the last one repeats."""

BETWEEN_S = 2.0
"""At least so long between any two requests to a station, which grants 30 a minute."""

QUIET_S = 1.0
"""After the last leaf of an answer; then what is still missing was lost again."""

EVENTS_MAX = 1000
"""Events of one request."""

NEAR = 100
"""Gaps not farther apart are asked for together: some leaves come twice, and requests are dearer than leaves."""

GAPS_MAX = 200
"""Gaps looked at for one request. They are asked for in turn, so that one that cannot be filled holds up no other."""

Gaps = list[tuple[int, int]]


def request_windows(gaps: Gaps) -> Gaps:
    """Join near gaps, and cut what is longer than a request."""
    found: Gaps = []
    for first, last in gaps:
        if found and first - found[-1][1] <= NEAR and first < found[-1][0] + EVENTS_MAX:
            first = found.pop()[0]  # noqa: PLW2901
        found.append((first, min(last, first + EVENTS_MAX - 1)))
    return found


class GapRequests:
    """Decides when to ask for the missing leaves of one epoch, and for which."""

    def __init__(self) -> None:
        self._stuck_at: int | None = None
        self._since = 0.0
        self._asked = (0, -1)
        self._asked_at = self._seen_at = float("-inf")
        self._is_answered = False
        self._turn = self._unanswered = 0

    def note_arrival(self, seq: int, now: float) -> None:
        """A leaf came that was missing; one that was asked for puts off the next request."""
        if self._asked[0] <= seq <= self._asked[1]:
            self._is_answered, self._seen_at, self._unanswered = True, now, 0

    def next_request(self, contiguous: int, head: int, gaps: Callable[[], Gaps], now: float) -> tuple[int, int] | None:
        """Return what to ask for now as (from, to), both included; `gaps` is called only when it is time."""
        if contiguous >= head:
            self._stuck_at, self._asked, self._is_answered, self._unanswered = None, (0, -1), False, 0
            return None
        if contiguous != self._stuck_at:
            self._stuck_at, self._since, self._turn = contiguous, now, 0
        if not self._is_due(contiguous, now):
            return None
        found = request_windows(gaps())
        if not found:
            return None
        self._asked, self._asked_at = found[self._turn % len(found)], now
        self._is_answered = False
        self._turn += 1
        self._unanswered += 1
        return self._asked

    def _is_due(self, contiguous: int, now: float) -> bool:
        if now < self._asked_at + BETWEEN_S:
            return False
        if self._is_answered:
            return contiguous >= self._asked[1] or now >= self._seen_at + QUIET_S
        pause_s = PAUSES_S[min(self._unanswered, len(PAUSES_S)) - 1] if self._unanswered else 0.0
        return now >= self._since + GAP_S and now >= self._asked_at + pause_s


class DifferenceProbe:
    """Asks again for leaves that are here, from `first` on, then from the beginning, until one that differs came."""

    def __init__(self, size: int, first: int = 0) -> None:
        self._size, self._last_end = size, first
        self._first = first if first < size else 0
        self._asked_at = float("-inf")
        self._tries = 0

    def note_repeat(self, seq: int) -> None:
        """A leaf came again with the same bytes; the last one of a request moves the probe on."""
        if seq == self._last_seq:
            self._first, self._tries = seq + 1, 0
            if self._first >= self._size and self._last_end:
                self._first, self._size, self._last_end = 0, self._last_end, 0

    def next_request(self, now: float) -> tuple[int, int] | None:
        """Return what to ask for now, or None."""
        pause_s = PAUSES_S[min(self._tries, len(PAUSES_S)) - 1] if self._tries else BETWEEN_S
        if self.is_over or now < self._asked_at + pause_s:
            return None
        self._asked_at = now
        self._tries += 1
        return self._first, self._last_seq

    @property
    def is_over(self) -> bool:
        """Whether all was asked for, or a station does not answer."""
        return self._first >= self._size or self._tries > 2 * len(PAUSES_S)

    @property
    def _last_seq(self) -> int:
        return min(self._first + EVENTS_MAX, self._size) - 1
