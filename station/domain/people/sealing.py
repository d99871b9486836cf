"""From a roster's file with raw badge numbers and PINs to the form in which it travels and is kept.

The same badge gives the same HMAC at every station of a site, which has one key; a PIN has a salt of its own. Salts
are handed in: nothing here is random.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from station.domain.documents.fields import Ask, Hidden, Length, Table, Text
from station.domain.documents.json_files import read_document
from station.domain.documents.values import Moment, MomentIfAny, Name, Version
from station.domain.identifiers.badge_number import SITE_KEY_BYTES, BadgeRefused, badge_hmac, parse
from station.domain.people.roster import (
    BADGES_MAX,
    PEOPLE_MAX,
    REVOKED_MAX,
    SCRYPT,
    SCRYPT_N,
    SCRYPT_P,
    SCRYPT_R,
    Id,
    Ids,
    Roles,
)

SALT_BYTES = 16


def badge_problem(number: str) -> str | None:
    """None for a badge's number as a roster's file has it; what is said does not show it."""
    try:
        parse(number)
    except BadgeRefused as error:
        return str(error)
    return None


Badge = Annotated[str, Ask(badge_problem, "a badge's number")]


class PersonInFile(Table, frozen=True, kw_only=True):
    """A person with raw badge numbers and a PIN, which are secrets."""

    id: Id
    name: Name
    roles: Roles
    not_after: MomentIfAny = ""
    badges: Annotated[tuple[Badge, ...], Hidden(), Length(0, BADGES_MAX, "badge numbers")] = ()
    pin: Annotated[str, Hidden(), Text("([0-9]{4,12})?", "4 to 12 digits in quotes, or empty")] = ""


class RosterInFile(Table, frozen=True, kw_only=True):
    """A roster as people write it; the fields are those of `Roster`."""

    roster: Version
    not_after: Moment
    made_at: MomentIfAny = ""
    offline: Ids = ()
    revoked: Annotated[tuple[Badge, ...], Hidden(), Length(0, REVOKED_MAX, "badge numbers")] = ()
    people: Annotated[tuple[PersonInFile, ...], Length(1, PEOPLE_MAX, "people")]


def sealed(raw: bytes, site_key: bytes, salt: Callable[[], bytes]) -> bytes:
    """The roster of a file (CONTRACTS.md, `import roster`) as it travels, JSON; raise `DocumentFaults` with every one.

    Only what a roster is known to say travels: a field of another name may hold anything, a badge's number too.
    `site_key` is `SITE_KEY_BYTES` long, else ValueError; `salt` gives `SALT_BYTES` new random bytes a call.
    """
    if len(site_key) != SITE_KEY_BYTES:
        raise ValueError(f"site key: {len(site_key)} bytes; must be {SITE_KEY_BYTES}")
    roster = read_document(raw, RosterInFile, "roster")
    made = _without_empty({name: getattr(roster, name) for name in ("roster", "not_after", "made_at", "offline")})
    made["people"] = [_sealed_person(person, site_key, salt) for person in roster.people]
    if roster.revoked:
        made["revoked"] = [badge_hmac(parse(number), site_key) for number in roster.revoked]
    return msgspec.json.encode(made)


def pin_verifier(pin: str, salt: bytes) -> str:
    """What a PIN is checked against; takes some 50 ms by design."""
    key = hashlib.scrypt(pin.encode(), salt=salt, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P, dklen=32)
    return f"{SCRYPT}:{salt.hex()}:{key.hex()}"


def is_pin(pin: str, verifier: str) -> bool:
    """Whether the PIN is the verifier's, in a time that tells nothing of it."""
    salt = bytes.fromhex(verifier.split(":")[4])
    return hmac.compare_digest(pin_verifier(pin, salt), verifier)


def _sealed_person(person: PersonInFile, site_key: bytes, salt: Callable[[], bytes]) -> dict[str, Any]:
    made = _without_empty({name: getattr(person, name) for name in ("id", "name", "roles", "not_after")})
    made["badges"] = [badge_hmac(parse(badge), site_key) for badge in person.badges]
    if person.pin:
        made["pin"] = pin_verifier(person.pin, salt())
    return made


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in ("", ())}
