"""Keys pressed and released -> characters, as the scanner believes the layout to be. Pure."""

import unicodedata
from collections.abc import Collection
from enum import Enum
from typing import Literal, NamedTuple

from drivers.evdev_layouts import KEYPAD, KEYPAD_SIGNS, LAYOUTS, Layout

Terminator = Literal["enter", "kp-enter", "tab", "ctrl-j", "ctrl-m"]
GsKey = Literal["ctrl-]", "f8"]

SHIFTS = frozenset((42, 54))
CTRLS = frozenset((29, 97))
LEFT_ALT, RIGHT_ALT = 56, 100
METAS = frozenset((125, 126))
MODIFIERS = SHIFTS | CTRLS | METAS | {LEFT_ALT, RIGHT_ALT}
CAPS_LOCK, F8 = 58, 66
BACKSPACE, ESCAPE = 14, 1
_SILENT = frozenset((69, 70))  # num lock and scroll lock change no character here
_TYPING_KEY_MAX = 127  # beyond are volume, power and other keys that stand for no character
_KEY_TERMINATORS = {28: "enter", 96: "kp-enter", 15: "tab"}
_KEY_BYTES = {28: "\r", 96: "\r", 15: "\t"}
GS = "\x1d"


class Stroke(Enum):
    """A key that is no character."""

    END = "end"
    STRANGE = "strange_key"
    ALT_KEYPAD = "alt_keypad"
    BACKSPACE = "backspace"
    ESCAPE = "escape"


class _Modifiers(NamedTuple):
    is_shift: bool
    is_ctrl: bool
    is_left_alt: bool
    is_right_alt: bool
    is_meta: bool
    is_caps: bool


class Keymap:
    """The state of one keyboard's keys. `gs` is the key that stands for the GS1 separator (0x1D).

    Ctrl with a key is that control character, unless it is a terminator. A terminator that is not in `terminator`
    is a character of its own (CR, TAB). Alt, Meta, function and cursor keys are `STRANGE`: left out, they would make
    another code of this one.
    """

    def __init__(
        self,
        layout: Layout = "us",
        terminator: Collection[Terminator] = ("enter", "kp-enter", "tab"),
        gs: GsKey = "ctrl-]",
    ) -> None:
        self._levels = LAYOUTS[layout]
        self._fixed: dict[int, str | Stroke] = {**KEYPAD, **KEYPAD_SIGNS}
        for code, name in _KEY_TERMINATORS.items():
            self._fixed[code] = Stroke.END if name in terminator else _KEY_BYTES[code]
        self._fixed |= {BACKSPACE: Stroke.BACKSPACE, ESCAPE: Stroke.ESCAPE}
        if gs == "f8":
            self._fixed[F8] = GS
        ends = (("ctrl-j", "\n"), ("ctrl-m", "\r"))
        self._ctrl_ends = frozenset(char for name, char in ends if name in terminator)
        self._held: set[int] = set()
        self._is_caps = False
        self._accent = ""
        self._tables: dict[_Modifiers, dict[int, str | Stroke]] = {}
        self._choose_level()

    def press_key(self, code: int) -> str | Stroke:
        """What pressing this key types; "" for a key that types nothing by itself."""
        if code in MODIFIERS:
            self._held.add(code)
            self._choose_level()
            return ""
        if code == CAPS_LOCK:
            self._is_caps = not self._is_caps
            self._choose_level()
            return ""
        typed = self._typed.get(code)
        if typed is None:
            return "" if code in _SILENT or code > _TYPING_KEY_MAX else Stroke.STRANGE
        if isinstance(typed, str) and (self._accent or typed in self._levels.dead):
            return self._with_accent(typed)
        return typed

    def release_key(self, code: int) -> None:
        """Note that the key was let go."""
        if code in self._held:
            self._held.discard(code)
            self._choose_level()

    def forget_keys(self) -> None:
        """Take every key for released, and caps lock for off, as scanners leave it: events were lost."""
        self._held.clear()
        self._is_caps = False
        self._accent = ""
        self._choose_level()

    def end_accent(self) -> bool:
        """The code is over: say whether an accent still waited for its letter, and let go of it."""
        was_waiting, self._accent = bool(self._accent), ""
        return was_waiting

    def _choose_level(self) -> None:
        """Take the table of what each key types under the modifiers that are held now."""
        held = self._held
        under = _Modifiers(
            is_shift=bool(held & SHIFTS),
            is_ctrl=bool(held & CTRLS),
            is_left_alt=LEFT_ALT in held,
            is_right_alt=RIGHT_ALT in held,
            is_meta=bool(held & METAS),
            is_caps=self._is_caps,
        )
        if under not in self._tables:
            self._tables[under] = self._table_under(under)
        self._typed = self._tables[under]

    def _table_under(self, under: _Modifiers) -> dict[int, str | Stroke]:
        altgr = self._levels.altgr
        if under.is_meta:
            return {}
        # Windows knows AltGr as Ctrl with Alt, and some scanners type it so.
        if altgr is not None and (under.is_right_alt or (under.is_ctrl and under.is_left_alt)):
            return {**altgr, **self._fixed}
        if under.is_left_alt or under.is_right_alt:
            return dict.fromkeys(KEYPAD, Stroke.ALT_KEYPAD)
        if under.is_ctrl:
            return self._control_keys(under.is_shift)
        return {**self._letter_keys(under), **self._fixed}

    def _letter_keys(self, under: _Modifiers) -> dict[int, str]:
        """Caps lock turns the letters, and only these."""
        plain, shift = self._levels.plain, self._levels.shift
        chosen, other = (shift, plain) if under.is_shift else (plain, shift)
        if not under.is_caps:
            return chosen
        return {code: other[code] if shift[code] == plain[code].upper() else char for code, char in chosen.items()}

    def _control_keys(self, is_shift: bool) -> dict[int, str | Stroke]:
        """Ctrl with a key: the character of the layout where it has a control code, else the one of a US keyboard."""
        typed: dict[int, str | Stroke] = {}
        own = self._levels.shift if is_shift else self._levels.plain
        us = LAYOUTS["us"].shift if is_shift else LAYOUTS["us"].plain
        for code, char in own.items():
            control = _control_code(char) or _control_code(us[code])
            if control:
                typed[code] = Stroke.END if control in self._ctrl_ends else control
        return typed

    def _with_accent(self, typed: str) -> str:
        """An accent waits for the next key; with a space it is itself, with a letter what both make."""
        accent, self._accent = self._accent, ""
        if not accent:
            self._accent = typed
            return ""
        if typed == " ":
            return accent
        composed = unicodedata.normalize("NFC", typed + _COMBINING[accent])
        return composed if len(composed) == 1 else accent + typed


_COMBINING = {"`": "\u0300", "´": "\u0301", "^": "\u0302", "¨": "\u0308"}


def _control_code(char: str) -> str:
    """The control code of a character, "" where it has none."""
    upper = char.upper()
    return chr(ord(upper) & 0x1F) if len(upper) == 1 and "@" <= upper <= "_" else ""
