"""The evdev driver, fed through a pipe in place of the device, and its finder, on a pretended udev."""

import os
import select
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from drivers.evdev_keymap import F8
from drivers.evdev_lines import Event
from drivers.evdev_source import EVENT, EvdevKeypad, EvdevSource
from drivers.wake import Wake
from station.domain.core.inputs import BarcodeScanned, Input, NumberKeyed, ScanSpoiled, SourceFound, SourceLost
from tests.drivers.typist import DROPPED, ENTER, KP_ENTER, REPORT, Key, events, tap, typed
from tests.drivers.watch import Running
from tests.waiting import wait_for

TAG = "1A4060300000001000012345"
MATCH = {"vendor": "05e0", "product": "1200", "serial": None, "port": "1-1.2"}


def now() -> int:
    return time.monotonic_ns() // 1_000_000


class Port:
    """A USB port: the finder of a source, and the gun that is plugged into it."""

    def __init__(self) -> None:
        self.changed = Wake()
        self.gun = -1
        self.device: int | None = None
        self.fault: OSError | None = None
        self.deafness: OSError | None = None
        self.opened = 0
        self.listening = 0

    def plug(self) -> None:
        self.device, self.gun = os.pipe()
        os.set_blocking(self.device, False)
        self.changed.wake_up()

    def unplug(self) -> None:
        if self.gun >= 0:
            os.close(self.gun)
        self.gun = -1

    def type(self, keys: Iterable[Key]) -> None:
        self.send(events(keys, now()))

    def send(self, stream: Iterable[Event]) -> None:
        os.write(self.gun, b"".join(EVENT.pack(*event) for event in stream))

    def listen(self) -> "Port":
        if self.deafness:
            raise self.deafness
        self.listening += 1
        return self

    def open_device(self) -> int | None:
        self.opened += 1
        if self.fault:
            raise self.fault
        device, self.device = self.device, None
        return device

    def fileno(self) -> int:
        return self.changed.fileno()

    def clear_news(self) -> None:
        self.changed.clear()

    def close(self) -> None:
        self.listening -= 1


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[Port]:
    monkeypatch.setattr("drivers.evdev_source.RESCAN_S", 3600.0)  # what udev tells has to do
    port = Port()
    port.plug()
    yield port
    port.unplug()
    if port.device is not None:
        os.close(port.device)


def source(port: Port, **options: Any) -> EvdevSource:
    return EvdevSource("gun", match=MATCH, now=now, find=port.listen, **options)


def without_moment(read: Input) -> tuple[object, ...]:
    return tuple(getattr(read, field) for field in read.__struct_fields__ if field != "at")


def test_a_scan_is_read_with_its_source_and_moment(port: Port) -> None:
    with Running(source(port)) as running:
        before = now()
        port.type([*typed(TAG), *tap(ENTER)])
        read = running.next()

    assert isinstance(read, BarcodeScanned)
    assert without_moment(read) == ("gun", TAG.encode())
    assert before <= read.at <= now()


def test_the_options_reach_the_keymap(port: Port) -> None:
    with Running(source(port, layout="de", terminator=["tab"], gs="f8")) as running:
        port.type([*typed("ya", "de"), *tap(F8), *tap(ENTER), *tap(15)])

        assert without_moment(running.next()) == ("gun", b"ya\x1d\r")


def test_the_limits_reach_the_lines(port: Port) -> None:
    with Running(source(port, line_bytes_max=8, inter_key_ms=1000)) as running:
        port.type([*typed("123456789"), *tap(ENTER)])

        assert without_moment(running.next()) == ("gun", "too_long", b"123456789")


def test_a_scan_of_more_events_than_one_read_takes_is_whole(port: Port) -> None:
    text = "0123456789" * 20
    with Running(source(port, inter_key_ms=2000)) as running:
        port.type([*typed(text), *tap(ENTER), *typed("next"), *tap(ENTER)])

        assert [without_moment(read) for read in running.take(2)] == [("gun", text.encode()), ("gun", b"next")]


def test_keys_that_stop_are_refused_without_a_further_key(port: Port) -> None:
    with Running(source(port, inter_key_ms=20)) as running:
        port.type(typed("1A40"))

        assert without_moment(running.next()) == ("gun", "too_slow", b"1A40")


def test_lost_keys_refuse_the_scan(port: Port) -> None:
    with Running(source(port)) as running:
        start = now()
        port.send([*events(typed("1A40"), start), (*divmod(start, 1000), *DROPPED[2:]), REPORT])
        port.send(events([*typed("45"), *tap(ENTER)], start + 20))

        read = running.next()
        assert isinstance(read, ScanSpoiled)
        assert read.reason == "keys_lost"


def test_unplugging_is_one_loss_and_the_plug_is_noticed_without_a_pause(port: Port) -> None:
    with Running(source(port)) as running:
        for _ in range(3):
            port.type([*typed("a"), *tap(ENTER)])
            assert isinstance(running.next(), BarcodeScanned)
            port.unplug()
            lost = running.next()
            assert isinstance(lost, SourceLost)
            assert lost.reason
            opened = port.opened
            port.changed.wake_up()
            wait_for(lambda opened=opened: port.opened > opened + 1)  # type: ignore[misc]
            assert running.seen.empty()
            port.plug()
            assert isinstance(running.next(), SourceFound)


def test_a_scan_that_the_unplugging_cuts_is_refused(port: Port) -> None:
    with Running(source(port, inter_key_ms=2000)) as running:
        port.type([*typed("a"), *tap(ENTER), *typed("1A40")])
        running.next()
        port.unplug()

        assert without_moment(running.next()) == ("gun", "cut_off", b"1A40")
        assert isinstance(running.next(), SourceLost)


def test_a_device_that_is_away_at_first_is_lost_once_and_found_when_it_comes(port: Port) -> None:
    port.unplug()
    device, port.device = port.device, None
    with Running(source(port)) as running:
        assert without_moment(running.next()) == ("gun", "no such device is plugged in")
        wait_for(lambda: port.opened >= 2)
        port.plug()

        assert isinstance(running.next(), SourceFound)
    assert device is not None
    os.close(device)


def test_a_device_that_another_program_has_grabbed_is_lost_with_the_systems_text(port: Port) -> None:
    port.fault = OSError(16, "Device or resource busy")
    with Running(source(port)) as running:
        assert without_moment(running.next()) == ("gun", "Device or resource busy")
        wait_for(lambda: port.opened >= 2)
        port.fault = None
        port.changed.wake_up()

        assert isinstance(running.next(), SourceFound)


def test_a_udev_that_fails_is_no_further_loss(port: Port) -> None:
    port.deafness = OSError(105, "No buffer space available")
    with Running(source(port)) as running:
        assert without_moment(running.next()) == ("gun", "No buffer space available")
        wait_for(lambda: running.returns > 3)
        assert running.seen.empty()
        port.deafness = None

        assert isinstance(running.next(), SourceFound)


def test_while_nothing_is_typed_it_sleeps(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float | None] = []
    wait = EvdevSource._wait_readable

    def recorded(driver: EvdevSource, fds: list[int], pause_s: float | None) -> list[int]:
        pauses.append(pause_s)
        return wait(driver, fds, pause_s)

    monkeypatch.setattr(EvdevSource, "_wait_readable", recorded)
    with Running(source(port)) as running:
        port.type(typed("a"))
        wait_for(lambda: pauses[:2] == [None, 0.2])
        port.type(tap(ENTER))
        running.next()
        wait_for(lambda: pauses[-1] is None)


def test_a_missed_notice_is_made_up_for_by_looking_again(port: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.evdev_source.RESCAN_S", 0.01)
    port.clear_news()
    port.fault = OSError(13, "Permission denied")
    with Running(source(port)) as running:
        assert without_moment(running.next()) == ("gun", "Permission denied")
        wait_for(lambda: port.opened > 5)
        port.fault = None

        assert isinstance(running.next(), SourceFound)


def test_a_notice_is_taken_once(port: Port) -> None:
    port.fault = OSError(13, "Permission denied")
    with Running(source(port)) as running:
        running.next()
        port.changed.wake_up()
        wait_for(lambda: not select.select([port.changed], [], [], 0)[0])


def test_it_listens_for_new_devices_only_while_it_has_none(port: Port) -> None:
    with Running(source(port)) as running:
        port.type([*typed("a"), *tap(ENTER)])
        running.next()

        assert port.listening == 0


def test_close_ends_the_reading_and_the_waiting_for_good(port: Port) -> None:
    driver = source(port)
    with Running(driver, times_max=1) as running:
        port.type([*typed("a"), *tap(ENTER)])
        running.next()
        driver.close()
        wait_for(lambda: running.returns == 1)
    driver.close()

    assert list(driver.inputs()) == []
    assert driver.name == "gun"


def test_close_ends_the_waiting_for_a_device(port: Port) -> None:
    with Running(source(port)) as running:
        port.unplug()
        assert isinstance(running.next(), SourceLost)
        wait_for(lambda: port.listening == 1)

    assert port.listening == 0


def test_the_device_is_closed_when_the_reader_is_dropped(port: Port) -> None:
    driver = source(port)
    fd = port.device
    assert fd is not None
    port.type([*typed("a"), *tap(ENTER)])
    reader = driver.inputs()
    next(reader)
    reader.close()  # type: ignore[attr-defined]

    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


def test_a_number_pad_yields_numbers(port: Port) -> None:
    keypad = EvdevKeypad("pad", match=MATCH, now=now, find=port.listen)
    with Running(keypad) as running:
        port.type([*tap(79), *tap(83), *tap(76), *tap(14), *tap(77), *tap(KP_ENTER)])
        read = running.next()

    assert isinstance(read, NumberKeyed)
    assert without_moment(read) == ("pad", b"1.6")
