"""The people of the simulated vault, and the key under which their badges go."""

import stat
from pathlib import Path

from station.config import site_key
from station.domain.identifiers.badge_number import badge_hmac, parse
from station.domain.people import roster as rosters
from station.domain.people.sealing import sealed
from station.simulate import people


def test_the_roster_is_one_that_a_station_takes_and_knows_its_badges_by(tmp_path: Path) -> None:
    people.make_site_key(tmp_path / "site.key")
    key = site_key.read(tmp_path / "site.key")
    roster = rosters.parse(sealed(people.roster_file(7), key, lambda: bytes(16)))

    known = {name: roster.person_of(badge_hmac(parse(number), key)) for name, number in people.BADGES.items()}
    ids = {name: found if isinstance(found, str) else found.id for name, found in known.items()}
    assert ids == {
        "ana": "ana",
        "ana2": "ana",
        "ben": "ben",
        "cleo": "cleo",
        "sam": "sam",
        "lost": "revoked",
        "stranger": "unknown",
    }
    assert [person.id for person in roster.people if "supervisor" in person.roles] == ["sam"]


def test_the_key_is_a_stations_own_and_stays_the_same(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    people.make_site_key(one)
    people.make_site_key(other)
    before = one.read_text()
    people.make_site_key(one)

    assert stat.S_IMODE(one.stat().st_mode) == 0o600
    assert before == one.read_text() != other.read_text()
