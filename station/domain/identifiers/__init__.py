"""What a scanned line is: a Metrc tag, a retail unit, a command card, digits, another code, or refused.

`parse(line)` takes the bytes of one scan, its framing (CR, LF) already removed, and never raises.
"""

from station.domain.identifiers.codes import (
    Code,
    CommandCard,
    Digits,
    OtherCode,
    PackageTag,
    RefusalReason,
    Refused,
    RetailUnit,
    clip,
)
from station.domain.identifiers.command_card import command_text
from station.domain.identifiers.gs1 import load_gs1_library
from station.domain.identifiers.parsing import LINE_BYTES_MAX, needs_gs1_library, parse

__all__ = [
    "LINE_BYTES_MAX",
    "Code",
    "CommandCard",
    "Digits",
    "OtherCode",
    "PackageTag",
    "RefusalReason",
    "Refused",
    "RetailUnit",
    "clip",
    "command_text",
    "load_gs1_library",
    "needs_gs1_library",
    "parse",
]
