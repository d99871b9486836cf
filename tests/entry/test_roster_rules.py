"""A roster that is wrong as a whole: refused whole, with every fault, by whichever way it came."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from station.domain.commands.events import CommandRefused
from station.domain.commands.inputs import CommandReceived
from station.domain.commands.verbs import Command, Here
from station.domain.core.decider import Decision
from station.domain.core.effects import Reply
from station.domain.core.inputs import DocumentOffered
from station.domain.people import roster as rosters
from station.domain.people.events import RosterLoaded
from station.domain.people.rules import faults
from station.domain.people.sealing import sealed
from station.domain.station.decide import decide
from tests.entry.play import EntryPlayer, enter
from tests.entry.world import BEGIN_MS, POLICY, hmac_of

ANA = {"id": "ana", "name": "Ana", "roles": ["associate"], "badges": [hmac_of("ana")]}
SAM = {"id": "sam", "name": "Sam", "roles": ["supervisor"], "badges": [hmac_of("sam")]}
PAST = "2026-12-01T00:00:00Z"
WRONG: dict[str, Any] = {
    "roster": 1,
    "not_after": PAST,
    "people": [
        {**ANA, "not_after": PAST},
        {**ANA, "id": "ben", "roles": ["associate", "asociate"]},
        {**SAM, "id": "ana", "badges": []},
    ],
}
TOLD = """\
roster = 1: must be above 1, which is loaded; export it again
people[1].badges[0]: must stand once, and is a badge of people[0]; strike one
people[2].id = "ana": must stand once, and is the id of people[0]; give it another
not_after = "2026-12-01T00:00:00Z": has passed; must lie ahead; export it again
people[0].not_after = "2026-12-01T00:00:00Z": must lie after now, when it begins; correct it, or leave ana out
people[1].roles[1] = "asociate": must be associate, supervisor or temp; correct it, or name it in the station's \
settings: [entry] other_roles
people: nobody among 3 is supervisor with a badge; must be at least one, to explain a forced door and count heads; \
add one"""


def file(*people: Any, **changed: Any) -> bytes:
    head = {"roster": 2, "not_after": "2027-12-31T00:00:00Z", "people": people or [ANA, SAM]}
    return json.dumps(head | changed).encode()


def imported(player: EntryPlayer, raw: bytes) -> Decision:
    return decide(player.station, DocumentOffered(player.at, "roster", rosters.parse(raw), raw, "root", 7))


def commanded(player: EntryPlayer, raw: bytes) -> Decision:
    here = Here("site", "vault-1", "epoch")
    command = Command(
        verb="roster", site=here.site, station=here.station, counter=1, not_after="2999-01-01T00:00:00Z", epoch="epoch"
    )
    received = CommandReceived(player.at, here, "roster", False, command, "office", raw=raw, content=rosters.parse(raw))
    return decide(player.station, received)


def told(roster: bytes, **given: Any) -> list[str]:
    return faults(rosters.parse(roster), given.get("held"), given.get("policy", POLICY), given.get("wall_ms", BEGIN_MS))


def test_an_import_is_refused_whole_with_every_fault() -> None:
    (reply,) = imported(enter("1.0 time -> nothing |"), json.dumps(WRONG).encode()).effects
    assert isinstance(reply, Reply)
    assert reply.error == TOLD


def test_a_command_is_refused_with_the_same_faults() -> None:
    decision = commanded(enter("1.0 time -> nothing |"), json.dumps(WRONG).encode())
    (event,) = decision.events
    assert isinstance(event, CommandRefused)
    assert event.text.startswith("roster = 1: must be above 1, which is loaded")


@pytest.mark.parametrize("way", [imported, commanded])
def test_a_roster_without_a_fault_is_taken_either_way(way: Any) -> None:
    decision = way(enter("1.0 time -> nothing |"), file())
    assert RosterLoaded.TYPE in [event.TYPE for event in decision.events]
    assert told(file()) == []


@pytest.mark.parametrize(("version", "is_taken"), [(0, False), (1, False), (2, True)])
def test_only_a_newer_roster_is_taken(version: int, is_taken: bool) -> None:
    held = rosters.parse(file(roster=1))
    assert (faults(replace(held, roster=version), held, POLICY, BEGIN_MS) == []) is is_taken


def test_a_badge_that_is_written_in_two_ways_stands_twice() -> None:
    ana, sam = ({**person, "badges": [number]} for person, number in ((ANA, "26:12:7"), (SAM, "26:012:07")))
    (fault,) = told(sealed(file(ana, sam), b"k" * 32, bytes))
    assert fault == "people[1].badges[0]: must stand once, and is a badge of people[0]; strike one"


def test_without_a_clock_that_can_be_trusted_no_end_has_passed() -> None:
    ended = file({**ANA, "not_after": PAST}, SAM, not_after=PAST)
    assert told(ended, wall_ms=None) == []
    assert len(told(ended)) == 2


def test_an_end_lies_after_the_moment_at_which_the_roster_was_made() -> None:
    """A roster may be under way for long: who left meanwhile must not keep it from revoking others."""
    late = file({**ANA, "not_after": PAST}, SAM, made_at="2026-11-30T00:00:00Z")
    early = file({**ANA, "not_after": PAST}, SAM, made_at="2026-12-02T00:00:00Z")
    assert told(late) == []
    assert [fault.split(":")[0] for fault in told(early, wall_ms=None)] == ['people[0].not_after = "2026-12-01T00']
    assert told(file(made_at="2028-01-01T00:00:00Z")) == [
        'not_after = "2027-12-31T00:00:00Z": must lie after made_at; export it again'
    ]


@pytest.mark.parametrize(
    ("sam", "revoked", "is_right"),
    [
        (SAM, [], True),
        ({**SAM, "badges": []}, [], False),
        ({**SAM, "roles": ["associate"]}, [], False),
        (SAM, [hmac_of("sam")], False),
        ({**SAM, "badges": [hmac_of("sam"), hmac_of("sam2")]}, [hmac_of("sam")], True),
    ],
)
def test_a_supervisor_with_a_badge_that_works_must_be_there(sam: Any, revoked: list[str], is_right: bool) -> None:
    assert (told(file(ANA, sam, revoked=revoked)) == []) is is_right


def test_the_roles_are_those_of_the_pairs_the_supervisors_and_the_settings() -> None:
    policy = replace(POLICY, pairs=(("guard", "guard"),), supervisors=("chief",), other_roles=("driver",))
    assert policy.roles == ("guard", "chief", "driver")
    chief = {**SAM, "roles": ["chief"]}
    assert told(file({**ANA, "roles": ["guard", "driver"]}, chief), policy=policy) == []
    assert len(told(file(ANA, chief), policy=policy)) == 1


def test_a_station_without_entry_knows_no_roles() -> None:
    assert told(file({**ANA, "roles": ["packer"]}), policy=None) == []


def test_a_revoked_badge_opens_nothing_whoever_still_has_it() -> None:
    roster = rosters.parse(file(revoked=[hmac_of("ana")]))
    assert roster.person_of(hmac_of("ana")) == "revoked"
    assert roster.person_of(hmac_of("sam")) == roster.by_id["sam"]


def test_whoever_waits_with_a_badge_that_is_revoked_does_not_enter() -> None:
    player = enter("1.0 badge ana outside -> entry.first_badge | badge_needed")
    decision = imported(player, file(revoked=[hmac_of("ana")]))
    assert [event.TYPE for event in decision.events] == ["roster.loaded", "entry.denied"]
