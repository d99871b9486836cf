"""One session of all has the floor: who takes it, who gives it back, and which cards a station serves at all."""

from msgspec.structs import replace

from station.domain.core.conditions import Conditions
from station.domain.core.view import Phrase
from station.domain.session.deciding import IDLE_MS, IDLE_WARNING_MS
from station.domain.station.deadlines import due
from station.domain.station.state import with_floor
from station.domain.station.viewing import view
from tests.session.play import SessionPlayer, at_desk, at_work, go_on, moving

COUNT_BESIDE = """
    2.0 gun scans A             -> session.scanned tag=A | counted
        gun card pause          -> session.paused reason=card | noted
        gun card start-count    -> count.opened | noted
        gun card location Shelf -> count.located | noted
        gun scans A             -> count.scanned tag=A | counted
"""
"""A count, with a list of moves paused beneath it."""


def said(player: SessionPlayer, after_ms: int = 0) -> list[Phrase | None]:
    """The three lines that the screen says so much later than the newest event."""
    shown = view(player.station, Conditions(), player.station.at + after_ms)
    return [shown.fact, shown.detail, shown.instruction]


def test_a_start_card_is_refused_while_another_session_has_the_floor_and_says_whose() -> None:
    player = moving("2.0 gun card start-count -> scan.refused reason=floor_taken text=moves | refused")
    assert said(player)[1] == Phrase("refused_floor_taken", ("moves",))
    at_work(
        """
        1.0 gun card start-count -> count.opened | noted
            gun card move        -> scan.refused reason=floor_taken text=count | refused
        """
    )


def test_pausing_gives_the_floor_back_and_each_session_keeps_what_is_its_own() -> None:
    player = moving(
        COUNT_BESIDE
        + """
        3.0 gun card resume         -> scan.refused reason=already_open | refused
            gun card resume moves   -> scan.refused reason=floor_taken text=count | refused
            gun card pause          -> count.paused | noted
            gun card resume moves   -> session.resumed session=M000001 | noted
            gun card location Floor -> session.located, move.recorded tag=A from_place=Vault | noted
            gun card resume count   -> scan.refused reason=floor_taken text=moves | refused
            gun card seen           -> scan.refusals_seen times=3 | noted
            gun card close          -> session.closed packages=1 | noted
            gun scans B             -> scan.refused reason=paused | refused
            gun card resume count   -> count.resumed | noted
            gun scans B             -> count.scanned tag=B location=Shelf | counted
        """
    )
    assert with_floor(player.station) == "count"


def test_resume_takes_up_the_session_that_was_paused_last() -> None:
    moving(
        COUNT_BESIDE
        + """
        3.0 gun card pause  -> count.paused | noted
            gun scans B     -> scan.refused reason=paused | refused
            gun card resume -> count.resumed | noted
            gun card pause  -> count.paused | noted
            gun card resume moves -> session.resumed | noted
            gun card pause  -> session.paused | noted
            gun card resume -> session.resumed | noted
        """
    )


def test_resume_of_what_is_not_paused_or_no_duty_is_refused() -> None:
    moving(
        """
        2.0 gun card resume moves   -> scan.refused reason=already_open | refused
            gun card resume count   -> scan.refused reason=no_session | refused
            gun card resume people  -> scan.refused reason=bad_card text=people | refused
            gun card pause          -> session.paused | noted
            gun card pause          -> scan.refused reason=paused | refused
            gun card move           -> scan.refused reason=already_open | refused
            gun card location Floor -> scan.refused reason=paused | refused
            keypad keys 5           -> scan.refused reason=paused | refused
            gun card abandon        -> session.abandoned | noted
            gun card resume         -> scan.refused reason=no_session | refused
        """
    )


def test_a_session_that_nobody_touches_is_paused_and_says_so_a_minute_before() -> None:
    player = moving("2.0 gun scans A -> session.scanned | counted")
    assert due(player.station) == 2_000 + IDLE_MS
    assert said(player, IDLE_MS - IDLE_WARNING_MS - 1)[1] == Phrase("picked_up", ("000065",))
    assert said(player, IDLE_MS - IDLE_WARNING_MS)[1] == Phrase("pauses_in", ("60",))
    assert said(player, IDLE_MS - 1)[1] == Phrase("pauses_in", ("1",))
    go_on(player, "902.0 time -> session.paused reason=idle |\n gun card resume -> session.resumed | noted")


def test_a_refusal_and_seen_are_work_too() -> None:
    moving(
        """
        700.0  gun scans nonsense -> scan.refused | refused
        1400.0 gun card seen      -> scan.refusals_seen | noted
        2299.9 time               -> nothing |
        2300.0 time               -> session.paused reason=idle |
        """
    )


def test_a_paused_session_is_paused_no_second_time() -> None:
    player = moving("2.0 gun card pause -> session.paused | noted")
    assert due(player.station) is None
    assert said(player)[0] == Phrase("paused")
    assert said(player)[2] == Phrase("scan_resume")


def test_a_card_of_a_duty_that_the_settings_do_not_name_is_refused() -> None:
    at_work(
        """
        1.0 gun card start-count    -> scan.refused reason=not_my_duty text=start-count | refused
            gun card explain key    -> scan.refused reason=not_my_duty | refused
            gun card move           -> session.opened | noted
        """,
        SessionPlayer(duties=("stock",)),
    )
    at_work(
        "1.0 gun card move -> scan.refused reason=not_my_duty text=move | refused", SessionPlayer(duties=("count",))
    )


def test_a_verb_of_no_room_is_unknown_and_an_argument_that_cannot_be_is_a_bad_card() -> None:
    at_work(
        """
        1.0 gun card fly to-mars -> scan.refused reason=unknown_command | refused
            gun card digit 12    -> scan.refused reason=bad_card | refused
            gun card location    -> scan.refused reason=bad_card | refused
            gun card person      -> scan.refused reason=bad_card | refused
            gun card submit      -> scan.refused reason=not_served | refused
        """
    )


# A power cut


def test_a_power_cut_leaves_everything_as_it_was() -> None:
    moving(
        """
        2.0 gun scans A             -> session.scanned tag=A | counted
            gun card digit 4        -> session.keyed text=4 | noted
        3.0 start                   -> station.started clean=False
            gun card digit 2        -> session.keyed text=42 | noted
            gun card enter          -> session.quantity tag=A quantity=42 | noted
            gun card undo           -> session.undo_asked | noted
        4.0 start                   -> station.started clean=False
            gun card undo           -> session.undo_asked | noted
            gun card undo           -> session.undone | noted
            gun card location Floor -> session.located, move.recorded tag=A quantity=None | noted
        5.0 start                   -> station.started clean=False
            gun card undo           -> session.undo_asked | noted
            gun card undo           -> session.undone, move.recorded to_place=Vault | noted
            gun card pause          -> session.paused | noted
        6.0 start                   -> station.started clean=False
            gun scans A             -> scan.refused reason=paused | refused
            gun card resume         -> session.resumed | noted
        """
    )


def test_who_showed_a_badge_before_a_power_cut_has_to_show_it_again() -> None:
    at_desk(
        """
        2.0 badge ana desk -> session.identified actors=ana | noted
        3.0 start          -> station.started
            gun card sign  -> scan.refused reason=no_badge | refused
        """
    )


def test_the_idle_time_of_another_boot_is_not_held_against_the_list() -> None:
    player = moving("5000.0 start -> station.started")
    assert due(player.station) == 5_000_000 + IDLE_MS
    assert replace(player.station.moves, active_at=0) != player.station.moves
