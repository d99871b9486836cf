"""The table of sounds and lights against the words of its promise."""

from itertools import pairwise

import pytest

from drivers.patterns import HIGH_HZ, LOW_HZ, MID_HZ, PATTERNS, Pattern
from station.domain.core.effects import Signal


def tones(pattern: Pattern) -> list[int]:
    """The tones that are heard one after another."""
    return [step.tone_hz for step in pattern if step.tone_hz is not None]


def lights(pattern: Pattern) -> set[str]:
    return {light for step in pattern for light in step.lights}


def test_every_signal_has_a_pattern() -> None:
    assert set(PATTERNS) == set(Signal)
    assert all(step.ms > 0 for pattern in PATTERNS.values() for step in pattern)


def test_accepted_is_one_short_high_and_green() -> None:
    pattern = PATTERNS[Signal.ACCEPTED]

    assert tones(pattern) == [HIGH_HZ]
    assert pattern[0].ms <= 200
    assert all(step.lights == {"green"} for step in pattern)


def test_already_is_two_mid_and_amber() -> None:
    pattern = PATTERNS[Signal.ALREADY]

    assert [step.tone_hz for step in pattern][:3] == [MID_HZ, None, MID_HZ]
    assert tones(pattern) == [MID_HZ, MID_HZ]
    assert all(step.lights == {"amber"} for step in pattern)


def test_refused_is_one_long_low_and_red() -> None:
    pattern = PATTERNS[Signal.REFUSED]

    assert tones(pattern) == [LOW_HZ]
    assert pattern[0].ms >= 500
    assert all(step.lights == {"red"} for step in pattern)


def test_badge_needed_is_a_rising_pair_and_blinks() -> None:
    pattern = PATTERNS[Signal.BADGE_NEEDED]
    first, second = tones(pattern)

    assert first < second
    assert lights(pattern) == {"amber"}
    silent = [bool(step.lights) for step in pattern[2:]]
    assert all(one != next_one for one, next_one in pairwise(silent))
    assert len(silent) >= 4


def test_not_recording_is_low_every_5_s_and_its_red_never_goes_out() -> None:
    pattern = PATTERNS[Signal.NOT_RECORDING]

    assert tones(pattern) == [LOW_HZ]
    assert sum(step.ms for step in pattern) == 5000
    assert all(step.lights == {"red"} for step in pattern)


@pytest.mark.parametrize("signal", Signal)
def test_a_passive_buzzer_can_sound_every_tone(signal: Signal) -> None:
    assert all(220 <= tone <= 3520 for tone in tones(PATTERNS[signal]))


def test_the_three_heights_are_more_than_an_octave_apart() -> None:
    assert 2 * LOW_HZ < MID_HZ
    assert 1.9 * MID_HZ < HIGH_HZ
