"""GS1 element strings, read through biip.

A code is taken for GS1 when the scanner says so (`]C1`, `]d2`, `]Q3`), when it holds a group separator, or
when it begins with an SSCC or a GTIN. Without one of these, `91` keyed in front of a tag would read as GS1.

A tag in an element string is a package's tag when it stands in a field that is free for a company's own use
and long enough: AI 91 to 99, or 250, the secondary serial number. AI 21 holds at most 20 characters.
"""

import re

from biip import ParseConfig, ParseError
from biip.gs1_element_strings import GS1ElementString
from biip.gs1_messages import GS1Message
from biip.gtin import Gtin

from station.domain.identifiers.codes import LETTERED_TAG, OtherCode, PackageTag, RefusalReason, clip

_GS = b"\x1d"
_BEGINS_AS_GS1 = re.compile(rb"(?:00[0-9]{18}|0[12][0-9]{14}).*", re.ASCII)
_TAG_OF_DIGITS = re.compile(rb"[0-9]{24}", re.ASCII)
_BARE_GTIN = re.compile(rb"[0-9]{13,14}", re.ASCII)
_TAG_FIELD = re.compile(r"9[1-9]|250", re.ASCII)
# biip reads today's date to place a two-digit year: whether a 29 February is valid would hang on it.
_CONFIG = ParseConfig(gs1_element_strings_verify_date=False)


def looks_like_gs1(body: bytes, *, flagged: bool) -> bool:
    """Whether to read the code as element strings; `flagged` when its AIM prefix says GS1."""
    return flagged or _GS in body or _BEGINS_AS_GS1.fullmatch(body) is not None


def decode_gs1(body: bytes, *, flagged: bool) -> PackageTag | OtherCode | RefusalReason | None:
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


def decode_gtin(body: bytes) -> OtherCode | RefusalReason | None:
    """A product's bare GTIN-13 or GTIN-14; None when it has another length."""
    if not _BARE_GTIN.fullmatch(body):
        return None
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
