"""The values that a scanned line can turn into."""

import re
from enum import StrEnum

import msgspec

CLIP_CHARS_MAX = 40
# At least one letter: a GTIN with a date, `01` + 14 digits + `17` + 6 digits, is 24 digits long as well.
LETTERED_TAG = re.compile(rb"(?=[0-9]*[A-Z])[0-9A-Z]{24}", re.ASCII)


class RefusalReason(StrEnum):
    """Why a line was refused. The names stand in `scan.refused` events: add, never rename."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    CONTROL_CHARACTERS = "control_characters"
    NOT_ASCII = "not_ascii"
    NOT_A_CODE = "not_a_code"
    BAD_CHECK = "bad_check"
    BAD_RETAIL_ID = "bad_retail_id"
    BAD_CARD = "bad_card"


class PackageTag(msgspec.Struct, frozen=True):
    """A Metrc package tag: 24 of `[0-9A-Z]`; staging labels are not hexadecimal."""

    tag: str


class RetailUnit(msgspec.Struct, frozen=True):
    """One sellable unit of a package: its tag (upper case) and the unit's index, 0..2**31-1."""

    tag: str
    unit_index: int


class CommandCard(msgspec.Struct, frozen=True):
    """A printed command whose check characters were right; `verb` is any of `[a-z-]{1,20}`."""

    verb: str
    argument: str = ""


class Digits(msgspec.Struct, frozen=True):
    """1..12 of `0`-`9` and at most one `.`, as keyed or as read from a code of bare digits.

    A product's UPC-A is 12 digits too: whoever takes a quantity bounds it.
    """

    text: str


class OtherCode(msgspec.Struct, frozen=True):
    """A well-formed code that is none of ours; `kind` is `gs1`, `gtin` or `url`; `text` is clipped."""

    kind: str
    text: str


class Refused(msgspec.Struct, frozen=True):
    """A line that is no code; `text` is clipped and escaped, fit for a log, a screen and an event."""

    reason: RefusalReason
    text: str


Code = PackageTag | RetailUnit | CommandCard | Digits | OtherCode | Refused


def clip(line: bytes, chars_max: int = CLIP_CHARS_MAX) -> str:
    """Return at most `chars_max` characters of `line`: printable ASCII, all else (and `\\`) as `\\xNN`.

    An escape is never cut in two. The backslash is escaped so that no scan can imitate an escape.
    """
    shown = ""
    for byte in line[:chars_max]:
        piece = chr(byte) if 0x20 <= byte < 0x7F and byte != 0x5C else f"\\x{byte:02x}"
        if len(shown) + len(piece) > chars_max:
            break
        shown += piece
    return shown


def refuse(reason: RefusalReason, line: bytes) -> Refused:
    """Refuse `line`, keeping what may be shown of it."""
    return Refused(reason, clip(line))
