"""The people, badges and rules of the entry's tests. A badge's HMAC is the SHA-256 of its name: nothing is secret here.

`ana2` is another card of Ana's. Ana, Ben and Cleo are associates, Sam and Sue supervisors; Tom's role is in no pair;
Eve's time has passed; Olaf alone may enter after the roster's own end. Ben, Sam and Olaf have a PIN, which
is asked for only where a keypad hangs outside.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from station.domain.commands.inputs import CommandReceived
from station.domain.commands.verbs import Command, Here, LockdownBody
from station.domain.core.decider import Recorded
from station.domain.core.effects import Effect
from station.domain.core.inputs import DocumentOffered
from station.domain.people.policy import Policy
from station.domain.people.roster import SCRYPT, Roster, parse

# 2027-01-15T08:00:00Z, where the tests' scenarios begin
BEGIN_MS = 1_800_000_000_000
POLICY = Policy(opens=0, shuts=24 * 60, other_roles=("temp",))
ONE = replace(POLICY, people=1)
PAIRS_ONLY = replace(POLICY, join_people=2)
PINS = replace(POLICY, pin_keypad="pins")
NO_INSIDE_READER = replace(POLICY, has_inside_reader=False)
PEOPLE: dict[str, tuple[list[str], list[str]]] = {
    "ana": (["associate"], ["ana", "ana2"]),
    "ben": (["associate"], ["ben"]),
    "cleo": (["associate"], ["cleo"]),
    "sam": (["supervisor"], ["sam"]),
    "sue": (["supervisor"], ["sue"]),
    "tom": (["temp"], ["tom"]),
    "eve": (["associate"], ["eve"]),
    "olaf": (["associate"], ["olaf"]),
}


WITH_PIN = frozenset({"ben", "sam", "olaf"})


def hmac_of(badge: str) -> str:
    return hashlib.sha256(badge.encode()).hexdigest()


OWNER = {hmac_of(badge): id for id, (_, badges) in PEOPLE.items() for badge in badges}
ROLES = {id: tuple(roles) for id, (roles, _) in PEOPLE.items()}
OFFLINE = {"olaf", "ana"}
"""Who may enter after the roster's end."""
Steps = Sequence[Recorded]
Effects = Sequence[Effect]
ENDS_WAITING = {"pair", "no_second_badge", "restart", "lockdown", "emergency", "lost", "withdrawn"}


def verifier_of(id: str) -> str:
    """No PIN's: what is compared is told by the inputs here."""
    return f"{SCRYPT}:{hmac_of(id)[:32]}:{hmac_of(id)}"


def roster_bytes(version: int, without: tuple[str, ...] = (), not_after: str = "2027-12-31T00:00:00Z") -> bytes:
    people: list[dict[str, Any]] = [
        {"id": id, "name": id.title(), "roles": roles, "badges": [hmac_of(badge) for badge in badges]}
        for id, (roles, badges) in PEOPLE.items()
        if id not in without
    ]
    for person in people:
        if person["id"] in WITH_PIN:
            person["pin"] = verifier_of(person["id"])
        if person["id"] == "eve":
            person["not_after"] = "2026-12-01T00:00:00Z"
    head = {"roster": version, "not_after": not_after, "revoked": [hmac_of("lost")], "offline": ["olaf", "ana"]}
    head["made_at"] = "2026-11-01T00:00:00Z"
    return json.dumps(head | {"people": people}).encode()


def offered(at: int, version: int, without: tuple[str, ...] = (), **head: str) -> DocumentOffered:
    raw = roster_bytes(version, without, **head)
    roster: Roster = parse(raw)
    return DocumentOffered(at, "roster", roster, raw, "uid 0", 7)


def lockdown(at: int, counter: int, *, is_set: bool) -> CommandReceived:
    here = Here("site", "vault-1", "epoch")
    command = Command(
        verb="lockdown",
        site=here.site,
        station=here.station,
        counter=counter,
        not_after="2999-01-01T00:00:00Z",
        epoch=here.epoch,
    )
    return CommandReceived(at, here, "lockdown", False, command, "office", content=LockdownBody(is_set, "test"))
