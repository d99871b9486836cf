"""The control socket: what drives the simulated devices, and what it answers to nonsense."""

import json
import os
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from drivers.control_socket import CALLERS_MAX, CHANGES_MAX, REQUEST_BYTES_MAX, SimulatedControl
from drivers.simulated import PUSHED_MAX, SimulatedDisplay, SimulatedIndicator, SimulatedKeypad, SimulatedSource
from station.domain.core.conditions import Link
from station.domain.core.effects import Signal
from station.domain.core.inputs import BarcodeScanned, NumberKeyed, SourceFound, SourceLost
from station.domain.core.view import Phrase, Tone, View
from tests.drivers.watch import WAIT_S, Running
from tests.waiting import wait_for

OK = {"ok": True}


class Caller:
    """A client of the socket."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(WAIT_S)
        self.socket.connect(str(path))
        self.replies = self.socket.makefile("rb")

    def ask(self, request: object) -> dict[str, object]:
        return self.ask_raw(json.dumps(request).encode() + b"\n")

    def ask_raw(self, line: bytes) -> dict[str, object]:
        self.socket.sendall(line)
        return self.reply()

    def reply(self) -> dict[str, object]:
        reply = json.loads(self.replies.readline())
        assert isinstance(reply, dict)
        return reply

    def close(self) -> None:
        self.replies.close()
        self.socket.close()


class Bench:
    """A control socket with a gun and a keypad, and one caller."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "control"
        self.gun = SimulatedSource("gun", now=lambda: 5)
        self.pad = SimulatedKeypad("pad", now=lambda: 6)
        self.control = SimulatedControl(str(self.path), [self.gun, self.pad])
        self.caller = Caller(self.path)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.caller.close()
    bench.control.close()


def test_a_scan_is_scanned(bench: Bench) -> None:
    with Running(bench.gun) as running:
        assert bench.caller.ask({"scan": "gun", "text": "1A4060300000001000012345"}) == OK
        assert running.next() == BarcodeScanned("gun", 5, b"1A4060300000001000012345")


@pytest.mark.parametrize(
    ("text", "line"), [("\x1d01", b"\x1d01"), ("ñ", b"\xc3\xb1"), ("\udcff", b"\xff"), ("", b""), (" a\n", b" a\n")]
)
def test_text_becomes_the_bytes_that_it_says(bench: Bench, text: str, line: bytes) -> None:
    with Running(bench.gun) as running:
        assert bench.caller.ask({"scan": "gun", "text": text}) == OK
        assert running.next() == BarcodeScanned("gun", 5, line)


def test_keys_are_keyed(bench: Bench) -> None:
    with Running(bench.pad) as running:
        assert bench.caller.ask({"keys": "pad", "text": "12"}) == OK
        assert running.next() == NumberKeyed("pad", 6, b"12")


def test_unplug_and_plug(bench: Bench) -> None:
    with Running(bench.gun) as running:
        assert bench.caller.ask({"unplug": "gun"}) == OK
        assert "unplugged" in str(bench.caller.ask({"scan": "gun", "text": "x"})["error"])
        assert bench.caller.ask({"plug": "gun"}) == OK
        assert running.take(2) == [SourceLost("gun", 5, "unplugged"), SourceFound("gun", 5)]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"scan gun\n", "request: is no JSON (Expecting value: line 1 column 1 (char 0)); send one JSON object a line"),
        (b"\xff\xfe\x00\n", "request: is no JSON ("),
        (b"[" * 60000 + b"\n", "request: is no JSON ("),
        (b"[]\n", 'request: not understood; allowed are {"scan": NAME, "text": TEXT}, {"keys": '),
        (b'{"scan": "gun"}\n', "request: not understood; allowed are"),
        (b'{"scan": "gun", "text": 5}\n', "request: not understood; allowed are"),
        (b'{"scan": "gun", "text": "x", "more": 1}\n', "request: not understood; allowed are"),
        (b'{"unplug": "gun", "plug": "gun"}\n', "request: not understood; allowed are"),
        (b'{"scan": "pistol", "text": "x"}\n', "request: 'pistol' is unknown here; allowed are gun"),
        (b'{"scan": "pad", "text": "x"}\n', "request: 'pad' is unknown here; allowed are gun"),
        (b'{"keys": "gun", "text": "1"}\n', "request: 'gun' is unknown here; allowed are pad"),
        (b'{"plug": "x"}\n', "request: 'x' is unknown here; allowed are gun, pad"),
        (b'{"plug": "gun"}\n', "gun: is plugged in; unplug it first"),
        (b'{"scan": "gun", "text": "\\ud800"}\n', "surrogates not allowed"),
    ],
)
def test_nonsense_is_answered_with_what_is_wrong_and_changes_nothing(bench: Bench, line: bytes, error: str) -> None:
    told = bench.caller.ask_raw(line)

    assert list(told) == ["error"]
    assert error in str(told["error"])
    with Running(bench.gun) as running:
        assert bench.caller.ask({"scan": "gun", "text": "next"}) == OK
        assert running.next() == BarcodeScanned("gun", 5, b"next")


def test_too_long_a_line_is_refused_at_its_end(bench: Bench) -> None:
    told = bench.caller.ask_raw(b"x" * (REQUEST_BYTES_MAX + 100) + b"\n")

    assert told == {"error": "request: longer than 131072 bytes; send less"}
    assert bench.caller.ask({"scan": "gun", "text": "x"}) == OK


def test_a_scan_of_ten_kilobytes_of_escapes_fits(bench: Bench) -> None:
    with Running(bench.gun) as running:
        assert bench.caller.ask({"scan": "gun", "text": "\x1d" * 10_000}) == OK
        assert running.next() == BarcodeScanned("gun", 5, b"\x1d" * 10_000)


def test_lines_in_pieces_and_several_at_once_are_each_answered(bench: Bench) -> None:
    bench.caller.socket.sendall(b'{"scan": "gun", ')
    bench.caller.socket.sendall(b'"text": "a"}\r\n{"scan": "gun", "text": "b"}\nnonsense\n')

    assert [list(bench.caller.reply()) for _ in range(3)] == [["ok"], ["ok"], ["error"]]


def test_several_callers_are_served_and_no_more_than_the_limit(bench: Bench) -> None:
    callers = [Caller(bench.path) for _ in range(CALLERS_MAX - 1)]
    assert all(caller.ask({"scan": "gun", "text": "x"}) == OK for caller in callers)
    surplus = Caller(bench.path)
    assert surplus.replies.readline() == b""
    surplus.close()
    callers.pop().close()
    wait_for(lambda: len(bench.control._callers) < CALLERS_MAX)
    again = Caller(bench.path)
    assert again.ask({"scan": "gun", "text": "x"}) == OK
    for caller in [*callers, again]:
        caller.close()


def test_a_caller_that_never_reads_its_answers_is_hung_up_on(bench: Bench) -> None:
    deaf = Caller(bench.path)
    with suppress(BrokenPipeError, ConnectionResetError):
        while True:
            deaf.socket.sendall(b"nonsense\n" * 1000)
    deaf.close()

    assert bench.caller.ask({"scan": "gun", "text": "x"}) == OK


def test_a_full_device_says_so(bench: Bench) -> None:
    for _ in range(PUSHED_MAX):
        bench.gun.push_line(b"x")

    assert "wait unread" in str(bench.caller.ask({"scan": "gun", "text": "x"})["error"])


def test_only_the_owner_may_drive_it(bench: Bench) -> None:
    assert stat.S_IMODE(bench.path.stat().st_mode) == 0o600


def test_close_hangs_up_and_removes_the_file(bench: Bench) -> None:
    bench.caller.ask({"scan": "gun", "text": "x"})
    bench.control.close()

    assert bench.caller.replies.readline() == b""
    assert not bench.path.exists()
    bench.control.close()


def test_a_file_that_a_dead_program_left_is_replaced(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(tmp_path / "control"))
    bench = Bench(tmp_path)

    assert bench.caller.ask({"scan": "gun", "text": "x"}) == OK
    bench.caller.close()
    bench.control.close()


def test_a_living_program_keeps_its_socket(bench: Bench) -> None:
    with pytest.raises(OSError, match="another program listens there; stop it or choose another path"):
        SimulatedControl(str(bench.path), [])

    assert bench.caller.ask({"scan": "gun", "text": "x"}) == OK


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "control"
    path.write_text("precious")
    with pytest.raises(OSError, match=r"\[simulated\] control = "):
        SimulatedControl(str(path), [])

    assert path.read_text() == "precious"


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    before = threading.active_count()
    with pytest.raises(OSError, match="nowhere"):
        SimulatedControl(os.fspath(tmp_path / "nowhere" / "control"), [])

    assert threading.active_count() == before


VIEW = View("count", Tone.CALM, Phrase("progress", ("1", "50")), None, Phrase("scan_package"), Link.UP, 3, 60_000)
SHOWN = {
    "duty": "count",
    "tone": "calm",
    "fact": {"key": "progress", "args": ["1", "50"]},
    "detail": None,
    "instruction": {"key": "scan_package", "args": []},
    "link": "up",
    "waiting": 3,
    "minute_ms": 60_000,
    "refused": 0,
    "bar": None,
}


@pytest.fixture
def watched(bench: Bench) -> tuple[SimulatedDisplay, SimulatedIndicator]:
    """A display and an indicator that the bench's socket watches."""
    display, indicator = SimulatedDisplay(), SimulatedIndicator()
    bench.control.watch_display(display)
    bench.control.watch_indicator(indicator)
    return display, indicator


Watched = tuple[SimulatedDisplay, SimulatedIndicator]


def test_who_watches_is_told_each_change_in_order(bench: Bench, watched: Watched) -> None:
    display, indicator = watched
    assert bench.caller.ask({"watch": True}) == OK

    display.show(VIEW)
    indicator.play(Signal.ACCEPTED)
    display.show(VIEW)
    indicator.hold(Signal.NOT_RECORDING)
    indicator.hold(None)

    assert [bench.caller.reply() for _ in range(4)] == [
        {"view": SHOWN},
        {"signal": "accepted", "verb": "play"},
        {"signal": "not_recording", "verb": "hold"},
        {"signal": None, "verb": "hold"},
    ]


def test_who_begins_to_watch_is_told_how_things_stand(bench: Bench, watched: Watched) -> None:
    display, indicator = watched
    display.show(VIEW)
    indicator.hold(Signal.NOT_RECORDING)

    assert bench.caller.ask({"watch": True}) == OK

    assert bench.caller.reply() == {"view": SHOWN}
    assert bench.caller.reply() == {"signal": "not_recording", "verb": "hold"}


def test_who_watches_may_go_on_asking(bench: Bench, watched: Watched) -> None:
    _, indicator = watched
    assert bench.caller.ask({"watch": True}) == OK
    assert bench.caller.ask({"scan": "gun", "text": "x"}) == OK
    assert "error" in bench.caller.ask({"watch": False})
    indicator.play(Signal.REFUSED)

    assert bench.caller.reply() == {"signal": "refused", "verb": "play"}


def test_who_does_not_watch_is_told_nothing(bench: Bench, watched: Watched) -> None:
    _, indicator = watched
    indicator.play(Signal.ACCEPTED)

    assert bench.caller.ask({"scan": "gun", "text": "x"}) == OK


def test_who_watches_too_slowly_is_hung_up_on_and_the_others_are_not(bench: Bench, watched: Watched) -> None:
    display, _ = watched
    deaf = Caller(bench.path)
    assert deaf.ask({"watch": True}) == OK
    assert bench.caller.ask({"watch": True}) == OK

    shown = 0
    while bench.control._watchers.keys() and len(bench.control._watchers) == 2:
        shown += 1
        display.show(msgspec.structs.replace(VIEW, waiting=shown))
        assert bench.caller.reply()["view"] == {**SHOWN, "waiting": shown}

    assert shown > CHANGES_MAX
    deaf.close()


def test_the_last_view_is_told_before_the_end(bench: Bench, watched: Watched) -> None:
    display, _ = watched
    assert bench.caller.ask({"watch": True}) == OK
    display.show(VIEW)
    bench.control.close()

    assert bench.caller.reply() == {"view": SHOWN}
    assert bench.caller.replies.readline() == b""
