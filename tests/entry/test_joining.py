"""Who joins by one badge, and for whom a supervisor's card acts: who is surely there, and who showed a badge last."""

import pytest

from tests.entry.play import enter, entered

LEAVE_BY_THE_LEVER = """
        5.0 rex        -> egress.rex |
            door opens -> door.opened by=egress |
        6.0 door shuts -> door.closed |
"""
ONE_BADGES_OUT = """
        5.0 badge ana inside -> entry.exited, entry.lone | noted
            door opens       -> door.opened by=exit_badge |
        6.0 door shuts       -> door.closed |
"""
LEAVE_BY_THE_THIRD_ONES_OPENING = """
        5.0 badge sam outside -> entry.joined | release granted
            rex               -> egress.rex |
            door opens        -> door.opened by=grant |
        6.0 door shuts        -> door.closed |
"""
ASK_AT_THE_OPEN_DOOR = """
        5.0 badge sam outside -> entry.joined | release granted
            door opens        -> door.opened by=grant | secure
            rex               -> egress.rex |
        6.0 door shuts        -> door.closed |
"""
COUNTED = """
        5.0 badge sam desk  -> entry.identified | noted
            card head-count -> entry.head_counted people=2 presumed=2 | noted
"""


@pytest.mark.parametrize("left", [LEAVE_BY_THE_LEVER, ONE_BADGES_OUT, COUNTED])
def test_nobody_joins_alone_where_those_inside_are_not_surely_there(left: str) -> None:
    entered(f"{left}\n 7.0 badge cleo outside -> entry.first_badge actors=cleo | badge_needed")


def test_nobody_joins_alone_whoever_left_by_the_third_ones_opening() -> None:
    text = LEAVE_BY_THE_THIRD_ONES_OPENING.replace("by=grant |", "by=grant | secure")
    for left in (text, ASK_AT_THE_OPEN_DOOR):
        entered(f"{left}\n 7.0 badge cleo outside -> entry.first_badge actors=cleo | badge_needed")


def test_nobody_joins_alone_while_somebody_asks_to_leave() -> None:
    entered("""
        5.0 rex                -> egress.rex |
        5.4 badge cleo outside -> entry.first_badge | badge_needed
    """)


def test_a_supervisor_outside_counts_nobody_in_by_the_badge_at_the_door() -> None:
    entered(f"""{LEAVE_BY_THE_LEVER}
        15.0 time              -> entry.uncertain |
        16.0 badge sam outside -> entry.first_badge | badge_needed
            card head-count    -> scan.refused reason=no_supervisor | refused
        17.0 badge sam desk    -> entry.identified | noted
            card head-count    -> entry.head_counted | noted
            card head-count 0  -> scan.refused reason=no_supervisor | refused
        32.0 badge sam outside -> entry.denied reason=no_second_badge, entry.first_badge | badge_needed
    """)


@pytest.mark.parametrize("between", ["ana outside", "nobody desk", "cleo inside", "nobody outside"])
def test_whoever_shows_a_badge_after_the_supervisor_ends_what_the_supervisor_may(between: str) -> None:
    player = enter("""
        1.0 door opens     -> door.opened by=unknown |
        1.9 time           -> door.forced, entry.uncertain | siren
            door shuts     -> door.closed |
        3.0 badge sam desk -> entry.identified | noted
    """)
    player.stamping.put(player._device("badge", *between.split()))
    player.play_line(9, "3.1 card explain test -> scan.refused reason=no_supervisor | refused")


@pytest.mark.parametrize(
    "shown",
    [
        "badge nobody inside   -> entry.denied reason=unknown | denied",
        "spoilt parity inside  -> entry.denied reason=parity | denied",
        "badge ana inside      -> entry.identified side=inside actors=ana | noted",
    ],
)
def test_whoever_asks_to_leave_at_the_open_door_may_not_be_alone(shown: str) -> None:
    entered(f"""
        2.0 badge ana inside   -> entry.exited, entry.lone | noted
            door opens         -> door.opened by=exit_badge |
        3.0 badge cleo outside -> entry.first_badge | badge_needed
            badge sam outside  -> entry.joined is_open=True | granted
        4.0 {shown}
            badge olaf outside -> entry.first_badge | badge_needed
    """)


def test_an_exit_badge_once_more_ends_what_the_supervisor_at_the_desk_may() -> None:
    enter("""
        1.0 badge ana inside -> entry.exited, entry.uncertain | noted
            badge sam desk   -> entry.identified actors=sam side= | noted
            badge ana inside -> entry.identified actors=ana side=inside | noted
            card head-count  -> scan.refused reason=no_supervisor | refused
    """)


def test_only_a_supervisors_badge_at_the_desk_clears_the_one_who_tried_to_be_two() -> None:
    player = enter("""
        1.0 badge ana outside  -> entry.first_badge | badge_needed
        2.0 badge ana2 outside -> entry.denied reason=same_person | denied
        3.0 badge ana desk     -> entry.identified | noted
    """)
    assert player.station.entry.same_person == "ana"
    player.play_line(9, "4.0 badge sam desk -> entry.identified | noted")
    assert player.station.entry.same_person == ""


def test_an_exit_badge_once_more_is_good_for_the_supervisors_next_card() -> None:
    entered("""
        5.0 badge sam inside  -> entry.exited, entry.uncertain | noted
            card hold-open 2  -> entry.held_open | noted
            badge sam inside  -> entry.identified actors=sam side=inside | noted
            card head-count 0 -> entry.head_counted, entry.empty | noted
    """)
