"""A USB scanner or number pad that types as a keyboard does, grabbed so that nothing else hears it."""

import fcntl
import os
import select
import struct
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from errno import ENODEV
from typing import Protocol, cast

from drivers.evdev_keymap import GsKey, Keymap, Terminator
from drivers.evdev_layouts import KEYPAD, Layout
from drivers.evdev_lines import EvdevLines, EvdevNumber
from drivers.framing import Spoiled
from drivers.ports import Now
from drivers.wake import Wake
from station.domain.core.inputs import BarcodeScanned, Input, NumberKeyed, ScanSpoiled, SourceFound, SourceLost

RESCAN_S = 5.0
"""How often a device that is away is looked for although nothing told of a new one."""
EVENT = struct.Struct("@llHHi")  # struct input_event of a 64-bit kernel: time, type, code, value
READ_BYTES = EVENT.size * 64  # the kernel's buffer
NUMBER_IDLE_MS = 30_000

EV_KEY = 1
LETTER_KEYS = frozenset((28, *range(16, 26), *range(30, 39), *range(44, 51)))  # Enter and A to Z
NUMBER_KEYS = frozenset((96, *KEYPAD))  # Enter and the digits of the pad
_EVIOCSCLOCKID = 0x400445A0


class Finder(Protocol):
    """Where the device is found: the seam to udev."""

    def open_device(self) -> int | None:
        """A grabbed, non-blocking descriptor that reads input events; None where it is not there. OSError."""

    def fileno(self) -> int:
        """Becomes readable when a device came or went."""

    def clear_news(self) -> None:
        """Make `fileno` unreadable again."""

    def close(self) -> None:
        """Stop listening; `fileno` is not asked for any more."""


class UdevFinder:
    """Finds by vendor, product, and where given serial and USB port path; opens no device that differs in one.

    A USB device may have several event nodes: the first that has all `keys` is taken.
    """

    def __init__(self, match: Mapping[str, str | None], keys: Collection[int]) -> None:
        import pyudev

        self._match = match
        self._keys = keys
        self._context = pyudev.Context()
        self._monitor = pyudev.Monitor.from_netlink(self._context)
        self._monitor.filter_by("input")
        self._monitor.start()

    def open_device(self) -> int | None:
        """See `Finder`."""
        for node in self._matching_nodes():
            fd = self._open_node(node)
            if fd is not None:
                return fd
        return None

    def fileno(self) -> int:
        """See `Finder`."""
        return cast(int, self._monitor.fileno())

    def clear_news(self) -> None:
        """See `Finder`."""
        while self._monitor.poll(timeout=0) is not None:
            pass

    def close(self) -> None:
        """See `Finder`. The monitor's socket goes with the object."""
        del self._monitor

    def _matching_nodes(self) -> list[str]:
        found = []
        for device in self._context.list_devices(subsystem="input", sys_name="event*"):
            usb = device.find_parent("usb", "usb_device")
            types = device.properties.get("ID_INPUT_KEY") or device.properties.get("ID_INPUT_KEYBOARD")
            if types and device.device_node and usb is not None and is_match(self._match, usb.sys_name, usb.attributes):
                found.append((int(device.sys_number), device.device_node))
        return [node for _, node in sorted(found)]

    def _open_node(self, node: str) -> int | None:
        import evdev

        device = evdev.InputDevice(node)
        try:
            if not set(self._keys) <= set(device.capabilities().get(EV_KEY, ())):
                return None
            device.grab()
            fcntl.ioctl(device.fd, _EVIOCSCLOCKID, struct.pack("i", time.CLOCK_MONOTONIC))
            return os.dup(device.fd)  # the grab belongs to the open file, which lives on in the copy
        finally:
            device.close()


class EvdevSource:
    """Lines that a USB scanner types, one `BarcodeScanned` or `ScanSpoiled` a line. The options are the settings'.

    `match` names "vendor" and "product", and may name "serial" and "port"; None matches any. `find` makes the finder,
    for tests. ImportError when pyudev or evdev is missing.
    """

    _made: type[BarcodeScanned] | type[NumberKeyed] = BarcodeScanned

    def __init__(
        self,
        name: str,
        *,
        match: Mapping[str, str | None],
        now: Now,
        layout: Layout = "us",
        terminator: Collection[Terminator] = ("enter", "kp-enter", "tab"),
        gs: GsKey = "ctrl-]",
        inter_key_ms: int = 200,
        line_bytes_max: int = 4096,
        find: Callable[[], Finder] | None = None,
    ) -> None:
        self._name = name
        self._now = now
        self._inter_key_ms = inter_key_ms
        self._find = find or _udev_finder(match, LETTER_KEYS)
        self._new_lines: Callable[[], EvdevLines] = lambda: EvdevLines(
            Keymap(layout, terminator, gs), inter_key_ms=inter_key_ms, line_bytes_max=line_bytes_max
        )
        self._wake = Wake()
        self._is_closed = False
        self._is_lost = False

    @property
    def name(self) -> str:
        """As the settings name it."""
        return self._name

    def inputs(self) -> Iterator[Input]:
        """Yield until the device goes away or `close`; once it was lost, wait here for it to be plugged in."""
        lines = self._new_lines()
        try:
            fd = self._wait_for_device()
            if fd is not None:
                yield from self._read_and_close(fd, lines)
        except OSError as error:
            yield from self._inputs_of(lines.cut_off())
            if not self._is_lost:
                self._is_lost = True
                yield SourceLost(self._name, self._now(), error.strerror or str(error))

    def close(self) -> None:
        """Make `inputs` return, now and for good."""
        self._is_closed = True
        self._wake.wake_up()

    def _wait_for_device(self) -> int | None:
        """Open the device. That it is away is an OSError the first time and then waited for; None when closed."""
        with closing(self._find()) as finder:
            while not self._is_closed:
                try:
                    fd = finder.open_device()
                    if fd is not None:
                        return fd
                    raise OSError(ENODEV, "no such device is plugged in")
                except OSError:
                    if not self._is_lost:
                        raise
                self._wait_readable([finder.fileno()], RESCAN_S)
                finder.clear_news()
        return None

    def _wait_readable(self, fds: list[int], pause_s: float | None) -> list[int]:
        wake = self._wake.fileno()
        readable, _, _ = select.select([*fds, wake], [], [], pause_s)
        if wake in readable:
            self._wake.clear()
        return readable

    def _read_and_close(self, fd: int, lines: EvdevLines) -> Iterator[Input]:
        try:
            if self._is_lost:
                self._is_lost = False
                yield SourceFound(self._name, self._now())
            while not self._is_closed:
                readable = self._wait_readable([fd], self._inter_key_ms / 1000 if lines.is_waiting else None)
                if fd in readable:
                    yield from self._inputs_of(lines.feed_events(EVENT.iter_unpack(_read_events(fd))))
                elif not readable:
                    yield from self._inputs_of(lines.expire_line())
        finally:
            os.close(fd)

    def _inputs_of(self, lines: Sequence[bytes | Spoiled]) -> Iterator[Input]:
        at = self._now()
        for line in lines:
            if isinstance(line, Spoiled):
                yield ScanSpoiled(self._name, at, line.reason, line.line)
            else:
                yield self._made(self._name, at, line)


class EvdevKeypad(EvdevSource):
    """A USB number pad: `NumberKeyed` at Enter; backspace takes a sign back, Escape all."""

    _made = NumberKeyed

    def __init__(
        self,
        name: str,
        *,
        match: Mapping[str, str | None],
        now: Now,
        layout: Layout = "us",
        find: Callable[[], Finder] | None = None,
    ) -> None:
        find = find or _udev_finder(match, NUMBER_KEYS)
        super().__init__(name, match=match, now=now, inter_key_ms=NUMBER_IDLE_MS, find=find)
        self._new_lines = lambda: EvdevNumber(Keymap(layout, ("enter", "kp-enter")), inter_key_ms=NUMBER_IDLE_MS)


def _udev_finder(match: Mapping[str, str | None], keys: Collection[int]) -> Callable[[], Finder]:
    import evdev  # noqa: F401 - a library that is missing is to be known at the start
    import pyudev  # noqa: F401

    return lambda: UdevFinder(match, keys)


def _read_events(fd: int) -> bytes:
    try:
        received = os.read(fd, READ_BYTES)
    except BlockingIOError:
        return b""
    if not received:
        raise OSError(ENODEV, "the device hung up")
    return received


def is_match(match: Mapping[str, str | None], port: str, attributes: Mapping[str, bytes]) -> bool:
    """Whether the USB device at this port path, with these sysfs attributes, is the one that is meant."""
    found = {
        "vendor": attributes.get("idVendor", b"").decode(errors="replace"),
        "product": attributes.get("idProduct", b"").decode(errors="replace"),
        "serial": attributes.get("serial", b"").decode(errors="replace"),
        "port": port,
    }
    return all(asked is None or found[key] == asked for key, asked in match.items())
