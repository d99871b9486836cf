"""The roster: who may enter, as the back office sent it. Badges are HMACs and PINs are verifiers, never raw.

A badge is the HMAC-SHA-256 of its number under the site's key, as lower-case hex. A PIN's verifier is
`scrypt:16384:8:1:<16 bytes of salt, hex>:<32 bytes, hex>` (RFC 7914).
"""

from functools import cached_property
from typing import Annotated

from station.domain.documents.fields import Hidden, Length, Table, Text
from station.domain.documents.json_files import read_document, read_stored
from station.domain.documents.values import Moment, MomentIfAny, Name, Version, moment_ms

PEOPLE_MAX = 2_000
REVOKED_MAX = 2_000
BADGES_MAX = 8
SCRYPT_N, SCRYPT_R, SCRYPT_P = 16_384, 8, 1
SCRYPT = f"scrypt:{SCRYPT_N}:{SCRYPT_R}:{SCRYPT_P}"

Id = Annotated[str, Text("[A-Za-z0-9][A-Za-z0-9._-]{0,31}", "1 to 32 characters of A-Z a-z 0-9 . _ -")]
Role = Annotated[str, Text("[a-z][a-z0-9-]{0,31}", "a word of a-z, 0-9 and - such as associate")]
Roles = Annotated[tuple[Role, ...], Length(1, 8, "roles")]
Ids = Annotated[tuple[Id, ...], Length(0, PEOPLE_MAX, "ids")]
BadgeHmac = Annotated[str, Text("[0-9a-f]{64}", "an HMAC-SHA-256 as 64 lower-case hex digits, never the number itself")]
PinVerifier = Annotated[
    str,
    # The only parameters: a verifier that took minutes or gigabytes to check would be an attack of its own.
    Text(rf"({SCRYPT}:[0-9a-f]{{32}}:[0-9a-f]{{64}})?", f"a verifier {SCRYPT}:<32 hex digits>:<64 hex digits>"),
]


class Person(Table, frozen=True):
    """One person. `not_after` is a moment, empty where the roster's own holds; `pin` is a verifier or empty."""

    id: Id
    name: Name
    roles: Roles
    badges: Annotated[tuple[BadgeHmac, ...], Hidden(), Length(0, BADGES_MAX, "badges")] = ()
    pin: Annotated[PinVerifier, Hidden()] = ""
    not_after: MomentIfAny = ""


class Roster(Table, frozen=True, kw_only=True, dict=True):
    """A roster whose every field is right; `station.domain.people.rules` has what else must hold.

    `roster` is its version. `made_at` is a moment or empty. `revoked` are badges that were lost or taken away, whoever
    still has them; `offline` the ids of those who may enter after `not_after`.
    """

    roster: Version
    not_after: Moment
    made_at: MomentIfAny = ""
    offline: Ids = ()
    revoked: Annotated[tuple[BadgeHmac, ...], Hidden(), Length(0, REVOKED_MAX, "badges")] = ()
    people: Annotated[tuple[Person, ...], Length(1, PEOPLE_MAX, "people")]

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


def parse(raw: bytes) -> Roster:
    """Read a roster as it travels (JSON); raise `DocumentFaults` with all of its faults, and take nothing then."""
    return read_document(raw, Roster, "roster")


def stored(raw: bytes) -> Roster:
    """Read a roster that was once taken: rules that came later do not unmake it. Raise msgspec.MsgspecError."""
    return read_stored(raw, Roster)
