"""A count from its start card to its close: what opens, goes on, rests and ends it."""

import pytest

from station.domain.session.deciding import IDLE_MS
from station.domain.session.state import Phase
from station.domain.station.deadlines import due
from tests.domain.play import play
from tests.domain.tags import tag

OPENED = """
    1.0 gun card start-count     -> count.opened | noted
        gun card location Shelf  -> count.located location=Shelf | noted
"""
GUIDED = """
    1.0 plan P-1 1 AB            -> plan.loaded | reply
        gun card start-count     -> count.opened | noted
        gun card location Shelf  -> count.located location=Shelf | noted
"""


# -- opening --


def test_without_a_plan_the_start_card_opens_a_free_count() -> None:
    station = play("1.0 gun card start-count -> count.opened kind=free session=C000001 planned=0 | noted").station
    assert (station.count.phase, station.count.plan) == (Phase.OPEN, None)


def test_with_a_plan_the_start_card_opens_a_guided_count() -> None:
    station = play("""
        1.0 plan P-1 3 AB        -> plan.loaded plan=P-1 version=3 packages=2 | reply
            gun card start-count -> count.opened kind=guided plan=P-1 plan_version=3 planned=2 | noted
    """).station
    assert station.count.plan is station.count.loaded


def test_a_free_card_leaves_the_plan_for_later() -> None:
    play("""
        1.0 plan P-1 1 AB             -> plan.loaded | reply
            gun card start-count free -> count.opened kind=free | noted
            gun card close            -> count.closed | noted
            gun card start-count      -> count.opened kind=guided plan=P-1 | noted
    """)


def test_a_start_card_that_names_a_plan_opens_that_plan_only() -> None:
    play("""
        1.0 gun card start-count P-1    -> scan.refused reason=no_plan text=P-1 | refused
            gun card start-count guided -> scan.refused reason=no_plan | refused
            plan P-2 1 AB               -> plan.loaded | reply
            gun card start-count P-1    -> scan.refused reason=no_plan | refused
            gun card start-count P-2    -> count.opened plan=P-2 | noted
            gun card abandon            -> count.abandoned | noted
            gun card start-count guided -> count.opened plan=P-2 | noted
    """)


def test_a_count_says_that_no_badges_are_fitted() -> None:
    player = play("1.0 gun card start-count -> count.opened badges=not_fitted actors=() | noted")
    assert b'"badges":"not_fitted"' in player.stamping.leaves[-1]


def test_an_open_count_is_not_opened_again() -> None:
    play(
        OPENED
        + """
            pole card start-count -> scan.refused reason=already_open text=start-count scanner=pole | refused
        2.0 gun card pause        -> count.paused reason=card | noted
            gun card start-count  -> scan.refused reason=already_open | refused
    """
    )


def test_sessions_are_numbered_within_the_epoch_across_restarts() -> None:
    play("""
        1.0 gun card start-count -> count.opened session=C000001 | noted
            gun card close       -> count.closed session=C000001 | noted
        0.5 start                -> station.started clean=False
            gun card start-count -> count.opened session=C000002 | noted
            gun card abandon     -> count.abandoned session=C000002 | noted
            gun card start-count -> count.opened session=C000003 | noted
    """)


@pytest.mark.parametrize("verb", ["undo", "pause", "resume", "close", "abandon", "enter", "clear"])
def test_without_a_count_its_cards_are_refused(verb: str) -> None:
    play(f"1.0 gun card {verb} -> scan.refused reason=no_session text={verb} | refused")


def test_without_a_count_locations_digits_packages_and_numbers_are_refused() -> None:
    play("""
        1.0 gun card location Shelf -> scan.refused reason=no_session | refused
            gun card digit 5        -> scan.refused reason=no_session | refused
            gun scans A             -> scan.refused reason=no_session | refused
            gun scans A#1           -> scan.refused reason=no_session | refused
            keypad keys 12          -> scan.refused reason=no_session text=12 | refused
    """)


@pytest.mark.parametrize("verb", ["nothing-more", "submit", "status", "language"])
def test_verbs_of_later_releases_are_refused_as_such_in_any_phase(verb: str) -> None:
    play(f"""
        1.0 gun card {verb}      -> scan.refused reason=not_served text={verb} | refused
            gun card start-count -> count.opened | noted
            gun card {verb}      -> scan.refused reason=not_served | refused
            gun card pause       -> count.paused | noted
            gun card {verb}      -> scan.refused reason=not_served | refused
    """)


def test_the_test_card_is_heard_and_recorded_nowhere() -> None:
    player = play("1.0 gun card test -> nothing | noted")
    assert len(player.stamping.leaves) == 1


# -- location first --


def test_a_location_comes_before_the_first_package() -> None:
    play("""
        1.0 gun card start-count     -> count.opened | noted
            gun scans A              -> scan.refused reason=no_location | refused
            keypad keys 5            -> scan.refused reason=no_location | refused
            gun card location Shelf  -> count.located | noted
            gun scans A              -> count.scanned tag=A location=Shelf | counted
            pole card location Bin   -> count.located scanner=pole | noted
            gun scans B              -> count.scanned location=Bin | counted
    """)


def test_a_location_is_of_its_count_only() -> None:
    play(
        OPENED
        + """
            gun card close       -> count.closed | noted
            gun card start-count -> count.opened | noted
            gun scans A          -> scan.refused reason=no_location | refused
    """
    )


# -- packages and units --


def test_a_package_counts_once_whichever_scanner_sees_it_again() -> None:
    station = play(
        OPENED
        + """
        2.0 gun scans A  -> count.scanned tag=A scanner=gun unit_index=None | counted
            gun scans A  -> count.exception tag=A reason=duplicate | already
            pole scans A -> count.exception tag=A reason=duplicate scanner=pole | already
            pole scans B -> count.scanned tag=B | counted
    """
    ).station
    assert (len(station.count.packages), station.count.units, station.session.unseen) == (2, 0, 0)


def test_an_aim_prefix_changes_nothing() -> None:
    play(
        OPENED
        + f"""
            gun scans ]C1{tag("A")} -> count.scanned tag=A | counted
            gun scans A             -> count.exception tag=A reason=duplicate | already
    """
    )


def test_the_same_unit_is_already_counted_and_another_is_one_more() -> None:
    station = play(
        OPENED
        + """
            gun scans A#1  -> count.scanned tag=A unit_index=1 | counted
            pole scans A#1 -> count.exception tag=A unit_index=1 reason=duplicate | already
            gun scans A#2  -> count.scanned tag=A unit_index=2 | counted
            gun scans A#0  -> count.scanned tag=A unit_index=0 | counted
            gun scans B#1  -> count.scanned tag=B unit_index=1 | counted
    """
    ).station
    assert (len(station.count.packages), station.count.units) == (2, 4)


def test_a_unit_counts_after_its_whole_package_and_the_package_after_its_unit() -> None:
    station = play(
        OPENED
        + """
            gun scans A   -> count.scanned tag=A unit_index=None | counted
            gun scans A#1 -> count.scanned tag=A unit_index=1 | counted
            gun scans B#1 -> count.scanned tag=B unit_index=1 | counted
            gun scans B   -> count.scanned tag=B unit_index=None | counted
    """
    ).station
    assert (len(station.count.packages), station.count.units) == (2, 2)


def test_what_is_not_planned_does_not_count_and_is_latched() -> None:
    station = play(
        GUIDED
        + """
            gun scans C    -> count.exception tag=C reason=unknown location=Shelf | refused
            pole scans C#4 -> count.exception tag=C reason=unknown unit_index=4 | refused
            gun scans A    -> count.scanned tag=A | counted
            gun scans B#1  -> count.scanned tag=B | counted
    """
    ).station
    assert (station.session.unseen, station.count.refused, sorted(station.count.packages)) == (
        2,
        2,
        [tag("A"), tag("B")],
    )


# -- pause, resume, idle --


def test_a_paused_count_takes_nothing_until_it_is_resumed() -> None:
    play(
        OPENED
        + """
        2.0 gun card pause          -> count.paused reason=card | noted
            gun scans A             -> scan.refused reason=paused | refused
            keypad keys 5           -> scan.refused reason=paused | refused
            gun card location Bin   -> scan.refused reason=paused text=location | refused
            gun card undo           -> scan.refused reason=paused | refused
            gun card close          -> scan.refused reason=paused | refused
            gun card pause          -> scan.refused reason=paused | refused
            gun card resume         -> count.resumed | noted
            gun card resume         -> scan.refused reason=already_open | refused
            gun scans A             -> count.scanned location=Shelf | counted
    """
    )


def test_fifteen_idle_minutes_pause_the_count_once() -> None:
    player = play(
        OPENED
        + """
        60.0    gun scans A -> count.scanned | counted
        959.999 time        -> nothing
        960.0   time        -> count.paused reason=idle
        9000.0  time        -> nothing
    """
    )
    assert player.stamping.recorded[-1].at == 60_000 + IDLE_MS


def test_a_scan_after_the_idle_moment_comes_after_the_pause() -> None:
    play(OPENED + "901.0 gun scans A -> count.paused reason=idle, scan.refused reason=paused | refused")


@pytest.mark.parametrize(
    "sign_of_life",
    [
        "gun scans A -> count.exception reason=duplicate | already",
        "gun scans junk! -> scan.refused reason=not_a_code | refused",
        "gun card digit 1 -> count.keyed | noted",
        "gun card undo -> count.undo_asked | noted",
    ],
)
def test_whatever_somebody_does_puts_the_idle_moment_off(sign_of_life: str) -> None:
    play(
        OPENED
        + f"""
            gun scans A    -> count.scanned | counted
        800.0 {sign_of_life}
        1699.9 time        -> nothing
        1700.0 time        -> count.paused reason=idle
    """
    )


def test_looking_at_the_refusals_puts_the_idle_moment_off() -> None:
    play(
        OPENED
        + """
              gun scans junk! -> scan.refused | refused
        800.0 gun card seen   -> scan.refusals_seen | noted
        1699.9 time           -> nothing
    """
    )


def test_devices_and_the_clock_do_not_put_the_idle_moment_off() -> None:
    play(
        OPENED
        + """
        800.0 pole lost         -> source.lost
              pole found        -> source.found
              clock +500 synced -> clock.stepped
        901.0 time              -> count.paused reason=idle
    """
    )


def test_only_an_open_count_has_a_deadline() -> None:
    assert due(play("").station) is None
    assert due(play(OPENED).station) == 1_000 + IDLE_MS
    assert due(play(OPENED + "2.0 gun card pause -> count.paused | noted").station) is None
    assert due(play(OPENED + "2.0 gun card close -> count.closed | noted").station) is None


# -- ending --


def test_close_says_what_was_seen_and_lets_go_of_the_plan() -> None:
    station = play(
        GUIDED
        + """
            gun scans A    -> count.scanned | counted
            gun scans B#1  -> count.scanned | counted
            gun scans B#2  -> count.scanned | counted
            gun scans C    -> count.exception reason=unknown | refused
            gun card seen  -> scan.refusals_seen times=1 scanner=gun | noted
            gun card close -> count.closed session=C000001 packages=2 units=2 planned=2 refused=1 | noted
    """
    ).station
    assert (station.count.phase, station.count.loaded, station.count.loaded_document) == (Phase.IDLE, None, "")
    assert not station.count.packages


def test_close_waits_until_the_refusals_were_seen() -> None:
    station = play(
        OPENED
        + """
            gun scans junk!  -> scan.refused reason=not_a_code | refused
            gun card close   -> scan.refused reason=refusals_unseen text=close | refused
            gun overflows 4  -> scan.refused reason=inbox_full times=4
            pole card seen   -> scan.refusals_seen times=6 scanner=pole | noted
            gun card seen    -> nothing | noted
            gun card close   -> count.closed refused=6 | noted
    """
    ).station
    assert station.session.unseen == 0


def test_refusals_from_before_a_count_are_not_the_counts_but_must_be_seen() -> None:
    play("""
        1.0 gun scans A          -> scan.refused reason=no_session | refused
            gun card start-count -> count.opened | noted
            gun card close       -> scan.refused reason=refusals_unseen | refused
            gun card seen        -> scan.refusals_seen times=2 | noted
            gun card close       -> count.closed refused=1 | noted
    """)


def test_abandon_ends_an_open_or_a_paused_count_whatever_is_unseen_and_keeps_the_plan() -> None:
    station = play(
        GUIDED
        + """
            gun scans C          -> count.exception reason=unknown | refused
            gun card abandon     -> count.abandoned reason=card session=C000001 | noted
            gun card start-count -> count.opened plan=P-1 session=C000002 | noted
            gun card pause       -> count.paused | noted
            gun card abandon     -> count.abandoned session=C000002 | noted
    """
    ).station
    assert station.count.phase is Phase.IDLE
    assert station.count.loaded is not None
    assert station.session.unseen == 1


def test_a_plan_that_comes_during_a_count_is_for_the_next_one() -> None:
    station = play(
        GUIDED
        + """
            plan P-1 2 ABC   -> plan.loaded version=2 | reply
            gun scans C      -> count.exception reason=unknown | refused
            gun card seen    -> scan.refusals_seen | noted
            gun card close   -> count.closed planned=2 | noted
    """
    ).station
    assert station.count.loaded is not None
    assert station.count.loaded.version == 2
