"""A PIN after the badge: who is asked for one, what the right one is worth, and what ends the wait."""

import pytest
from msgspec.structs import replace

from station.domain.core.conditions import Conditions
from station.domain.core.view import Phrase, Tone, View
from station.domain.entry.pins import awaited
from station.domain.station.viewing import view
from tests.domain.play import play
from tests.entry.play import EntryPlayer, enter, inside
from tests.entry.world import ONE, PINS, POLICY, verifier_of
from tests.snapshots import through_snapshot

ASKED = "1.0 badge ben outside -> entry.pin_awaited actors=ben source=outside until=16000 | pin_needed\n"


def asked(text: str) -> EntryPlayer:
    """Play the lines after Ben's PIN was asked for at 1.0."""
    return enter(ASKED + text, PINS)


# -- what the right one is worth --


def test_a_badge_with_its_pin_is_a_first_badge_and_the_second_has_its_own_time() -> None:
    player = asked("""
        6.0 pin ben right      -> entry.first_badge actors=ben source=outside until=21000 | badge_needed
        20.9 badge ana outside -> entry.granted actors=ben+ana until=25900 | release granted
        21.0 door opens        -> door.opened by=grant actors=ben+ana | secure
    """)
    assert inside(player) == {"ana", "ben"}


def test_each_of_two_keys_a_pin_of_their_own() -> None:
    asked("""
        2.0 pin ben right      -> entry.first_badge actors=ben | badge_needed
        3.0 badge olaf outside -> entry.pin_awaited actors=olaf | pin_needed
        4.0 pin ben right      -> entry.denied reason=pin_unasked actors=() | denied
        5.0 pin olaf right     -> entry.granted actors=ben+olaf | release granted
    """)


def test_the_same_person_is_no_second_however_often_they_key_their_pin() -> None:
    asked("""
        2.0 pin ben right      -> entry.first_badge until=17000 | badge_needed
        3.0 pin ben right      -> entry.denied reason=pin_unasked | denied
        4.0 badge ben outside  -> entry.denied reason=same_badge | denied
        5.0 pin ben right      -> entry.denied reason=pin_unasked | denied
        17.0 time              -> entry.denied reason=no_second_badge actors=ben |
    """)


def test_who_has_none_is_not_asked_and_where_no_keypad_hangs_nobody_is() -> None:
    enter("1.0 badge ana outside -> entry.first_badge | badge_needed", PINS)
    enter("1.0 badge ben outside -> entry.first_badge | badge_needed", POLICY)


def test_it_is_asked_for_where_one_person_is_enough() -> None:
    policy = replace(ONE, pin_keypad="pins")
    enter(ASKED + "2.0 pin ben right -> entry.granted actors=ben | release granted", policy)


def test_who_joins_is_asked_outside_and_nobody_is_inside_or_at_the_desk() -> None:
    player = asked("""
        2.0 pin ben right     -> entry.first_badge | badge_needed
            badge ana outside -> entry.granted | release granted
            door opens        -> door.opened by=grant | secure
            door shuts        -> door.closed |
        3.0 badge sam outside -> entry.pin_awaited actors=sam | pin_needed
        4.0 pin sam right     -> entry.joined actors=sam | release granted
            door opens        -> door.opened by=grant | secure
            door shuts        -> door.closed |
        5.0 badge ben inside  -> entry.exited actors=ben | noted
        6.0 badge sam desk    -> entry.identified actors=sam | noted
    """)
    assert inside(player) == {"ana", "sam"}
    assert player.station.entry.pin_wait is None


def test_a_pin_that_is_not_yet_keyed_says_of_nobody_that_they_are_there() -> None:
    asked("2.0 card visitor -> scan.refused reason=no_escort | refused")
    enter(
        """
        1.0 door opens        -> door.opened by=unknown |
        1.9 time              -> door.forced, entry.uncertain | siren
        2.0 badge sam outside -> entry.pin_awaited | pin_needed
            card explain key  -> scan.refused reason=no_supervisor | refused
        """,
        PINS,
    )


# -- other badges meanwhile --


def test_who_needs_none_may_show_their_badge_meanwhile() -> None:
    asked("""
        2.0 badge ana outside -> entry.first_badge actors=ana | badge_needed
        3.0 pin ben right     -> entry.granted actors=ana+ben | release granted
    """)


def test_one_pin_is_awaited_at_a_time_the_newest_badges() -> None:
    asked("""
        2.0 badge olaf outside -> entry.denied reason=no_pin actors=ben, entry.pin_awaited actors=olaf | pin_needed
        3.0 pin ben right      -> entry.denied reason=pin_unasked | denied
        4.0 badge olaf outside -> entry.pin_awaited actors=olaf until=19000 | pin_needed
        18.9 pin olaf right    -> entry.first_badge actors=olaf | badge_needed
    """)


def test_whoever_is_turned_away_leaves_the_one_who_is_awaited_where_they_are() -> None:
    asked("""
        2.0 badge nobody outside  -> entry.denied reason=unknown | denied
        3.0 spoilt parity outside -> entry.denied reason=parity | denied
        4.0 badge tom outside     -> entry.denied reason=role | denied
        5.0 pin ben right         -> entry.first_badge actors=ben | badge_needed
    """)


def test_a_second_whose_pin_comes_after_the_firsts_time_is_a_first() -> None:
    enter(
        """
        1.0 badge ana outside  -> entry.first_badge until=16000 | badge_needed
        14.0 badge ben outside -> entry.pin_awaited until=29000 | pin_needed
        16.0 time              -> entry.denied reason=no_second_badge actors=ana |
        17.0 pin ben right     -> entry.first_badge actors=ben | badge_needed
        """,
        PINS,
    )


# -- wrong, late, unasked --


def test_a_wrong_pin_may_be_keyed_again_while_there_is_time_and_counts_as_a_try() -> None:
    asked("""
        2.0 pin ben wrong       -> entry.denied reason=wrong_pin actors=ben source=outside side=outside | denied
        3.0 pin ben wrong       -> entry.denied reason=wrong_pin | denied
        4.0 badge x1 outside    -> entry.denied reason=unknown | denied
        5.0 pin ben wrong       -> entry.denied reason=wrong_pin | denied
        6.0 pin ben wrong       -> entry.denied, entry.throttled source=outside tries=5 until=306000 | denied
        7.0 pin ben right       -> entry.denied reason=pin_unasked | denied
            badge ben outside   -> entry.denied reason=throttled | denied
        306.0 badge ben outside -> entry.pin_awaited | pin_needed
        307.0 pin ben wrong     -> entry.denied reason=wrong_pin | denied
        308.0 pin ben right     -> entry.first_badge | badge_needed
    """)


def test_one_that_is_not_keyed_in_time_is_missing_and_what_is_keyed_then_is_unasked() -> None:
    asked("""
        15.9 time         -> nothing |
        16.0 time         -> entry.denied reason=no_pin actors=ben |
        60.0 time         -> nothing |
        61.0 pin nobody   -> entry.denied reason=pin_unasked | denied
    """)
    asked("16.0 pin ben right -> entry.denied reason=no_pin, entry.denied reason=pin_unasked | denied")


def test_what_was_keyed_before_the_badge_is_of_another_wait() -> None:
    asked("""
        16.0 time             -> entry.denied reason=no_pin |
        18.0 badge ben outside -> entry.pin_awaited | pin_needed
        15.5 pin ben right    -> entry.denied reason=pin_unasked | denied
        19.0 pin ben right    -> entry.first_badge | badge_needed
    """)


def test_unasked_pins_are_no_tries() -> None:
    enter("\n".join(["1.0 pin nobody -> entry.denied reason=pin_unasked | denied"] * 9), PINS)


def test_what_holds_when_the_pin_comes_is_what_counts() -> None:
    enter(
        """
        59.0 badge ben outside -> entry.pin_awaited | pin_needed
        61.0 pin ben right     -> entry.denied reason=off_hours actors=ben | denied
        62.0 pin ben right     -> entry.denied reason=pin_unasked | denied
        """,
        replace(PINS, shuts=8 * 60 + 1),  # it is 08:00
    )
    enter(
        """
        1.0 badge sue outside -> entry.first_badge | badge_needed
        2.0 badge sam outside -> entry.pin_awaited | pin_needed
        3.0 pin sam right     -> entry.denied reason=pair actors=sue+sam | denied
        4.0 pin sam right     -> entry.denied reason=pin_unasked | denied
        """,
        PINS,
    )


# -- what drops it --


@pytest.mark.parametrize(
    ("line", "badge"),
    [
        ("lockdown on -> command.accepted, lockdown.set, entry.denied reason=lockdown actors=ben |", "lockdown"),
        ("fire on -> entry.denied reason=emergency actors=ben, egress.rex |", "emergency"),
        ("lock fails -> source.lost, entry.denied reason=lost actors=ben | secure", "lock_lost"),
        ("door lost -> source.lost, entry.denied reason=lost actors=ben | secure", "door_lost"),
        ("pins lost -> source.lost, entry.denied reason=keypad_lost actors=ben |", "keypad_lost"),
        ("roster 2 without ben -> roster.loaded, entry.denied reason=withdrawn actors=ben | reply", "unknown"),
        ("start -> station.started, entry.denied reason=restart actors=ben | secure quiet", "door_lost"),
    ],
)
def test_what_ends_the_waiting_for_a_second_badge_ends_that_for_a_pin(line: str, badge: str) -> None:
    asked(f"""
        2.0 {line}
        3.0 pin ben right     -> entry.denied reason=pin_unasked | denied
            badge ben outside -> entry.denied reason={badge} | denied
        60.0 time             -> nothing |
    """)


def test_both_waits_are_told_of_when_they_end_together() -> None:
    asked("""
        2.0 badge ana outside -> entry.first_badge | badge_needed
        3.0 fire on           -> entry.denied actors=ben, entry.denied actors=ana, egress.rex |
    """)


def test_a_new_roster_may_hold_another_pin_so_it_is_asked_for_anew() -> None:
    asked("""
        2.0 roster 2          -> roster.loaded, entry.denied reason=new_roster actors=ben | reply
        3.0 pin ben right     -> entry.denied reason=pin_unasked | denied
            badge ben outside -> entry.pin_awaited | pin_needed
            pin ben right     -> entry.first_badge | badge_needed
    """)


def test_without_the_reader_or_another_source_it_ends_or_goes_on() -> None:
    asked("""
        2.0 gun lost          -> source.lost |
        3.0 outside lost      -> source.lost, entry.denied reason=reader_lost actors=ben |
    """)


def test_without_its_keypad_a_badge_does_not_count_alone() -> None:
    enter(
        """
        1.0 pins lost         -> source.lost |
        2.0 badge ben outside -> entry.denied reason=keypad_lost actors=ben | denied
            badge ana outside -> entry.first_badge | badge_needed
        3.0 pins found        -> source.found |
            badge ben outside -> entry.pin_awaited | pin_needed
        """,
        PINS,
    )


# -- what is not to be seen, and what is --


def test_digits_that_come_as_a_number_are_counted_nowhere_and_written_nowhere() -> None:
    player = asked("""
        2.0 gun card start-count      -> count.opened | noted
            gun card location Shelf 1 -> count.located | noted
            gun scans A               -> count.scanned | counted
        3.0 pins keys 80573914        -> entry.denied reason=pin_unasked | denied
    """)
    assert not any(b"80573914" in leaf for leaf in player.stamping.leaves)


def test_a_station_without_entry_takes_no_pin() -> None:
    play(
        "1.0 pin nobody -> entry.denied reason=not_served | denied",
        "0.0 start -> station.started |",
        EntryPlayer(None),
    )


def test_what_is_compared_is_the_verifier_of_whoever_is_awaited() -> None:
    station = asked("").station
    assert awaited(station.entry, station.people.roster) == ("ben", verifier_of("ben"))
    assert awaited(station.entry, None) is None
    ended = asked("16.0 time -> entry.denied reason=no_pin |").station
    assert awaited(ended.entry, ended.people.roster) is None


def test_a_snapshot_holds_whose_pin_is_awaited() -> None:
    player = asked("")
    station = player.station
    again = through_snapshot(station, player.stamping.documents)
    assert again.entry.pin_wait == station.entry.pin_wait is not None


def shown(player: EntryPlayer, at: float) -> View:
    return view(player.station, Conditions(), round(at * 1000))


def test_the_screen_says_whose_pin_is_awaited_and_how_long_they_have() -> None:
    screen = shown(asked("2.0 badge ana outside -> entry.first_badge | badge_needed"), 4.75)
    assert (screen.tone, screen.fact, screen.detail) == (Tone.CALM, Phrase("pin", ("12",)), Phrase("pin_of", ("ben",)))
    assert screen.instruction == Phrase("key_pin")
    assert screen.bar == pytest.approx(0.75)


def test_the_screen_says_that_a_pin_was_wrong_and_then_asks_on() -> None:
    player = asked("2.0 pin ben wrong -> entry.denied | denied")
    screen = shown(player, 3)
    assert (screen.tone, screen.fact.key, screen.detail) == (Tone.REFUSED, "pin", Phrase("denied_wrong_pin"))
    assert shown(player, 7).detail == Phrase("pin_of", ("ben",))


@pytest.mark.parametrize(
    ("line", "detail", "instruction"),
    [
        ("16.0 time -> entry.denied |", "denied_no_pin", "badge_again"),
        ("1.5 roster 2 -> roster.loaded, entry.denied | reply", "denied_new_roster", "badge_again"),
        ("16.0 pin nobody -> entry.denied, entry.denied | denied", "denied_pin_unasked", "show_badge"),
        ("1.5 outside lost -> source.lost, entry.denied |", "denied_reader_lost", "tell_supervisor"),
        ("1.5 pins lost -> source.lost, entry.denied |", "denied_keypad_lost", "tell_supervisor"),
    ],
)
def test_the_screen_says_why_a_wait_ended_and_what_to_do(line: str, detail: str, instruction: str) -> None:
    player = asked(line)
    screen = shown(player, player.at / 1000)
    assert (screen.detail, screen.instruction) == (Phrase(detail), Phrase(instruction))
