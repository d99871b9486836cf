"""Keyboard layouts: which character stands on which key of a PC keyboard. Pure.

Key codes are those of the kernel's `input-event-codes.h`. The rows are written as they lie on the keyboard, from the
left; a space in a row of the third level (AltGr) is a key that types nothing there. `dead` are accents that wait for
the next key, as Windows and X have them. US and UK as in XKB `us` and `gb`, the others as in `de` and `es`.
"""

from typing import Literal, NamedTuple

Layout = Literal["us", "uk", "de", "es"]

GRAVE, BACKSLASH, KEY_102ND, SPACE = 41, 43, 86, 57

_ROWS = (
    (*range(2, 14),),  # 1 to the second key left of backspace
    (*range(16, 28),),  # Q to the second key right of P
    (*range(30, 41), BACKSLASH),  # A to the one left of Enter
    (KEY_102ND, *range(44, 54)),  # the key beside the left shift, then Z to the one left of the right shift
    (GRAVE,),
)


class Levels(NamedTuple):
    """What the keys type plain, with shift, and with AltGr (None where the right Alt is a plain Alt)."""

    plain: dict[int, str]
    shift: dict[int, str]
    altgr: dict[int, str] | None
    dead: frozenset[str]


def _keys_of_rows(*rows: str) -> dict[int, str]:
    keys = (zip(codes, row, strict=False) for codes, row in zip(_ROWS, rows, strict=True))
    return {code: char for row in keys for code, char in row if char != " "} | {SPACE: " "}


LAYOUTS: dict[Layout, Levels] = {
    "us": Levels(
        _keys_of_rows("1234567890-=", "qwertyuiop[]", "asdfghjkl;'\\", "<zxcvbnm,./", "`"),
        _keys_of_rows("!@#$%^&*()_+", "QWERTYUIOP{}", 'ASDFGHJKL:"|', ">ZXCVBNM<>?", "~"),
        None,
        frozenset(),
    ),
    "uk": Levels(
        _keys_of_rows("1234567890-=", "qwertyuiop[]", "asdfghjkl;'#", "\\zxcvbnm,./", "`"),
        _keys_of_rows('!"£$%^&*()_+', "QWERTYUIOP{}", "ASDFGHJKL:@~", "|ZXCVBNM<>?", "¬"),
        _keys_of_rows("   €", "", "", "", "¦"),
        frozenset(),
    ),
    "de": Levels(
        _keys_of_rows("1234567890ß´", "qwertzuiopü+", "asdfghjklöä#", "<yxcvbnm,.-", "^"),
        _keys_of_rows('!"§$%&/()=?`', "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ'", ">YXCVBNM;:_", "°"),
        _keys_of_rows(" ²³   {[]}\\", "@ €        ~", "", "|      µ", ""),
        frozenset("^´`"),
    ),
    "es": Levels(
        _keys_of_rows("1234567890'¡", "qwertyuiop`+", "asdfghjklñ´ç", "<zxcvbnm,.-", "º"),
        _keys_of_rows('!"·$%&/()=?¿', "QWERTYUIOP^*", "ASDFGHJKLÑ¨Ç", ">ZXCVBNM;:_", "ª"),
        _keys_of_rows("|@#~€¬", "  €       []", "          {}", "", "\\"),
        frozenset("`^´¨"),
    ),
}

KEYPAD = dict(zip((71, 72, 73, 75, 76, 77, 79, 80, 81, 82), "7894561230", strict=True))
KEYPAD_SIGNS = {83: ".", 121: ",", 78: "+", 74: "-", 55: "*", 98: "/", 117: "="}
"""The number pad, in every layout, num lock on."""
