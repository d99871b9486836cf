"""From the bytes of one scan to a `Code`."""

import re

from station.domain.identifiers.codes import (
    LETTERED_TAG,
    Code,
    Digits,
    OtherCode,
    PackageTag,
    RefusalReason,
    clip,
    refuse,
)
from station.domain.identifiers.command_card import PREFIX, decode_card
from station.domain.identifiers.gs1 import decode_gs1, decode_gtin, looks_like_gs1, looks_like_gtin
from station.domain.identifiers.retail_id import decode_retail_url, is_retail_url

# The longest card: 60 characters of four UTF-8 bytes, each as %NN, and what stands around them.
LINE_BYTES_MAX = 1024

# AIM symbology identifiers (ISO/IEC 15424): Code 128, GS1-128, GS1 DataMatrix, GS1 QR, QR.
_AIM = re.compile(rb"(\](?:C0|C1|d2|Q3|Q1))?(.*)", re.ASCII | re.DOTALL)
_AIM_GS1 = frozenset({b"]C1", b"]d2", b"]Q3"})
_ANY_TAG = re.compile(rb"[0-9A-Z]{24}", re.ASCII)
_DIGITS = re.compile(rb"[0-9]{1,12}|(?=[0-9.]{2,13}\Z)[0-9]*\.[0-9]*", re.ASCII)
_WEB_ADDRESS = re.compile(rb"https?://[0-9a-z.-]+(?:[/?#:][!-~]*)?", re.ASCII | re.IGNORECASE)
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_CONTROL = re.compile(rb"[\x00-\x1c\x1e\x1f\x7f]")
_GS = b"\x1d"


def parse(line: bytes) -> Code:
    """Say what a scan is. Its framing (CR, LF) has been removed already and nothing else is stripped.

    Never raises, whatever the bytes: what is no code comes back as `Refused`. `line` longer than
    `LINE_BYTES_MAX` bytes is refused unread.
    """
    if LETTERED_TAG.fullmatch(line):
        return PackageTag(line.decode("ascii"))
    reason = _unfit(line)
    if reason is not None:
        return refuse(reason, line)
    aim, body = _AIM.fullmatch(line).groups()  # type: ignore[union-attr]  # it matches every line
    if not body:
        return refuse(RefusalReason.EMPTY, line)
    if LETTERED_TAG.fullmatch(body):
        return PackageTag(body.decode("ascii"))
    code = _read(body, flagged=aim in _AIM_GS1)
    return refuse(code, line) if isinstance(code, RefusalReason) else code


def needs_gs1_library(line: bytes) -> bool:
    """Whether `parse(line)` reads the scan through the GS1 library, which the first of them has to load."""
    if LETTERED_TAG.fullmatch(line) or _unfit(line) is not None:
        return False
    aim, body = _AIM.fullmatch(line).groups()  # type: ignore[union-attr]  # it matches every line
    if LETTERED_TAG.fullmatch(body) or _is_card(body) or is_retail_url(body):
        return False
    return bool(body) and (looks_like_gs1(body, flagged=aim in _AIM_GS1) or looks_like_gtin(body))


def _unfit(line: bytes) -> RefusalReason | None:
    if not line:
        return RefusalReason.EMPTY
    if len(line) > LINE_BYTES_MAX:
        return RefusalReason.TOO_LONG
    if _NOT_ASCII.search(line):
        return RefusalReason.NOT_ASCII
    return RefusalReason.CONTROL_CHARACTERS if _CONTROL.search(line) else None


def _is_card(body: bytes) -> bool:
    return body.startswith(PREFIX) and _GS not in body


def _read(body: bytes, *, flagged: bool) -> Code | RefusalReason:
    if _is_card(body):
        return decode_card(body)
    if is_retail_url(body):
        return decode_retail_url(body) or RefusalReason.BAD_RETAIL_ID
    if looks_like_gs1(body, flagged=flagged):
        gs1 = decode_gs1(body, flagged=flagged)
        if gs1 is not None:
            return gs1
    return _read_plain(body)


def _read_plain(body: bytes) -> Code | RefusalReason:
    if _GS in body:
        return RefusalReason.CONTROL_CHARACTERS
    if _ANY_TAG.fullmatch(body):
        return PackageTag(body.decode("ascii"))
    if _DIGITS.fullmatch(body):
        return Digits(body.decode("ascii"))
    if _WEB_ADDRESS.fullmatch(body):
        return OtherCode("url", clip(body))
    return decode_gtin(body) or RefusalReason.NOT_A_CODE
