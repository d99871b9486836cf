"""The kinds of value that settings are made of, each with its limits."""

import base64
import binascii
import hashlib
import re
import zoneinfo
from difflib import get_close_matches
from typing import Annotated

from station.domain.documents.fields import Ask, Range, Text, Unique

ED25519 = 0x01
"""Signature type of a plain Ed25519 note (C2SP signed-note)."""
COSIGNATURE_ED25519 = 0x04
"""Signature type of a timestamped Ed25519 cosignature (C2SP tlog-cosignature)."""

TIMEZONE_EXAMPLE = 'a timezone of the IANA database such as "America/Los_Angeles"'
KEY_FORM = "a verifier key, name+8 hex digits+base64"
HOURS = 'two times of a day such as "07:00-22:30"'


def timezone_problem(name: str) -> str | None:
    """None for a name of the IANA time zone database."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = zoneinfo.available_timezones()
        if not known:
            return "this machine has no timezone database; install the package tzdata"
        near = get_close_matches(name[:64], known, n=1)
        return "unknown timezone; " + (f'did you mean "{near[0]}"?' if near else TIMEZONE_EXAMPLE)
    return None


def verifier_key_problem(text: str, signature_type: int) -> str | None:
    """None for a C2SP verifier key, `name+hex key id+base64(type || key)`, of an Ed25519 signature type.

    The key id is SHA-256(name || 0x0A || type || key)[:4] (C2SP signed-note, tlog-cosignature).
    """
    matched = re.fullmatch(r"([^\s+]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{1,100}={0,2})", text)
    if not matched or not text.isprintable():
        return f"must be {KEY_FORM}; copy the whole line"
    name, key_id, encoded = matched.groups()
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return f"must be {KEY_FORM}; its base64 part cannot be read, copy the whole line"
    if len(key) != 33 or key[0] != signature_type:
        return f"must hold signature type 0x{signature_type:02x} and 32 bytes of Ed25519 key; {_mistaken(key)}"
    computed = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
    if computed != key_id:
        return f"its key id {key_id} must be {computed}, computed from name and key; copy the whole line"
    return None


def _mistaken(key: bytes) -> str:
    if len(key) == 33 and key[0] in {ED25519, COSIGNATURE_ED25519}:
        return "a key that signs notes is never one that cosigns checkpoints"
    return f"this has {len(key)} bytes and starts with 0x{key[:1].hex()}"


def signer_problem(text: str) -> str | None:
    """None for a key that signs notes: commands, rosters, releases."""
    return verifier_key_problem(text, ED25519)


def cosigner_problem(text: str) -> str | None:
    """None for a key that cosigns checkpoints."""
    return verifier_key_problem(text, COSIGNATURE_ED25519)


def hours_problem(text: str) -> str | None:
    """None for a span of local time within a day, such as 07:00-22:30; the whole day is 00:00-24:00."""
    matched = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|(24):(00))", text)
    if not matched:
        return f"must be {HOURS}"
    first_hour, first_minute, last_hour, last_minute = filter(None, matched.groups())
    if (first_hour, first_minute) >= (last_hour, last_minute):
        return f"must be {HOURS}, the first before the second"
    return None


Name = Annotated[
    str,
    Text(
        r"(?!all$)[a-z0-9][a-z0-9-]{0,31}",
        "a name of 1..32 characters a-z, 0-9 and -",
        "it is part of MQTT topics, where all means every station",
    ),
]
"""A site or a station."""
SourceName = Annotated[
    str,
    Text(r"[a-z0-9][a-z0-9_-]{0,31}", "a name of 1..32 characters a-z, 0-9, - and _"),
    Unique("name of a source"),
]
"""A scanner, badge reader or keypad: events and alerts call it so."""
Path = Annotated[str, Text(r"/[^\x00-\x1f\x7f]{0,1023}", "an absolute path")]
"""An absolute path; whether it exists is another question."""
SocketPath = Annotated[
    str,
    Text(
        r"(?=[\x20-\x7e]+$)/.{1,106}",
        "an absolute path of at most 107 ASCII characters",
        "Linux allows a Unix socket no more",
    ),
]
Port = Annotated[str, Text(r"/[^\x00-\x1f\x7f]{0,1023}", "an absolute path, as under /dev"), Unique("serial port")]
"""A serial device's path: a device has one owner."""
Pin = Annotated[
    int,
    Range(4, 27, "BCM numbers; 0 to 3 belong to the HAT's memory and to the I2C display"),
    Unique("GPIO pin"),
]
LOW_AT_BOOT = frozenset(range(9, 28)) - {14, 15}
"""Pins that a Pi pulls low until a program drives them: 0 to 8 are pulled high, 14 and 15 are a console at boot."""
Timezone = Annotated[str, Ask(timezone_problem, TIMEZONE_EXAMPLE)]
SignerKey = Annotated[str, Ask(signer_problem, KEY_FORM), Unique("verifier key")]
CosignerKey = Annotated[str, Ask(cosigner_problem, KEY_FORM), Unique("verifier key")]
Hours = Annotated[str, Ask(hours_problem, HOURS)]
