"""Events of an input device -> whole lines. Pure; event types and codes are those of `input-event-codes.h`."""

from collections.abc import Iterable

from drivers.evdev_keymap import Keymap, Stroke
from drivers.framing import SPOILED_BYTES_MAX, Spoiled

EV_SYN, EV_KEY = 0, 1
SYN_REPORT, SYN_DROPPED = 0, 3
RELEASED, PRESSED = 0, 1  # 2 is a repeat: a scanner never holds a key, so it means nothing

REST_MS = 1000
"""What comes so soon after a code that was too slow is the rest of it, and no code."""
NUMBER_BYTES_MAX = 16
_DIGITS = frozenset("0123456789")

Event = tuple[int, int, int, int, int]
"""Seconds, microseconds, type, code, value."""


class EvdevLines:
    """Gathers what a scanner types into lines.

    A line is spoiled, as a whole and once, at its end: `too_long` beyond `line_bytes_max`; `alt_keypad` and
    `strange_key` for keys that are no characters; `keys_lost` when the kernel's buffer overflowed (SYN_DROPPED).
    A pause of more than `inter_key_ms` between two keys ends it as `too_slow`; what follows within `rest_ms` is
    the rest of it, and refused as well. Characters outside ASCII are UTF-8.
    """

    def __init__(
        self, keymap: Keymap, *, inter_key_ms: int = 200, line_bytes_max: int = 4096, rest_ms: int = REST_MS
    ) -> None:
        self._keymap = keymap
        self._inter_key_ms = inter_key_ms
        self._line_bytes_max = line_bytes_max
        self._rest_ms = rest_ms
        self._line = bytearray()
        self._spoiled = ""
        self._is_dropping = False
        self._is_rest_awaited = False
        self._last_ms = 0

    @property
    def is_waiting(self) -> bool:
        """Whether a line has begun; if nothing comes for `inter_key_ms`, call `expire_line`."""
        return bool(self._line or self._spoiled)

    def feed_events(self, events: Iterable[Event]) -> list[bytes | Spoiled]:
        """Return the lines that end in these events."""
        lines: list[bytes | Spoiled] = []
        for seconds, microseconds, kind, code, value in events:
            if kind == EV_KEY:
                if value == PRESSED and not self._is_dropping:
                    lines += self._press_key(code, seconds * 1000 + microseconds // 1000)
                elif value == RELEASED:
                    self._keymap.release_key(code)
            elif kind == EV_SYN and (code == SYN_DROPPED or self._is_dropping):
                self._follow_sync(code, seconds * 1000 + microseconds // 1000)
        return lines

    def expire_line(self) -> list[Spoiled]:
        """Give up what was begun, because nothing came for `inter_key_ms`; return it as spoiled."""
        if self._keymap.end_accent():
            self._spoil_line(Stroke.STRANGE.value)
        if not self.is_waiting:
            return []
        self._is_rest_awaited = not self._spoiled and self._rest_ms > 0
        return [self._spoiled_line("too_slow")]

    def cut_off(self) -> list[Spoiled]:
        """Give up what was begun, because the device went away; return it as spoiled."""
        return [self._spoiled_line("cut_off")] if self.is_waiting else []

    def _press_key(self, code: int, at_ms: int) -> list[bytes | Spoiled]:
        lines: list[bytes | Spoiled] = []
        pause_ms, self._last_ms = at_ms - self._last_ms, at_ms
        if pause_ms > self._inter_key_ms:
            lines += self.expire_line()
        if self._is_rest_awaited:
            self._is_rest_awaited = False
            if pause_ms <= self._rest_ms:
                self._spoil_line("too_slow")
        typed = self._keymap.press_key(code)
        if typed is Stroke.END:
            lines += self._end_line()
        else:
            self._add_typed(typed)
        return lines

    def _add_typed(self, typed: str | Stroke) -> None:
        """Add what a key typed to the line."""
        if isinstance(typed, Stroke):
            self._spoil_line(Stroke.ALT_KEYPAD.value if typed is Stroke.ALT_KEYPAD else Stroke.STRANGE.value)
            return
        if not self._spoiled or len(self._line) < SPOILED_BYTES_MAX:
            self._line += typed.encode()
        if len(self._line) > self._line_bytes_max:
            self._spoil_line("too_long")

    def _spoil_line(self, reason: str) -> None:
        self._spoiled = self._spoiled or reason

    def _follow_sync(self, code: int, at_ms: int) -> None:
        """After SYN_DROPPED everything up to the next SYN_REPORT is worthless, and so is the code around it."""
        self._last_ms = at_ms  # so that what comes next is known for the rest of a code whose beginning was lost
        if code == SYN_DROPPED:
            self._is_dropping = True
            self._keymap.forget_keys()
            self._spoil_line("keys_lost")
        elif code == SYN_REPORT:
            self._is_dropping = False

    def _end_line(self) -> list[bytes | Spoiled]:
        if self._keymap.end_accent():
            self._spoil_line(Stroke.STRANGE.value)
        if self._spoiled:
            return [self._spoiled_line(self._spoiled)]
        line = bytes(self._line)
        self._line.clear()
        return [line] if line else []

    def _spoiled_line(self, reason: str) -> Spoiled:
        spoiled = Spoiled(self._spoiled or reason, bytes(self._line[:SPOILED_BYTES_MAX]))
        self._line.clear()
        if self._spoiled == "keys_lost":
            self._keymap.forget_keys()
        self._spoiled = ""
        return spoiled


class EvdevNumber(EvdevLines):
    """Gathers what a person types on a number pad: digits, at most one point (a comma is one), backspace, Enter.

    Escape begins anew. A number that is left standing for `inter_key_ms` is spoiled (`too_slow`).
    """

    def __init__(self, keymap: Keymap, *, inter_key_ms: int = 30_000) -> None:
        super().__init__(keymap, inter_key_ms=inter_key_ms, line_bytes_max=NUMBER_BYTES_MAX, rest_ms=0)

    def _add_typed(self, typed: str | Stroke) -> None:
        if typed is Stroke.BACKSPACE:
            del self._line[-1:]
        elif typed is Stroke.ESCAPE:
            self._line.clear()
            self._spoiled = ""
        elif typed in (".", ",") and b"." not in self._line:
            super()._add_typed(".")
        elif typed == "" or typed in _DIGITS:
            super()._add_typed(typed)
        else:
            super()._add_typed(Stroke.STRANGE)
