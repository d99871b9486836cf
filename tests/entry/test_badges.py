"""The first table of the flows: two different people, their roles, the order, the time; who is turned away, and why."""

import pytest
from msgspec.structs import replace

from tests.domain.play import play
from tests.entry.play import BEGIN, EntryPlayer, enter, entered, inside
from tests.entry.world import NO_INSIDE_READER, ONE, PAIRS_ONLY, POLICY


def test_two_people_enter_and_are_presumed_inside() -> None:
    player = enter("""
        1.0 badge ana outside  -> entry.first_badge actors=ana until=16000 | badge_needed
        3.0 badge sam outside  -> entry.granted actors=ana+sam until=8000 roster=1 | release granted
        4.0 door opens         -> door.opened by=grant actors=ana+sam occupancy=2 held_at=34000 | secure
        9.0 door shuts         -> door.closed open_ms=5000 occupancy=2 |
    """)
    assert inside(player) == {"ana", "sam"}


def test_a_release_is_for_as_long_as_the_policy_says() -> None:
    player = enter("1.0 badge ana outside -> entry.granted | release granted", replace(ONE, release_ms=3_000))
    assert player.station.entry.grant is not None
    assert player.station.entry.grant.until_at == 4_000


def test_the_same_badge_again_is_no_second_and_the_time_goes_on() -> None:
    enter("""
        1.0 badge ana outside  -> entry.first_badge until=16000 | badge_needed
        9.0 badge ana outside  -> entry.denied reason=same_badge actors=ana | denied
        15.9 badge ben outside -> entry.granted | release granted
        16.0 badge ben outside -> entry.denied reason=same_badge | denied
        20.9 time              -> entry.not_used reason=time actors=ana+ben | secure
    """)


def test_another_card_of_the_same_person_is_no_second_and_is_noted() -> None:
    player = enter("""
        1.0 badge ana outside  -> entry.first_badge | badge_needed
        2.0 badge ana2 outside -> entry.denied reason=same_person actors=ana | denied
        16.0 time              -> entry.denied reason=no_second_badge actors=ana |
        16.1 badge ben outside -> entry.first_badge actors=ben | badge_needed
    """)
    assert player.station.entry.same_person == "ana"


def test_a_second_badge_that_comes_too_late_is_a_first() -> None:
    enter("""
        1.0 badge ana outside  -> entry.first_badge | badge_needed
        16.0 badge ben outside -> entry.denied reason=no_second_badge, entry.first_badge actors=ben | badge_needed
        17.0 badge ana outside -> entry.granted actors=ben+ana | release granted
    """)


def test_a_pair_that_policy_forbids_ends_the_waiting() -> None:
    enter("""
        1.0 badge sam outside -> entry.first_badge | badge_needed
        2.0 badge sue outside -> entry.denied reason=pair actors=sam+sue | denied
        3.0 badge ana outside -> entry.first_badge actors=ana | badge_needed
        4.0 badge sam outside -> entry.granted actors=ana+sam | release granted
    """)


@pytest.mark.parametrize("pairs", [(("associate", "supervisor"),), (("supervisor", "associate"),)])
def test_a_pair_stands_in_either_order(pairs: tuple[tuple[str, str], ...]) -> None:
    policy = replace(POLICY, pairs=pairs)
    enter(
        """
        1.0 badge ana outside -> entry.first_badge | badge_needed
        2.0 badge sam outside -> entry.granted actors=ana+sam | release granted
        7.0 time              -> entry.not_used | secure
        8.0 badge sam outside -> entry.first_badge | badge_needed
        9.0 badge ana outside -> entry.granted actors=sam+ana | release granted
        """,
        policy,
    )


def test_whoever_is_turned_away_leaves_the_one_who_waits_where_they_are() -> None:
    enter("""
        1.0 badge ana outside     -> entry.first_badge | badge_needed
        2.0 badge nobody outside  -> entry.denied reason=unknown | denied
        3.0 spoilt parity outside -> entry.denied reason=parity | denied
        4.0 badge tom outside     -> entry.denied reason=role actors=tom | denied
        5.0 badge ben outside     -> entry.granted actors=ana+ben | release granted
    """)


@pytest.mark.parametrize(
    ("badge", "reason"),
    [("nobody", "unknown"), ("lost", "revoked"), ("eve", "expired"), ("tom", "role")],
)
def test_who_may_not_enter_is_told_why(badge: str, reason: str) -> None:
    enter(f"1.0 badge {badge} outside -> entry.denied reason={reason} side=outside | denied")


def test_a_release_that_nobody_uses_ends_and_a_later_opening_is_forced() -> None:
    player = enter("""
        0.0 badge ana outside -> entry.first_badge | badge_needed
        2.0 badge ben outside -> entry.granted | release granted
        7.0 time              -> entry.not_used reason=time | secure
        8.0 door opens        -> door.opened by=unknown actors=() forced_at=8700 |
        8.9 time              -> door.forced, entry.uncertain reason=forced | siren
    """)
    assert inside(player) == set()


def test_a_contact_that_tells_a_moment_late_still_opens_by_the_grant() -> None:
    enter("""
        2.0 badge ana outside -> entry.first_badge | badge_needed
            badge ben outside -> entry.granted | release granted
        7.0 time              -> entry.not_used | secure
        7.25 door opens       -> door.opened by=grant occupancy=2 |
    """)


def test_a_grant_lets_in_once() -> None:
    enter("""
        1.0 badge ana outside -> entry.first_badge | badge_needed
            badge ben outside -> entry.granted | release granted
        2.0 door opens        -> door.opened by=grant | secure
        2.5 door shuts        -> door.closed |
        3.0 door opens        -> door.opened by=unknown |
    """)


def test_one_person_is_enough_where_policy_says_so() -> None:
    enter(
        """
        1.0 badge tom outside -> entry.denied reason=role | denied
        2.0 badge sam outside -> entry.granted actors=sam | release granted
        3.0 badge ana outside -> entry.joined actors=ana until=8000 | release granted
        4.0 door opens        -> door.opened by=grant actors=sam+ana occupancy=2 | secure
        5.0 door shuts        -> door.closed |
        6.0 badge sam inside  -> entry.exited occupancy=1 | noted
        """,
        ONE,
    )


# -- joining --


def test_a_third_person_joins_those_inside_by_a_single_badge() -> None:
    player = entered("""
        9.0 badge cleo outside -> entry.joined actors=cleo is_open=False | release granted
        9.5 door opens         -> door.opened by=grant actors=cleo occupancy=3 | secure
    """)
    assert inside(player) == {"ana", "ben", "cleo"}


def test_a_third_person_joins_those_whom_the_door_is_released_for() -> None:
    enter("""
        1.0 badge ana outside  -> entry.first_badge | badge_needed
            badge ben outside  -> entry.granted until=6000 | release granted
        4.0 badge cleo outside -> entry.joined actors=cleo until=9000 | release granted
        8.9 door opens         -> door.opened by=grant actors=ana+ben+cleo occupancy=3 | secure
    """)


def test_a_third_person_at_the_open_door_is_inside_at_once_and_nothing_is_released() -> None:
    player = enter("""
        1.0 badge ana outside  -> entry.first_badge | badge_needed
            badge ben outside  -> entry.granted | release granted
        2.0 door opens         -> door.opened by=grant | secure
        3.0 badge cleo outside -> entry.joined actors=cleo is_open=True | granted
        4.0 door shuts         -> door.closed occupancy=3 |
    """)
    assert inside(player) == {"ana", "ben", "cleo"}


def test_a_third_person_needs_a_partner_where_policy_says_so() -> None:
    entered(
        """
        9.0 badge cleo outside -> entry.first_badge | badge_needed
        9.5 badge sam outside  -> entry.joined actors=cleo+sam | release granted
        """,
        PAIRS_ONLY,
    )


def test_nobody_joins_alone_who_would_make_no_pair_with_those_inside() -> None:
    policy = replace(POLICY, pairs=(("associate", "supervisor"),))
    begin = (
        BEGIN
        + """
        1.0 badge ana outside -> entry.first_badge | badge_needed
            badge sam outside -> entry.granted | release granted
            door opens        -> door.opened | secure
            door shuts        -> door.closed |
        2.0 badge sam inside  -> entry.exited, entry.lone actors=ana | noted
            door opens        -> door.opened |
            door shuts        -> door.closed |
        3.0 badge ben outside -> entry.first_badge actors=ben | badge_needed
    """
    )
    play("", begin, EntryPlayer(policy))


def test_nobody_joins_alone_while_it_is_uncertain_who_is_inside() -> None:
    entered("""
        5.0 rex                 -> egress.rex |
            door opens          -> door.opened by=egress badge_at=15000 |
            door shuts          -> door.closed |
        15.0 time               -> entry.uncertain reason=exit_without_badge |
        16.0 badge cleo outside -> entry.first_badge | badge_needed
    """)


def test_nobody_joins_alone_where_nothing_tells_who_left() -> None:
    entered("9.0 badge cleo outside -> entry.first_badge | badge_needed", NO_INSIDE_READER)


# -- anti-passback --


def test_whoever_is_inside_may_not_come_in_again_until_a_head_count() -> None:
    entered("""
        5.0 badge ana outside  -> entry.denied reason=anti_passback actors=ana | denied
        6.0 badge ana2 outside -> entry.denied reason=anti_passback actors=ana | denied
        7.0 badge sam desk     -> entry.identified actors=sam until=37000 | noted
        8.0 card head-count 1  -> entry.head_counted actors=sam people=1 presumed=2, entry.lone until=68000 | noted
        9.0 badge ana outside  -> entry.first_badge | badge_needed
    """)


def test_without_an_inside_reader_nobody_is_kept_out_by_an_estimate() -> None:
    entered("5.0 badge ana outside -> entry.first_badge actors=ana | badge_needed", NO_INSIDE_READER)


# -- brute force --


def test_five_failed_tries_at_a_reader_pause_it_and_no_other() -> None:
    enter("""
        1.0 badge x1 outside   -> entry.denied reason=unknown | denied
        2.0 badge x2 outside   -> entry.denied reason=unknown | denied
        3.0 badge lost outside -> entry.denied reason=revoked | denied
        4.0 badge eve outside  -> entry.denied reason=expired | denied
        5.0 badge x5 outside   -> entry.denied, entry.throttled source=outside tries=5 until=305000 | denied
        6.0 badge ana outside  -> entry.denied reason=throttled | denied
            badge ana desk     -> entry.identified | noted
        304.9 badge x6 outside -> entry.denied reason=throttled | denied
        305.0 badge ana outside -> entry.first_badge | badge_needed
    """)


def test_tries_of_more_than_five_minutes_ago_are_forgotten() -> None:
    enter("""
        1.0 badge x1 outside   -> entry.denied | denied
            badge x2 outside   -> entry.denied | denied
            badge x3 outside   -> entry.denied | denied
            badge x4 outside   -> entry.denied | denied
        301.0 badge x5 outside -> entry.denied | denied
    """)


def test_garbled_reads_and_the_refused_of_the_roster_are_no_tries() -> None:
    lines = ["1.0 spoilt checksum outside -> entry.denied reason=checksum | denied"] * 6
    lines += ["1.0 badge tom outside -> entry.denied reason=role | denied"] * 6
    enter("\n".join(lines))


def test_the_inside_reader_is_never_paused() -> None:
    lines = ["2.0 badge x inside -> entry.denied reason=unknown side=inside | denied"] * 9
    entered("\n".join([*lines, "3.0 badge ana inside -> entry.exited, entry.lone | noted"]))


# -- hours --


def test_nobody_enters_outside_the_hours_and_everybody_leaves() -> None:
    policy = replace(POLICY, opens=0, shuts=8 * 60 + 1)  # it is 08:00
    entered(
        """
        59.9 badge cleo outside -> entry.joined | release granted
        64.9 time               -> entry.not_used | secure
        65.0 badge cleo outside -> entry.denied reason=off_hours actors=cleo | denied
        66.0 badge ana inside   -> entry.exited, entry.lone | noted
        66.5 door opens         -> door.opened by=exit_badge |
        """,
        policy,
    )


def test_a_clock_that_was_set_back_gives_nobody_a_time_before_the_newest_event() -> None:
    policy = replace(POLICY, shuts=8 * 60 + 1)
    enter(
        """
        70.0 badge ana outside         -> entry.denied reason=off_hours | denied
        71.0 clock -3600000 unsynced   -> clock.stepped |
        72.0 badge ana outside         -> entry.denied reason=off_hours | denied
        """,
        policy,
    )


# -- a station without entry --


def test_a_station_without_entry_takes_no_badge_and_judges_no_door() -> None:
    play(
        """
        1.0 badge ana outside -> entry.denied reason=not_served | denied
            spoilt parity desk -> entry.denied reason=not_served | denied
        2.0 door opens        -> door.opened by=unjudged |
            door opens        -> nothing |
        3.0 door shuts        -> door.closed |
            rex               -> nothing |
            card visitor      -> scan.refused reason=not_served | refused
        """,
        "0.0 start -> station.started |",
        EntryPlayer(None),
    )
