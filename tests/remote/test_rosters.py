"""From a roster's file to what travels: HMACs and verifiers, held to published vectors; and the site's key."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from station.backoffice.sending.rosters import make_site_key, sealed_roster, site_key
from station.domain.documents.faults import DocumentFaults
from station.domain.identifiers import badge_number
from station.domain.identifiers.badge_number import BadgeNumber, badge_hmac
from station.domain.people.roster import Roster, parse
from station.domain.people.sealing import is_pin, pin_verifier, sealed
from station.errors import UsageError

KEY = bytes(range(32))
ANA = {"id": "ana", "name": "Ana R.", "roles": ["associate"], "badges": ["26:12:3456"], "pin": "482913"}
SAM = {"id": "sam", "name": "Sam T.", "roles": ["supervisor"], "not_after": "2026-12-01T00:00:00Z"}


def file(*people: Any, **changed: Any) -> bytes:
    return json.dumps({"roster": 3, "not_after": "2026-12-31T00:00:00Z", "people": people, **changed}).encode()


def travelled(*people: Any) -> Roster:
    return parse(sealed(file(*people), KEY, lambda: b"s" * 16))


def faults(*people: Any, **changed: Any) -> list[str]:
    with pytest.raises(DocumentFaults) as found:
        sealed(file(*people, **changed), KEY, lambda: b"s" * 16)
    return found.value.faults


def test_what_travels_holds_no_number_and_no_pin() -> None:
    raw = sealed(file(ANA, SAM), KEY, lambda: b"s" * 16)
    assert b"3456" not in raw
    assert b"482913" not in raw
    assert b"Ana R." in raw
    ana, sam = travelled(ANA, SAM).people
    assert ana.badges == (hmac.new(KEY, b"26:12:3456", hashlib.sha256).hexdigest(),)
    assert (sam.badges, sam.pin, sam.not_after) == ((), "", "2026-12-01T00:00:00Z")


def test_an_hmac_is_as_rfc_4231_has_it() -> None:
    """Test case 2 of RFC 4231, 4.3."""
    told = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert hmac.new(b"Jefe", b"what do ya want for nothing?", hashlib.sha256).hexdigest() == told
    assert badge_hmac(BadgeNumber("plain", None, "what do ya want for nothing?"), b"Jefe") == told


def test_scrypt_is_as_rfc_7914_has_it() -> None:
    """Its parameters are N, r, p (RFC 7914, 12): the third vector's N and r with p of 1."""
    derived = hashlib.scrypt(b"pleaseletmein", salt=b"SodiumChloride", n=16384, r=8, p=1, dklen=64).hex()
    assert derived.startswith("7023bdcb3afd7348461c06cd81fd38eb")
    assert pin_verifier("pleaseletmein", b"SodiumChloride").rpartition(":")[2] == derived[:64]


def test_a_pin_is_known_by_its_verifier_alone() -> None:
    verifier = travelled(ANA).people[0].pin
    assert is_pin("482913", verifier)
    assert not is_pin("482914", verifier)
    assert not is_pin("", verifier)


def test_the_same_pin_twice_shows_in_nothing() -> None:
    people = [ANA, {**ANA, "id": "eva", "badges": []}]
    found = parse(sealed_roster(file(*people), KEY)).people
    assert found[0].pin != found[1].pin


def test_the_same_badge_is_the_same_at_every_station_and_another_under_another_key() -> None:
    assert (
        badge_hmac(badge_number.parse("1"), KEY)
        == badge_hmac(badge_number.parse("01"), KEY)
        != badge_hmac(badge_number.parse("1"), bytes(32))
    )


def test_who_a_badge_belongs_to() -> None:
    roster = travelled(ANA, {**SAM, "badges": ["7"]})
    assert roster.by_badge[badge_hmac(badge_number.parse("7"), KEY)].id == "sam"


def test_a_roster_is_stale_after_its_moment() -> None:
    roster = travelled(ANA)
    assert not roster.is_stale(1_798_675_199_000)
    assert roster.is_stale(1_798_675_201_000)


@pytest.mark.parametrize(
    ("person", "path"),
    [
        ({**ANA, "badges": ["26 12"]}, "people[0].badges[0]"),
        ({**ANA, "badges": [26]}, "people[0].badges[0]"),
        ({**ANA, "badges": "26"}, "people[0].badges"),
        ({**ANA, "pin": "123"}, "people[0].pin"),
        ({**ANA, "pin": 482913}, "people[0].pin"),
        ({**ANA, "pin": "٤٨٢٩١٣"}, "people[0].pin"),
        ({**ANA, "id": "ana r"}, "people[0].id"),
        ({**ANA, "name": "Ana\n"}, "people[0].name"),
        ({**ANA, "roles": []}, "people[0].roles"),
        ({**ANA, "roles": ["Boss!"]}, "people[0].roles"),
        ({**ANA, "not_after": "tomorrow"}, "people[0].not_after"),
        (7, "people[0]"),
    ],
)
def test_a_fault_names_its_path_and_never_shows_a_secret(person: Any, path: str) -> None:
    (fault,) = faults(person)
    assert fault.startswith(path)
    assert "482913" not in fault
    assert "123" not in fault.replace("1 to", "")


def test_what_no_rule_names_does_not_travel() -> None:
    raw = sealed(
        file({**ANA, "card": "26:12:3456"}, made_at="2026-11-01T00:00:00Z", note="26:12:3456"), KEY, lambda: b"s" * 16
    )
    assert b"3456" not in raw
    assert parse(raw).made_at == "2026-11-01T00:00:00Z"


def test_a_roster_with_raw_numbers_is_refused_without_showing_them() -> None:
    with pytest.raises(DocumentFaults) as found:
        parse(file(ANA, revoked=["26:12:99"]))
    assert [fault.split(":")[0] for fault in found.value.faults] == [
        "revoked[0]",
        "people[0].badges[0]",
        "people[0].pin",
    ]
    assert not any(secret in str(found.value) for secret in ("3456", "482913", "12:99"))


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b"[" * 100_000, b"7"])
def test_what_is_no_roster_is_refused(raw: bytes) -> None:
    with pytest.raises(DocumentFaults):
        sealed(raw, KEY, lambda: b"")


@pytest.mark.parametrize("people", [None, [], {}, [ANA] * 2_001])
def test_a_roster_has_people_but_not_without_end(people: Any) -> None:
    assert faults(people=people)[0].startswith("people: ")


def test_a_short_site_key_is_no_key() -> None:
    with pytest.raises(ValueError, match="site key: 31 bytes; must be 32"):
        sealed(file(ANA), KEY[:31], lambda: b"")


def test_the_site_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "site.key"
    assert make_site_key(path)
    made = site_key(path)
    assert not make_site_key(path)
    assert site_key(path) == made
    assert len(made) == 32
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "zz" * 32, "00" * 31, "00" * 33])
def test_a_file_that_holds_no_site_key_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "site.key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(UsageError, match="must be 64 hex digits"):
        site_key(path)


def test_a_site_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "site.key"
    make_site_key(path)
    path.chmod(0o640)
    with pytest.raises(UsageError, match="must be 0600"):
        site_key(path)
