"""GS1 element strings: when a code is taken for one.

A code is taken for GS1 when the scanner says so (`]C1`, `]d2`, `]Q3`), when it holds a group separator, or
when it begins with an SSCC or a GTIN. Without one of these, `91` keyed in front of a tag would read as GS1.

What reads it is `gs1_elements`, which is imported with the first such code: most stations never see one.
"""

import re

from station.domain.identifiers.codes import OtherCode, PackageTag, RefusalReason

_GS = b"\x1d"
_BEGINS_AS_GS1 = re.compile(rb"(?:00[0-9]{18}|0[12][0-9]{14}).*", re.ASCII)
_BARE_GTIN = re.compile(rb"[0-9]{13,14}", re.ASCII)


def looks_like_gs1(body: bytes, *, flagged: bool) -> bool:
    """Whether to read the code as element strings; `flagged` when its AIM prefix says GS1."""
    return flagged or _GS in body or _BEGINS_AS_GS1.fullmatch(body) is not None


def looks_like_gtin(body: bytes) -> bool:
    """Whether the code is as long as a product's bare GTIN-13 or GTIN-14."""
    return _BARE_GTIN.fullmatch(body) is not None


def load_gs1_library() -> None:
    """Import what reads GS1, which else the first code does: some 50 ms on a PC, eight times that on a small Pi."""
    import station.domain.identifiers.gs1_elements  # noqa: F401


def decode_gs1(body: bytes, *, flagged: bool) -> PackageTag | OtherCode | RefusalReason | None:
    """Read the element strings of an ASCII `body`; None when it is no GS1 message."""
    from station.domain.identifiers.gs1_elements import decode_elements

    return decode_elements(body, flagged=flagged)


def decode_gtin(body: bytes) -> OtherCode | RefusalReason | None:
    """A product's bare GTIN-13 or GTIN-14; None when it has another length."""
    if not looks_like_gtin(body):
        return None
    from station.domain.identifiers.gs1_elements import decode_bare_gtin

    return decode_bare_gtin(body)
