"""What each signal sounds and looks like. Pure."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from station.domain.core.effects import Signal

Light = Literal["red", "amber", "green"]

LOW_HZ, MID_HZ, HIGH_HZ = 392, 1047, 2093  # an octave and more apart, so that nobody mistakes one for another
RISING_HZ = (1047, 1568)


class PatternStep(NamedTuple):
    """A tone (None is silence) and the lights that are lit, for so long."""

    tone_hz: int | None
    lights: frozenset[Light]
    ms: int


Pattern = tuple[PatternStep, ...]

_NONE: frozenset[Light] = frozenset()
_RED: frozenset[Light] = frozenset(["red"])
_AMBER: frozenset[Light] = frozenset(["amber"])
_GREEN: frozenset[Light] = frozenset(["green"])

DARK = PatternStep(None, _NONE, 0)

PATTERNS: Mapping[Signal, Pattern] = {
    Signal.ACCEPTED: (PatternStep(HIGH_HZ, _GREEN, 120), PatternStep(None, _GREEN, 480)),
    Signal.ALREADY: (
        PatternStep(MID_HZ, _AMBER, 100),
        PatternStep(None, _AMBER, 80),
        PatternStep(MID_HZ, _AMBER, 100),
        PatternStep(None, _AMBER, 480),
    ),
    Signal.REFUSED: (PatternStep(LOW_HZ, _RED, 700), PatternStep(None, _RED, 800)),
    Signal.BADGE_NEEDED: (
        PatternStep(RISING_HZ[0], _AMBER, 150),
        PatternStep(RISING_HZ[1], _AMBER, 150),
        *(PatternStep(None, _NONE, 400), PatternStep(None, _AMBER, 400)) * 6,
    ),
    Signal.NOT_RECORDING: (PatternStep(LOW_HZ, _RED, 300), PatternStep(None, _RED, 4700)),
}
"""Held, a pattern begins again at its end: not recording sounds every 5 s under a red that never goes out."""
