"""The roster: who may enter, as the back office sent it. Badges are HMACs and PINs are verifiers, never raw.

A badge is the HMAC-SHA-256 of its number under the site's key, as lower-case hex. A PIN's verifier is
`scrypt:16384:8:1:<16 bytes of salt, hex>:<32 bytes, hex>` (RFC 7914).
"""

from functools import cached_property
from typing import Any

import msgspec

from station.domain.documents.fields import (
    MOMENT,
    VERSION_MAX,
    Field,
    faults_of,
    is_version,
    matching,
    moment_ms,
    named,
    shown,
)
from station.domain.documents.refused import DocumentFaults

PEOPLE_MAX = 2_000
REVOKED_MAX = 2_000
BADGES_MAX = 8
SCRYPT_N, SCRYPT_R, SCRYPT_P = 16_384, 8, 1
SCRYPT = f"scrypt:{SCRYPT_N}:{SCRYPT_R}:{SCRYPT_P}"
# The only parameters: a verifier that took minutes or gigabytes to check would be an attack of its own.
_PIN = matching(rf"{SCRYPT}:[0-9a-f]{{32}}:[0-9a-f]{{64}}", f"a verifier {SCRYPT}:<32 hex digits>:<64 hex digits>")
_BADGE, BADGE_MUST = matching("[0-9a-f]{64}", "an HMAC-SHA-256 as 64 lower-case hex digits, never the number itself")
_ROLE, ROLE_MUST = matching("[a-z][a-z0-9-]{0,31}", "a word of a-z, 0-9 and - such as associate")
ID = matching("[A-Za-z0-9][A-Za-z0-9._-]{0,31}", "1 to 32 characters of A-Z a-z 0-9 . _ -")


class Person(msgspec.Struct, frozen=True):
    """One person. `not_after` is a moment, empty where the roster's own holds; `pin` is a verifier or empty."""

    id: str
    name: str
    roles: tuple[str, ...]
    badges: tuple[str, ...] = ()
    pin: str = ""
    not_after: str = ""


class Roster(msgspec.Struct, frozen=True, dict=True):
    """A roster whose every field is right; `roster_rules` has what else must hold. `roster` is its version.

    `made_at` is a moment or empty. `revoked` are badges that were lost or taken away, whoever still has them;
    `offline` the ids of those who may enter after `not_after`.
    """

    roster: int
    not_after: str
    people: tuple[Person, ...]
    revoked: tuple[str, ...] = ()
    offline: tuple[str, ...] = ()
    made_at: str = ""

    def is_stale(self, wall_ms: int) -> bool:
        """Whether `not_after` has passed at this moment (UTC milliseconds since 1970)."""
        return moment_ms(self.not_after) < wall_ms

    @cached_property
    def by_badge(self) -> dict[str, Person]:
        """Who a badge's HMAC belongs to."""
        return {badge: person for person in self.people for badge in person.badges}

    @cached_property
    def by_id(self) -> dict[str, Person]:
        """The people by their ids."""
        return {person.id: person for person in self.people}

    def person_of(self, badge: str) -> Person | str:
        """Whose badge this is, or why nobody's: `revoked` or `unknown`."""
        if badge in self.revoked:
            return "revoked"
        return self.by_badge.get(badge, "unknown")

    def barred(self, person: Person, wall_ms: int) -> str:
        """Why this person may not enter at this moment, whatever the hour: empty, `expired` or `roster_expired`."""
        if person.not_after and moment_ms(person.not_after) < wall_ms:
            return "expired"
        return "roster_expired" if self.is_stale(wall_ms) and person.id not in self.offline else ""


class RosterFaults(DocumentFaults):
    """Every fault of a roster, each `path = value: must be …`."""


def _listed(is_right: Any, least: int, most: int) -> Any:
    return lambda value: isinstance(value, list) and least <= len(value) <= most and all(map(is_right, value))


HEAD = (
    Field("roster", is_version, f"a whole number of 1 to {VERSION_MAX}", is_needed=True),
    Field("not_after", lambda value: value != "" and MOMENT[0](value), MOMENT[1], is_needed=True),
    Field("made_at", *MOMENT),
    Field("offline", _listed(ID[0], 0, PEOPLE_MAX), f"a list of ids, each {ID[1]}"),
)
_REVOKED = Field(
    "revoked", _listed(_BADGE, 0, REVOKED_MAX), f"a list of at most {REVOKED_MAX}, each {BADGE_MUST}", is_secret=True
)
ABOUT = (
    Field("id", *ID, is_needed=True),
    Field("name", *named(64), is_needed=True),
    Field("roles", _listed(_ROLE, 1, 8), f"a list of 1 to 8, each {ROLE_MUST}", is_needed=True),
    Field("not_after", *MOMENT),
)
"""What a person's entry says in a roster's file and in its command alike."""
PERSON = (
    *ABOUT,
    Field(
        "badges", _listed(_BADGE, 0, BADGES_MAX), f"a list of at most {BADGES_MAX}, each {BADGE_MUST}", is_secret=True
    ),
    Field("pin", lambda value: value == "" or _PIN[0](value), _PIN[1], is_secret=True),
)


def parse(raw: bytes) -> Roster:
    """Read a roster as it travels (JSON); raise `RosterFaults` with all of its faults, and take nothing then."""
    found = checked(raw, PERSON, (*HEAD, _REVOKED))
    return msgspec.convert(found, Roster)


def stored(raw: bytes) -> Roster:
    """Read a roster that was once taken: rules that came later do not unmake it. Raise msgspec.MsgspecError."""
    return msgspec.json.decode(raw, type=Roster)


def checked(raw: bytes, person_fields: tuple[Field, ...], head: tuple[Field, ...] = HEAD) -> dict[str, Any]:
    """Read the JSON object of a roster whose people have these fields; raise `RosterFaults`."""
    try:
        found = msgspec.json.decode(raw)
    # RecursionError: so many brackets that the decoder gives up.
    except (msgspec.DecodeError, RecursionError) as error:
        raise RosterFaults([f"roster: {error}; must be one JSON object in UTF-8; export it again"]) from None
    if not isinstance(found, dict):
        raise RosterFaults([f"roster = {shown(found)}: must be one JSON object; export it again"])
    faults = faults_of("", found, head) + _people_faults(found.get("people"), person_fields)
    if faults:
        raise RosterFaults(faults)
    return found


def _people_faults(people: Any, fields: tuple[Field, ...]) -> list[str]:
    if not isinstance(people, list) or not 1 <= len(people) <= PEOPLE_MAX:
        many = f"{len(people)} stand here" if isinstance(people, list) else shown(people)
        return [f"people: {many}; must be a list of 1 to {PEOPLE_MAX} people"]
    faults: list[str] = []
    for number, person in enumerate(people):
        where = f"people[{number}]"
        if not isinstance(person, dict):
            faults.append(f"{where} = {shown(person)}: must be an object with id, name and roles")
            continue
        faults += faults_of(f"{where}.", person, fields)
    return faults
