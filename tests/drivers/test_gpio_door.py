"""The door's switches on mock pins: polarity, bounces, lost edges, lost chips."""

import random
import time
from collections.abc import Iterator
from typing import Any

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory, MockPWMPin

from drivers.gpio_door import EDGE_AGE_MS_MAX, EDGES_MAX, HELD_MS, LATE_MS, GpioDoor
from station.domain.core.inputs import Input, SourceFound, SourceLost
from station.domain.entry.inputs import DoorMoved, FireChanged, RexPressed, TamperChanged
from station.errors import DeviceError
from tests.drivers.watch import Running
from tests.waiting import wait_for

CONTACT, REX, TAMPER, FIRE = 17, 27, 22, 24
WIRED: dict[str, Any] = {"contact_pin": CONTACT, "rex_pin": REX, "tamper_pin": TAMPER, "fire_pin": FIRE}


def now() -> int:
    return time.monotonic_ns() // 1_000_000


class Pins:
    """The mock factories that a door was given, one an opening."""

    def __init__(self) -> None:
        self.made: list[Any] = []
        self.fault: Exception | None = None
        self.levels: dict[int, bool] = {CONTACT: False, REX: True, TAMPER: False, FIRE: False}

    def factory(self, where: str, pins: str) -> Any:
        assert (where, pins) == ("[door]", "real")
        if self.fault:
            raise self.fault
        self.made.append(MockFactory(pin_class=Held))
        for number, level in self.levels.items():
            self.made[-1].pin(number).wired = level
        return self.made[-1]

    def set(self, number: int, level: bool) -> None:
        """A switch: True is open, which the pull-up makes high."""
        pin = self.made[-1].pin(number)
        pin.wired = level
        (pin.drive_high if level else pin.drive_low)()


class Held(MockPWMPin):  # type: ignore[misc]
    """A pin with a switch on it, which wins over the pull."""

    wired: bool | None = None
    is_gone = False

    def _set_pull(self, value: str) -> None:
        super()._set_pull(value)
        if self.wired is not None:
            (self.drive_high if self.wired else self.drive_low)()

    def _get_state(self) -> Any:
        if self.is_gone:
            raise OSError(19, "No such device")
        return super()._get_state()


@pytest.fixture
def pins(monkeypatch: pytest.MonkeyPatch) -> Pins:
    made = Pins()
    monkeypatch.setattr("drivers.gpio_door.pin_factory", made.factory)
    monkeypatch.setattr("drivers.gpio_door.check_library", lambda *_: None)
    return made


def door(**options: Any) -> GpioDoor:
    return GpioDoor(**{**WIRED, "contact": "closed-when-shut", "now": now, "debounce_ms": 5, **options})


def without_moment(input: Input) -> tuple[object, ...]:
    fields = [getattr(input, field) for field in input.__struct_fields__ if field != "at"]
    return type(input), *fields


REST = {(TamperChanged, False), (FireChanged, False), (DoorMoved, False)}


@pytest.fixture
def running(pins: Pins) -> Iterator[Running]:
    with Running(door()) as made:
        assert {without_moment(input) for input in made.take(3)} == REST
        yield made
        assert pins.made


def test_each_level_is_told_when_it_begins_and_nothing_else(running: Running) -> None:
    time.sleep(0.1)  # nothing may come in it
    assert running.seen.empty()


@pytest.mark.parametrize(
    ("pin", "level", "told"),
    [
        (CONTACT, True, (DoorMoved, True)),
        (REX, False, (RexPressed,)),
        (TAMPER, True, (TamperChanged, True)),
        (FIRE, True, (FireChanged, True)),
    ],
)
def test_each_switch_is_told_by_its_own_input(
    running: Running, pins: Pins, pin: int, level: bool, told: tuple[object, ...]
) -> None:
    before = now()
    pins.set(pin, level)
    input = running.next()

    assert without_moment(input) == told
    assert before <= getattr(input, "at", 0) <= now()


@pytest.mark.parametrize(
    ("options", "open_switches", "told"),
    [
        ({"contact": "closed-when-shut"}, [CONTACT], (DoorMoved, True)),
        ({"contact": "closed-when-shut"}, [], (DoorMoved, False)),
        ({"contact": "open-when-shut"}, [CONTACT], (DoorMoved, False)),
        ({"contact": "open-when-shut"}, [], (DoorMoved, True)),
        ({"rex": "closed-when-pressed"}, [], (RexPressed,)),
        ({"rex": "open-when-pressed"}, [REX], (RexPressed,)),
        ({"tamper": "open-when-tampered"}, [TAMPER], (TamperChanged, True)),
        ({"tamper": "closed-when-tampered"}, [TAMPER], (TamperChanged, False)),
        ({"fire": "open-on-alarm"}, [FIRE], (FireChanged, True)),
        ({"fire": "closed-on-alarm"}, [], (FireChanged, True)),
    ],
)
def test_every_polarity_that_the_settings_can_name(
    pins: Pins, options: dict[str, str], open_switches: list[int], told: tuple[object, ...]
) -> None:
    pins.levels = {number: number in open_switches for number in (CONTACT, REX, TAMPER, FIRE)}
    is_pressed = pins.levels[REX] == (options.get("rex") == "open-when-pressed")
    with Running(door(**options)) as running:
        assert told in [without_moment(input) for input in running.take(3 + is_pressed)]


def test_a_cut_wire_is_an_open_door_a_tamper_and_a_fire(pins: Pins) -> None:
    pins.levels = {}
    with Running(door()) as running:
        told = {without_moment(input) for input in running.take(3)}
    assert told == {(DoorMoved, True), (TamperChanged, True), (FireChanged, True)}


def test_a_switch_that_is_not_fitted_is_never_told(pins: Pins) -> None:
    with Running(door(rex_pin=None, tamper_pin=None, fire_pin=None)) as running:
        assert without_moment(running.next()) == (DoorMoved, False)
        pins.set(CONTACT, True)
        assert without_moment(running.next()) == (DoorMoved, True)
    assert running.seen.empty()


def test_bounces_are_one_change_dated_at_their_first_edge(pins: Pins) -> None:
    rng = random.Random(4)
    with Running(door(debounce_ms=30)) as running:
        running.take(3)
        for is_open in (True, False) * 5:
            before = now()
            for _ in range(rng.randrange(1, 10)):
                pins.set(CONTACT, is_open)
                pins.set(CONTACT, not is_open)
            pins.set(CONTACT, is_open)
            after = now()
            input = running.next()
            assert without_moment(input) == (DoorMoved, is_open)
            assert before <= getattr(input, "at", 0) <= after
    assert running.seen.empty()


def test_edges_that_come_late_are_as_good_as_in_time(pins: Pins) -> None:
    clock = [100_000]
    gpio = door(now=lambda: clock[0], debounce_ms=30)
    with Running(gpio) as running:
        # Their own threads are asleep: the moments are given with the edges.
        wait_for(lambda: len(pins.made) == 1)
        clock[0] += 100
        running.take(3)
        listener = pins.made[0].pin(CONTACT).when_changed
        clock[0] += 500
        for ms, level in ((100_200, 1), (100_203, 0), (100_205, 1), (100_400, 0), (100_402, 1), (100_404, 0)):
            listener(ms / 1000, level)
        pins.made[0].pin(CONTACT).wired = False
        told = running.take(2)

    assert told == [DoorMoved(100_200, True), DoorMoved(100_400, False)]


def test_a_bounce_whose_end_comes_very_late_opens_no_door(pins: Pins) -> None:
    clock = [100_000]
    with Running(door(now=lambda: clock[0], debounce_ms=30)) as running:
        wait_for(lambda: len(pins.made) == 1)
        clock[0] += 100
        running.take(3)
        listener = pins.made[0].pin(CONTACT).when_changed
        clock[0] += 500
        listener(100.2, 1)
        time.sleep(0.1)  # the switch is shut again, and nobody has told of it yet
        listener(100.214, 0)
        time.sleep(0.1)  # nothing may come in it
        assert running.seen.empty()
        listener(100.3, 1)
        time.sleep(0.1)
        listener(100.34, 0)  # so long is no bounce
        clock[0] += 100
        assert running.take(2) == [DoorMoved(100_300, True), DoorMoved(100_340, False)]


@pytest.mark.parametrize("stamp_s", [-1.0, 5.0, (100_000 + 1) / 1000])
def test_a_stamp_of_another_clock_is_not_believed(pins: Pins, stamp_s: float) -> None:
    gpio = door(now=lambda: 100_000)
    with gpio._open_lines() as lines:
        contact = next(line for line in lines if line.key == "contact")
        pins.made[0].pin(CONTACT).when_changed(stamp_s, 1)
        assert gpio._edges.get_nowait() == (contact, True, 100_000)
        pins.made[0].pin(CONTACT).when_changed((100_000 - EDGE_AGE_MS_MAX) / 1000, 0)
        assert gpio._edges.get_nowait() == (contact, False, 100_000 - EDGE_AGE_MS_MAX)
    assert LATE_MS < 1_000


def test_an_edge_that_nobody_told_of_is_seen_all_the_same(running: Running, pins: Pins) -> None:
    pin = pins.made[0].pin(CONTACT)
    pin._state = True

    assert without_moment(running.next()) == (DoorMoved, True)


def test_a_button_that_is_still_held_is_told_again_before_the_door(running: Running, pins: Pins) -> None:
    pins.set(REX, False)
    assert without_moment(running.next()) == (RexPressed,)
    time.sleep((HELD_MS + 10) / 1000)
    pins.set(CONTACT, True)
    assert [without_moment(input) for input in running.take(2)] == [(RexPressed,), (DoorMoved, True)]
    pins.set(CONTACT, False)
    pins.set(REX, True)
    assert without_moment(running.next()) == (DoorMoved, False)
    time.sleep(0.1)  # the button is let go in it
    pins.set(CONTACT, True)
    assert without_moment(running.next()) == (DoorMoved, True)


def test_a_chip_that_goes_away_is_lost_once_and_found_with_its_levels(running: Running, pins: Pins) -> None:
    pins.levels[CONTACT] = True
    pins.fault = DeviceError("[door]: no chip")
    pins.made[0].pin(CONTACT).is_gone = True
    lost = running.next()
    assert isinstance(lost, SourceLost)
    assert (lost.source, lost.reason) == ("door", "[Errno 19] No such device")
    tries = running.returns
    wait_for(lambda: running.returns > tries + 3)
    assert running.seen.empty()
    pins.fault = None
    found = running.take(4)

    assert isinstance(found[0], SourceFound)
    assert {without_moment(input) for input in found[1:]} == (REST - {(DoorMoved, False)}) | {(DoorMoved, True)}
    assert pins.made[0].pins == {}


def test_a_pin_that_cannot_be_had_is_lost_with_the_systems_own_text(pins: Pins) -> None:
    pins.fault = gpiozero.GPIOPinInUse("pin 17 is taken")
    with Running(door()) as running:
        lost = running.next()
    assert isinstance(lost, SourceLost)
    assert lost.reason == "pin 17 is taken"


def test_a_door_that_is_closed_for_good_ends_at_once_and_gives_its_pins_back(pins: Pins) -> None:
    gpio = door()
    with Running(gpio) as running:
        running.take(3)
        gpio.close()
        gpio.close()
        wait_for(lambda: running.returns > 0)
        assert list(gpio.inputs()) == []
    assert pins.made[0].pins == {}


def test_mock_pins_are_at_rest() -> None:
    polarities: list[dict[str, str]] = [
        {},
        {
            "contact": "open-when-shut",
            "rex": "open-when-pressed",
            "tamper": "closed-when-tampered",
            "fire": "closed-on-alarm",
        },
    ]
    for options in polarities:
        with Running(door(pins="mock", **options)) as running:
            assert {without_moment(input) for input in running.take(3)} == REST


def test_a_missing_lgpio_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "lgpio", None)
    with pytest.raises(DeviceError, match=r"^\[door\] kind = \"gpio\": .*apt install python3-lgpio"):
        door()


# -- what never rests --


def rattled(pins: Pins, number: int, for_s: float, ends: bool) -> None:
    """The switch hums at 60 Hz, and comes to rest."""
    until = time.monotonic() + for_s
    level = not ends
    while time.monotonic() < until:
        pins.set(number, level)
        level = not level
        time.sleep(1 / 120)
    pins.set(number, ends)


@pytest.mark.parametrize(
    ("number", "source", "ends", "rests"),
    [
        (CONTACT, "door", False, [(DoorMoved, False)]),
        (CONTACT, "door", True, [(DoorMoved, True)]),
        (TAMPER, "tamper", False, [(TamperChanged, False)]),
        (FIRE, "fire", True, [(FireChanged, True)]),
        (REX, "rex", True, []),
    ],
)
def test_a_switch_that_never_rests_is_told_and_its_end_too(
    pins: Pins, number: int, source: str, ends: bool, rests: list[tuple[object, ...]]
) -> None:
    with Running(door(debounce_ms=200)) as running:
        running.take(3)
        began = now()
        rattled(pins, number, 1.6, ends)
        rested = now()
        lost, found, *levels = running.take(2 + len(rests))
        time.sleep(0.3)  # nothing may come in it
        assert running.seen.empty()
    assert isinstance(lost, SourceLost)
    assert (lost.source, lost.reason) == (source, "restless")
    assert began <= lost.at <= began + 300
    assert isinstance(found, SourceFound)
    assert found.source == source
    assert rested - 300 <= found.at <= rested + 100
    assert [without_moment(input) for input in levels] == rests


def test_edges_without_end_take_no_memory_without_end(pins: Pins) -> None:
    gpio = door()
    with gpio._open_lines() as lines:
        listener = pins.made[0].pin(CONTACT).when_changed
        for number in range(10_000):
            listener(now() / 1000, number % 2)
        other = pins.made[0].pin(TAMPER).when_changed
        other(now() / 1000, 1)
        contact, tamper = (next(line for line in lines if line.key == key) for key in ("contact", "tamper"))
        assert gpio._edges.qsize() == EDGES_MAX + 1
        assert (contact.missed_at > 0, tamper.missed_at, tamper.came) == (True, 0, 1)
        assert contact.restless_since(now() + 5_000) is not None  # what was not kept leaves it in doubt


def test_what_was_restless_when_the_chip_went_away_begins_anew(pins: Pins) -> None:
    with Running(door(debounce_ms=200)) as running:
        running.take(3)
        rattled(pins, TAMPER, 1.4, False)
        pins.fault = DeviceError("[door]: no chip")
        rattled(pins, TAMPER, 0.2, False)
        assert without_moment(running.next()) == (SourceLost, "tamper", "restless")
        pins.made[0].pin(TAMPER).is_gone = True
        assert any(without_moment(input)[:2] == (SourceLost, "door") for input in until_lost(running))
        pins.fault = None
        found = [without_moment(input) for input in running.take(5)]
    assert found[0] == (SourceFound, "door")


def until_lost(running: Running) -> Iterator[Input]:
    """What comes until the door is lost."""
    while True:
        input = running.next()
        yield input
        if isinstance(input, SourceLost) and input.source == "door":
            return
