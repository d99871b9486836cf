"""The parts of the stage by themselves: what there is to scan, the gun, the cable, the watching, the summary."""

import contextlib
import os
import select
import socket
import tempfile
import termios
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.control_socket import SimulatedControl
from drivers.simulated import SimulatedDisplay, SimulatedIndicator, SimulatedKeypad
from station.domain.core.effects import Signal
from station.domain.count.book import read_plan
from station.domain.count.events import CountException, CountScanned
from station.domain.identifiers import PackageTag, RetailUnit, parse
from station.domain.lifecycle.events import StationStarted
from station.domain.people.actors import Actor
from station.domain.session.events import ScanRefused
from station.domain.station.duties import EVENTS
from station.domain.station.viewing import verdict_of
from station.errors import UsageError
from station.simulate import parcels
from station.simulate.broker import parse_address
from station.simulate.cable import Cable
from station.simulate.child import Child
from station.simulate.gun import Gun
from station.simulate.outcome import describe_event
from station.simulate.summary import Summary
from station.simulate.troubles import Trouble
from station.simulate.watching import Watching
from tests.screens.views import VIEWS
from tests.waiting import wait_for

WAIT_S = 10.0

# What there is to scan


def test_the_plan_is_one_that_the_station_takes() -> None:
    plan = read_plan(parcels.plan_file(version=7)).plan

    assert (plan.version, len(plan.packages)) == (7, parcels.PACKAGES)
    assert tuple(plan.by_tag) == parcels.planned_tags()
    assert parcels.STRANGE_TAG not in plan.by_tag


@pytest.mark.parametrize("unit_index", [0, 1, 127, 128, 300, 2**31 - 1])
def test_a_units_code_is_read_back_by_the_station(unit_index: int) -> None:
    tag = parcels.planned_tags()[0]

    assert parse(parcels.retail_id(tag, unit_index).encode()) == RetailUnit(tag, unit_index)
    assert parse(tag.encode()) == PackageTag(tag)


# The gun


@pytest.fixture
def gun() -> Iterator[Gun]:
    gun = Gun()
    yield gun
    gun.close()
    gun.close()


def test_a_scan_is_the_code_and_cr_and_nothing_comes_back(gun: Gun) -> None:
    fd = os.open(gun.port, os.O_RDWR | os.O_NOCTTY)
    gun.send_code("1A4")

    assert os.read(fd, 64) == b"1A4\r"
    os.write(fd, b"\x07")
    assert gun.first_answer() == b"\x07"
    assert gun.first_answer() == b"\x07"
    os.write(fd, b"\x07")
    assert gun.whole_answer() == b"\x07\x07"
    gun.forget_answer()
    os.write(fd, b"\x15")
    assert gun.first_answer() == b"\x15"
    os.close(fd)


def test_what_was_answered_before_a_scan_is_no_answer_to_it(gun: Gun) -> None:
    fd = os.open(gun.port, os.O_RDWR | os.O_NOCTTY)
    os.write(fd, b"\x07")
    wait_for(lambda: select.select([gun._far], [], [], 0)[0])
    gun.send_code("1A4")
    os.write(fd, b"\x15")

    assert gun.first_answer() == b"\x15"
    os.close(fd)


def test_a_gun_knows_whether_its_port_was_opened_since_it_was_laid_down(gun: Gun) -> None:
    gun.lay_down()
    assert not gun.is_taken()

    fd = os.open(gun.port, os.O_RDWR | os.O_NOCTTY)
    settings = termios.tcgetattr(fd)
    settings[6][termios.VMIN] = 0
    termios.tcsetattr(fd, termios.TCSANOW, settings)
    assert gun.is_taken()
    os.close(fd)

    gun.lay_down()
    assert not gun.is_taken()


def test_a_gun_that_is_not_answered_says_so(gun: Gun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.simulate.gun.ANSWER_S", 0.0)
    with pytest.raises(Trouble, match=r"gun: no answer within 0 s; must be BEL, BEL BEL or NAK; see station.log"):
        gun.first_answer()


# The cable


@pytest.fixture
def far() -> Iterator[socket.socket]:
    """A server at the far end of the cable."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(WAIT_S)
        yield listener


@pytest.fixture
def cable(far: socket.socket) -> Iterator[Cable]:
    cable = Cable(*far.getsockname())
    cable.start()
    yield cable
    cable.close()
    cable.join(WAIT_S)
    assert not cable.is_alive()


def join(cable: Cable, far: socket.socket) -> tuple[socket.socket, socket.socket]:
    near = socket.create_connection(("127.0.0.1", cable.port), WAIT_S)
    return near, far.accept()[0]


def test_a_cable_carries_both_ways_and_the_end_too(cable: Cable, far: socket.socket) -> None:
    near, there = join(cable, far)
    there.settimeout(WAIT_S)
    payload = b"x" * 1_000_000
    sending = threading.Thread(target=near.sendall, args=(payload,))
    sending.start()
    got = b""
    while len(got) < len(payload):
        got += there.recv(65536)
    sending.join(WAIT_S)
    there.sendall(b"back")

    assert got == payload
    assert near.recv(64) == b"back"
    near.close()
    assert there.recv(64) == b""
    there.close()


def test_a_cut_breaks_what_is_there_and_what_is_tried(cable: Cable, far: socket.socket) -> None:
    near, there = join(cable, far)
    there.settimeout(WAIT_S)
    cable.cut()

    for end in (near, there):
        with contextlib.suppress(ConnectionResetError):
            assert end.recv(64) == b""
        end.close()
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", cable.port), WAIT_S) as tried:
        assert tried.recv(64) == b""

    cable.restore()
    near, there = join(cable, far)
    near.sendall(b"again")
    assert there.recv(64) == b"again"
    near.close()
    there.close()


@pytest.mark.parametrize("times", [1, 20])
def test_every_cut_is_noticed_at_once(cable: Cable, far: socket.socket, times: int) -> None:
    for _ in range(times):
        near, there = join(cable, far)
        near.sendall(b"x")
        assert there.recv(1) == b"x"
        cable.cut()
        with contextlib.suppress(ConnectionResetError):
            assert near.recv(64) == b""
        near.close()
        there.close()
        cable.restore()


# Watching


class Control:
    """A control socket with a display, an indicator and a keypad, and somebody who watches."""

    def __init__(self, path: Path) -> None:
        self.display, self.indicator = SimulatedDisplay(), SimulatedIndicator()
        self.keypad = SimulatedKeypad("keypad", now=lambda: 5)
        self.path = path
        self.control: SimulatedControl
        self.open()
        self.watching = Watching(path)
        self.watching.start()

    def open(self) -> None:
        self.control = SimulatedControl(str(self.path), [self.keypad])
        self.control.watch_display(self.display)
        self.control.watch_indicator(self.indicator)


@pytest.fixture
def control() -> Iterator[Control]:
    with tempfile.TemporaryDirectory() as folder:
        control = Control(Path(folder) / "control")
        watching = control.watching
        watching.wait_for_change(lambda: watching.is_connected, "the control socket")
        yield control
        watching.close()
        control.control.close()
        watching.join(WAIT_S)
        assert not watching.is_alive()


def test_what_is_shown_and_sounded_is_known(control: Control) -> None:
    watching = control.watching
    control.display.show(VIEWS["accepted"])
    control.indicator.play(Signal.ACCEPTED)
    control.indicator.play(Signal.REFUSED)
    control.indicator.hold(Signal.NOT_RECORDING)
    watching.wait_for_change(lambda: watching.held is not None, "what is held")

    assert watching.view == VIEWS["accepted"]
    assert (watching.plays, list(watching.signals)) == (2, [Signal.ACCEPTED, Signal.REFUSED])
    control.indicator.hold(None)
    watching.wait_for_change(lambda: watching.held is None, "silence")


def test_a_station_that_goes_and_comes_back_is_watched_again(control: Control) -> None:
    watching = control.watching
    control.display.show(VIEWS["calm"])
    control.control.close()
    watching.wait_for_change(lambda: not watching.is_connected, "the loss")
    assert watching.view is None

    control.open()
    watching.wait_for_change(lambda: watching.view is not None, "the view")


def test_what_does_not_come_is_trouble(control: Control) -> None:
    with pytest.raises(Trouble, match=r"screen and indicator: a sound did not come within 0 s; see station.log"):
        control.watching.wait_for_change(lambda: False, "a sound", 0)


def test_a_number_is_keyed_and_a_keypad_that_is_missing_is_trouble(control: Control) -> None:
    control.watching.ask_device({"keys": "keypad", "text": "12.5"})
    assert next(iter(control.keypad.inputs())).line == b"12.5"  # type: ignore[attr-defined]

    control.keypad.unplug()
    with pytest.raises(Trouble, match='"text": "1"}: keypad: is unplugged; plug it first'):
        control.watching.ask_device({"keys": "keypad", "text": "1"})


# Words


@pytest.mark.parametrize("event_type", sorted(EVENTS))
def test_every_event_has_words(event_type: str) -> None:
    event = EVENTS[event_type]
    words = {
        "actors": (Actor("ana", "associate"),),
        "open_ms": 5_000,
        "corrects": 3,
        "packages": 1,
        "units": 2,
        "times": 1,
        "by_ms": 1,
        "from_at": 1_000,
        "to_at": 21_000,
        "offset_ms": 0,
        "for_ms": 1,
        "version": 1,
    }
    given = {name: words.get(name, "x") for name in event.__struct_fields__}

    assert describe_event(event(**given)).startswith(event_type)


def test_an_event_says_whether_a_scan_counted() -> None:
    about = ("C1", "1A4", "gun", "Vault A")

    assert verdict_of(CountScanned(*about)) == "counted"
    assert verdict_of(CountException(*about, "duplicate")) == "already"
    assert verdict_of(CountException(*about, "unknown")) == "refused"
    assert verdict_of(ScanRefused("gun", "empty")) == "refused"
    assert verdict_of(StationStarted("1", "s", True, 0, "synced")) is None


@pytest.mark.parametrize(
    ("summary", "line", "exit_code"),
    [
        (Summary(91, 0), "91 events, chain verified, 0 waiting", 0),
        (Summary(91, 91, why="no broker"), "91 events, chain verified, 91 waiting (no broker)", 0),
        (Summary(91, 7, why="network cut"), "91 events, chain verified, 7 waiting (network cut)", 0),
        (Summary(91, 0, why="network cut"), "91 events, chain verified, 0 waiting", 0),
        (Summary(91, 2), "91 events, chain verified, 2 waiting", 1),
        (Summary(91, 0, "event 5: is gone"), "91 events, event 5: is gone, 0 waiting", 6),
    ],
)
def test_the_last_line_and_the_exit_code(summary: Summary, line: str, exit_code: int) -> None:
    assert (summary.summary_line, summary.exit_code) == (line, exit_code)


@pytest.mark.parametrize(
    ("text", "address"), [("localhost:1883", ("localhost", 1883)), ("[::1]:8883", ("::1", 8883)), ("a:1", ("a", 1))]
)
def test_a_brokers_address_is_read(text: str, address: tuple[str, int]) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "localhost", ":1883", "localhost:", "localhost:0", "localhost:70000", "a:١"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"must be HOST:PORT with a port of 1..65535, such as 127.0.0.1:1883"):
        parse_address(text)


def test_a_directory_too_deep_for_sockets_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at most 107 characters; choose another directory"):
        Child(tmp_path / ("x" * 100), "/dev/pts/1", None)
