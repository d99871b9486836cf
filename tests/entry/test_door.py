"""The door: what explains an opening, held and forced, the lever, the fire input, tampering, the lock's failures."""

import pytest

from station.domain.core.conditions import Conditions
from station.domain.entry.events import DoorUnstable
from station.domain.entry.inputs import DoorMoved, RexPressed
from station.domain.station.alerts import alerts
from tests.domain.play import play
from tests.entry.play import enter, entered, inside

# -- held --


def test_a_door_that_stands_open_warns_then_alarms_until_it_shuts() -> None:
    enter("""
        1.0 badge ana outside -> entry.first_badge | badge_needed
            badge ben outside -> entry.granted | release granted
        2.0 door opens        -> door.opened held_at=32000 | secure
        32.0 time             -> door.held level=warn open_ms=30000 next_at=62000 |
        62.0 time             -> door.held level=alarm open_ms=60000 | siren
        900.0 time            -> nothing |
        901.0 door shuts      -> door.closed open_ms=899000 | quiet
    """)


def test_a_supervisor_holds_the_open_door_at_the_desk_and_no_alarm_comes_meanwhile() -> None:
    entered("""
        2.0 badge cleo outside -> entry.joined | release granted
        3.0 door opens         -> door.opened | secure
        20.0 badge sam desk    -> entry.held_open actors=sam minutes=10 until=620000 | noted
        619.9 time             -> nothing |
        620.0 time             -> door.held level=warn |
        650.0 time             -> door.held level=alarm | siren
        651.0 badge sam desk   -> entry.held_open until=1251000 | quiet noted
        700.0 door shuts       -> door.closed |
    """)


def test_a_supervisor_holds_the_door_open_before_it_opens_by_a_card_after_the_badge_at_the_desk() -> None:
    entered("""
        2.0 badge sam outside -> entry.joined actors=sam | release granted
            card hold-open 5  -> scan.refused reason=no_supervisor | refused
            badge sam desk    -> entry.identified | noted
            card hold-open 5  -> entry.held_open actors=sam minutes=5 until=302000 | noted
        3.0 door opens        -> door.opened held_at=302000 | secure
        60.0 door shuts       -> door.closed |
        61.0 rex              -> egress.rex |
            door opens        -> door.opened by=egress held_at=302000 |
    """)


@pytest.mark.parametrize("minutes", ["0", "61", "x", "-1", "100"])
def test_a_card_with_strange_minutes_is_refused(minutes: str) -> None:
    enter(f"""
        1.0 badge sam desk            -> entry.identified | noted
            card hold-open {minutes}  -> scan.refused reason=bad_quantity | refused
    """)


def test_an_associate_holds_nothing_open_and_a_supervisor_not_for_ever() -> None:
    enter("""
        1.0 badge ana desk     -> entry.identified actors=ana | noted
            card hold-open 5   -> scan.refused reason=no_supervisor | refused
        2.0 badge sam desk     -> entry.identified until=32000 | noted
        32.1 card hold-open 5  -> scan.refused reason=no_supervisor | refused
    """)


# -- the lever, on either side of the contact --


def test_the_lever_explains_an_opening_within_its_window() -> None:
    enter("""
        1.0 rex         -> egress.rex reason=rex until=2500 opening=-1 |
        2.5 door opens  -> door.opened by=egress forced_at=0 |
        3.0 door shuts  -> door.closed |
        10.0 rex        -> egress.rex |
        11.8 door opens -> door.opened by=unknown |
        12.5 time       -> entry.uncertain reason=exit_without_badge, door.forced | siren
    """)


def test_a_lever_that_tells_after_the_contact_explains_the_opening() -> None:
    player = enter("""
        1.0 door opens -> door.opened by=unknown forced_at=1700 |
        1.6 rex        -> egress.rex opening=3 |
        9.0 time       -> nothing |
    """)
    assert player.station.entry.door.by == "egress"


def test_a_lever_that_tells_later_than_the_alarm_but_within_its_window_ends_it() -> None:
    player = enter("""
        1.0 door opens -> door.opened by=unknown |
        1.9 time       -> door.forced opening=3, entry.uncertain | siren
        2.5 rex        -> egress.rex opening=-1, door.explained reason=rex opening=3 | quiet
    """)
    assert player.station.entry.uncertain == "forced"


def test_a_press_of_the_lever_explains_one_of_two_forced_openings_and_the_siren_goes_on() -> None:
    player = enter("""
        1.0 door opens     -> door.opened by=unknown |
        1.2 door shuts     -> door.closed |
        1.3 door opens     -> door.forced opening=3, entry.uncertain, door.opened | siren
        2.0 time           -> door.forced opening=7 |
        2.1 rex            -> egress.rex until=0, door.explained reason=rex opening=7 times=1 |
        2.2 door shuts     -> door.closed |
        2.3 door opens     -> door.opened by=unknown |
        3.0 time           -> door.forced |
        9.0 badge sam desk -> entry.identified | noted
            card explain   -> door.explained times=2 | quiet noted
    """)
    assert player.station.entry.door.forced == 0


def test_a_lever_after_its_window_explains_nothing() -> None:
    enter("""
        1.0 door opens -> door.opened by=unknown |
        2.6 rex        -> door.forced, entry.uncertain, egress.rex | siren
    """)


def test_an_opening_that_ends_before_it_is_explained_is_forced_all_the_same() -> None:
    enter("""
        1.0 door opens -> door.opened by=unknown |
        1.2 door shuts -> door.closed open_ms=200 |
        1.4 door opens -> door.forced opening=3, entry.uncertain, door.opened by=unknown | siren
        2.3 time       -> door.forced opening=7 |
    """)


# -- forced, explained --


def test_a_forced_door_is_explained_by_a_supervisor_and_stays_in_the_record() -> None:
    player = enter("""
        1.0 door opens         -> door.opened by=unknown |
        1.9 time               -> door.forced, entry.uncertain | siren
        2.0 door shuts         -> door.closed |
        3.0 badge ana desk     -> entry.identified | noted
            card explain key   -> scan.refused reason=no_supervisor | refused
        4.0 badge sam desk     -> entry.identified | noted
            card explain key   -> door.explained reason=key actors=sam opening=3 times=1 | quiet noted
            card explain key   -> scan.refused reason=no_supervisor | refused
        5.0 badge sam desk     -> entry.identified | noted
            card explain key   -> scan.refused reason=nothing_to_explain | refused
    """)
    assert player.station.entry.uncertain == "forced"


def test_a_supervisors_badge_at_the_open_forced_door_is_for_explaining_it() -> None:
    enter("""
        1.0 door opens          -> door.opened by=unknown |
        1.9 time                -> door.forced, entry.uncertain | siren
        3.0 badge sam desk      -> entry.identified actors=sam | noted
            card explain rescue -> door.explained reason=rescue | quiet noted
            badge sam desk      -> entry.held_open | noted
    """)


def test_the_siren_sounds_as_long_as_one_reason_is_left() -> None:
    enter("""
        1.0 tamper opens   -> door.tampered is_open=True | siren
            tamper opens   -> nothing |
        2.0 door opens     -> door.opened by=unknown |
        2.9 time           -> door.forced, entry.uncertain |
        3.0 tamper closes  -> door.tampered is_open=False |
        4.0 badge sam desk -> entry.identified | noted
            card explain   -> door.explained reason=unsaid | quiet noted
    """)


# -- fire --


def test_in_a_fire_everybody_leaves_and_nobody_enters() -> None:
    player = entered("""
        5.0 badge cleo outside -> entry.joined | release granted
        6.0 fire on            -> entry.not_used reason=emergency, egress.rex reason=emergency, entry.uncertain | secure
            fire on            -> nothing |
        7.0 badge sam outside  -> entry.denied reason=emergency | denied
        8.0 door opens         -> door.opened by=emergency held_at=0 |
            badge ana inside   -> entry.exited | noted
        500.0 door shuts       -> door.closed |
        501.0 door opens       -> door.opened by=emergency |
        600.0 fire off         -> egress.rex reason=emergency_over held_at=630000 |
        630.0 time             -> door.held level=warn |
    """)
    assert inside(player) == {"ben"}


def test_a_fire_explains_an_opening_and_quiets_what_sounds() -> None:
    enter("""
        1.0 tamper opens -> door.tampered | siren
        2.0 door opens   -> door.opened by=unknown |
        2.5 fire on      -> egress.rex reason=emergency opening=4 | quiet
        9.0 fire off     -> egress.rex reason=emergency_over | siren
    """)


def test_a_fire_sends_whoever_waits_away() -> None:
    enter("""
        1.0 badge ana outside -> entry.first_badge | badge_needed
        2.0 fire on           -> entry.denied reason=emergency actors=ana, egress.rex |
    """)


# -- lockdown, lock and contact that fail --


def test_a_lockdown_denies_entry_and_never_the_way_out() -> None:
    entered("""
        5.0 badge cleo outside -> entry.joined | release granted
        5.5 lockdown on        -> command.accepted, lockdown.set, entry.not_used reason=lockdown | secure
        6.0 badge cleo outside -> entry.denied reason=lockdown actors=cleo | denied
        7.0 badge ana inside   -> entry.exited, entry.lone | noted
            rex                -> egress.rex |
            door opens         -> door.opened by=egress |
            door shuts         -> door.closed |
        8.0 lockdown off       -> command.accepted, lockdown.cleared |
        9.0 badge cleo outside -> entry.first_badge | badge_needed
    """)


def test_a_lockdown_sends_whoever_waits_away() -> None:
    enter("""
        1.0 badge ana outside -> entry.first_badge | badge_needed
            lockdown on       -> command.accepted, lockdown.set, entry.denied reason=lockdown actors=ana |
        20.0 time             -> nothing |
    """)


def test_a_lock_that_fails_is_secured_and_nobody_is_promised_an_open_door() -> None:
    enter("""
        1.0 badge ana outside -> entry.first_badge | badge_needed
            badge ben outside -> entry.granted | release granted
            lock fails        -> source.lost source=lock, entry.not_used reason=lost | secure
            lock fails        -> nothing |
        2.0 badge ana outside -> entry.denied reason=lock_lost | denied
        3.0 lock works        -> source.found source=lock |
        4.0 badge ana outside -> entry.first_badge | badge_needed
    """)


def test_a_contact_that_is_lost_and_found_open_leaves_doubt_and_no_forced_door() -> None:
    entered("""
        5.0 door lost         -> source.lost source=door, entry.uncertain reason=door_lost | secure
        6.0 badge cleo outside -> entry.denied reason=door_lost | denied
        7.0 door found        -> source.found |
            door opens        -> door.opened by=found |
        8.0 door shuts        -> door.closed |
    """)


def test_a_scanner_that_is_lost_and_found_leaves_a_release_as_it_is() -> None:
    enter("""
        1.0 badge ana outside -> entry.first_badge | badge_needed
            badge ben outside -> entry.granted | release granted
        1.5 gun lost          -> source.lost source=gun |
        2.0 door opens        -> door.opened by=grant | secure
        3.0 gun found         -> source.found source=gun |
        4.0 door shuts        -> door.closed |
    """)


# -- inputs that never rest, a door that flaps --


@pytest.mark.parametrize("source", ["rex", "tamper", "fire"])
def test_an_input_that_never_rests_sounds_and_lets_nobody_in_until_it_does(source: str) -> None:
    player = enter(
        f"""
        1.0 badge ana outside     -> entry.first_badge | badge_needed
            badge ben outside     -> entry.granted | release granted
        2.0 input {source} restless -> source.lost reason=restless, entry.not_used reason=lost | secure siren
            badge ana outside     -> entry.denied reason=restless | denied
            badge ana inside      -> entry.exited, entry.uncertain | noted
        3.0 input {source} rests  -> source.found | quiet
            badge cleo outside    -> entry.first_badge | badge_needed
    """.replace("rex lost", "lever lost")
        .replace("rex found", "lever found")
        .replace("lever", "rex")
    )
    assert not player.station.entry.door.restless


def test_a_contact_that_never_rests_is_taken_as_open_and_sounds_until_it_rests() -> None:
    player = entered("""
        5.0 door lost restless -> source.lost, entry.uncertain reason=door_lost | secure siren
        6.0 badge cleo outside -> entry.denied reason=door_lost | denied
            rex                -> egress.rex |
    """)
    assert player.station.entry.door.is_open
    assert set(alerts(player.station, Conditions())) == {"door/restless", "entry/uncertain", "source/door"}
    play(
        """
        9.0 door found -> source.found | quiet
            door shuts -> door.closed found=True open_ms=4000 |
        """,
        "",
        player,
    )


def test_a_device_that_is_lost_for_another_reason_sounds_nothing() -> None:
    enter("1.0 door lost -> source.lost | secure")
    enter("1.0 gun lost restless -> source.lost |")


def test_a_door_that_flaps_is_told_once_a_minute_and_sounds_until_it_is_explained() -> None:
    player = enter("")
    told = []
    for number in range(40):
        at = 10_000 + 3_000 * number
        for moment, is_open in ((at, True), (at + 400, False)):
            events, _ = player.stamping.put(DoorMoved(moment, is_open))
            told += [event for event in events if isinstance(event, DoorUnstable)]
    assert [(event.times, event.from_at, event.to_at) for event in told] == [
        (5, 10_000, 22_000),
        (20, 22_000, 82_000),
    ]
    assert "door/unstable" in alerts(player.station, Conditions())
    play(
        """
        900.0 time           -> door.forced |
            badge sam desk   -> entry.identified | noted
            card explain key -> door.explained times=40 | quiet noted
        """,
        "",
        player,
    )


def test_openings_that_something_explains_and_those_far_apart_are_no_flapping() -> None:
    player = enter("")
    for number in range(9):
        at = 10_000 + 21_000 * number
        for moment, is_open in ((at, True), (at + 400, False)):
            events, _ = player.stamping.put(DoorMoved(moment, is_open))
            assert not any(isinstance(event, DoorUnstable) for event in events)
    for number in range(9):
        at = 400_000 + 2_000 * number
        player.stamping.put(RexPressed(at))
        for moment, is_open in ((at, True), (at + 400, False)):
            events, _ = player.stamping.put(DoorMoved(moment, is_open))
            assert not any(isinstance(event, DoorUnstable) for event in events)
