"""What a roster says beside its people: badges that were taken away, and who may enter after its end."""

import json
from typing import Any

import pytest

from station.domain.documents.faults import DocumentFaults
from station.domain.identifiers.badge_number import badge_hmac
from station.domain.identifiers.badge_number import parse as badge
from station.domain.people import roster as rosters
from station.domain.people.roster import Roster
from station.domain.people.sealing import sealed
from tests.entry.world import hmac_of, roster_bytes

KEY = b"k" * 32
FILE: dict[str, Any] = {
    "roster": 1,
    "not_after": "2027-01-01T00:00:00Z",
    "people": [{"id": "ana", "name": "Ana", "roles": ["associate"], "badges": ["26:12:1"]}],
}


def test_a_badge_is_somebodys_or_revoked_or_unknown() -> None:
    roster: Roster = rosters.parse(roster_bytes(1))
    found = roster.person_of(hmac_of("ana2"))
    assert isinstance(found, rosters.Person)
    assert found.id == "ana"
    assert (roster.person_of(hmac_of("lost")), roster.person_of(hmac_of("x"))) == ("revoked", "unknown")
    assert roster.by_id["sam"].roles == ("supervisor",)


@pytest.mark.parametrize(
    ("id", "after_ms", "reason"),
    [("ben", 0, ""), ("ben", 1, "roster_expired"), ("ana", 1, ""), ("eve", -(10**10), "expired")],
)
def test_who_is_barred_when(id: str, after_ms: int, reason: str) -> None:
    roster = rosters.parse(roster_bytes(1, not_after="2027-06-01T00:00:00Z"))
    assert roster.barred(roster.by_id[id], 1_811_808_000_000 + after_ms) == reason


def test_revoked_numbers_travel_as_hmacs_only() -> None:
    raw = sealed(json.dumps(FILE | {"revoked": ["26:12:77"], "offline": ["ana"]}).encode(), KEY, bytes)
    roster = rosters.parse(raw)
    assert b"26:12:77" not in raw
    assert (roster.revoked, roster.offline) == ((badge_hmac(badge("26:12:77"), KEY),), ("ana",))


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"revoked": "26:12:77"}, "revoked: must be a list"),
        ({"revoked": ["26:12:1", "secret!"]}, "revoked[1]: must be a badge's number"),
        ({"offline": ["not an id"]}, "offline"),
    ],
)
def test_a_faulty_list_refuses_the_file_and_shows_no_number(more: dict[str, Any], fault: str) -> None:
    with pytest.raises(DocumentFaults) as refused:
        sealed(json.dumps(FILE | more).encode(), KEY, bytes)
    assert fault in str(refused.value)
    assert "secret" not in str(refused.value)


def test_a_roster_that_travels_has_no_raw_number_among_the_revoked() -> None:
    raw = json.dumps(FILE | {"people": [{"id": "ana", "name": "A", "roles": ["associate"]}], "revoked": ["26:12:77"]})
    with pytest.raises(DocumentFaults, match="revoked"):
        rosters.parse(raw.encode())
