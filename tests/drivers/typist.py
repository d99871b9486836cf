"""Types text as a scanner in keyboard mode does: the events that the kernel would report."""

from collections.abc import Iterable, Sequence

from drivers.evdev_keymap import CAPS_LOCK
from drivers.evdev_layouts import LAYOUTS, SPACE, Layout
from drivers.evdev_lines import Event

LEFT_SHIFT, RIGHT_SHIFT, LEFT_CTRL, LEFT_ALT, RIGHT_ALT = 42, 54, 29, 56, 100
ENTER, KP_ENTER, TAB, F8, RIGHT_BRACKET = 28, 96, 15, 66, 27

Key = tuple[int, int]
"""A code, and 1 pressed, 0 released, 2 repeated."""

REPORT: Event = (1, 0, 0, 0, 0)
DROPPED: Event = (1, 0, 0, 3, 0)
"""Both at 1000 ms, where `events` begin."""


def tap(*codes: int) -> list[Key]:
    """Press the keys in order and release them in reverse: modifiers first."""
    return [(code, 1) for code in codes] + [(code, 0) for code in reversed(codes)]


def typed(text: str, layout: Layout = "us", shift: int = LEFT_SHIFT, caps: bool = False) -> list[Key]:
    """The keys of a text in a layout; with `caps`, capitals by caps lock, as some scanners do."""
    return [key for char in text for key in _char(char, layout, shift, caps)]


def _char(char: str, layout: Layout, shift: int, caps: bool) -> list[Key]:
    levels = LAYOUTS[layout]
    after = tap(SPACE) if char in levels.dead else []
    for code, plain in levels.plain.items():
        if plain == char:
            return tap(code) + after
    for code, shifted in levels.shift.items():
        if shifted == char and caps and levels.plain[code].upper() == char:
            return tap(CAPS_LOCK) + tap(code) + tap(CAPS_LOCK)
        if shifted == char:
            return tap(shift, code) + after
    code = next(code for code, third in (levels.altgr or {}).items() if third == char)
    return tap(RIGHT_ALT, code) + after


def events(keys: Iterable[Key], start_ms: int = 1000, gap_ms: int = 2) -> list[Event]:
    """As the kernel reports them: a scan code, the key, a report; `gap_ms` between two keys."""
    return [
        event for number, (code, value) in enumerate(keys) for event in report(code, value, start_ms + number * gap_ms)
    ]


def report(code: int, value: int, at_ms: int) -> Sequence[Event]:
    """One key's events."""
    at = (at_ms // 1000, at_ms % 1000 * 1000)
    return [(*at, 4, 4, 0x70000 + code), (*at, 1, code, value), (*at, 0, 0, 0)]
