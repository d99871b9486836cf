"""Whose session it is: by a badge at the desk, or by the printed card of a person where no reader hangs there."""

import pytest
from msgspec.structs import replace

from station.domain.core.conditions import Conditions
from station.domain.core.view import Phrase
from station.domain.people.actors import Actor
from station.domain.people.policy import Policy
from station.domain.station.viewing import view
from tests.domain.play import play
from tests.session.play import BADGED, SessionPlayer, at_desk, at_work, go_on, moving

IDLE = "901.0 time -> session.paused reason=idle |"
"""Nobody has done anything since 1.0."""


def test_with_a_reader_at_the_desk_the_list_waits_for_a_badge() -> None:
    player = at_work(
        "1.0 gun card move -> session.opened badges=awaited | noted",
        SessionPlayer(("desk", "outside")),
    )
    shown = view(player.station, Conditions(), player.station.at)
    assert shown.instruction == Phrase("show_badge")
    go_on(
        player,
        """
        2.0 gun card location Vault -> scan.refused reason=no_badge text=Vault | refused
            gun scans A             -> scan.refused reason=no_badge | refused
            keypad keys 5           -> scan.refused reason=no_badge | refused
            gun card digit 5        -> scan.refused reason=no_badge text=5 | refused
            gun card undo           -> scan.refused reason=no_badge text=undo | refused
            gun card person ana     -> scan.refused reason=no_badge | refused
            badge ana desk          -> session.identified actors=ana by=badge | noted
            gun card location Vault -> session.located | noted
            gun scans A             -> session.scanned | counted
        """,
    )
    assert player.station.moves.actors == (Actor("ana", "associate"),)


def test_readers_at_the_door_alone_make_no_desk() -> None:
    at_work(
        "1.0 gun card move -> session.opened badges=not_fitted | noted",
        SessionPlayer(("outside", "inside")),
    )


def test_a_badge_at_the_desk_that_no_session_takes_is_entrys() -> None:
    at_desk(
        """
        2.0  badge stranger desk    -> entry.denied reason=not_served | denied
             badge lost desk        -> entry.denied | denied
             badge eve desk         -> entry.denied | denied
        32.0 badge ben desk         -> entry.denied | denied
             badge ana outside      -> entry.denied | denied
             gun card abandon       -> session.abandoned | noted
             badge ana desk         -> entry.denied | denied
        """
    )


def test_the_owners_badge_resumes_at_once() -> None:
    at_desk(
        IDLE
        + """
        950.0 badge ana2 desk -> session.resumed actors=ana | noted
              gun scans A     -> session.scanned | counted
        """
    )


def test_what_was_left_lying_goes_on_by_no_card() -> None:
    player = at_desk(IDLE)
    assert view(player.station, Conditions(), player.station.at).instruction == Phrase("show_badge")
    go_on(
        player,
        """
        950.0 gun card resume       -> scan.refused reason=no_badge | refused
              gun card resume moves -> scan.refused reason=no_badge | refused
              badge ana desk        -> session.resumed | noted
              gun card pause        -> session.paused | noted
              gun card resume       -> session.resumed actors=() | noted
        """,
    )


def test_another_persons_badge_is_refused() -> None:
    at_desk(IDLE + "\n950.0 badge ben desk -> scan.refused reason=other_person text=ben scanner=desk | denied")


def test_the_owner_hands_over_while_the_list_is_open() -> None:
    at_desk(
        """
        100.0 badge ana desk -> session.identified actors=ana | noted
        130.0 badge ben desk -> session.handed_over actors=ben giver=ana by=badge | noted
        150.0 badge ana desk -> entry.denied | denied
        """
    )


def test_half_a_minute_later_the_owner_has_to_show_it_again() -> None:
    at_desk(
        """
        100.0   badge ana desk -> session.identified actors=ana | noted
        130.001 badge ben desk -> entry.denied | denied
        """
    )


def test_a_supervisor_hands_over_an_absentees() -> None:
    at_desk(
        IDLE
        + """
        950.0   badge sam desk -> session.identified actors=sam | noted
        980.001 badge ben desk -> scan.refused reason=other_person | denied
        981.0   badge sam desk -> session.identified actors=sam | noted
        982.0   badge ben desk -> session.handed_over actors=ben giver=sam by=badge, session.resumed actors=ben | noted
        983.0   gun scans A    -> session.scanned | counted
                gun card pause -> session.paused | noted
                badge ana desk -> scan.refused reason=other_person | denied
                badge ben desk -> session.resumed actors=ben | noted
        """
    )


@pytest.mark.parametrize(("lead", "comes"), [("tom", "session.identified"), ("sam", "scan.refused")])
def test_the_policy_says_which_roles_supervise(lead: str, comes: str) -> None:
    policy = replace(Policy(opens=0, shuts=24 * 60), supervisors=("temp",), other_roles=("associate", "supervisor"))
    player = SessionPlayer(("desk",), policy=policy)
    begin = "0.0 start -> station.started | secure quiet\nroster 1 -> roster.loaded | reply"
    answer = "noted" if comes == "session.identified" else "denied"
    play(BADGED + IDLE + f"\n950.0 badge {lead} desk -> {comes} | {answer}", begin, player)


def test_a_paused_count_that_knows_no_badges_leaves_them_to_the_list_beneath_it() -> None:
    at_desk(
        """
        2.0 gun card pause       -> session.paused | noted
            gun card start-count -> count.opened | noted
            badge ana desk       -> entry.denied | denied
            gun card pause       -> count.paused | noted
            badge ana desk       -> session.resumed actors=ana | noted
        """
    )


# Without a reader


def test_a_printed_card_says_who_it_is_and_the_events_say_so() -> None:
    moving(
        """
        2.0   gun card person ana    -> session.identified actors=ana by=card badges=() | noted
              gun card person nobody -> scan.refused reason=no_person text=nobody | refused
              gun card person eve    -> scan.refused reason=no_person | refused
        3.0   gun card person ben    -> session.handed_over actors=ben giver=ana by=card | noted
        33.0  gun card person ana    -> scan.refused reason=no_person | refused
        933.0 time                   -> session.paused reason=idle |
              gun card resume        -> scan.refused reason=no_badge | refused
              gun card person ana    -> scan.refused reason=other_person | refused
              gun card person ben    -> session.resumed actors=ben | noted
        """
    )


def test_a_reader_that_the_settings_name_no_more_leaves_the_list_to_printed_cards() -> None:
    player = at_desk(IDLE)
    player.readers = ()
    go_on(
        player,
        """
        950.0 start                -> station.started
              gun card person ben  -> scan.refused reason=other_person | refused
              gun card person ana  -> session.resumed actors=ana | noted
        """,
    )


def test_a_list_of_nobodys_is_taken_up_by_the_card() -> None:
    moving("901.0 time -> session.paused reason=idle |\n gun card resume -> session.resumed | noted")


def test_a_persons_card_means_nothing_without_a_list() -> None:
    at_work(
        """
        1.0 gun card person ana  -> scan.refused reason=no_session | refused
            gun card start-count -> count.opened | noted
            gun card person ana  -> scan.refused reason=not_served | refused
        """
    )
