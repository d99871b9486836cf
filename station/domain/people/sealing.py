"""From a roster's file with raw badge numbers and PINs to the form in which it travels and is kept.

The same badge gives the same HMAC at every station of a site, which has one key; a PIN has a salt of its own. Salts
are handed in: nothing here is random.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import msgspec

from station.domain.documents.fields import Field, matching
from station.domain.identifiers.badge_number import SITE_KEY_BYTES, BadgeRefused, badge_hmac, parse
from station.domain.people import roster as rosters
from station.domain.people.roster import (
    ABOUT,
    BADGES_MAX,
    HEAD,
    REVOKED_MAX,
    SCRYPT,
    SCRYPT_N,
    SCRYPT_P,
    SCRYPT_R,
    RosterFaults,
)

SALT_BYTES = 16
# Said without the value: a fault is printed and logged, and these are secrets.
_PIN, _ = matching("[0-9]{4,12}", "")
PERSON = (
    *ABOUT,
    Field(
        "badges",
        lambda value: isinstance(value, list) and len(value) <= BADGES_MAX,
        f"a list of at most {BADGES_MAX} badge numbers",
        is_secret=True,
    ),
)


def sealed(raw: bytes, site_key: bytes, salt: Callable[[], bytes]) -> bytes:
    """The roster of a file (CONTRACTS.md, `import roster`) as it travels, JSON; raise `RosterFaults` with every fault.

    Only what a roster is known to say travels: a field of another name may hold anything, a badge's number too.
    `site_key` is `SITE_KEY_BYTES` long, else ValueError; `salt` gives `SALT_BYTES` new random bytes a call.
    """
    if len(site_key) != SITE_KEY_BYTES:
        raise ValueError(f"site key: {len(site_key)} bytes; must be {SITE_KEY_BYTES}")
    found = rosters.checked(raw, PERSON)
    faults = [fault for at, person in enumerate(found["people"]) for fault in _secret_faults(at, person)]
    faults += _revoked_faults(found.get("revoked", []))
    if faults:
        raise RosterFaults(faults)
    made = {field.name: found[field.name] for field in HEAD if field.name in found}
    made["people"] = [_sealed_person(person, site_key, salt) for person in found["people"]]
    if found.get("revoked"):
        made["revoked"] = [badge_hmac(parse(number), site_key) for number in found["revoked"]]
    return msgspec.json.encode(made)


def pin_verifier(pin: str, salt: bytes) -> str:
    """What a PIN is checked against; takes some 50 ms by design."""
    key = hashlib.scrypt(pin.encode(), salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P, dklen=32)
    return f"{SCRYPT}:{salt.hex()}:{key.hex()}"


def is_pin(pin: str, verifier: str) -> bool:
    """Whether the PIN is the verifier's, in a time that tells nothing of it."""
    salt = bytes.fromhex(verifier.split(":")[4])
    return hmac.compare_digest(pin_verifier(pin, salt), verifier)


def _revoked_faults(revoked: Any) -> list[str]:
    if not isinstance(revoked, list) or len(revoked) > REVOKED_MAX:
        return [f"revoked: must be a list of at most {REVOKED_MAX} badge numbers"]
    problems = [_badge_problem(number) for number in revoked]
    return [f"revoked[{at}]: {problem}" for at, problem in enumerate(problems) if problem]


def _secret_faults(number: int, person: dict[str, Any]) -> list[str]:
    where = f"people[{number}]"
    faults = []
    for at, badge in enumerate(person.get("badges", [])):
        if problem := _badge_problem(badge):
            faults.append(f"{where}.badges[{at}]: {problem}")
    if not (person.get("pin", "") == "" or _PIN(person["pin"])):
        faults.append(f"{where}.pin: must be 4 to 12 digits in quotes, or empty")
    return faults


def _badge_problem(badge: Any) -> str:
    """What is wrong with a badge's number; "" if nothing."""
    try:
        parse(badge if isinstance(badge, str) else "")
    except BadgeRefused as error:
        return str(error)
    return ""


def _sealed_person(person: dict[str, Any], site_key: bytes, salt: Callable[[], bytes]) -> dict[str, Any]:
    made: dict[str, Any] = {name: person[name] for name in (field.name for field in ABOUT) if name in person}
    made["badges"] = [badge_hmac(parse(badge), site_key) for badge in person.get("badges", [])]
    if person.get("pin"):
        made["pin"] = pin_verifier(person["pin"], salt())
    return made
