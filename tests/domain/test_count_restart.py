"""A count across a power cut: it goes on where it was."""

from station.domain.session.deciding import IDLE_MS
from station.domain.station.deadlines import due
from tests.domain.play import play

OPENED = """
    1.0 gun card start-count     -> count.opened | noted
        gun card location Shelf  -> count.located location=Shelf | noted
"""
GUIDED = """
    1.0 plan P-1 1 AB            -> plan.loaded | reply
        gun card start-count     -> count.opened | noted
        gun card location Shelf  -> count.located location=Shelf | noted
"""


def test_an_open_count_goes_on_where_it_was() -> None:
    play(
        GUIDED
        + """
        500.0 gun scans A         -> count.scanned | counted
              gun card digit 1    -> count.keyed text=1 | noted
        3.0   start               -> station.started clean=False
              gun scans A         -> count.exception reason=duplicate | already
              gun card digit 2    -> count.keyed text=12 | noted
              gun card enter      -> count.quantity tag=A quantity=12 | noted
              gun scans B         -> count.scanned location=Shelf | counted
        903.0 time                -> count.paused reason=idle
    """
    )


def test_a_paused_count_is_still_paused() -> None:
    play(
        OPENED
        + """
        2.0 gun card pause  -> count.paused | noted
        1.0 start           -> station.started
            gun scans A     -> scan.refused reason=paused | refused
            gun card resume -> count.resumed | noted
    """
    )


def test_the_idle_time_of_another_boot_is_not_held_against_the_count() -> None:
    player = play(OPENED + "5000.0 start -> station.started")
    assert due(player.station) == 5_000_000 + IDLE_MS
