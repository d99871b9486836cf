"""Time that passes only when told, and what is to be done at which moment of it; one thread, one seed, one history."""

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

WALL_S = 1_795_000_000.0


class Clock:
    """Seconds from an arbitrary zero. What is due at the same moment is done in the order in which it was asked for."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._order = count()

    def now(self) -> float:
        """Monotonic seconds."""
        return self.now_s

    def now_ms(self) -> int:
        """Monotonic milliseconds."""
        return int(self.now_s * 1000)

    def wall(self) -> float:
        """Seconds since 1970."""
        return WALL_S + self.now_s

    def wall_ms(self) -> int:
        """Milliseconds since 1970."""
        return int(self.wall() * 1000)

    def after(self, delay_s: float, do: Callable[[], object]) -> None:
        """Do this so much later."""
        heappush(self._due, (self.now_s + delay_s, next(self._order), do))

    def run_until(self, moment_s: float) -> None:
        """Let time pass up to `moment_s`, doing what falls due."""
        while self._due and self._due[0][0] <= moment_s:
            self.now_s, _, do = heappop(self._due)
            do()
        self.now_s = max(self.now_s, moment_s)
