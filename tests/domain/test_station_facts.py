"""Starts, stops, the clock, devices, storage: what the station says of itself."""

from typing import Any

import pytest

from station.domain.core.effects import Halt
from station.domain.core.inputs import DeadlineReached, Input, SourceFound, SourceLost
from station.domain.lifecycle.inputs import Started, StopRequested
from station.domain.station.decide import decide
from station.domain.station.state import INITIAL, Station
from tests.domain.play import OFFSET_MS, play
from tests.domain.stamping import Stamping


def started(at: int = 1, offset_ms: int = 5, **said: str) -> Started:
    fixed: dict[str, Any] = {"boot": "b", "quality": "synced", "version": "1.0", "settings": "1"} | said
    return Started(at=at, offset_ms=offset_ms, **fixed)


# -- start and stop --


def test_the_first_start_is_clean_and_is_the_first_event() -> None:
    station = play("").station
    assert (station.seq, station.boot, station.offset_ms, station.quality) == (0, "boot-1", OFFSET_MS, "synced")
    assert not station.lifecycle.is_stopped


def test_a_start_says_what_runs_and_whether_the_last_run_ended_in_order() -> None:
    player = play("""
        5.0 stop                     -> station.stopped reason=sigterm | halt
        1.0 start version=1.1        -> station.started version=1.1 clean=True quality=synced settings=1
        2.0 start                    -> station.started clean=False
    """)
    assert player.station.boot == "boot-3"


def test_stop_is_the_last_event_and_halts_the_loop() -> None:
    station = play("5.0 stop operator -> station.stopped reason=operator | halt").station
    assert station.lifecycle.is_stopped


def test_a_new_journal_says_why_it_began_before_anything_else() -> None:
    play(
        "",
        begin="0.0 start epoch_reason=corrupt previous_epoch=E-1 -> epoch.began reason=corrupt previous=E-1, "
        "station.started clean=True",
    )


def test_other_settings_than_at_the_last_start_are_told() -> None:
    play("""
        1.0 start settings=1 -> station.started
        2.0 start settings=2 -> station.started settings=2, settings.changed before=1 after=2
        3.0 start settings=2 -> station.started
    """)


def test_a_wall_clock_that_stands_before_the_last_event_is_told_at_the_start() -> None:
    player = play(f"""
        9.0 pole lost -> source.lost
        1.0 start back_ms={OFFSET_MS} -> station.started, clock.stepped by_ms=-8000 quality=synced
    """)
    assert player.station.offset_ms == OFFSET_MS


def test_a_wall_clock_that_stands_exactly_at_the_last_event_is_not_told() -> None:
    play(f"9.0 pole lost -> source.lost\n9.0 start back_ms={OFFSET_MS} -> station.started")


def test_moments_of_another_boot_do_not_hold_back_this_ones() -> None:
    player = play("""
        9000.0 gun scans A -> scan.refused reason=no_session | refused
        2.0    start       -> station.started
        3.0    gun scans A -> scan.refused | refused
    """)
    assert player.station.at == 3_000


# -- the clock --


def test_a_step_of_the_clock_is_told_with_what_it_came_to() -> None:
    player = play(f"""
        1.0 clock +1500 synced -> clock.stepped by_ms=1500 offset_ms={OFFSET_MS + 1500} quality=synced
            clock -500 synced  -> clock.stepped by_ms=-500 offset_ms={OFFSET_MS + 1000}
            clock +0 synced    -> nothing
            clock +0 rtc       -> clock.stepped by_ms=0 quality=rtc
    """)
    assert (player.station.offset_ms, player.station.quality) == (OFFSET_MS + 1000, "rtc")
    assert player.station.wall_ms == 1_000 + OFFSET_MS + 1000


# -- devices --


def test_a_device_is_lost_once_and_found_once() -> None:
    station = play("""
        1.0 gun lost gone     -> source.lost source=gun reason=gone
            gun lost gone     -> nothing
            pole lost         -> source.lost source=pole
            pole found        -> source.found source=pole
            pole found        -> nothing
    """).station
    assert dict(station.lifecycle.lost.items()) == {"gun": "gone"}


def test_devices_that_were_lost_are_forgotten_at_the_next_start() -> None:
    station = play("""
        1.0 gun lost  -> source.lost
        2.0 start     -> station.started
            gun found -> nothing
            gun lost  -> source.lost
    """).station
    assert list(station.lifecycle.lost) == ["gun"]


def test_the_systems_own_text_is_bounded_and_made_to_fit_json() -> None:
    stamping = Stamping()
    [lost], _ = stamping.put(SourceLost("gun", 1, "\udcff" + "é" * 1_000))
    assert getattr(lost, "reason", "") == "?" + "é" * 199
    assert stamping.replayed() == stamping.station


# -- storage and refusals at the door --


def test_a_failed_commit_says_for_how_long() -> None:
    play("9.0 storage disk_full 3000 -> storage.failed reason=disk_full for_ms=3000")


def test_scans_refused_unread_are_latched_and_answered_by_their_driver() -> None:
    station = play("1.0 gun overflows 12 -> scan.refused scanner=gun reason=inbox_full times=12 text=").station
    assert station.session.unseen == 12


def test_refusals_are_cleared_by_the_seen_card_only() -> None:
    station = play("""
        1.0 gun scans junk!  -> scan.refused | refused
            gun card seen    -> scan.refusals_seen times=1 | noted
            gun scans junk!  -> scan.refused | refused
        2.0 start            -> station.started
    """).station
    assert station.session.unseen == 1


# -- deadlines and what is unknown --


@pytest.mark.parametrize("at", [0, 10**12])
def test_a_deadline_that_nobody_set_comes_to_nothing(at: int) -> None:
    assert not decide(INITIAL, DeadlineReached(at)).events


def test_a_deadline_that_was_put_off_meanwhile_comes_to_nothing() -> None:
    station = play("1.0 gun card start-count -> count.opened | noted").station
    assert not decide(station, DeadlineReached(1_000)).events
    assert decide(station, DeadlineReached(1_000 + 15 * 60_000)).events


def test_an_input_that_the_domain_does_not_know_comes_to_nothing() -> None:
    assert decide(INITIAL, Input()) == decide(INITIAL, SourceFound("gun", 1))
    assert not decide(INITIAL, Input()).events


def test_halt_is_asked_for_by_a_stop_only() -> None:
    assert decide(INITIAL, StopRequested(1, "sigterm")).effects == (Halt(),)
    assert not decide(INITIAL, started()).effects


def test_deciding_leaves_the_state_as_it_was() -> None:
    decide(INITIAL, started())
    assert Station() == INITIAL
