"""The roster at the door: none, stale, expired, replaced; and what a start settles."""

import pytest
from msgspec.structs import replace

from station.domain.core.conditions import Conditions
from station.domain.station.alerts import alerts
from station.domain.station.viewing import view
from tests.access.scripted import log
from tests.domain.play import OFFSET_MS, play
from tests.entry.play import BEGIN, EntryPlayer, enter, entered, inside
from tests.entry.world import POLICY

NO_ROSTER = """
    0.0 start      -> station.started | secure quiet
        door shuts -> door.closed found=True |
"""


def test_without_a_roster_nobody_enters_and_everybody_leaves() -> None:
    play(
        """
        1.0 badge ana outside -> entry.denied reason=no_roster | denied
            badge ana desk    -> entry.denied reason=no_roster | denied
            badge ana inside  -> entry.denied reason=no_roster | denied
        2.0 rex               -> egress.rex |
            door opens        -> door.opened by=egress |
            door shuts        -> door.closed |
        """,
        NO_ROSTER,
        EntryPlayer(),
    )


def test_a_roster_is_called_old_after_a_day_and_works_on() -> None:
    enter("""
        86399.9 time              -> nothing |
        86400.0 time              -> roster.stale reason=old version=1 |
        86401.0 badge ben outside -> entry.first_badge | badge_needed
        86402.0 roster 2          -> roster.loaded | reply
    """)


def test_after_the_rosters_end_only_its_offline_list_enters() -> None:
    enter("""
        1.0 roster 2 until 2027-01-15T09:00:00Z -> roster.loaded | reply
        3600.0 badge ana outside  -> entry.first_badge | badge_needed
        3600.1 time               -> roster.stale reason=expired |
        3601.0 badge ben outside  -> entry.denied reason=roster_expired actors=ben | denied
        3602.0 badge olaf outside -> entry.granted actors=ana+olaf | release granted
    """)


def test_somebody_revoked_while_inside_is_told_of_and_may_leave_by_their_badge() -> None:
    entered("""
        5.0 roster 2 without ana -> roster.loaded, entry.revoked actors=ana | reply
        6.0 badge ana outside    -> entry.denied reason=unknown | denied
        7.0 badge ana inside     -> entry.exited actors=ana, entry.lone actors=ben | noted
    """)


def test_somebody_revoked_while_they_wait_does_not_enter() -> None:
    enter("""
        1.0 badge ana outside    -> entry.first_badge | badge_needed
            roster 2 without ana -> roster.loaded, entry.denied reason=withdrawn actors=ana | reply
        2.0 badge ben outside    -> entry.first_badge | badge_needed
            badge cleo outside   -> entry.granted | release granted
            roster 3 without ben -> roster.loaded, entry.not_used reason=withdrawn | secure reply
    """)


# -- starts --


def test_people_who_were_inside_at_a_start_are_uncertain_and_never_gone() -> None:
    player = entered("""
        500.0 start         -> station.started, entry.uncertain reason=restart occupancy=2 | secure quiet
        501.0 door shuts    -> door.closed found=True |
        502.0 badge sam desk -> entry.identified | noted
            card head-count 2 -> entry.head_counted | noted
    """)
    assert inside(player) == {"ana", "ben"}


def test_a_door_that_was_open_at_a_start_is_uncertain_whoever_is_inside() -> None:
    enter("""
        1.0 rex        -> egress.rex |
            door opens -> door.opened by=egress |
        2.0 start      -> station.started, entry.uncertain reason=restart occupancy=0 | secure quiet
        3.0 door opens -> door.opened by=found held_at=33000 |
        4.0 door shuts -> door.closed open_ms=1000 |
    """)


def test_a_door_that_opened_while_nothing_ran_is_uncertain() -> None:
    enter("""
        2.0 start      -> station.started | secure quiet
        2.5 badge ana outside -> entry.denied reason=door_lost | denied
        3.0 door opens -> door.opened by=found, entry.uncertain reason=door_found_open |
    """)


def test_whoever_waited_at_a_start_is_told_of_and_waits_no_more() -> None:
    enter("""
        1.0 badge ana outside -> entry.first_badge | badge_needed
        2.0 start             -> station.started, entry.denied reason=restart actors=ana | secure quiet
            door shuts        -> door.closed |
        60.0 time             -> nothing |
        61.0 badge ana outside -> entry.first_badge | badge_needed
            badge ben outside -> entry.granted | release granted
        62.0 start            -> station.started, entry.not_used reason=restart actors=ana+ben | secure quiet
    """)


def test_an_opening_that_nothing_had_explained_at_a_start_is_forced() -> None:
    enter("""
        1.0 door opens -> door.opened by=unknown |
        1.5 start      -> station.started, door.forced opening=3 reason=restart, entry.uncertain | secure siren
        2.0 door shuts -> door.closed found=True |
    """)


def test_a_forced_door_is_still_unexplained_after_a_start_and_one_alone_is_warned_anew() -> None:
    entered("""
        5.0 badge ana inside -> entry.exited, entry.lone until=65000 | noted
            door opens       -> door.opened |
            door shuts       -> door.closed |
        6.0 start            -> station.started, entry.uncertain, entry.lone until=66000 | secure quiet
        66.0 time            -> entry.lone_alarm | siren
        67.0 start           -> station.started | secure siren
    """)


def test_a_start_without_entry_as_an_import_makes_it_forgets_nothing() -> None:
    player = entered("5.0 door opens -> door.opened by=unknown |")
    player.policy = None
    lines = [
        "5.5 start -> station.started, door.forced reason=restart, entry.uncertain reason=restart |",
        "6.0 roster 2 without ana -> roster.loaded, entry.revoked actors=ana | reply",
        "7.0 start -> station.started | secure siren",
    ]
    player.play_line(1, lines[0])
    player.play_line(2, lines[1])
    player.policy = POLICY
    player.play_line(3, lines[2])
    assert inside(player) == {"ana", "ben"}


def test_a_new_policy_holds_from_the_start_that_brings_it() -> None:
    player = entered("""
        5.0 badge ana inside -> entry.exited, entry.lone until=65000 | noted
    """)
    player.policy = replace(POLICY, lone_grace_ms=5_000)
    player.play_line(1, "6.0 start -> station.started, entry.uncertain, entry.lone until=11000 | secure quiet")


def test_a_stop_secures_the_lock() -> None:
    play("1.0 stop -> station.stopped | secure halt", BEGIN, EntryPlayer())


# -- a clock that went back --

EXPIRES = "1.0 roster 2 until 2027-01-16T00:00:00Z -> roster.loaded | reply"
BACK_30_DAYS = 30 * 86_400_000


@pytest.mark.parametrize("quality", ["rtc", "unsynced"])
def test_a_clock_that_starts_before_what_was_proven_makes_no_expired_roster_good(quality: str) -> None:
    player = enter(f"""
        {EXPIRES}
        57600.5 time             -> roster.stale reason=expired |
        57601.0 badge cleo outside -> entry.denied reason=roster_expired | denied
        start quality={quality} back_ms={OFFSET_MS + BACK_30_DAYS} -> station.started, clock.stepped | secure quiet
            door shuts           -> door.closed |
            badge cleo outside   -> entry.denied reason=roster_expired | denied
    """)
    assert player.stamping.recorded[-1].clock == "unsynced"
    assert alerts(player.station, Conditions())["clock/unsynced"]


def test_a_hardware_clock_far_ahead_shuts_the_door_only_while_it_says_so() -> None:
    enter(f"""
        {EXPIRES}
        2.0 clock +2300000000000 rtc  -> clock.stepped |
            time                      -> roster.stale reason=expired |
            badge cleo outside        -> entry.denied reason=roster_expired | denied
        3.0 clock -2300000000000 rtc  -> clock.stepped |
            badge cleo outside        -> entry.first_badge | badge_needed
    """)


def test_a_synchronised_clock_may_correct_what_was_proven() -> None:
    enter(f"""
        {EXPIRES}
        2.0 clock +2300000000000 synced -> clock.stepped |
            time                        -> roster.stale reason=expired |
            badge cleo outside          -> entry.denied reason=roster_expired | denied
        3.0 clock -2300000000000 rtc    -> clock.stepped |
            badge cleo outside          -> entry.denied reason=roster_expired | denied
        4.0 clock +0 synced             -> clock.stepped |
            badge cleo outside          -> entry.first_badge | badge_needed
    """)


BACK = f"""
        57601.0 start quality=rtc back_ms={OFFSET_MS + BACK_30_DAYS} -> station.started, clock.stepped | secure quiet
            door shuts               -> door.closed |
"""


def test_a_supervisors_badge_and_card_is_the_way_out_of_a_time_that_a_wrong_clock_proved() -> None:
    player = enter(f"""
        {EXPIRES}
        57600.5 time                 -> roster.stale reason=expired |
        {BACK}
        57602.0 badge cleo desk      -> entry.denied reason=roster_expired | denied
    """)
    assert view(player.station, Conditions(), player.at).fact.key == "denied"
    assert view(player.station, Conditions(), player.at + 9_000).fact.key == "clock_behind"
    play(
        """
        57602.0 card clock           -> scan.refused reason=no_supervisor | refused
            badge sam outside        -> entry.denied reason=roster_expired | denied
            badge nobody desk        -> entry.denied reason=unknown | denied
            badge sam desk           -> entry.identified | noted
            card clock               -> clock.sworn actors=sam | noted
            card clock               -> scan.refused reason=no_supervisor | refused
            badge cleo outside       -> entry.first_badge | badge_needed
            badge sam desk           -> entry.identified | noted
            card clock               -> scan.refused reason=clock_not_behind | refused
        """,
        "",
        player,
    )
    assert player.stamping.recorded[-1].clock == "rtc"
    (sworn,) = (row.text for row in log(player).gaps if row.type == "clock.sworn")
    assert "swore that the clock is right" in sworn
