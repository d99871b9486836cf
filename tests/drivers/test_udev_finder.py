"""Which device a reader opens: the finder, on a pretended udev and on the real one."""

import os
import struct
import sys
import time
from collections.abc import Iterable
from types import SimpleNamespace

import pytest

from drivers.evdev_keymap import Keymap
from drivers.evdev_source import LETTER_KEYS, NUMBER_KEYS, EvdevSource, UdevFinder, is_match
from tests.drivers.typist import ENTER

MATCH = {"vendor": "05e0", "product": "1200", "serial": None, "port": "1-1.2"}


def test_what_a_scanner_types_ends_in_the_keys_it_must_have() -> None:
    assert all(isinstance(Keymap().press_key(code), str) for code in LETTER_KEYS - {ENTER})
    assert len(LETTER_KEYS) == 27
    assert len(NUMBER_KEYS) == 11


ATTRIBUTES = {"idVendor": b"05e0", "idProduct": b"1200", "serial": b"S1"}


@pytest.mark.parametrize(
    ("match", "is_it"),
    [
        (MATCH, True),
        ({"vendor": "05e0", "product": "1200"}, True),
        ({**MATCH, "serial": "S1"}, True),
        ({**MATCH, "serial": "S2"}, False),
        ({**MATCH, "port": "1-1.3"}, False),
        ({**MATCH, "vendor": "05e1"}, False),
        ({**MATCH, "product": "1201"}, False),
    ],
)
def test_a_device_is_the_one_meant_only_if_all_agrees(match: dict[str, str | None], is_it: bool) -> None:
    assert is_match(match, "1-1.2", ATTRIBUTES) is is_it


def test_a_device_without_a_serial_is_not_one_with_a_serial() -> None:
    assert not is_match({"serial": "S1"}, "1-1.2", {"idVendor": b"05e0"})


class Udev:
    """Stands in for the modules pyudev and evdev: nodes, what USB device each belongs to, and its keys."""

    def __init__(self) -> None:
        self.nodes: list[SimpleNamespace] = []
        self.keys: dict[str, Iterable[int]] = {}
        self.log: list[str] = []

    def add(self, number: int, port: str, keys: Iterable[int], types: tuple[str, ...] = ("ID_INPUT_KEY",)) -> None:
        usb = SimpleNamespace(sys_name=port, attributes=ATTRIBUTES) if port else None
        node = f"/dev/input/event{number}"
        self.keys[node] = keys
        self.nodes.append(
            SimpleNamespace(
                find_parent=lambda *_: usb,
                properties=dict.fromkeys(types, "1"),
                device_node=node,
                sys_number=str(number),
            )
        )

    def finder(self, monkeypatch: pytest.MonkeyPatch) -> UdevFinder:
        monitor = SimpleNamespace(
            filter_by=self.log.append, start=lambda: None, fileno=lambda: 99, poll=lambda timeout: timeout or None
        )
        pyudev = SimpleNamespace(
            Context=lambda: SimpleNamespace(list_devices=lambda **_: self.nodes),
            Monitor=SimpleNamespace(from_netlink=lambda _: monitor),
        )
        monkeypatch.setitem(sys.modules, "pyudev", pyudev)
        monkeypatch.setitem(sys.modules, "evdev", SimpleNamespace(InputDevice=self._open))
        monkeypatch.setattr("fcntl.ioctl", lambda _fd, request, asked: self.log.append(f"{request:#x} {asked!r}"))
        return UdevFinder(MATCH, LETTER_KEYS)

    def _open(self, node: str) -> SimpleNamespace:
        self.log.append(f"open {node[-1]}")
        fd = os.open("/dev/null", os.O_RDONLY)
        return SimpleNamespace(
            fd=fd,
            capabilities=lambda: {1: list(self.keys[node])},
            grab=lambda: self.log.append(f"grab {node[-1]}"),
            close=lambda: os.close(fd),
        )


def test_the_first_node_with_letters_is_grabbed_and_told_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    udev = Udev()
    udev.add(9, "1-1.2", LETTER_KEYS)
    udev.add(3, "1-1.2", [115])
    udev.add(5, "1-1.2", [*LETTER_KEYS, 2], ("ID_INPUT_KEYBOARD",))
    fd = udev.finder(monkeypatch).open_device()
    assert fd is not None
    os.close(fd)

    clock = struct.pack("i", time.CLOCK_MONOTONIC)
    assert udev.log == ["input", "open 3", "open 5", "grab 5", f"0x400445a0 {clock!r}"]


def test_no_strange_device_is_ever_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    udev = Udev()
    udev.add(1, "1-1.3", LETTER_KEYS)
    udev.add(2, "", LETTER_KEYS)
    udev.add(3, "1-1.2", LETTER_KEYS, ("ID_INPUT_MOUSE",))

    assert udev.finder(monkeypatch).open_device() is None
    assert udev.log == ["input"]


def test_the_finder_listens_to_udev(monkeypatch: pytest.MonkeyPatch) -> None:
    finder = Udev().finder(monkeypatch)

    assert finder.fileno() == 99
    finder.clear_news()
    finder.close()


def test_the_real_udev_knows_no_such_device() -> None:
    pytest.importorskip("pyudev")
    pytest.importorskip("evdev")
    finder = UdevFinder({"vendor": "ffff", "product": "ffff"}, LETTER_KEYS)

    assert finder.open_device() is None
    finder.clear_news()
    assert finder.fileno() >= 0
    finder.close()


@pytest.mark.parametrize("module", ["pyudev", "evdev"])
def test_a_library_that_is_missing_is_known_at_the_start(monkeypatch: pytest.MonkeyPatch, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=r"evdev|pyudev"):
        EvdevSource("gun", match=MATCH, now=lambda: 0)
