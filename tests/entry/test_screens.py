"""What the screen says at the door: whose turn, for how long, why not, who is inside, what is wrong."""

import pytest

from station.domain.core.conditions import Conditions
from station.domain.core.view import Phrase, Tone, View
from station.domain.station.alerts import alerts
from station.domain.station.viewing import view
from station.screens.picture import RULE_Y, USED_PX, render_view
from tests.domain.play import play
from tests.entry.play import EntryPlayer, enter, entered
from tests.entry.test_roster import NO_ROSTER
from tests.entry.world import NO_INSIDE_READER


def shown(player: EntryPlayer, at: float) -> View:
    return view(player.station, Conditions(), round(at * 1000))


def keys(screen: View) -> tuple[str, str, str]:
    return (
        screen.fact.key,
        screen.detail.key if screen.detail else "",
        screen.instruction.key if screen.instruction else "",
    )


def test_at_rest_it_asks_for_a_badge() -> None:
    screen = shown(enter(""), 5)
    assert (screen.duty, screen.tone, screen.bar) == ("entry", Tone.CALM, None)
    assert keys(screen) == ("ready", "", "show_badge")


def test_it_says_whose_turn_it_is_and_how_long_they_have() -> None:
    player = enter("1.0 badge ana outside -> entry.first_badge | badge_needed")
    screen = shown(player, 4.75)
    assert screen.fact == Phrase("second_badge", ("12",))
    assert keys(screen) == ("second_badge", "first_shown", "second_person")
    assert screen.bar == pytest.approx(0.75)
    assert shown(player, 99).bar == 0


def test_a_badge_that_is_no_second_one_is_told_why_while_the_time_runs_on() -> None:
    player = enter("""
        1.0 badge ana outside  -> entry.first_badge | badge_needed
        2.0 badge ana2 outside -> entry.denied reason=same_person | denied
    """)
    screen = shown(player, 3)
    assert (screen.tone, screen.fact) == (Tone.REFUSED, Phrase("second_badge", ("13",)))
    assert keys(screen)[1:] == ("denied_same_person", "second_person")
    assert (shown(player, 7).tone, keys(shown(player, 7))[1]) == (Tone.CALM, "first_shown")


def test_an_open_door_is_to_be_shut() -> None:
    player = enter("""
        1.0 badge ana outside  -> entry.first_badge | badge_needed
            badge ben outside  -> entry.granted | release granted
        2.0 door opens         -> door.opened | secure
    """)
    assert keys(shown(player, 5)) == ("inside", "door_open", "shut_behind")
    play_on(player, "6.0 door shuts -> door.closed |")
    assert keys(shown(player, 7)) == ("inside", "", "show_badge")


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        ("5.0 lock fails -> source.lost | secure", "denied_lock_lost"),
        ("5.0 door lost  -> source.lost | secure", "denied_door_lost"),
    ],
)
def test_a_station_that_can_let_nobody_in_does_not_ask_for_badges(line: str, detail: str) -> None:
    assert keys(shown(enter(line), 9)) == ("denied", detail, "tell_supervisor")


def test_it_says_when_the_door_is_released_and_for_how_many() -> None:
    player = enter("""
        1.0 badge ana outside -> entry.first_badge | badge_needed
            card visitor      -> entry.visitor | noted
            badge ben outside -> entry.granted | release granted
    """)
    screen = shown(player, 3.5)
    assert (screen.tone, screen.fact, screen.detail) == (Tone.ACCEPTED, Phrase("enter"), Phrase("granted", ("3",)))
    assert screen.bar == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("badge", "detail", "instruction"),
    [
        ("nobody", "denied_unknown", "tell_supervisor"),
        ("tom", "denied_role", "tell_supervisor"),
        ("eve", "denied_expired", "tell_supervisor"),
    ],
)
def test_it_says_why_not_and_what_to_do(badge: str, detail: str, instruction: str) -> None:
    player = enter(f"1.0 badge {badge} outside -> entry.denied | denied")
    screen = shown(player, 2)
    assert (screen.tone, keys(screen)) == (Tone.REFUSED, ("denied", detail, instruction))
    assert keys(shown(player, 6)) == ("ready", "", "show_badge")


def test_without_a_roster_it_says_what_to_do() -> None:
    player = EntryPlayer()
    play("", NO_ROSTER, player)
    assert keys(shown(player, 1)) == ("no_roster", "denied_no_roster", "load_roster")
    assert list(alerts(player.station, Conditions())) == ["roster/none"]


def test_it_says_how_many_are_inside_and_how_sure_that_is() -> None:
    assert shown(entered(""), 60).fact == Phrase("inside", ("2",))
    assert shown(entered("", NO_INSIDE_READER), 60).fact == Phrase("inside_estimate", ("2",))
    unsure = entered("9.0 start -> station.started, entry.uncertain | secure quiet")
    assert (shown(unsure, 60).fact, keys(shown(unsure, 60))[2]) == (Phrase("inside_unsure", ("2",)), "count_heads")
    assert list(alerts(unsure.station, Conditions())) == ["entry/uncertain"]


def test_one_left_alone_sees_the_time_and_then_the_alarm() -> None:
    player = entered("5.0 badge ana inside -> entry.exited, entry.lone | noted")
    screen = shown(player, 20)
    assert (screen.fact, screen.detail) == (Phrase("alone_for", ("45",)), Phrase("one_inside", ("ben",)))
    assert screen.bar == pytest.approx(0.75)
    play_on(player, "70.0 time -> entry.uncertain, entry.lone_alarm | siren")
    assert keys(shown(player, 70)) == ("alone", "one_inside", "leave_or_join")


def play_on(player: EntryPlayer, *lines: str) -> None:
    for number, line in enumerate(lines):
        player.play_line(number, line)


@pytest.mark.parametrize(
    ("line", "fact", "alert"),
    [
        ("9.0 fire on -> egress.rex | ", "fire", ""),
        ("9.0 tamper opens -> door.tampered | siren", "tampered", "door/tampered"),
        ("9.0 lockdown on -> command.accepted, lockdown.set |", "lockdown", ""),
    ],
)
def test_what_is_wrong_stands_before_all_else(line: str, fact: str, alert: str) -> None:
    player = enter(line)
    assert shown(player, 30).fact.key == fact
    assert "".join(alerts(player.station, Conditions())) == alert


def test_a_forced_and_a_held_door_are_shown_and_told_of() -> None:
    player = enter("""
        1.0 door opens -> door.opened |
        1.9 time       -> door.forced, entry.uncertain | siren
    """)
    assert keys(shown(player, 30)) == ("forced", "door_forced", "explain_door")
    assert list(alerts(player.station, Conditions())) == ["door/forced", "entry/uncertain"]
    play_on(
        player, "2.0 badge sam desk -> entry.identified | noted", "2.0 card explain key -> door.explained | quiet noted"
    )
    play_on(player, "31.0 time -> door.held level=warn |")
    assert (keys(shown(player, 40))[0], shown(player, 40).tone) == ("shut_door", Tone.CALM)
    play_on(player, "61.0 time -> door.held level=alarm | siren")
    assert (keys(shown(player, 61))[0], shown(player, 61).tone) == ("shut_door", Tone.REFUSED)
    play_on(player, "62.0 badge sam desk -> entry.held_open | quiet noted")
    assert shown(player, 70).fact == Phrase("held_open", ("10",))


def test_an_open_count_keeps_its_screen_until_the_door_is_urgent() -> None:
    player = enter("""
        1.0 gun card start-count       -> count.opened | noted
            gun card location Shelf 1  -> count.located | noted
        2.0 gun scans A                -> count.scanned | counted
        2.5 badge sam desk             -> entry.identified | noted
    """)
    screen = shown(player, 3)
    assert (screen.duty, screen.tone, screen.fact.key, screen.bar) == ("count", Tone.ACCEPTED, "counted", None)
    play_on(player, "4.0 badge ana outside -> entry.first_badge | badge_needed")
    assert (shown(player, 5).duty, shown(player, 5).fact.key) == ("entry", "second_badge")


def test_a_refused_scan_is_answered_on_the_screen_before_the_door_has_it_again() -> None:
    player = enter("5.0 gun scans A -> scan.refused reason=no_session | refused")
    assert keys(shown(player, 6))[1] == "refused_no_session"
    assert keys(shown(player, 9))[0] == "ready"


def test_what_is_not_recorded_stands_before_the_door() -> None:
    player = enter("1.0 tamper opens -> door.tampered | siren")
    assert view(player.station, Conditions(storage="disk_full"), 2_000).tone is Tone.NOT_RECORDING


@pytest.mark.parametrize(("bar", "lit_px"), [(1.0, USED_PX), (0.5, USED_PX // 2), (0.0, 0), (7.0, USED_PX)])
def test_the_bar_shrinks(bar: float, lit_px: int) -> None:
    screen = View("entry", Tone.CALM, Phrase("ready"), None, None, shown(enter(""), 5).link, 0, None, bar=bar)
    picture = render_view(screen, "en", "UTC")
    assert [picture.getpixel((x, RULE_Y + 1)) for x in range(128)].count(255) == lit_px
