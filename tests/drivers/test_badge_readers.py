"""Badge readers: lines of a pty and keys of a FIFO in, badges out, and no number anywhere."""

import os
import pty
import tty
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.badges import REPEAT_MS, BadgeReader
from drivers.evdev_badges import EvdevBadgeReader
from drivers.serial_badges import SerialBadgeReader
from drivers.simulated import SimulatedBadgeReader, SimulatedSource
from station.domain.core.inputs import Input, SourceFound, SourceLost
from station.domain.identifiers.badge_number import Format, badge_hmac, parse
from station.domain.people.inputs import BadgePresented, BadgeSpoiled
from tests.drivers.test_evdev_source import MATCH, Port
from tests.drivers.typist import TAB, tap, typed
from tests.drivers.watch import Running
from tests.waiting import wait_for

KEY = bytes(range(32))
SWAPPED = "".join("10"[int(bit)] for bit in f"{0x2EC0C86:026b}").encode()


def hmac_of(text: str) -> str:
    return badge_hmac(parse(text), KEY)


class Clock:
    def __init__(self) -> None:
        self.ms = 1_000

    def __call__(self) -> int:
        return self.ms


class Scripted:
    """A reader whose lines, and their moments, are given."""

    def __init__(self, form: Format = "plain") -> None:
        self.clock = Clock()
        self.lines = SimulatedSource("outside", now=self.clock)
        self.reader = BadgeReader(self.lines, side="outside", form=form, site_key=KEY)

    def told(self, *steps: tuple[int, bytes]) -> list[Input]:
        """What is told of lines that come so many ms after each other; one that begins with ! is spoiled."""
        for after_ms, line in steps:
            self.clock.ms += after_ms
            if line[:1] == b"!":
                self.lines.spoil_line(line[1:].decode())
            else:
                self.lines.push_line(line)
        self.lines.unplug()
        return list(self.reader.inputs())


def test_a_line_becomes_a_badge_with_its_side() -> None:
    told = Scripted("26").told((0, b"2ec0c86"))

    assert told == [
        BadgePresented("outside", 1_000, "outside", hmac_of("26:118:1603")),
        SourceLost("outside", 1_000, "unplugged"),
    ]


@pytest.mark.parametrize(
    ("form", "line", "reason"),
    [
        ("26", b"2ec0c87", "parity"),
        ("26", SWAPPED, "parity_swapped"),
        ("26", b"26:118:1603", "unknown_format"),
        ("rdm6300", b"62E3086CED09", "checksum"),
        ("plain", b"!too_long", "too_long"),
        ("plain", b"!keys_lost", "keys_lost"),
    ],
)
def test_a_read_that_is_no_badge_is_told_with_its_reason(form: Format, line: bytes, reason: str) -> None:
    assert Scripted(form).told((0, line))[0] == BadgeSpoiled("outside", 1_000, "outside", reason)


def test_a_badge_that_is_held_there_is_told_once() -> None:
    told = Scripted().told((0, b"7"), *[(100, b"7")] * 50, (REPEAT_MS, b"7"))

    assert [input.at for input in told[:-1] if isinstance(input, BadgePresented)] == [1_000, 1_000 + 5_000 + REPEAT_MS]
    assert len(told) == 3


def test_a_badge_is_told_again_after_another_and_so_is_another_fault() -> None:
    told = Scripted().told((0, b"7"), (10, b"8"), (10, b"7"), (10, b"x"), (10, b"!too_long"), (10, b"7"))

    assert [type(input) for input in told[:-1]] == [BadgePresented] * 3 + [BadgeSpoiled] * 2 + [BadgePresented]


def test_a_badge_read_badly_again_and_again_is_told_once_too() -> None:
    assert len(Scripted().told((0, b"x"), (50, b"y"), (50, b"z"))) == 2


def test_no_number_is_in_what_is_told_nor_in_the_reader_itself() -> None:
    scripted = Scripted()
    told = scripted.told((0, b"26:12:3456"), (5_000, b"26:12:99999"))

    for text in (repr(told), repr(scripted.reader), repr(vars(scripted.reader))):
        assert "3456" not in text
        assert "99999" not in text


@pytest.fixture
def line_of() -> Iterator[Callable[[], tuple[int, str]]]:
    opened: list[int] = []

    def make() -> tuple[int, str]:
        ours, theirs = pty.openpty()
        tty.setraw(theirs)
        opened.extend((ours, theirs))
        return ours, os.ttyname(theirs)

    yield make
    for descriptor in opened:
        os.close(descriptor)


def serial_reader(port: str, **options: Any) -> SerialBadgeReader:
    return SerialBadgeReader("inside", port=port, side="inside", site_key=KEY, now=Clock(), **options)


def wait_until_open(reader: SerialBadgeReader) -> None:
    """Opening a port drops what came before."""
    wait_for(lambda: reader._lines._answered_fd is not None)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("options", "sent", "text"),
    [
        ({}, b"26:12:3456\r\n", "26:12:3456"),
        ({"format": "uid"}, b"04 15 A2 B3\n", "uid:0415A2B3"),
        ({"format": "h10304"}, b"0" * 36 + b"1\r", "H10304:0:0"),
        ({"format": "rdm6300"}, b"\x0262E3086CED08\x03", "uid:62E3086CED"),
        ({"format": "rdm6300"}, b"\x0262E3086CED08\r\n\x03", "uid:62E3086CED"),
        ({"format": "plain", "framing": "etx"}, b"\x0212345\x03", "12345"),
    ],
)
def test_a_serial_reader_is_framed_as_its_format_is(
    line_of: Callable[[], tuple[int, str]], options: dict[str, Any], sent: bytes, text: str
) -> None:
    ours, port = line_of()
    reader = serial_reader(port, **options)
    with Running(reader) as running:
        wait_until_open(reader)
        os.write(ours, sent)
        assert running.next() == BadgePresented("inside", 1_000, "inside", hmac_of(text))


def test_two_frames_and_noise_between_them(line_of: Callable[[], tuple[int, str]]) -> None:
    ours, port = line_of()
    reader = serial_reader(port, format="rdm6300")
    with Running(reader) as running:
        wait_until_open(reader)
        os.write(ours, b"\x0262E3086CED08\x03" + b"noise\x03" + b"\x020415A2B3C4C4\x03")
        kinds = [type(input) for input in running.take(3)]
    assert kinds == [BadgePresented, BadgeSpoiled, BadgePresented]


def test_a_line_without_end_is_too_long_for_a_badge(line_of: Callable[[], tuple[int, str]]) -> None:
    ours, port = line_of()
    reader = serial_reader(port)
    with Running(reader) as running:
        wait_until_open(reader)
        os.write(ours, b"9" * 500 + b"\n")
        assert running.next() == BadgeSpoiled("inside", 1_000, "inside", "too_long")


def test_a_reader_that_is_away_is_lost_once(tmp_path: Path) -> None:
    with Running(serial_reader(str(tmp_path / "away")), times_max=5) as running:
        assert isinstance(running.next(), SourceLost)
    assert running.seen.empty()


def test_a_simulated_reader_is_presented_badges_as_a_roster_writes_them() -> None:
    reader = SimulatedBadgeReader("outside", side="outside", site_key=KEY, now=Clock())
    reader.present_badge("26:012:3456")
    reader.spoil_line("checksum")
    with pytest.raises(ValueError, match="must be a badge's number"):
        reader.present_badge("Ana")
    reader.unplug()
    reader.plug()
    with Running(reader) as running:
        assert running.take(4) == [
            BadgePresented("outside", 1_000, "outside", hmac_of("26:12:3456")),
            BadgeSpoiled("outside", 1_000, "outside", "checksum"),
            SourceLost("outside", 1_000, "unplugged"),
            SourceFound("outside", 1_000),
        ]


def test_an_evdev_reader_types_badges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.evdev_source.RESCAN_S", 3600.0)
    port = Port()
    port.plug()
    reader = EvdevBadgeReader(
        "desk", match=MATCH, side="desk", site_key=KEY, now=Clock(), terminator=["tab"], find=port.listen
    )
    with Running(reader) as running:
        port.type([key for text in ("26:12:3456", "9" * 200, "26:12:3457") for key in [*typed(text), *tap(TAB)]])
        assert running.take(3) == [
            BadgePresented("desk", 1_000, "desk", hmac_of("26:12:3456")),
            BadgeSpoiled("desk", 1_000, "desk", "too_long"),
            BadgePresented("desk", 1_000, "desk", hmac_of("26:12:3457")),
        ]
        port.unplug()
        assert isinstance(running.next(), SourceLost)
        port.plug()
        assert isinstance(running.next(), SourceFound)
    port.unplug()
