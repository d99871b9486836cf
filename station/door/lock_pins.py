"""The lock's pins as they were at the last good start: what `station lock-safe` goes by when the settings are broken.

A small file in the data directory, which holds no secret. Nothing of the station is imported here, and nothing that
takes long: the lock may be released until `lock-safe` has begun.
"""

import json
import os
from collections.abc import Sequence
from typing import NamedTuple

NAME = "lock-pins.json"
PIN_MAX = 63
CHIP_MAX = 63


class PinLine(NamedTuple):
    """An output: `chip` is the number of its /dev/gpiochip, None where that is not known; `safe` its safe level."""

    name: str
    pin: int
    safe: int
    chip: int | None = None


def encode_lines(lines: Sequence[PinLine]) -> bytes:
    """What `recall_lines` reads, to be kept in the data directory under `NAME`."""
    return json.dumps([line._asdict() for line in lines]).encode()


def recall_lines(directory: str) -> list[PinLine]:
    """What was kept last; empty where there is nothing, or nothing that can be read."""
    try:
        with open(os.path.join(directory, NAME), encoding="ascii") as file:
            found = json.load(file)
        lines = [PinLine(**each) for each in found]
    except (OSError, ValueError, TypeError):
        return []
    return [line for line in lines if _is_line(line)]


def lock_lines(door: dict[str, object], chip: int | None = None) -> list[PinLine]:
    """The outputs of a [door] as it stands in the settings, checked or not; those that are nonsense are left out."""
    if door.get("kind") != "gpio":
        return []
    siren_safe = 1 if door.get("siren") == "sounds-when-low" else 0
    named = [("lock", door.get("lock_pin"), 0), ("siren", door.get("siren_pin"), siren_safe)]
    lines = [PinLine(name, pin, safe, chip) for name, pin, safe in named if isinstance(pin, int)]
    return [line for line in lines if _is_line(line)]


def _is_line(line: PinLine) -> bool:
    """Numbers that the kernel can be asked for; True is no number."""
    numbers = [(line.pin, PIN_MAX), (line.safe, 1), (0 if line.chip is None else line.chip, CHIP_MAX)]
    return isinstance(line.name, str) and all(type(each) is int and 0 <= each <= most for each, most in numbers)
