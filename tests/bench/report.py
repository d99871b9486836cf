"""What a goal came to, and how it is printed."""

from typing import NamedTuple


class Result(NamedTuple):
    """A measured figure beside its limit; `is_floor` where more is better. `spread`: over the rounds."""

    goal: str
    what: str
    found: float
    limit: float
    unit: str
    is_floor: bool = False
    spread: tuple[float, float] | None = None

    @property
    def is_met(self) -> bool:
        return self.found >= self.limit if self.is_floor else self.found <= self.limit


def line(result: Result) -> str:
    """Such as ` 1  one gun, to the effect queued   0.92 x raw  (at least 0.88)  met  [0.90..0.93]`."""
    bound = f"({'at least' if result.is_floor else 'at most'} {number(result.limit)})"
    spread = f"[{number(result.spread[0])}..{number(result.spread[1])}]" if result.spread else ""
    verdict = "met" if result.is_met else f"NOT MET: {short(result)}"
    found = f"{number(result.found)} {result.unit}"
    return f"{result.goal:>3}  {result.what:<54} {found:<16} {bound:<17} {verdict:<8} {spread}".rstrip()


def short(result: Result) -> str:
    """How much is missing."""
    return f"{number(abs(result.found - result.limit))} {'too little' if result.is_floor else 'too much'}"


def number(value: float) -> str:
    """Three digits that count."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def note(text: str) -> str:
    """A line that belongs to the result above it."""
    return f"     {text}"
