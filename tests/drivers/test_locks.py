"""The lock ends every release by itself, drives secure whatever fails, and says what fails."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from drivers.gpio_lock import GpioLock
from drivers.simulated_door import SimulatedLock
from drivers.timed_lock import RELEASE_MS_MAX, TimedLock
from station.errors import DeviceError
from tests.waiting import wait_for

LOCK, SIREN = 23, 25


class Clock:
    """Stands still until it is set; the lock looks at it ten times a second while a release lasts."""

    def __init__(self) -> None:
        self.ms = 5_000

    def __call__(self) -> int:
        return self.ms


class Fitted:
    """A lock on mock pins, the levels that its line had, and what it told of."""

    def __init__(self, now: Callable[[], int], **options: Any) -> None:
        self.told: list[str] = []
        self.lock = GpioLock(
            lock_pin=LOCK,
            siren_pin=SIREN,
            now=now,
            pins="mock",
            on_failed=self.told.append,
            on_works=lambda: self.told.append("works"),
            **options,
        )
        self.factory: Any = self.lock._lines.factory

    def level(self, pin: int) -> int:
        return int(self.factory.pin(pin).state)

    def levels(self, pin: int) -> list[int]:
        return [int(state) for _, state in self.factory.pin(pin).states]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fitted(clock: Clock) -> Iterator[Fitted]:
    made = Fitted(clock)
    yield made
    made.lock.close()


def real_ms() -> int:
    return time.monotonic_ns() // 1_000_000


def test_the_line_is_driven_secure_from_the_first_moment_and_the_siren_is_silent(fitted: Fitted) -> None:
    assert (fitted.factory.pin(LOCK).function, fitted.level(LOCK)) == ("output", 0)
    assert (fitted.factory.pin(SIREN).function, fitted.level(SIREN)) == ("output", 0)


def test_a_release_is_high_before_the_call_returns_and_ends_by_the_clock(fitted: Fitted, clock: Clock) -> None:
    fitted.lock.release(5_000)
    assert fitted.level(LOCK) == 1
    clock.ms += 4_999
    time.sleep(0.25)  # nothing is to happen in it: two looks at the clock
    assert fitted.level(LOCK) == 1
    clock.ms += 1
    wait_for(lambda: fitted.level(LOCK) == 0)


def test_with_real_time_a_release_ends_when_it_should() -> None:
    fitted = Fitted(real_ms)
    began = time.monotonic()
    fitted.lock.release(300)
    wait_for(lambda: fitted.level(LOCK) == 0)
    lasted_s = time.monotonic() - began
    levels = fitted.levels(LOCK)
    fitted.lock.close()

    assert lasted_s >= 0.3
    assert levels == [0, 1, 0]


def test_nobody_gets_a_longer_release_than_the_longest(fitted: Fitted, clock: Clock) -> None:
    fitted.lock.release(3_600_000)
    clock.ms += RELEASE_MS_MAX
    wait_for(lambda: fitted.level(LOCK) == 0)


def test_a_release_while_one_lasts_begins_it_anew(fitted: Fitted, clock: Clock) -> None:
    fitted.lock.release(5_000)
    clock.ms += 4_000
    fitted.lock.release(5_000)
    clock.ms += 4_000
    time.sleep(0.25)
    assert fitted.level(LOCK) == 1
    clock.ms += 1_000
    wait_for(lambda: fitted.level(LOCK) == 0)


def test_securing_is_done_when_the_call_returns_and_ends_the_release(fitted: Fitted, clock: Clock) -> None:
    fitted.lock.release(5_000)
    fitted.lock.secure()
    assert fitted.level(LOCK) == 0
    clock.ms -= 1
    fitted.lock.siren(True)
    assert fitted.levels(LOCK) == [0, 1, 0]


def test_the_siren_sounds_until_it_is_told_to_be_silent(fitted: Fitted, clock: Clock) -> None:
    fitted.lock.siren(True)
    fitted.lock.secure()
    clock.ms += 3_600_000
    assert fitted.level(SIREN) == 1
    fitted.lock.siren(False)
    assert fitted.level(SIREN) == 0


def test_a_siren_that_sounds_when_low_is_silent_when_high(clock: Clock) -> None:
    fitted = Fitted(clock, siren="sounds-when-low")
    assert fitted.level(SIREN) == 1
    fitted.lock.siren(True)
    assert fitted.level(SIREN) == 0
    fitted.lock.close()


def test_close_drives_secure_and_silent_before_it_lets_go(clock: Clock) -> None:
    fitted = Fitted(clock)
    pins = {number: fitted.factory.pin(number) for number in (LOCK, SIREN)}
    fitted.lock.release(5_000)
    fitted.lock.siren(True)
    levels: list[tuple[int, int]] = []
    let_go = fitted.lock._lines.let_go

    def noted() -> None:
        levels.append((pins[LOCK].state, pins[SIREN].state))
        let_go()

    fitted.lock._lines.let_go = noted  # type: ignore[method-assign]
    fitted.lock.close()
    fitted.lock.close()
    fitted.lock.release(5_000)
    fitted.lock.siren(True)

    assert levels == [(0, 0)]
    assert {pin.function for pin in pins.values()} == {"input"}
    assert not fitted.lock._thread.is_alive()


def test_a_lock_without_a_thread_to_end_a_release_begins_none(fitted: Fitted) -> None:
    with fitted.lock._changed:
        fitted.lock._is_closed = True
        fitted.lock._changed.notify()
    fitted.lock._thread.join(10)
    fitted.lock._is_closed = False
    fitted.lock.release(5_000)

    assert fitted.level(LOCK) == 0


class Stuck:
    """Lines that obey only while they are well."""

    def __init__(self) -> None:
        self.is_broken = self.is_mute = False
        self.driven: list[bool] = []
        self.sounded: list[bool] = []

    def drive_lock(self, is_released: bool) -> None:
        if self.is_broken:
            raise OSError(5, "Input/output error")
        self.driven.append(is_released)

    def sound_siren(self, is_on: bool) -> None:
        if self.is_mute:
            raise RuntimeError
        self.sounded.append(is_on)

    def let_go(self) -> None:
        raise OSError(19, "No such device")


class Watched:
    """A lock on such lines."""

    def __init__(self) -> None:
        self.lines = Stuck()
        self.told: list[str] = []
        self.by: set[str] = set()
        self.clock = Clock()
        self.lock = TimedLock(self.lines, now=self.clock, on_failed=self.note, on_works=lambda: self.note("works"))

    def note(self, told: str) -> None:
        self.by.add(threading.current_thread().name)
        self.told.append(told)
        raise ValueError("whoever listens is broken too")


def test_a_release_that_fails_is_told_and_never_caught_up_on() -> None:
    watched = Watched()
    watched.lines.is_broken = True
    watched.lock.release(5_000)
    wait_for(lambda: watched.told == ["[Errno 5] Input/output error"])
    watched.lines.is_broken = False
    wait_for(lambda: watched.told[1:] == ["works"])
    watched.lock.close()

    assert True not in watched.lines.driven
    assert watched.by == {"lock"}


def test_a_fault_that_is_over_at_once_is_told_all_the_same() -> None:
    watched = Watched()
    watched.lines.is_broken = True
    watched.lock.release(5_000)
    watched.lines.is_broken = False
    watched.lock.secure()
    wait_for(lambda: len(watched.told) == 2)
    watched.lock.close()

    assert watched.told == ["[Errno 5] Input/output error", "works"]


def test_a_line_that_does_not_secure_is_tried_until_it_does() -> None:
    watched = Watched()
    watched.lock.release(5_000)
    watched.lines.is_broken = True
    watched.lock.secure()
    before = len(watched.lines.driven)
    wait_for(lambda: len(watched.told) == 1)
    watched.lines.is_broken = False
    wait_for(lambda: len(watched.lines.driven) > before)
    watched.lock.close()

    assert not any(watched.lines.driven[before:])


def test_a_broken_siren_keeps_nobody_out_and_nobody_in() -> None:
    watched = Watched()
    watched.lines.is_mute = True
    watched.lock.release(5_000)
    assert watched.lines.driven[-1]
    watched.clock.ms += 5_000
    wait_for(lambda: not watched.lines.driven[-1])
    wait_for(lambda: watched.told == ["RuntimeError"])
    watched.lock.close()


def test_a_pin_that_fails_is_claimed_anew(fitted: Fitted) -> None:
    fitted.lock._lines._devices["lock_pin"].close()  # writing to it fails from now on
    fitted.lock.release(5_000)
    assert fitted.lock._until_ms is None
    wait_for(lambda: fitted.told[1:] == ["works"])
    fitted.lock.release(5_000)

    assert fitted.level(LOCK) == 1


def test_a_chip_that_is_not_there_yet_is_told_and_waited_for(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    mock = MockFactory(pin_class=MockPWMPin)
    is_there = threading.Event()

    def get(where: str, pins: str) -> Any:
        if not is_there.is_set():
            raise DeviceError(f"{where}: no chip for {pins} pins")
        return mock

    monkeypatch.setattr("drivers.gpio_lock.pin_factory", get)
    told: list[str] = []
    lock = GpioLock(lock_pin=LOCK, now=clock, pins="mock", on_failed=told.append, on_works=lambda: told.append("works"))
    lock.release(5_000)
    wait_for(lambda: told == ["[door]: no chip for mock pins"])
    assert lock.chip is None
    is_there.set()
    wait_for(lambda: told[1:] == ["works"])

    assert mock.pin(LOCK).state == 0
    lock.release(5_000)
    assert mock.pin(LOCK).state == 1
    lock.close()


def test_a_missing_lgpio_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setitem(__import__("sys").modules, "lgpio", None)
    with pytest.raises(DeviceError, match=r"^\[door\] kind = \"gpio\": .*apt install python3-lgpio"):
        GpioLock(lock_pin=LOCK, now=clock)


def test_the_simulated_lock_ends_its_releases_by_itself_too() -> None:
    lock = SimulatedLock(now=real_ms)
    seen: list[tuple[str, bool]] = []
    lock.add_observer(lambda name, level: seen.append((name, level)))
    lock.release(100)
    lock.siren(True)
    wait_for(lambda: not lock.is_released)
    lock.close()

    assert seen == [("lock", True), ("siren", True), ("lock", False), ("siren", False)]
    assert lock.line_changes == seen


def test_the_simulated_lock_can_be_told_to_fail() -> None:
    told: list[str] = []
    lock = SimulatedLock(now=real_ms, on_failed=told.append, on_works=lambda: told.append("works"))
    lock.fail_with("jammed")
    lock.release(5_000)
    wait_for(lambda: told == ["jammed; jammed"])
    lock.fail_with("")
    wait_for(lambda: told[1:] == ["works"])

    assert not lock.is_released
    lock.close()
