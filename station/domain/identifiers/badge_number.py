"""A badge's number: its format, facility and number, whichever way a reader tells them; and what stands for it.

The text of a number, as a roster writes it and as it is HMACed, is one of

    26:12:3456       26, 34 bits (H10301, H10306): facility and card
    H10304:12:3456   37 bits with a facility
    H10302:3456      37 bits without; both have the same parity, so that only settings can tell them apart
    uid:0415A2B3C4   a chip's own number, 4 to 10 bytes
    3456             a plain decimal number of which no more is known

Two readers that tell the same badge in different formats tell different numbers: a roster lists both.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Literal, NamedTuple

SITE_KEY_BYTES = 32
LINE_BYTES_MAX = 96
"""No badge's line is longer: 37 binary digits, 20 hex digits with separators."""

Format = Literal["plain", "26", "34", "h10302", "h10304", "uid", "rdm6300"]
"""What a reader's line holds: `decode` says how each is read."""
Reason = Literal["unknown_format", "parity", "parity_swapped", "checksum"]

SWAPPED = "both parities are wrong, as when D0 and D1 are swapped at the reader; check these two wires first"
_PARITY = "one parity is wrong: a bit was lost on the way; read the badge again, then check the cable"
_CHECKSUM = "the checksum is wrong: the badge was not read whole; read it again"
TEXT_MUST = (
    "must be a badge's number such as 26:12:3456, 34:12:3456, H10304:12:3456, H10302:3456, uid:0415A2B3C4 "
    "or 1 to 20 digits"
)


class BadgeRefused(ValueError):
    """What was read is no badge's number. The text never shows it: it may be nearly one."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class BadgeNumber(NamedTuple):
    """One badge. `facility` is None where the format has none; `number` is decimal, or hex digits of a `uid`."""

    format: str
    facility: int | None
    number: str

    @property
    def text(self) -> str:
        """The one text of this number; the only thing that is ever HMACed."""
        if self.format == "plain":
            return self.number
        return ":".join([self.format, *([] if self.facility is None else [str(self.facility)]), self.number])

    def __repr__(self) -> str:
        return f"<badge of format {self.format}>"


class _Wiegand(NamedTuple):
    """Bits count from 0, the first sent; the first is even parity over `even`, the last odd parity over `odd`."""

    name: str
    bits: int
    even: slice
    odd: slice
    facility: slice | None
    card: slice


_WIEGAND = {
    "26": _Wiegand("26", 26, slice(0, 13), slice(13, 26), slice(1, 9), slice(9, 25)),
    "34": _Wiegand("34", 34, slice(0, 17), slice(17, 34), slice(1, 17), slice(17, 33)),
    "h10302": _Wiegand("H10302", 37, slice(0, 19), slice(18, 37), None, slice(1, 36)),
    "h10304": _Wiegand("H10304", 37, slice(0, 19), slice(18, 37), slice(1, 17), slice(17, 36)),
}
_BY_NAME = {layout.name: layout for layout in _WIEGAND.values()}
_UID_BYTES = range(4, 11)


def decode(line: bytes, form: Format) -> BadgeNumber:
    """The number in a reader's line; raise `BadgeRefused`.

    `plain` is the number's text. `26`, `34`, `h10302`, `h10304` are the bits with their parities as binary digits, or
    as the hex digits of the whole, as converters of Wiegand write them. `uid` is hex digits, whose bytes may be
    separated by `:`, `-` or a space. `rdm6300` (also ID-12) is 10 hex digits and 2 of their checksum, its STX, CR LF
    and ETX taken off.
    """
    return _DECODERS[form](line.strip(b" "), form)


def parse(text: str) -> BadgeNumber:
    """The number that this text is; leading zeros mean nothing. Raise `BadgeRefused`."""
    if match := re.fullmatch(r"0*([0-9]{1,20})", text, re.ASCII):
        return BadgeNumber("plain", None, match[1])
    name, *fields = text.split(":") if text.isascii() else [""]
    layout = _BY_NAME.get(name.upper())
    if layout is not None and all(re.fullmatch("[0-9]{1,20}", field, re.ASCII) for field in fields):
        return _of_fields(layout, [int(field) for field in fields])
    if name.lower() == "uid" and len(fields) == 1:
        return _uid(fields[0].encode())
    raise BadgeRefused("unknown_format", TEXT_MUST)


def badge_hmac(number: BadgeNumber, site_key: bytes) -> str:
    """What stands for a badge everywhere but on it and at its reader: HMAC-SHA-256 under the site's key, in hex."""
    return hmac.new(site_key, number.text.encode("ascii"), hashlib.sha256).hexdigest()


def parse_site_key(text: str) -> bytes:
    """The site's key in a file of 64 hex digits and an end of line; ValueError, which does not show it."""
    digits = text.strip("\r\n")
    if not re.fullmatch(f"[0-9a-fA-F]{{{2 * SITE_KEY_BYTES}}}", digits, re.ASCII):
        raise ValueError(f"is no site key; must be {2 * SITE_KEY_BYTES} hex digits")
    return bytes.fromhex(digits)


def _of_fields(layout: _Wiegand, fields: list[int]) -> BadgeNumber:
    widths = [_width(each) for each in (layout.facility, layout.card) if each is not None]
    if len(fields) != len(widths) or any(field >> bits for field, bits in zip(fields, widths, strict=True)):
        most = " and ".join(f"0..{(1 << bits) - 1}" for bits in widths)
        raise BadgeRefused("unknown_format", f"{layout.name}: must be followed by {most}, each after a colon")
    facility = fields[0] if layout.facility else None
    return BadgeNumber(layout.name, facility, str(fields[-1]))


def _width(part: slice) -> int:
    return int(part.stop) - int(part.start)


def _decode_plain(line: bytes, _: Format) -> BadgeNumber:
    return parse(line.decode("ascii", "replace"))


def _decode_bits(line: bytes, form: Format) -> BadgeNumber:
    layout = _WIEGAND[form]
    bits = _bits(line, layout)
    wrong = (bits[layout.even].count("1") % 2 != 0) + (bits[layout.odd].count("1") % 2 != 1)
    if wrong:
        # A swapped pair turns every bit, and each parity stands over an odd number of them: then both are wrong.
        raise BadgeRefused("parity_swapped", SWAPPED) if wrong == 2 else BadgeRefused("parity", _PARITY)
    facility = int(bits[layout.facility], 2) if layout.facility else None
    return BadgeNumber(layout.name, facility, str(int(bits[layout.card], 2)))


def _bits(line: bytes, layout: _Wiegand) -> str:
    digits = -(-layout.bits // 4)
    if re.fullmatch(rb"[01]{%d}" % layout.bits, line):
        return line.decode("ascii")
    if re.fullmatch(rb"[0-9A-Fa-f]{%d}" % digits, line) and not int(line, 16) >> layout.bits:
        return f"{int(line, 16):0{layout.bits}b}"
    must = (
        f"must be {layout.bits} binary digits or {digits} hex digits; or name the reader's own format in the settings"
    )
    raise BadgeRefused("unknown_format", must)


def _decode_uid(line: bytes, _: Format) -> BadgeNumber:
    return _uid(line)


def _uid(digits: bytes) -> BadgeNumber:
    match = re.fullmatch(rb"([0-9A-Fa-f]{2})(?:[:\- ]?[0-9A-Fa-f]{2}){3,9}", digits)
    plain = re.sub(rb"[:\- ]", b"", digits)
    if match is None or len(plain) // 2 not in _UID_BYTES:
        raise BadgeRefused("unknown_format", "must be 4 to 10 bytes as hex digits, two a byte")
    return BadgeNumber("uid", None, plain.decode("ascii").upper())


def _decode_rdm6300(line: bytes, _: Format) -> BadgeNumber:
    if not re.fullmatch(rb"[0-9A-Fa-f]{12}", line):
        raise BadgeRefused("unknown_format", "must be 10 hex digits and 2 of their checksum")
    *number, told = bytes.fromhex(line.decode("ascii"))
    checksum = 0
    for byte in number:
        checksum ^= byte
    if checksum != told:
        raise BadgeRefused("checksum", _CHECKSUM)
    return BadgeNumber("uid", None, bytes(number).hex().upper())


_DECODERS: dict[Format, Callable[[bytes, Format], BadgeNumber]] = {
    "plain": _decode_plain,
    "26": _decode_bits,
    "34": _decode_bits,
    "h10302": _decode_bits,
    "h10304": _decode_bits,
    "uid": _decode_uid,
    "rdm6300": _decode_rdm6300,
}
