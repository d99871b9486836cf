"""Retail ID: the QR code on each sellable unit, which names its package and its index without a network.

Forms, each with or without a scheme, on `1a4.com`, `app.1a4.com` or `id.1a4.com`:
`HTTPS://1A4.COM/<base36>`, `https://1a4.com/<base64url>`, `https://app.1a4.com/landingpage/<tag>/<n>`.
The first two carry bytes: 12 of tag (24 hexadecimal digits), then the index as unsigned LEB128.

The codes have no check digit, so decoding is strict: nothing may be left over, nothing is stripped, and every
value has one spelling only. The one exception: the unused last bits of base64url may be set, as they are in a
published code.
"""

import base64
import binascii
import re

from station.domain.identifiers.codes import RetailUnit

UNIT_INDEX_MAX = 2**31 - 1
_TAG_BYTES = 12

_URL = re.compile(rb"(?:https?://)?(?:(?:app|id)\.)?1a4\.com/(.*)", re.IGNORECASE | re.ASCII)
_LANDING = re.compile(rb"landingpage/([0-9A-Z]{24}|[0-9a-fA-F]{24})/(0|[1-9][0-9]{0,9})", re.ASCII)
_LANDING_UPPER = re.compile(rb"LANDINGPAGE/([0-9A-Z]{24})/(0|[1-9][0-9]{0,9})", re.ASCII)
# Lengths: 13 bytes (a tag and an index of one byte) to 17 (an index of five).
_BASE36 = re.compile(rb"[1-9A-Z][0-9A-Z]{18,26}", re.ASCII)
# No capital letter: base36 scanned with caps lock on, rather than base64url.
_BASE64URL = re.compile(rb"(?=[^A-Z]*[A-Z])[0-9A-Za-z_-]{18,23}", re.ASCII)


def is_retail_url(line: bytes) -> bool:
    """Whether the line addresses a Retail ID host, whatever follows."""
    return _URL.fullmatch(line) is not None


def decode_retail_url(line: bytes) -> RetailUnit | None:
    """Decode a Retail ID address, or answer None when its path is not exactly one of the three forms."""
    url = _URL.fullmatch(line)
    if url is None:
        return None
    path: bytes = url[1]
    landing = _LANDING.fullmatch(path) or _LANDING_UPPER.fullmatch(path)
    if landing:
        return _unit(landing[1].decode("ascii").upper(), int(landing[2]))
    code = _code_bytes(path)
    if code is None:
        return None
    index = _leb128(code[_TAG_BYTES:])
    return None if index is None else _unit(code[:_TAG_BYTES].hex().upper(), index)


def _unit(tag: str, index: int) -> RetailUnit | None:
    return RetailUnit(tag, index) if index <= UNIT_INDEX_MAX else None


def _code_bytes(path: bytes) -> bytes | None:
    if _BASE36.fullmatch(path):
        number = int(path, 36)
        return number.to_bytes((number.bit_length() + 7) // 8, "big")
    if _BASE64URL.fullmatch(path):
        try:
            return base64.urlsafe_b64decode(path + b"=" * (-len(path) % 4))
        except binascii.Error:  # 21 characters are no whole number of bytes
            return None
    return None


def _leb128(encoded: bytes) -> int | None:
    """One unsigned LEB128 number that ends exactly at the end, in its shortest form."""
    if not encoded:
        return None
    *continued, last = encoded
    if last & 0x80 or not all(byte & 0x80 for byte in continued) or (continued and last == 0):
        return None
    return sum((byte & 0x7F) << 7 * place for place, byte in enumerate(encoded))
