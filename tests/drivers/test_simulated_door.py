"""The door, its lock and the badge readers of the simulator, through the control socket."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.control_socket import SimulatedControl
from drivers.simulated import SimulatedBadgeReader, SimulatedSource
from drivers.simulated_door import SimulatedDoor, SimulatedLock
from station.domain.core.inputs import Input, SourceFound, SourceLost
from station.domain.entry.inputs import DoorMoved, FireChanged, RexPressed, TamperChanged
from station.domain.identifiers.badge_number import badge_hmac, parse
from station.domain.people.inputs import BadgePresented, BadgeSpoiled
from tests.drivers.test_control_socket import OK, Caller
from tests.drivers.watch import Running
from tests.waiting import wait_for

KEY = bytes(32)
LEVELS = [FireChanged(7, False), TamperChanged(7, False), DoorMoved(7, False)]


class Bench:
    """A control socket with a gun, a badge reader and a door with its lock, and one caller."""

    def __init__(self, folder: Path) -> None:
        self.failures: list[str] = []
        self.gun = SimulatedSource("gun", now=lambda: 5)
        self.reader = SimulatedBadgeReader("outside", side="outside", site_key=KEY, now=lambda: 6)
        self.door = SimulatedDoor(now=lambda: 7)
        self.lock = SimulatedLock(
            now=lambda: 8, on_failed=self.failures.append, on_works=lambda: self.failures.append("works")
        )
        self.control = SimulatedControl(str(folder / "control"), [self.gun, self.reader, self.door])
        self.control.watch_lock(self.lock)
        self.caller = Caller(folder / "control")
        self.watcher = Caller(folder / "control")

    def told(self, *requests: dict[str, object]) -> list[Input]:
        """What the door tells after its levels, each request being answered well."""
        with Running(self.door) as running:
            assert running.take(3) == LEVELS
            for request in requests:
                assert self.caller.ask(request) == OK
            self.door.unplug()
            told: list[Input] = []
            while not told or not isinstance(told[-1], SourceLost):
                told.append(running.next())
        return told[:-1]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.lock.close()
    bench.caller.close()
    bench.watcher.close()
    bench.control.close()


def test_a_badge_is_presented_or_read_badly(bench: Bench) -> None:
    with Running(bench.reader) as running:
        assert bench.caller.ask({"badge": "outside", "number": "26:12:3456"}) == OK
        assert bench.caller.ask({"badge": "outside", "spoiled": "parity_swapped"}) == OK
        assert running.take(2) == [
            BadgePresented("outside", 6, "outside", badge_hmac(parse("26:12:3456"), KEY)),
            BadgeSpoiled("outside", 6, "outside", "parity_swapped"),
        ]


@pytest.mark.parametrize(
    ("requests", "told"),
    [
        ([{"door": "open"}, {"door": "closed"}], [DoorMoved(7, True), DoorMoved(7, False)]),
        ([{"rex": True}, {"rex": True}], [RexPressed(7), RexPressed(7)]),
        ([{"fire": True}, {"fire": False}], [FireChanged(7, True), FireChanged(7, False)]),
        ([{"tamper": True}, {"tamper": False}], [TamperChanged(7, True), TamperChanged(7, False)]),
        ([{"door": "closed"}, {"fire": False}, {"tamper": False}], []),
        ([{"door": "open"}, {"door": "open"}], [DoorMoved(7, True)]),
    ],
)
def test_the_door_does_what_it_is_told_once(bench: Bench, requests: list[dict[str, object]], told: list[Input]) -> None:
    assert bench.told(*requests) == told


def test_a_door_that_is_found_again_tells_how_it_stands(bench: Bench) -> None:
    for request in ({"door": "open"}, {"fire": True}, {"unplug": "door"}, {"plug": "door"}):
        assert bench.caller.ask(request) == OK
    with Running(bench.door) as running:
        assert running.take(6) == [
            *LEVELS,
            DoorMoved(7, True),
            FireChanged(7, True),
            SourceLost("door", 7, "unplugged"),
        ]
        found = running.take(4)

    assert found == [SourceFound("door", 7), FireChanged(7, True), TamperChanged(7, False), DoorMoved(7, True)]


def test_a_door_stands_as_it_was_when_its_station_comes_back(tmp_path: Path) -> None:
    kept = tmp_path / "control.door"
    door = SimulatedDoor(now=lambda: 7, kept=kept)
    door.move_door(True)
    door.set_fire(True)
    door.set_fire(False)
    door.set_tamper(True)
    with Running(SimulatedDoor(now=lambda: 8, kept=kept)) as running:
        assert running.take(3) == [FireChanged(8, False), TamperChanged(8, True), DoorMoved(8, True)]
    with Running(SimulatedDoor(now=lambda: 7)) as running:
        assert running.take(3) == LEVELS


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({"badge": "inside", "number": "1"}, "request: 'inside' is unknown here; allowed are outside"),
        ({"badge": "gun", "number": "1"}, "request: 'gun' is unknown here; allowed are outside"),
        ({"scan": "outside", "text": "1"}, "request: 'outside' is unknown here; allowed are gun"),
        ({"scan": "door", "text": "1"}, "request: 'door' is unknown here; allowed are gun"),
        ({"badge": "outside", "number": "Ana"}, "must be a badge's number such as 26:12:3456"),
        ({"badge": "outside", "number": 7}, "request: not understood; allowed are"),
        ({"badge": "outside"}, "request: not understood; allowed are"),
        ({"door": "ajar"}, "request: not understood; allowed are"),
        ({"door": "open", "rex": True}, "request: not understood; allowed are"),
        ({"rex": False}, "request: not understood; allowed are"),
        ({"fire": 1}, "request: not understood; allowed are"),
        ({"tamper": None}, "request: not understood; allowed are"),
        ({"release": 5000}, "request: not understood; allowed are"),
        ({"lock": "released"}, "request: not understood; allowed are"),
    ],
)
def test_what_is_wrong_is_said(bench: Bench, request_: dict[str, object], error: str) -> None:
    assert error in str(bench.caller.ask(request_)["error"])
    assert not bench.lock.line_changes


def test_a_station_without_a_door_says_so(tmp_path: Path) -> None:
    control = SimulatedControl(str(tmp_path / "control"), [])
    caller = Caller(tmp_path / "control")
    for request in ({"door": "open"}, {"rex": True}, {"fire": True}, {"tamper": True}):
        assert 'no simulated door is here; set kind = "simulated" in [door]' in str(caller.ask(request)["error"])
    assert "not understood" in str(caller.ask({"lock": "fails"})["error"])
    caller.close()
    control.close()


def test_who_watches_sees_the_lock_as_it_is_and_each_change(bench: Bench) -> None:
    bench.lock.release(5_000)
    bench.lock.siren(True)
    assert bench.watcher.ask({"watch": True}) == OK
    assert [bench.watcher.reply(), bench.watcher.reply()] == [{"lock": "released"}, {"siren": True}]
    bench.lock.secure()
    bench.lock.siren(False)
    bench.lock.release(5_000)
    before, changes = [{"lock": "released"}, {"siren": True}], [{"lock": "secured"}, {"siren": False}]
    told: list[object] = []
    while told[-3:] != [*changes, {"lock": "released"}] and len(told) < 5:
        told.append(bench.watcher.reply())

    # What changed before it watched may still have been on its way to whoever watches.
    assert told[-3:] == [*changes, {"lock": "released"}]
    assert told[:-3] in ([], before[1:], before)


def test_the_lock_is_told_to_fail_and_to_work(bench: Bench) -> None:
    assert bench.caller.ask({"lock": "fails"}) == OK
    bench.lock.secure()
    wait_for(lambda: bench.failures == ["told to fail; told to fail"])
    assert bench.caller.ask({"lock": "works"}) == OK
    wait_for(lambda: bench.failures[1:] == ["works"])


def test_there_is_no_way_to_release_the_lock_through_the_socket(bench: Bench) -> None:
    for word in ("release", "unlock", "lock", "open", "strike"):
        for value in (True, 5000, "released", "open", "release"):
            assert "error" in bench.caller.ask({word: value})
    assert not bench.lock.is_released
