"""Random shifts at the door (`tests/entry/shift.py`): the log agrees with the station, each opening explained once."""

from random import Random

import pytest

from station.domain.core.decider import Recorded
from station.domain.entry.events import DoorForced, DoorOpened, EntryDenied, EntryNotUsed
from station.domain.people.policy import Policy
from station.reports.access import page, table, text
from station.reports.access.log import Log
from tests.access.scripted import log_of_recorded
from tests.entry import shift as shifts
from tests.entry.shift import Shift
from tests.entry.world import NO_INSIDE_READER, ONE, PAIRS_ONLY, POLICY

STEPS = 1_000
POLICIES = {"two": POLICY, "one": ONE, "pairs": PAIRS_ONLY, "estimate": NO_INSIDE_READER}


def played(seed: int, policy: Policy, patch: pytest.MonkeyPatch) -> tuple[Shift, list[Recorded]]:
    patch.setattr(shifts, "REPLAY_EVERY", 10**9)  # a replay would forget what was recorded
    shift = Shift(Random(seed), policy)
    while shift.steps < STEPS:
        shift.go_on()
    return shift, shift.stamping.recorded


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_log_agrees_with_the_station(seed: int, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shift, recorded = played(seed, POLICIES[name], monkeypatch)
    found = log_of_recorded(recorded)
    entry = shift.stamping.station.entry
    assert [stay.person.id for stay in found.inside.people] == [person.actor.id for person in entry.inside]
    assert [stay.visitors for stay in found.inside.people] == [person.visitors for person in entry.inside]
    assert (found.inside.heads, found.inside.uncertain) == (entry.occupancy, entry.uncertain)
    check_openings(found, recorded)
    check_stays(found)
    refused = sum(isinstance(each.event, EntryDenied | EntryNotUsed) for each in recorded)
    assert sum(row.type in ("entry.denied", "entry.not_used") for row in found.refused) == refused > 0
    for shown in (page.access_page(found), table.csv_table(found), "\n".join(text.log_lines(found))):
        assert len(shown) > len(found.stays)


def check_openings(found: Log, recorded: list[Recorded]) -> None:
    """Each stands as a row of the door, or as the opening of those who came in by it, and never as both."""
    opened = {each.seq for each in recorded if isinstance(each.event, DoorOpened)}
    rows = [row.begin.seq for row in found.door if row.type == "door.opened"]
    entered = {stay.opening.opened.seq for stay in found.stays if stay.opening and stay.opening.opened == stay.entered}
    assert len(rows) == len(set(rows))
    assert set(rows).isdisjoint(entered)
    assert set(rows) | entered == opened
    forced = {each.event.opening for each in recorded if isinstance(each.event, DoorForced)}
    assert {row.begin.seq for row in found.door if row.type == "door.opened" and row.reason == "forced"} == forced


def check_stays(found: Log) -> None:
    """Nobody is inside twice at once, and nobody leaves before they came."""
    left: dict[str, int] = {}
    for stay in found.stays:
        assert left.get(stay.person.id, 0) <= stay.entered.order
        left[stay.person.id] = stay.left.order if stay.left else 10**12
        assert left[stay.person.id] > stay.entered.order
        assert stay.person not in stay.beside
        assert (stay.ended == "") == (stay.left is None)
