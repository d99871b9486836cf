"""The patterns as they reach the pins, on gpiozero's mock pins."""

import sys
import threading
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import gpiozero
import pytest

from drivers.gpio_indicator import GpioIndicator
from drivers.patterns import PATTERNS, Pattern, PatternStep
from station.domain.core.effects import Signal
from station.errors import DeviceError
from tests.waiting import wait_for

BUZZER, RED, AMBER, GREEN = 18, 5, 6, 13
PINS = {"red": RED, "amber": AMBER, "green": GREEN}

# As the real ones, 20 times as fast.
FAST: dict[Signal, Pattern] = {
    signal: tuple(step._replace(ms=max(1, step.ms // 20)) for step in pattern) for signal, pattern in PATTERNS.items()
}
# Nothing ends by itself: what cuts it short is all that can.
ENDLESS: dict[Signal, Pattern] = {signal: (pattern[0]._replace(ms=3_600_000),) for signal, pattern in PATTERNS.items()}


Picture = tuple[int | None, frozenset[str]]
"""The tone and the lights."""


class Recording(GpioIndicator):
    """Tells of each step that it has shown."""

    def __init__(self, on_shown: Callable[[], object], **options: Any) -> None:
        self.on_shown = on_shown
        super().__init__(**options)

    def _show_step(self, step: PatternStep) -> None:
        super()._show_step(step)
        self.on_shown()


class Recorded:
    """An indicator on mock pins, and every picture that its pins showed since it stood dark at first."""

    def __init__(self, patterns: dict[Signal, Pattern], **options: Any) -> None:
        fitted = {"buzzer_pin": BUZZER, "red_pin": RED, "amber_pin": AMBER, "green_pin": GREEN}
        self.shown: list[Picture] = []
        is_dark = threading.Event()
        self.indicator = Recording(is_dark.set, **(fitted | options), pins="mock", patterns=patterns)
        assert is_dark.wait(10)
        self.indicator.on_shown = lambda: self.shown.append(self.seen())

    def seen(self) -> Picture:
        """What the pins are at now."""
        buzzer = self.pin(BUZZER)
        tone = round(buzzer.frequency) if buzzer.frequency and buzzer.state else None
        return tone, frozenset(name for name, pin in PINS.items() if self.pin(pin).state)

    def pin(self, number: int) -> Any:
        return self.indicator._factory.pin(number)

    def until_dark(self) -> list[Picture]:
        """Wait for silence and dark after something was shown; what was shown before it."""
        wait_for(lambda: len(self.shown) > 1 and self.shown[-1] == (None, frozenset()))
        return self.shown[:-1]


@pytest.fixture
def opened() -> Iterator[Callable[..., Recorded]]:
    made: list[Recorded] = []

    def make(patterns: dict[Signal, Pattern], **options: Any) -> Recorded:
        made.append(Recorded(patterns, **options))
        return made[-1]

    yield make
    for one in made:
        one.indicator.close()


def pictures(signal: Signal) -> list[Picture]:
    return [(step.tone_hz, frozenset(step.lights)) for step in PATTERNS[signal]]


@pytest.mark.parametrize("signal", Signal)
def test_every_step_of_a_pattern_reaches_the_pins_and_then_it_is_dark(
    opened: Callable[..., Recorded], signal: Signal
) -> None:
    recorded = opened(FAST)
    recorded.indicator.play(signal)
    wait_for(lambda: len(recorded.shown) > len(PATTERNS[signal]))

    assert recorded.shown == [*pictures(signal), (None, frozenset())]


def test_a_new_pattern_cuts_the_old_one_short_with_a_gap_between(opened: Callable[..., Recorded]) -> None:
    recorded = opened(ENDLESS)
    recorded.indicator.play(Signal.REFUSED)
    wait_for(lambda: len(recorded.shown) == 1)
    recorded.indicator.play(Signal.ACCEPTED)
    wait_for(lambda: len(recorded.shown) == 3)

    assert recorded.shown == [pictures(Signal.REFUSED)[0], (None, frozenset()), pictures(Signal.ACCEPTED)[0]]


def test_the_same_signal_twice_is_heard_twice(opened: Callable[..., Recorded]) -> None:
    recorded = opened(ENDLESS)
    recorded.indicator.play(Signal.ACCEPTED)
    wait_for(lambda: len(recorded.shown) == 1)
    recorded.indicator.play(Signal.ACCEPTED)
    wait_for(lambda: len(recorded.shown) == 3)

    assert [tone for tone, _ in recorded.shown] == [2093, None, 2093]


def test_what_is_held_is_repeated_until_it_is_let_go(opened: Callable[..., Recorded]) -> None:
    recorded = opened(FAST)
    recorded.indicator.hold(Signal.BADGE_NEEDED)
    once = len(PATTERNS[Signal.BADGE_NEEDED])
    wait_for(lambda: len(recorded.shown) >= 2 * once)
    assert recorded.shown[: 2 * once] == pictures(Signal.BADGE_NEEDED) * 2
    recorded.indicator.hold(None)

    recorded.until_dark()


def test_red_does_not_flicker_between_repeats(opened: Callable[..., Recorded]) -> None:
    recorded = opened(FAST)
    recorded.indicator.hold(Signal.NOT_RECORDING)
    wait_for(lambda: len(recorded.shown) >= 4)
    states = [state for _, state in recorded.pin(RED).states]

    assert states[-1]
    assert len([state for state in states if state]) == 1


def test_what_is_held_gives_way_to_what_is_played_and_comes_back(opened: Callable[..., Recorded]) -> None:
    recorded = opened({**FAST, Signal.NOT_RECORDING: ENDLESS[Signal.NOT_RECORDING]})
    recorded.indicator.hold(Signal.NOT_RECORDING)
    wait_for(lambda: len(recorded.shown) == 1)
    recorded.indicator.play(Signal.ALREADY)
    wait_for(lambda: recorded.shown.count(pictures(Signal.NOT_RECORDING)[0]) == 2)

    assert recorded.shown[2:] == [*pictures(Signal.ALREADY), pictures(Signal.NOT_RECORDING)[0]]


def test_holding_the_same_again_does_not_begin_it_anew(opened: Callable[..., Recorded]) -> None:
    recorded = opened(ENDLESS)
    recorded.indicator.hold(Signal.NOT_RECORDING)
    wait_for(lambda: len(recorded.shown) == 1)
    for _ in range(100):
        recorded.indicator.hold(Signal.NOT_RECORDING)
    recorded.indicator.hold(None)
    recorded.until_dark()

    assert len(recorded.shown) == 2


def test_another_one_held_takes_its_place_at_once(opened: Callable[..., Recorded]) -> None:
    recorded = opened(ENDLESS)
    recorded.indicator.hold(Signal.NOT_RECORDING)
    wait_for(lambda: len(recorded.shown) == 1)
    recorded.indicator.hold(Signal.BADGE_NEEDED)
    wait_for(lambda: recorded.shown[-1] == pictures(Signal.BADGE_NEEDED)[0])


def test_letting_go_does_not_cut_what_is_played(opened: Callable[..., Recorded]) -> None:
    recorded = opened(ENDLESS)
    recorded.indicator.hold(Signal.NOT_RECORDING)
    recorded.indicator.play(Signal.ACCEPTED)
    wait_for(lambda: recorded.shown[-1:] == [pictures(Signal.ACCEPTED)[0]])
    recorded.indicator.hold(None)
    recorded.indicator.hold(Signal.BADGE_NEEDED)
    recorded.indicator.play(Signal.REFUSED)
    refused = pictures(Signal.REFUSED)[0]
    wait_for(lambda: recorded.shown[-1] == refused)

    assert recorded.shown[-3:] == [pictures(Signal.ACCEPTED)[0], (None, frozenset()), refused]


def test_neither_call_waits_for_the_pattern(opened: Callable[..., Recorded]) -> None:
    recorded = opened(ENDLESS)
    for _ in range(1000):
        recorded.indicator.play(Signal.REFUSED)
        recorded.indicator.hold(Signal.NOT_RECORDING)
    recorded.indicator.play(Signal.ACCEPTED)

    wait_for(lambda: recorded.shown[-1:] == [pictures(Signal.ACCEPTED)[0]])


def test_close_is_silence_and_dark_even_in_mid_pattern(opened: Callable[..., Recorded]) -> None:
    recorded = opened(ENDLESS)
    recorded.indicator.play(Signal.REFUSED)
    wait_for(lambda: len(recorded.shown) == 1)
    recorded.indicator.close()
    recorded.indicator.close()

    assert recorded.shown[-1] == (None, frozenset())
    assert not recorded.indicator._thread.is_alive()


@pytest.mark.parametrize(("buzzer", "idle", "sounding"), [("active-when-high", 0, 1), ("active-when-low", 1, 0)])
def test_an_active_buzzer_is_given_power_and_no_tone(
    opened: Callable[..., Recorded], buzzer: str, idle: int, sounding: int
) -> None:
    recorded = opened(ENDLESS, buzzer=buzzer)
    assert recorded.pin(BUZZER).state == idle
    recorded.indicator.play(Signal.ACCEPTED)

    wait_for(lambda: recorded.pin(BUZZER).state == sounding)
    assert recorded.pin(BUZZER).frequency is None


def test_lights_that_are_lit_when_low(opened: Callable[..., Recorded]) -> None:
    recorded = opened(ENDLESS, lights="lit-when-low")
    assert {recorded.pin(pin).state for pin in PINS.values()} == {True}
    recorded.indicator.play(Signal.ACCEPTED)

    wait_for(lambda: not recorded.pin(GREEN).state)
    assert recorded.pin(RED).state
    assert recorded.pin(AMBER).state


def test_what_is_not_fitted_is_left_out() -> None:
    indicator = GpioIndicator(green_pin=GREEN, pins="mock", patterns=ENDLESS)
    for signal in (Signal.REFUSED, Signal.ACCEPTED):
        indicator.play(signal)
    wait_for(lambda: bool(indicator._factory.pin(GREEN).state))
    used = [str(pin) for pin in indicator._factory.pins.values()]
    indicator.close()

    assert used == ["GPIO13"]


def test_one_pin_for_two_things_is_an_error_that_names_it() -> None:
    before = threading.active_count()
    with pytest.raises(DeviceError, match=r"^\[indicator\] buzzer_pin = 5: .*; give it a free pin of the header$"):
        GpioIndicator(red_pin=5, buzzer_pin=5, pins="mock")

    assert threading.active_count() == before


def test_pins_are_given_back_when_one_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("lgpio")
    mock = gpiozero.pins.mock.MockFactory()
    monkeypatch.setattr("gpiozero.pins.lgpio.LGPIOFactory", lambda: mock)
    with pytest.raises(DeviceError):
        GpioIndicator(red_pin=5, green_pin=5)

    assert not mock.pins


def test_a_pin_that_fails_is_told_once_and_so_is_its_end() -> None:
    told: list[str] = []
    shown: list[int] = []
    options = {"on_lost": told.append, "on_found": lambda: told.append("found"), "pins": "mock", "patterns": FAST}
    indicator = Recording(lambda: shown.append(1), red_pin=RED, **options)
    wait_for(lambda: len(shown) == 1)
    light = indicator._lights["red"]
    indicator._lights["red"] = None
    indicator.play(Signal.REFUSED)
    wait_for(lambda: len(shown) == 4)
    assert len(told) == 1
    indicator._lights["red"] = light
    indicator.play(Signal.REFUSED)
    wait_for(lambda: len(shown) == 7)
    indicator.close()

    assert "NoneType" in told[0]
    assert told[1:] == ["found"]


def test_the_empty_lgpio_package_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lgpio", ModuleType("lgpio"))
    with pytest.raises(DeviceError, match=r"empty package 0\.0\.0\.2 of PyPI; .*apt install python3-lgpio"):
        GpioIndicator(red_pin=RED)


def test_a_missing_lgpio_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lgpio", None)
    with pytest.raises(DeviceError, match=r"lgpio.*apt install python3-lgpio"):
        GpioIndicator(red_pin=RED)


@pytest.mark.parametrize("error", [gpiozero.PinUnknownPi("no Pi"), OSError(13, "Permission denied")])
def test_a_chip_that_cannot_be_opened_is_an_error_with_the_cure(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse() -> None:
        raise error

    pytest.importorskip("lgpio")
    monkeypatch.setattr("gpiozero.pins.lgpio.LGPIOFactory", refuse)
    with pytest.raises(DeviceError, match=r'^\[indicator\] kind = "gpio": .*pins = "mock"'):
        GpioIndicator(red_pin=RED)


def test_real_pins_are_driven_through_lgpio_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("lgpio")
    mock = gpiozero.pins.mock.MockFactory(pin_class=gpiozero.pins.mock.MockPWMPin)
    monkeypatch.setattr("gpiozero.pins.lgpio.LGPIOFactory", lambda: mock)
    indicator = GpioIndicator(red_pin=RED)
    factory = indicator._factory
    indicator.close()

    assert factory is mock
