"""Reads GS1 element strings and GTINs through biip. Import it only where such a code is at hand: it is not cheap.

A tag in an element string is a package's tag when it stands in a field that is free for a company's own use
and long enough: AI 91 to 99, or 250, the secondary serial number. AI 21 holds at most 20 characters.

Whose number a GTIN is, is never asked here. biip's table of all companies is therefore left out: it is read in one
piece, during which no other thread runs (45 ms on a PC; a scanner's buffer overflows after 21), and weighs 13 MB.
"""

import re
import sys
from types import ModuleType

from station.domain.identifiers.codes import LETTERED_TAG, OtherCode, PackageTag, RefusalReason, clip


class _UnknownPrefix:
    """Stands for `GS1Prefix`, `GS18Prefix` and `GS1CompanyPrefix`: every prefix is one that GS1 has not assigned."""

    @classmethod
    def extract(cls, _value: str) -> None:
        """No prefix is known."""


def _leave_prefix_tables_out() -> None:
    """Stand in for the module of the tables before biip imports it; where it is imported already, it stays."""
    without = ModuleType("biip.gs1_prefixes", "No tables of prefixes.")
    for name in ("GS1Prefix", "GS18Prefix", "GS1CompanyPrefix"):
        setattr(without, name, _UnknownPrefix)
    sys.modules.setdefault(without.__name__, without)


_leave_prefix_tables_out()

from biip import ParseConfig, ParseError  # noqa: E402
from biip.gs1_element_strings import GS1ElementString  # noqa: E402
from biip.gs1_messages import GS1Message  # noqa: E402
from biip.gtin import Gtin  # noqa: E402

_GS = b"\x1d"
_TAG_OF_DIGITS = re.compile(rb"[0-9]{24}", re.ASCII)
_TAG_FIELD = re.compile(r"9[1-9]|250", re.ASCII)
# biip reads today's date to place a two-digit year: whether a 29 February is valid would hang on it.
_CONFIG = ParseConfig(gs1_element_strings_verify_date=False)


def decode_elements(body: bytes, *, flagged: bool) -> PackageTag | OtherCode | RefusalReason | None:
    """Read the element strings of an ASCII `body`; None when it is no GS1 message."""
    elements = _elements(body)
    if not elements:
        return None
    if any(element.gtin_error or element.sscc_error or element.gln_error for element in elements):
        # A tag may be all digits, so a wrong check digit says that these 24 are no GTIN with a date.
        return None if _TAG_OF_DIGITS.fullmatch(body) and not flagged else RefusalReason.BAD_CHECK
    tags = {
        element.value
        for element in elements
        if _TAG_FIELD.fullmatch(element.ai.ai) and LETTERED_TAG.fullmatch(element.value.encode("ascii"))
    }
    # Two tags in one code name no one package.
    return PackageTag(tags.pop()) if len(tags) == 1 else OtherCode("gs1", clip(body))


def decode_bare_gtin(body: bytes) -> OtherCode | RefusalReason:
    """A product's bare GTIN-13 or GTIN-14."""
    try:
        Gtin.parse(body.decode("ascii"), config=_CONFIG)
    except ParseError:
        return RefusalReason.BAD_CHECK
    return OtherCode("gtin", clip(body))


def _elements(body: bytes) -> list[GS1ElementString]:
    # biip strips white space, and GS counts as such: nothing may be dropped unseen.
    if body.startswith(_GS) or body.endswith(_GS) or _GS * 2 in body or b" " in body:
        return []
    try:
        return list(GS1Message.parse(body.decode("ascii"), config=_CONFIG).element_strings)
    except Exception:  # labels are hostile: a fault of the library may refuse one scan, never end the station
        return []
