"""The simulator in a terminal: keys pressed on a pty, and what stands on its screen then."""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.simulate.terminal import ENTER_SCREEN, LEAVE_SCREEN

ROOT = Path(__file__).parents[2]
WAIT_S = 30.0
COLUMNS, ROWS = 120, 30
_SEQUENCE = re.compile(r"\x1b\[(\??[0-9;]*)([A-Za-z])")
_BRAILLE = re.compile("[\u2800-\u28ff]{64}")


class Person:
    """Sits at a terminal of 120 by 30 in which the simulator runs."""

    def __init__(self, *arguments: str) -> None:
        self._far, self._near = os.openpty()
        fcntl.ioctl(self._near, termios.TIOCSWINSZ, struct.pack("4H", ROWS, COLUMNS, 0, 0))
        self.before = termios.tcgetattr(self._near)
        self.seen = ""
        self._unread = b""
        self._screen = [" " * COLUMNS] * ROWS
        self._row = self._column = 0
        self.running = subprocess.Popen(
            [sys.executable, "-m", "station", "simulate", *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=self._near,
            stdout=self._near,
            stderr=self._near,
            start_new_session=True,
        )

    def press(self, keys: str) -> None:
        os.write(self._far, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._near, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def sees(self, *texts: str) -> str:
        """Wait until all of these stand on the screen at once; returns it."""
        deadline = time.monotonic() + WAIT_S
        while not all(text in self.screen for text in texts):
            assert time.monotonic() < deadline, f"no {texts} in\n{self.screen}"
            self._read(0.1)
        return self.screen

    def end(self) -> int:
        """Wait until the simulator has ended; its exit code."""
        deadline = time.monotonic() + WAIT_S
        while self.running.poll() is None:
            assert time.monotonic() < deadline, self.screen
            self._read(0.05)
        while self._read(0.0):
            pass
        self._draw(self._unread.decode("utf-8", "replace"))
        return self.running.returncode

    def close(self) -> None:
        if self.running.poll() is None:
            self.running.terminate()
            self.running.wait(WAIT_S)
        os.close(self._far)
        os.close(self._near)

    @property
    def after(self) -> list[Any]:
        return termios.tcgetattr(self._near)

    @property
    def screen(self) -> str:
        return "\n".join(self._screen)

    @property
    def oled(self) -> list[str]:
        return _BRAILLE.findall(self.screen)

    def _read(self, within_s: float) -> bool:
        if not select.select([self._far], [], [], within_s)[0]:
            return False
        *whole, rest = (self._unread + os.read(self._far, 65536)).split(b"\x1b")
        # What follows the last escape may be cut in the middle: it is read when more has come, or at the end.
        self._draw(b"\x1b".join(whole).decode("utf-8", "replace"))
        self._unread = b"\x1b" + rest if whole else rest
        return True

    def _draw(self, text: str) -> None:
        """As much of a terminal as the simulator asks for: go to a line, erase."""
        self.seen += text
        at = 0
        while at < len(text):
            sequence = _SEQUENCE.match(text, at)
            if sequence is None:
                self._put(text[at])
                at += 1
                continue
            at = sequence.end()
            if sequence[2] == "H":
                self._row, self._column = int(sequence[1].split(";")[0]) - 1, 0
            elif sequence[2] == "J":
                self._screen = [" " * COLUMNS] * ROWS

    def _put(self, character: str) -> None:
        line = self._screen[self._row]
        self._screen[self._row] = line[: self._column] + character + line[self._column + 1 :]
        self._column += 1


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Person]:
    """Somebody whose simulator is ready."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    person = Person()
    person.sees("nothing scanned yet", "running, 5 events", "q  quit")
    yield person
    person.close()


def test_scans_are_shown_pixel_for_pixel_and_told(person: Person) -> None:
    assert len(person.oled) == 16
    idle = person.oled
    person.press("c")
    person.sees("✔ done", "count.opened C000001 P-DEMO, 60 packages")
    person.press("l")
    person.sees("count.located Vault A")
    person.press("s")
    person.sees("✔ COUNTED", "count.scanned ..012345", "♪ one short high")
    counted = person.oled
    person.press("r")
    person.sees("● ALREADY COUNTED", "● amber", "♪ two mid")
    person.press("w")
    person.sees("✘ REFUSED", "count.exception ..000001 unknown", "♪ one long low")

    assert counted != idle
    assert any(row.strip("\u2800") for row in person.oled)


def test_a_quantity_is_typed_and_a_unit_scanned(person: Person) -> None:
    person.press("cls")
    person.sees("✔ COUNTED")
    person.press("12.5")
    person.sees("quantity: 12.5_")
    person.press("\r")
    person.sees("count.quantity ..012345 = 12.5 ea")
    person.press("i")
    person.sees("count.scanned ..012345 unit 0")


def test_power_is_pulled_and_the_count_goes_on(person: Person) -> None:
    person.press("clss")
    person.sees("count.scanned ..012346")
    person.press("k")
    person.sees("NO POWER", "\u2800" * 64)
    person.sees("goes on at 2", "station.started after a power cut")
    person.press("s")
    person.sees("✔ COUNTED", "count.scanned ..012347")


def test_the_network_is_cut_and_restored(person: Person) -> None:
    if "no broker" in person.screen:
        pytest.skip("mosquitto is missing")
    person.sees("network  up, 0 waiting, 5 arrived")
    person.press("n")
    person.sees("network  DOWN")
    person.press("c")
    person.sees("network  DOWN, 1 waiting")
    person.press("n")
    person.sees("network  up, 0 waiting, 6 arrived")


def test_two_people_enter_and_one_leaves(person: Person) -> None:
    person.press("\tab")
    person.sees("✔ ENTER", "entry.granted ana, ben", "door     shut, lock RELEASED")
    person.press("o")
    person.sees("door.opened ana, ben by grant, 2 inside", "door     OPEN, lock secured")
    person.press("oAlo")
    person.sees("door.opened by egress, 1 inside", "entry.lone ben")
    person.press("ou")
    person.sees("✘ NO ENTRY", "entry.denied unknown", "door     shut")


def test_a_forced_door_sounds_until_a_supervisor_explains_it(person: Person) -> None:
    person.press("\to")
    person.sees("door.forced opening 5", "door     OPEN, lock secured, SIREN")
    person.press("od")
    person.sees("entry.identified sam", "SIREN")
    person.press("e")
    person.sees("door.explained sam unsaid, opening 5")
    person.press("dh")
    person.sees("entry.head_counted sam 0 inside")
    assert "SIREN" not in person.screen


def test_tab_turns_to_the_door_and_back(person: Person) -> None:
    person.press("\t")
    person.sees("ABCS  inside")
    person.press("\tc")
    person.sees("l  location", "count.opened")


def test_q_puts_the_terminal_back_and_says_the_last_line(person: Person) -> None:
    person.press("c")
    person.sees("count.opened")
    person.press("q")

    assert person.end() == 0
    assert person.seen.startswith(ENTER_SCREEN)
    last = person.seen.partition(LEAVE_SCREEN)[2]
    assert re.search(r"^ +0 entries of 0 people, 0 openings, each explained, lock secured\s+7 events, chain", last)
    assert person.after == person.before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_puts_the_terminal_back_too(person: Person, number: int, tmp_path: Path) -> None:
    person.running.send_signal(number)

    assert person.end() == 128 + number
    assert LEAVE_SCREEN in person.seen
    assert person.after == person.before
    assert list(tmp_path.iterdir()) == []


def test_another_size_is_drawn_anew(person: Person) -> None:
    person.resize(80, 24)
    person.sees("○○○  nothing scanned yet")
    person.resize(60, 20)
    person.sees("60x20: too small")
    person.resize(COLUMNS, ROWS)
    person.sees("newest events")


def test_a_demo_is_watched_and_then_the_keys_work(tmp_path: Path) -> None:
    path = tmp_path / "mine.scenario"
    path.write_text("say A shift\ncard start-count\ncard location Vault A\nscan 3\npower pull\nexpect counted 3\n")
    person = Person("--demo", str(path), "--speed", "50")
    try:
        person.sees("played; now the keys are yours")
        person.press("s")
        person.sees("count.scanned ..012348")
        person.press("q")
        assert person.end() == 0
    finally:
        person.close()


def test_a_slow_demo_leaves_those_at_the_door_their_time(tmp_path: Path) -> None:
    path = tmp_path / "mine.scenario"
    path.write_text(
        "vault release_ms=1500\nbadge ana outside -> badge_needed\nbadge ben outside -> granted\ndoor opens\n"
    )
    person = Person("--demo", str(path), "--speed", "0.2")
    try:
        person.sees("door.opened ana, ben by grant, 2 inside")
    finally:
        person.close()


def test_a_demo_that_fails_ends_with_why(tmp_path: Path) -> None:
    path = tmp_path / "mine.scenario"
    path.write_text("scan\n")
    person = Person("--demo", str(path), "--speed", "1000")
    try:
        assert person.end() == 1
        assert "mine.scenario line 1: scan: came to refused" in person.seen.partition(LEAVE_SCREEN)[2]
        assert person.after == person.before
    finally:
        person.close()


def test_q_during_a_demo_ends_it_in_order(tmp_path: Path) -> None:
    path = tmp_path / "mine.scenario"
    path.write_text("card start-count\npower pull\nscan 100\n")
    person = Person("--demo", str(path))
    try:
        person.sees("NO POWER")
        person.press("s")
        person.sees("the demo is playing; q quits")
        person.press("q")
        assert person.end() == 0
        assert "chain verified" in person.seen.partition(LEAVE_SCREEN)[2]
    finally:
        person.close()
