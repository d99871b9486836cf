"""Who is inside: leaving by badge and lever, one left alone, doubts, head counts, visitors."""

import pytest
from msgspec.structs import replace

from tests.entry.play import enter, entered, inside
from tests.entry.world import NO_INSIDE_READER, POLICY

# -- leaving --


LEVER = """
        rex                  -> egress.rex |
        door opens           -> door.opened by=egress |"""
BADGE = """
        badge ana inside     -> entry.exited, entry.lone | noted"""


def test_ten_ordinary_exits_by_lever_and_badge_in_either_order_raise_no_alarm() -> None:
    text = ""
    for number in range(10):
        at = 20 * number + 1
        text += f"""
    {at} badge ana outside -> entry.first_badge | badge_needed
        badge ben outside  -> entry.granted | release granted
        door opens         -> door.opened by=grant | secure
        door shuts         -> door.closed |
    {at + 3} time          -> nothing |{BADGE + LEVER if number % 2 else LEVER + BADGE}
        badge ben inside   -> entry.exited occupancy=0 | noted
    {at + 5} door shuts    -> door.closed, entry.empty estimate=False |"""
    player = enter(text)
    assert not player.station.entry.is_alarming
    assert player.station.entry.uncertain == ""


def test_one_left_alone_is_warned_then_alarmed_until_they_leave() -> None:
    entered("""
        5.0 badge ana inside  -> entry.exited actors=ana until=15000, entry.lone actors=ben until=65000 | noted
            door opens        -> door.opened by=exit_badge |
            door shuts        -> door.closed |
        65.0 time             -> entry.lone_alarm actors=ben | siren
        70.0 badge ben inside -> entry.exited | quiet noted
            rex               -> egress.rex |
            door opens        -> door.opened by=egress badge_at=0 |
        71.0 door shuts       -> door.closed, entry.empty |
    """)


def test_one_left_alone_is_joined_by_two_and_the_time_ends() -> None:
    entered("""
        5.0 badge ana inside   -> entry.exited, entry.lone | noted
            door opens         -> door.opened |
            door shuts         -> door.closed |
        20.0 badge sam outside -> entry.first_badge actors=sam | badge_needed
            badge cleo outside -> entry.joined actors=sam+cleo | release granted
            door opens         -> door.opened by=grant occupancy=3 | secure
            door shuts         -> door.closed |
        999.0 time             -> nothing |
    """)


def test_without_the_two_person_rule_nobody_is_alone() -> None:
    enter(
        """
        1.0 badge ana outside -> entry.granted | release granted
            badge ben outside -> entry.joined | release granted
            door opens        -> door.opened | secure
            badge ana inside  -> entry.exited | noted
        """,
        replace(POLICY, people=1),
    )


def test_another_card_of_the_same_person_is_an_exit_badge() -> None:
    player = entered("5.0 badge ana2 inside -> entry.exited actors=ana occupancy=1, entry.lone actors=ben | noted")
    assert inside(player) == {"ben"}


def test_an_exit_badge_twice_is_one_exit() -> None:
    entered("""
        5.0 badge ana inside -> entry.exited, entry.lone | noted
        6.0 badge ana inside -> nothing | noted
    """)


def test_an_exit_badge_that_opens_nothing_leaves_doubt() -> None:
    entered("""
        5.0 badge ana inside -> entry.exited, entry.lone | noted
        15.0 time            -> entry.uncertain reason=exit_not_used |
    """)


def test_whoever_leaves_and_never_came_leaves_doubt() -> None:
    entered("5.0 badge cleo inside -> entry.exited actors=cleo occupancy=2, entry.uncertain reason=not_entered | noted")


def test_a_lever_without_an_exit_badge_leaves_doubt_until_a_head_count() -> None:
    player = entered("""
        5.0 rex             -> egress.rex |
            door opens      -> door.opened by=egress badge_at=15000 |
            door shuts      -> door.closed |
        15.0 time           -> entry.uncertain reason=exit_without_badge occupancy=2 |
        16.0 rex            -> egress.rex badge_at=0 |
            door opens      -> door.opened by=egress badge_at=0 |
            door shuts      -> door.closed |
        17.0 badge sam desk -> entry.identified | noted
            card head-count 0 -> entry.head_counted people=0 presumed=2, entry.empty | noted
    """)
    assert player.station.entry.uncertain == ""
    assert inside(player) == set()


def test_a_lever_that_opens_nothing_lets_nobody_out() -> None:
    entered("""
        5.0 rex   -> egress.rex badge_at=0 |
        30.0 time -> nothing |
    """)


def test_an_exit_badge_after_the_door_is_shut_again_is_still_that_exit() -> None:
    entered("""
        5.0 rex              -> egress.rex |
            door opens       -> door.opened badge_at=15000 |
        6.0 door shuts       -> door.closed |
        7.0 badge ana inside -> entry.exited is_open=True, entry.lone | noted
        30.0 time            -> nothing |
    """)


def test_without_an_inside_reader_an_exit_empties_by_estimate() -> None:
    entered(
        """
        5.0 rex        -> egress.rex |
            door opens -> door.opened by=egress estimate=True badge_at=0 |
        6.0 door shuts -> door.closed estimate=True, entry.empty estimate=True |
        """,
        NO_INSIDE_READER,
    )


# -- one exit, one opening --


def test_an_exit_badge_and_its_lever_explain_one_opening_and_nothing_once_nobody_is_inside() -> None:
    entered("""
        5.0 badge ana inside -> entry.exited, entry.lone | noted
            rex              -> egress.rex |
            door opens       -> door.opened by=egress |
        6.0 badge ben inside -> entry.exited is_open=True | noted
        7.0 door shuts       -> door.closed, entry.empty |
        13.0 door opens      -> door.opened by=unknown |
        14.0 time            -> door.forced, entry.uncertain | siren
    """)


def test_an_exit_badge_before_the_lever_explains_no_second_opening_while_another_is_inside() -> None:
    entered("""
        5.0 badge ana inside -> entry.exited, entry.lone | noted
            rex              -> egress.rex |
            door opens       -> door.opened by=egress badge_at=0 |
        6.0 door shuts       -> door.closed |
        9.0 door opens       -> door.opened by=unknown |
        9.7 time             -> door.forced, entry.uncertain | siren
    """)


def test_two_exit_badges_explain_two_openings_and_no_third() -> None:
    entered("""
        5.0 badge ana inside -> entry.exited, entry.lone | noted
            badge ben inside -> entry.exited | noted
            door opens       -> door.opened by=exit_badge |
            badge cleo inside -> entry.exited, entry.uncertain reason=not_entered | noted
            door shuts       -> door.closed |
        6.0 door opens       -> door.opened by=exit_badge |
            door shuts       -> door.closed |
        7.0 door opens       -> door.opened by=unknown |
    """)


@pytest.mark.parametrize("pause", ["5.3 time -> nothing |", ""])
def test_the_lever_that_tells_after_the_badges_opening_is_the_same_exit(pause: str) -> None:
    entered(f"""
        5.0 badge ana inside -> entry.exited, entry.lone | noted
            door opens       -> door.opened by=exit_badge |
        {pause}
            rex              -> egress.rex until=0 badge_at=0 |
        5.5 door shuts       -> door.closed |
        5.9 door opens       -> door.opened by=unknown |
    """)


def test_a_lever_that_explained_an_opening_afterwards_explains_no_other() -> None:
    enter("""
        1.0 door opens -> door.opened by=unknown |
        1.2 rex        -> egress.rex opening=3 until=0 |
        1.4 door shuts -> door.closed |
        1.6 door opens -> door.opened by=unknown |
    """)


def test_the_same_badge_again_after_its_opening_has_shut_is_another_exit_and_leaves_doubt() -> None:
    entered("""
        5.0 badge ana inside -> entry.exited, entry.lone | noted
            door opens       -> door.opened by=exit_badge |
            badge ana inside -> nothing | noted
            door shuts       -> door.closed |
        7.0 badge ana inside -> entry.exited, entry.uncertain reason=not_entered | noted
            door opens       -> door.opened by=exit_badge |
    """)


def test_the_same_badge_twice_after_the_opening_that_it_answers_is_one_exit() -> None:
    entered("""
        5.0 rex              -> egress.rex |
            door opens       -> door.opened by=egress |
            door shuts       -> door.closed |
        6.0 badge ana inside -> entry.exited is_open=True, entry.lone | noted
        6.5 badge ana inside -> nothing | noted
        7.0 door opens       -> door.opened by=unknown |
    """)


# -- head counts and visitors --


def test_a_head_count_without_a_number_confirms_who_is_presumed_inside() -> None:
    player = entered("""
        5.0 rex             -> egress.rex |
            door opens      -> door.opened |
            door shuts      -> door.closed |
        15.0 time           -> entry.uncertain |
        16.0 badge sam desk -> entry.identified | noted
            card head-count -> entry.head_counted people=2 presumed=2 | noted
    """)
    assert inside(player) == {"ana", "ben"}


def test_those_counted_without_names_leave_by_any_badge() -> None:
    player = entered("""
        5.0 badge sam desk      -> entry.identified | noted
            card head-count 3   -> entry.head_counted people=3 presumed=2 | noted
        6.0 badge cleo inside   -> entry.exited occupancy=2 | noted
            badge ana inside    -> entry.exited occupancy=1, entry.lone actors=() | noted
            badge ben inside    -> entry.exited occupancy=0 | noted
            door opens          -> door.opened |
            door shuts          -> door.closed, entry.empty |
    """)
    assert player.station.entry.people == 0


def test_a_head_count_of_a_strange_number_is_refused() -> None:
    enter("""
        1.0 badge sam desk      -> entry.identified | noted
            card head-count two -> scan.refused reason=bad_quantity | refused
    """)


def test_visitors_come_and_go_with_their_escort() -> None:
    entered("""
        5.0 card visitor       -> scan.refused reason=no_escort | refused
        6.0 badge cleo outside -> entry.joined | release granted
            card visitor       -> entry.visitor actors=cleo visitors=1 | noted
            card visitor       -> entry.visitor actors=cleo visitors=2 | noted
        7.0 door opens         -> door.opened visitors=2 occupancy=5 | secure
            door shuts         -> door.closed |
        9.0 badge cleo inside  -> entry.exited visitors=2 occupancy=2 | noted
    """)


def test_visitors_of_the_first_badge_come_in_with_the_pair_and_are_bounded() -> None:
    lines = [f"1.0 card visitor -> entry.visitor visitors={number} | noted" for number in range(1, 6)]
    text = "\n".join(lines)
    enter(f"""
        1.0 badge ana outside -> entry.first_badge | badge_needed
        {text}
            card visitor      -> scan.refused reason=visitors_max | refused
            badge ben outside -> entry.granted visitors=5 | release granted
            door opens        -> door.opened visitors=5 occupancy=7 | secure
    """)
