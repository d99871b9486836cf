"""Sets of sequence numbers kept as runs, so that a hundred thousand of them weigh as much as one."""

from bisect import bisect_left, bisect_right
from typing import Self


class Ranges:
    """A set of integers as sorted, disjoint, never adjacent runs; its cost grows with the runs, not the members."""

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []

    @property
    def runs(self) -> list[tuple[int, int]]:
        """Each run as (first, last), both within."""
        return list(zip(self._firsts, self._lasts, strict=True))

    @property
    def run_count(self) -> int:
        """How many runs there are."""
        return len(self._firsts)

    @property
    def last(self) -> int | None:
        """The greatest member."""
        return self._lasts[-1] if self._lasts else None

    @property
    def first_run_end(self) -> int:
        """Where the lowest run ends; there must be one."""
        return self._lasts[0]

    def __contains__(self, seq: int) -> bool:
        at = bisect_left(self._lasts, seq)
        return at < len(self._firsts) and self._firsts[at] <= seq

    def copy(self) -> Self:
        """Return an independent copy."""
        twin = type(self)()
        twin._firsts, twin._lasts = self._firsts.copy(), self._lasts.copy()
        return twin

    def clear(self) -> None:
        """Forget all."""
        self._firsts.clear()
        self._lasts.clear()

    def add(self, first: int, last: int) -> None:
        """Take in first..last."""
        begin = bisect_left(self._lasts, first - 1)
        end = bisect_right(self._firsts, last + 1)
        if begin < end:
            first = min(first, self._firsts[begin])
            last = max(last, self._lasts[end - 1])
        self._firsts[begin:end] = [first]
        self._lasts[begin:end] = [last]

    def remove(self, first: int, last: int) -> None:
        """Leave first..last out."""
        begin = bisect_left(self._lasts, first)
        end = bisect_right(self._firsts, last)
        if begin >= end:
            return
        kept = [
            (low, high)
            for low, high in ((self._firsts[begin], first - 1), (last + 1, self._lasts[end - 1]))
            if low <= high
        ]
        self._firsts[begin:end] = [low for low, _ in kept]
        self._lasts[begin:end] = [high for _, high in kept]

    def drop_through(self, last: int) -> None:
        """Leave out everything up to and including `last`."""
        if self._firsts and self._firsts[0] <= last:
            self.remove(self._firsts[0], last)  # almost always the one run at the front: no cost to speak of

    def gap(self, first: int, last: int) -> tuple[int, int] | None:
        """Return the lowest run of non-members within first..last, or None where there is none."""
        at = bisect_left(self._lasts, first)
        if at < len(self._firsts) and self._firsts[at] <= first:
            first = self._lasts[at] + 1
            at += 1
        if first > last:
            return None
        return first, min(last, self._firsts[at] - 1) if at < len(self._firsts) else last
