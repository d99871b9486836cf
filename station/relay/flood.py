"""At most so many refused commands a minute are told one by one; the others are counted. Pure.

Whoever may write to the broker could else fill the station's disk with refusals.
"""

from collections import Counter
from collections.abc import Iterator

TOLD_MAX = 20
KINDS_MAX = 32
WINDOW_MS = 60_000


class Flood:
    """Counts within windows of a minute of the monotonic clock (ms)."""

    def __init__(self) -> None:
        self._ends_at = 0
        self._told = 0
        self._counted: Counter[tuple[str, str]] = Counter()

    def is_told(self, verb: str, reason: str, now: int) -> bool:
        """Whether this refusal is told by itself; otherwise it is counted. Call `over` first."""
        if self._told < TOLD_MAX:
            if not self._told:
                self._ends_at = now + WINDOW_MS
            self._told += 1
            return True
        if len(self._counted) >= KINDS_MAX and (verb, reason) not in self._counted:
            verb = "others"
        self._counted[verb, reason] += 1
        return False

    def over(self, now: int) -> Iterator[tuple[str, str, int]]:
        """Once the minute is over: (verb, reason, times) of what was only counted in it."""
        if self._told and now >= self._ends_at:
            self._told = 0
            counted, self._counted = self._counted, Counter()
            yield from ((verb, reason, times) for (verb, reason), times in counted.items())
