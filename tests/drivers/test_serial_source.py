"""The serial driver on real ptys: both directions, and what goes wrong with a port."""

import itertools
import os
import select
import termios
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.framing import SPOILED_BYTES_MAX
from drivers.serial_source import ANSWERS_MAX, SerialSource
from station.domain.core.effects import Verdict
from station.domain.core.inputs import BarcodeScanned, Input, ScanSpoiled, SourceFound, SourceLost
from tests.drivers.watch import WAIT_S, Running
from tests.waiting import wait_for

TAG = b"1A4060300000001000012345"


def now() -> int:
    return time.monotonic_ns() // 1_000_000


class Gun:
    """The other end of a pty, behind a link that stays when the pty is replaced."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.master = -1
        self.plug()

    def plug(self) -> None:
        self.master, slave = os.openpty()
        tty.setraw(slave)
        self.link.symlink_to(os.ttyname(slave))
        os.close(slave)

    def unplug(self) -> None:
        self.link.unlink(missing_ok=True)
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def scan(self, stream: bytes) -> None:
        os.write(self.master, stream)

    def heard(self, size: int) -> bytes:
        """So many bytes that the station sent; fewer only when it sent no more for `WAIT_S`."""
        heard = b""
        while len(heard) < size and select.select([self.master], [], [], WAIT_S)[0]:
            heard += os.read(self.master, size - len(heard))
        return heard

    def is_silent(self) -> bool:
        return not select.select([self.master], [], [], 0)[0]


@pytest.fixture
def gun(tmp_path: Path) -> Iterator[Gun]:
    gun = Gun(tmp_path / "scanner0")
    yield gun
    gun.unplug()


def source(gun: Gun, **options: object) -> SerialSource:
    return SerialSource("gun", port=str(gun.link), now=now, **options)  # type: ignore[arg-type]


def reading(gun: Gun, running: Running) -> None:
    """Wait until the port is open and flushed: a scan is sent until one arrives."""
    for number in itertools.count():
        gun.scan(b"ready%d\r" % number)
        if select.select([], [], [], 0.01) and not running.seen.empty():
            break
        assert number < 1000
    sent = b"ready%d" % number
    while True:
        read = running.next()
        assert isinstance(read, BarcodeScanned)
        if read.line == sent:
            return


def read_once(gun: Gun, inputs: Iterator[Input]) -> None:
    """Read one scan on this thread; after it nobody reads."""
    is_read = threading.Event()

    def scan() -> None:
        while not is_read.wait(0.01):
            gun.scan(TAG + b"\r")

    scanning = threading.Thread(target=scan)
    scanning.start()
    next(inputs)
    is_read.set()
    scanning.join()


def lines(running: Running, count: int) -> list[bytes]:
    read = running.take(count)
    assert all(isinstance(one, BarcodeScanned) for one in read), read
    return [one.line for one in read if isinstance(one, BarcodeScanned)]


def test_a_line_is_one_scan_with_its_source_and_moment(gun: Gun) -> None:
    with Running(source(gun)) as running:
        reading(gun, running)
        before = now()
        gun.scan(TAG + b"\r\n")
        read = running.next()

    assert read == BarcodeScanned("gun", read.at, TAG)  # type: ignore[attr-defined]
    assert before <= read.at <= now()


def test_a_line_in_pieces_is_one_scan_and_two_in_one_piece_are_two(gun: Gun) -> None:
    with Running(source(gun)) as running:
        reading(gun, running)
        for i in range(len(TAG)):
            gun.scan(TAG[i : i + 1])
        gun.scan(b"\rone\rtwo\r")

        assert lines(running, 3) == [TAG, b"one", b"two"]


def test_every_byte_arrives_as_it_was_sent(gun: Gun) -> None:
    code = bytes(set(range(256)) - set(b"\r\n"))
    with Running(source(gun)) as running:
        reading(gun, running)
        gun.scan(code + b"\r")

        assert lines(running, 1) == [code]


def test_garbage_without_an_end_is_refused_once_and_the_next_scan_counts(gun: Gun) -> None:
    with Running(source(gun, line_bytes_max=4096)) as running:
        reading(gun, running)
        for _ in range(100):
            gun.scan(b"\xfe" * 100)
        gun.scan(b"\r" + TAG + b"\r")

        spoiled = running.next()
        assert spoiled == ScanSpoiled("gun", spoiled.at, "too_long", b"\xfe" * SPOILED_BYTES_MAX)  # type: ignore[attr-defined]
        assert lines(running, 1) == [TAG]


def test_quiet_ends_a_scan_without_a_terminator(gun: Gun) -> None:
    with Running(source(gun, framing="quiet", quiet_ms=20)) as running:
        while running.seen.empty():
            gun.scan(b"x")
            select.select([], [], [], 0.04)
        gun.scan(TAG)
        while not lines(running, 1)[0].endswith(TAG):
            pass


@pytest.mark.parametrize(
    ("verdict", "told"),
    [(Verdict.COUNTED, b"\x07"), (Verdict.ALREADY, b"\x07\x07"), (Verdict.REFUSED, b"\x15"), (Verdict.NOTED, b"")],
)
def test_each_verdict_is_told_in_its_own_way(gun: Gun, verdict: Verdict, told: bytes) -> None:
    driver = source(gun, answer=True)
    with Running(driver) as running:
        reading(gun, running)
        driver.answer(verdict)
        driver.answer(Verdict.REFUSED)

        assert gun.heard(len(told) + 1) == told + b"\x15"


def test_a_scanner_that_does_not_listen_is_told_nothing(gun: Gun) -> None:
    driver = source(gun, answer=False)
    with Running(driver) as running:
        reading(gun, running)
        driver.answer(Verdict.COUNTED)
        gun.scan(TAG + b"\r")

        assert lines(running, 1) == [TAG]
        assert gun.is_silent()


def test_scans_and_answers_pass_each_other(gun: Gun) -> None:
    driver = source(gun, answer=True)
    with Running(driver) as running:
        reading(gun, running)
        for number in range(200):
            gun.scan(b"%d\r" % number)
            assert lines(running, 1) == [b"%d" % number]
            driver.answer(Verdict.COUNTED if number % 2 else Verdict.REFUSED)
        heard = gun.heard(200)

    assert heard == b"\x15\x07" * 100


def test_answers_that_nobody_takes_drop_the_oldest_and_do_not_stop_the_reading(gun: Gun) -> None:
    driver = source(gun, answer=True)
    with Running(driver) as running:
        reading(gun, running)
        stopped = os.open(gun.link, os.O_RDWR | os.O_NOCTTY)
        termios.tcflow(stopped, termios.TCOOFF)
        driver.answer(Verdict.REFUSED)
        for _ in range(ANSWERS_MAX):
            driver.answer(Verdict.COUNTED)
        for number in range(10):
            gun.scan(b"%d\r" % number)
        assert lines(running, 10) == [b"%d" % number for number in range(10)]
        termios.tcflow(stopped, termios.TCOON)
        os.close(stopped)

        assert gun.heard(ANSWERS_MAX) == b"\x07" * ANSWERS_MAX
        driver.answer(Verdict.REFUSED)
        assert gun.heard(1) == b"\x15"


def test_an_answer_does_not_wait_for_the_reading_thread(gun: Gun) -> None:
    driver = source(gun, answer=True)
    inputs = driver.inputs()
    read_once(gun, inputs)
    driver.answer(Verdict.COUNTED)

    assert gun.heard(1) == b"\x07"


def test_an_answer_to_a_port_that_has_gone_harms_nothing(gun: Gun) -> None:
    driver = source(gun, answer=True)
    inputs = driver.inputs()
    read_once(gun, inputs)
    gun.unplug()
    driver.answer(Verdict.COUNTED)

    assert isinstance([*inputs][-1], SourceLost)
    driver.answer(Verdict.COUNTED)


def test_an_answer_that_the_port_takes_in_pieces_is_sent_whole(gun: Gun, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = source(gun, answer=True)
    write = os.write
    with Running(driver) as running:
        reading(gun, running)
        monkeypatch.setattr(os, "write", lambda fd, told: write(fd, told[:1]))
        driver.answer(Verdict.ALREADY)

        assert gun.heard(2) == b"\x07\x07"


def test_the_answer_queue_is_bounded_and_keeps_the_newest(gun: Gun) -> None:
    driver = source(gun, answer=True)
    for _ in range(ANSWERS_MAX):
        driver.answer(Verdict.COUNTED)
    driver.answer(Verdict.REFUSED)

    assert list(driver._answers) == [b"\x07"] * (ANSWERS_MAX - 1) + [b"\x15"]


def test_an_answer_from_before_the_port_was_opened_is_not_told(gun: Gun) -> None:
    driver = source(gun, answer=True)
    driver.answer(Verdict.REFUSED)
    with Running(driver) as running:
        reading(gun, running)
        driver.answer(Verdict.COUNTED)

        assert gun.heard(1) == b"\x07"


def test_a_hang_up_is_one_loss_however_often_it_is_tried_again(gun: Gun) -> None:
    with Running(source(gun)) as running:
        reading(gun, running)
        gun.unplug()
        lost = running.next()
        tried = running.returns
        wait_for(lambda: running.returns > tried + 3)

        assert isinstance(lost, SourceLost)
        assert lost.source == "gun"
        assert lost.reason
        assert running.seen.empty()


def test_a_port_that_comes_back_is_found_and_read(gun: Gun) -> None:
    with Running(source(gun)) as running:
        reading(gun, running)
        for _ in range(3):
            gun.unplug()
            assert isinstance(running.next(), SourceLost)
            gun.plug()
            assert isinstance(running.next(), SourceFound)
            reading(gun, running)


def test_a_scan_that_the_hang_up_cuts_is_refused(gun: Gun) -> None:
    with Running(source(gun)) as running:
        reading(gun, running)
        gun.scan(b"whole\r1A40")
        assert lines(running, 1) == [b"whole"]
        gun.unplug()
        cut, lost = running.take(2)

        assert cut == ScanSpoiled("gun", cut.at, "cut_off", b"1A40")  # type: ignore[attr-defined]
        assert isinstance(lost, SourceLost)


def test_a_port_that_was_never_there_is_lost_once_and_then_found(gun: Gun) -> None:
    gun.unplug()
    with Running(source(gun)) as running:
        lost = running.next()
        assert isinstance(lost, SourceLost)
        assert "No such file" in lost.reason
        wait_for(lambda: running.returns > 3)
        assert running.seen.empty()
        gun.plug()

        assert isinstance(running.next(), SourceFound)


def test_a_port_that_is_there_from_the_first_is_not_found_aloud(gun: Gun) -> None:
    with Running(source(gun)) as running:
        reading(gun, running)

        assert running.seen.empty()


def test_a_port_has_one_owner(gun: Gun) -> None:
    with Running(source(gun)) as running:
        reading(gun, running)
        second = list(source(gun).inputs())

        assert len(second) == 1
        assert isinstance(second[0], SourceLost)
        assert "exclusively" in second[0].reason


def test_the_settings_of_the_line_reach_the_port(gun: Gun) -> None:
    with Running(source(gun, baud=2400)) as running:
        reading(gun, running)
        _, _, _, _, ispeed, ospeed, _ = termios.tcgetattr(gun.master)

    assert ispeed == ospeed == termios.B2400


@pytest.mark.parametrize(("parity", "letter"), [("none", "N"), ("even", "E"), ("odd", "O")])
def test_bytesize_and_parity_are_asked_of_the_port(gun: Gun, parity: str, letter: str) -> None:
    with source(
        gun, bytesize=7, parity=parity
    )._open_port() as port:  # a pty has 8 bits and no parity whatever is asked
        assert (port.bytesize, port.parity) == (7, letter)


def test_close_ends_the_reading_for_good_and_may_be_repeated(gun: Gun) -> None:
    driver = source(gun)
    with Running(driver, times_max=1) as running:
        reading(gun, running)
        driver.close()
        wait_for(lambda: running.returns == 1)
        driver.close()

    assert list(driver.inputs()) == []
    assert driver.name == "gun"


def test_a_reader_that_is_dropped_gives_the_port_back(gun: Gun) -> None:
    first = source(gun, framing="quiet", quiet_ms=5)
    reader = first.inputs()
    gun.unplug()
    next(reader)
    gun.plug()
    reader = first.inputs()
    assert isinstance(next(reader), SourceFound)
    reader.close()  # type: ignore[attr-defined]
    with Running(source(gun)) as running:
        reading(gun, running)
