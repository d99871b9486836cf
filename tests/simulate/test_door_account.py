"""What a journal says of the door, added up: entries, openings, and what explains each."""

import pytest

from station.simulate.door_account import Account, account_of
from station.simulate.summary import DoorSummary, Summary
from tests.entry.play import EntryPlayer, enter, entered

FORCED = """
    20.0 door opens -> door.opened |
    20.9 time       -> door.forced, entry.uncertain | siren
    21.0 door shuts -> door.closed |
"""


def of(player: EntryPlayer) -> Account:
    return account_of(player.stamping.recorded)


def test_an_entry_of_two_and_an_exit_are_two_openings_each_explained() -> None:
    found = of(
        entered("""
        20.0 rex              -> egress.rex |
             door opens       -> door.opened by=egress |
             badge ana inside -> entry.exited, entry.lone | noted
             door shuts       -> door.closed |
    """)
    )

    assert found == Account(entries=1, people=2, openings=2)
    assert found.summary_line == "1 entries of 2 people, 2 openings, each explained"


def test_a_forced_opening_is_explained_by_that_and_told_of_by_a_supervisor() -> None:
    player = enter(FORCED)
    assert of(player) == Account(openings=1, forced=1, alarms=1)
    player.play_line(0, "22.0 badge sam desk   -> entry.identified | noted")
    player.play_line(0, "22.0 card explain key -> door.explained | quiet noted")

    assert of(player) == Account(openings=1, forced=1, explained=1, alarms=1)
    assert of(player).summary_line.endswith("1 openings, each explained (1 forced, 1 told by a supervisor)")


def test_a_lever_that_comes_late_explains_an_opening_once() -> None:
    player = entered("""
        20.0 door opens -> door.opened by=unknown |
        20.3 rex        -> egress.rex |
    """)

    assert (of(player).openings, of(player).unexplained) == (2, 0)


@pytest.mark.parametrize(("without", "unexplained"), [("door.forced", 1), ("door.opened", 0), ("door.closed", 0)])
def test_an_opening_without_its_event_is_missed(without: str, unexplained: int) -> None:
    recorded = [each for each in enter(FORCED).stamping.recorded if without != each.event.TYPE]

    assert account_of(recorded).unexplained == unexplained


def test_an_opening_that_two_events_explain_is_one_too_many() -> None:
    recorded = enter(FORCED).stamping.recorded
    forced = next(each for each in recorded if each.event.TYPE == "door.forced")

    assert account_of([*recorded, forced]).unexplained == 1


@pytest.mark.parametrize(
    ("door", "line", "fault"),
    [
        (DoorSummary(Account(1, 2, 3), False), "1 entries of 2 people, 3 openings, each explained, lock secured", ""),
        (
            DoorSummary(Account(1, 2, 3, unexplained=1), False),
            "1 entries of 2 people, 3 openings, 1 NOT EXPLAINED, lock secured",
            "1 openings without exactly one event that explains them",
        ),
        (
            DoorSummary(Account(1, 2, 3), True),
            "1 entries of 2 people, 3 openings, each explained, lock RELEASED",
            "the lock was left released",
        ),
    ],
)
def test_the_door_has_a_line_of_its_own_and_its_faults(door: DoorSummary, line: str, fault: str) -> None:
    assert (door.summary_line, door.fault) == (line, fault)
    assert Summary(9, 0, door.fault).exit_code == (6 if fault else 0)
