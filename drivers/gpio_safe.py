"""Driving one GPIO line without any library: what is left when all else is broken.

The kernel's character device, version 2 of its interface (Linux 5.10; include/uapi/linux/gpio.h).
"""

import fcntl
import os
import struct
from collections.abc import Callable
from typing import Any

CONSUMER = b"station lock-safe"
DEVICES = "/dev"

_GET_CHIPINFO = 0x8044B401
_GET_LINE = 0xC250B407
_SET_CONFIG = 0xC110B40D
_INPUT, _OUTPUT, _PULL_DOWN = 1 << 2, 1 << 3, 1 << 9
_ATTRIBUTE_VALUES = 2
# struct gpiochip_info: name, label, lines. struct gpio_v2_line_config: flags, number of attributes, padding, and ten of
# {id, padding, values, mask}. struct gpio_v2_line_request: offsets, consumer, config, number of lines, event buffer,
# padding, fd.
_CHIPINFO = struct.Struct("=32s32sI")
_ATTRIBUTE = struct.Struct("=IIQQ")
_CONFIG_BYTES = 272
_REQUEST_BYTES = 592
_FD_AT = 588
# What a Raspberry Pi's header hangs on: pinctrl-bcm2835, pinctrl-bcm2711, pinctrl-rp1.
_HEADER_LABEL = b"pinctrl-"

Ioctl = Callable[[int, int, Any], Any]


def drive_and_let_go(chip: int, pin: int, level: int, devices: str = DEVICES, ioctl: Ioctl = fcntl.ioctl) -> None:
    """Drive a line of /dev/gpiochip`chip` to `level`, then leave it an input, pulled down where the level is low.

    OSError, EBUSY where another program holds the line.
    """
    descriptor = os.open(f"{devices}/gpiochip{chip}", os.O_RDWR | os.O_CLOEXEC)
    try:
        request = bytearray(_line_request(pin, level))
        ioctl(descriptor, _GET_LINE, request)
        (line,) = struct.unpack_from("=i", request, _FD_AT)
    finally:
        os.close(descriptor)
    try:
        if not level:
            ioctl(line, _SET_CONFIG, bytearray(_line_config(_INPUT | _PULL_DOWN)))
    except OSError:
        pass  # a chip without pulls; the level was driven
    finally:
        os.close(line)


def header_chip(devices: str = DEVICES, ioctl: Ioctl = fcntl.ioctl) -> int:
    """The number of the chip that a Pi's header hangs on; 0 where none says that it is one."""
    for name in sorted(name for name in os.listdir(devices) if name.startswith("gpiochip")):
        try:
            descriptor = os.open(f"{devices}/{name}", os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            info = bytearray(_CHIPINFO.size)
            ioctl(descriptor, _GET_CHIPINFO, info)
        except OSError:
            continue
        finally:
            os.close(descriptor)
        if _CHIPINFO.unpack(info)[1].startswith(_HEADER_LABEL):
            return int(name.removeprefix("gpiochip"))
    return 0


def _line_request(pin: int, level: int) -> bytes:
    offsets = struct.pack("=I", pin).ljust(256, b"\0")
    return (offsets + CONSUMER.ljust(32, b"\0") + _line_config(_OUTPUT, level) + struct.pack("=I", 1)).ljust(
        _REQUEST_BYTES, b"\0"
    )


def _line_config(flags: int, level: int = 0) -> bytes:
    """A level that is no attribute is low."""
    attributes = _ATTRIBUTE.pack(_ATTRIBUTE_VALUES, 0, 1, 1) if level else b""
    return (struct.pack("=QI20x", flags, 1 if level else 0) + attributes).ljust(_CONFIG_BYTES, b"\0")
