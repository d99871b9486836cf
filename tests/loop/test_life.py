"""Deadlines, the inbox, clocks, snapshots, and the end of a station's run."""

import pytest
from msgspec.structs import replace

from station.domain.core.conditions import Link
from station.domain.core.decider import Decision
from station.domain.core.inputs import BarcodeScanned, DocumentOffered, SourceFound, SourceLost
from station.domain.count.book import read_plan
from station.domain.identifiers import command_text
from station.domain.lifecycle.events import ClockMoved, StationStopped
from station.domain.lifecycle.inputs import ClockStepped, StopRequested
from station.domain.session.deciding import IDLE_MS
from station.domain.session.events import ScanRefused
from station.domain.station import deadlines
from station.domain.station import decide as deciding
from station.spine.inbox import TAKE_MAX, Acked, Inbox, LinkMoved
from station.spine.loop import HALT_WITHIN_MS, SNAPSHOT_EVERY, WAKE_MS
from tests.loop.stage import OFFSET_MS, Stage, tag
from tests.snapshots import decoded


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.start_counting()
    return stage


# -- deadlines --


def test_a_deadline_fires_at_its_own_moment_before_a_later_input(stage: Stage) -> None:
    touched = stage.loop.durable.at
    stage.scan(tag(1), later_ms=IDLE_MS + 5_000)
    stage.commit()

    assert stage.types()[-2:] == ["count.paused", "scan.refused"]
    assert stage.recorded()[-2].at == touched + IDLE_MS


def test_a_deadline_fires_by_itself_and_the_loop_wakes_for_it(stage: Stage) -> None:
    touched = stage.loop.durable.at
    stage.now = touched + IDLE_MS - 300
    stage.step(later_ms=0)
    assert stage.groups == []
    assert stage.loop.wait_ms(stage.now) == 300

    stage.step(later_ms=300)
    assert stage.waiting() == ["count.paused"]


def test_an_input_of_before_the_deadline_keeps_it_off(stage: Stage) -> None:
    at = stage.loop.durable.at + IDLE_MS - 1
    stage.now = at + 400
    stage.step(BarcodeScanned("gun", at, tag(1).encode()), later_ms=0)

    assert stage.waiting() == ["count.scanned"]


def test_what_the_relay_says_keeps_no_deadline_waiting(stage: Stage) -> None:
    stage.step(Acked(1, 0), later_ms=IDLE_MS + 1)

    assert stage.waiting() == ["count.paused"]


def test_while_older_inputs_may_wait_no_deadline_is_fired_by_the_clock(stage: Stage) -> None:
    stage.step(*[Acked(1, 0)] * TAKE_MAX, later_ms=IDLE_MS + 1)

    assert stage.waiting() == []


def test_a_deadline_that_does_not_move_is_an_error(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "due", lambda _: 5)

    with pytest.raises(AssertionError, match="a deadline at 5 ms does not move"):
        stage.lose("pole")  # another state, so that its deadline is asked for


def test_while_nothing_is_recorded_deadlines_wait_and_fire_after_it(stage: Stage) -> None:
    stage.lose("pole")
    stage.fail()
    stage.step(later_ms=IDLE_MS + 1)
    assert stage.waiting() == ["storage.failed", "source.lost"]

    stage.commit()
    stage.step()
    assert stage.waiting() == ["count.paused"]


def test_a_deadline_of_the_last_boot_does_not_come_before_the_start(stage: Stage) -> None:
    again = Stage(stage.replayed(), stage.rows)
    again.now = stage.now + 2 * IDLE_MS
    again.start("boot-2")

    assert again.types()[-1] == "station.started"
    assert "count.paused" not in again.types()
    assert (again.recorded()[-1].boot, again.recorded()[-1].at) == ("boot-2", again.now - 1)


# -- the inbox --


def test_a_full_inbox_refuses_scans_takes_facts_and_tells_how_many() -> None:
    stage = Stage()
    stage.inbox = inbox = Inbox(scans_max=3)
    stage.loop._inbox = inbox
    stage.start()
    offered = [inbox.offer(BarcodeScanned("gun", 10_001, tag(number).encode())) for number in range(5)]
    assert offered == [True, True, True, False, False]
    assert inbox.offer(SourceLost("pole", 10_001, "unplugged"))
    assert inbox.take_refusals(10_002) == []

    stage.step(*inbox.take_messages(0))
    stage.commit()

    assert stage.types()[-5:] == ["scan.refused"] * 3 + ["source.lost", "scan.refused"]
    assert stage.events()[-1] == ScanRefused("gun", "inbox_full", times=2)


def test_the_inbox_gives_a_bounded_batch_in_order_and_waits_no_longer_than_told() -> None:
    inbox = Inbox()
    for seq in range(TAKE_MAX + 10):
        inbox.put(Acked(seq, 0))

    assert inbox.take_messages(0) == [Acked(seq, 0) for seq in range(TAKE_MAX)]
    assert inbox.take_messages(0) == [Acked(seq, 0) for seq in range(TAKE_MAX, TAKE_MAX + 10)]
    assert inbox.take_messages(0) == []
    assert inbox.take_messages(0.001) == []


# -- conditions --


def test_what_was_sent_is_written_with_the_next_event_and_costs_no_commit(stage: Stage) -> None:
    stage.step(Acked(3, 1), LinkMoved(Link.UP))
    assert stage.groups == []
    conditions = stage.loop.conditions
    assert (conditions.acked, conditions.withheld, conditions.link) == (3, 1, Link.UP)

    stage.scan(tag(1))
    assert stage.groups[0].rows[0][3] == 3


# -- the clock --


def test_a_clock_step_is_an_event_and_moves_wall_time_from_then_on(stage: Stage) -> None:
    stage.step(ClockStepped(stage.now + 1, OFFSET_MS + 60_000, "rtc"))
    stage.scan(tag(1))
    stage.commit()

    moved, scanned = stage.recorded()[-2:]
    assert moved.event == ClockMoved(60_000, OFFSET_MS + 60_000, "rtc")
    assert (moved.wall_ms - moved.at, moved.clock) == (OFFSET_MS + 60_000, "rtc")
    assert (scanned.wall_ms - scanned.at, scanned.clock) == (OFFSET_MS + 60_000, "rtc")


def test_a_clock_step_survives_a_failed_commit(stage: Stage) -> None:
    stage.step(ClockStepped(stage.now + 1, OFFSET_MS - 5_000, "synced"))
    stage.fail()
    stage.step(later_ms=250)
    stage.commit()

    assert stage.loop.durable.offset_ms == OFFSET_MS - 5_000


# -- snapshots --


def counted_up_to(seq: int) -> Stage:
    """A station whose count has come so far, and is not closed."""
    stage = Stage()
    stage.start_counting()
    for number in range(seq - len(stage.rows) + 1):
        stage.scan(tag(number))
        stage.commit()
    assert stage.loop.durable.seq == seq
    return stage


def test_a_snapshot_is_taken_between_sessions_in_the_group_of_its_event() -> None:
    stage = counted_up_to(SNAPSHOT_EVERY + 20)
    assert [group.snapshot for group in stage.submitted if group.snapshot] == []

    stage.scan(command_text("close"))
    [kept] = [group.snapshot for group in stage.groups]
    assert kept is not None
    stage.commit()
    assert kept.seq == stage.loop.durable.seq
    assert decoded(kept.state).seq == kept.seq

    stage.lose("pole")
    assert stage.groups[0].snapshot is None


def test_restarts_do_not_keep_a_snapshot_from_being_taken() -> None:
    stage = counted_up_to(SNAPSHOT_EVERY - 10)
    stage.scan(command_text("abandon"))
    stage.commit()
    again = Stage(stage.replayed(), stage.rows, snapshot_seq=-1)
    again.start()
    for number in range(10):
        again.lose(f"s{number}")

    assert any(group.snapshot for group in again.submitted)


def test_a_start_from_a_snapshot_takes_the_next_one_a_thousand_events_later() -> None:
    stage = counted_up_to(SNAPSHOT_EVERY)
    stage.scan(command_text("abandon"))
    stage.commit()
    again = Stage(stage.replayed(), stage.rows, snapshot_seq=stage.loop.durable.seq)
    again.start()
    again.lose("pole")

    assert not any(group.snapshot for group in again.submitted)


# -- the end --


def halted(stage: Stage) -> bool:
    return stage.loop.is_halted


def test_a_stop_halts_the_loop_once_it_is_durable(stage: Stage) -> None:
    stage.step(StopRequested(stage.now + 1, "SIGTERM"))
    assert halted(stage) is False

    stage.commit()
    assert halted(stage)
    assert stage.events()[-1] == StationStopped("SIGTERM")
    assert stage.replayed().lifecycle.is_stopped


def test_nothing_follows_a_stop(stage: Stage) -> None:
    stage.scan(tag(1))
    stage.step(StopRequested(stage.now + 1, "SIGTERM"))
    stage.scan(tag(2))
    stage.lose("pole")
    stage.step(StopRequested(stage.now + 1, "SIGTERM"))
    stage.step(later_ms=IDLE_MS + 1)
    stage.commit()

    assert stage.types()[-2:] == ["count.scanned", "station.stopped"]
    assert stage.outputs.done == ["gun refused", "gun counted"]


def test_a_stop_is_recorded_after_the_scans_that_were_refused(stage: Stage) -> None:
    stage.scan(tag(1))
    stage.fail()
    stage.scan(tag(2))
    stage.step(StopRequested(stage.now + 1, "SIGTERM"), later_ms=250)
    stage.commit()

    assert stage.types()[-3:] == ["storage.failed", "scan.refused", "station.stopped"]
    assert stage.loop.is_halted


def test_a_stop_on_a_dead_disk_halts_all_the_same(stage: Stage) -> None:
    stage.step(StopRequested(stage.now + 1, "SIGTERM"))
    stage.fail()
    stage.step(later_ms=HALT_WITHIN_MS - 100)
    assert halted(stage) is False

    stage.step(later_ms=200)
    assert halted(stage)


def test_the_loop_never_sleeps_longer_than_its_watchdog_needs(stage: Stage) -> None:
    stage.step(later_ms=5_000)
    assert 0 < stage.loop.wait_ms(stage.now) <= WAKE_MS


# -- documents --


PLAN = b"""{"plan": "P-1", "version": 1, "kind": "guided", "location": "Vault A",
 "packages": [{"tag": "1A4060300000001000000001", "item": "Cart 1 g", "unit": "ea"}]}"""


def test_a_plan_comes_with_its_event_and_its_caller_is_answered_after_the_commit(stage: Stage) -> None:
    stage.step(DocumentOffered(stage.now + 1, "plan", read_plan(PLAN), PLAN, "root", 7))
    assert [content for _, content in stage.groups[0].documents] == [PLAN]
    assert stage.outputs.done == []

    stage.commit()
    assert stage.outputs.done == ["reply 7 plan P-1 version 1: 1 packages"]
    assert stage.replayed().count.loaded == read_plan(PLAN).plan


def test_a_plan_whose_commit_fails_is_stored_with_the_next(stage: Stage) -> None:
    stage.step(DocumentOffered(stage.now + 1, "plan", read_plan(PLAN), PLAN, "root", 7))
    stage.fail()
    stage.step(later_ms=250)
    assert [content for _, content in stage.groups[0].documents] == [PLAN]
    stage.commit()

    assert stage.outputs.done == ["reply 7 plan P-1 version 1: 1 packages"]
    assert stage.replayed().count.loaded == read_plan(PLAN).plan


def test_of_two_plans_of_one_version_only_the_first_is_taken(stage: Stage) -> None:
    stage.step(*(DocumentOffered(stage.now + 1, "plan", read_plan(PLAN), PLAN, "root", caller) for caller in (1, 2)))
    stage.commit()

    assert stage.types().count("plan.loaded") == 1
    assert stage.outputs.done[0] == "reply 1 plan P-1 version 1: 1 packages"
    assert "must be above 1" in stage.outputs.done[1]


def test_a_decision_with_effects_only_needs_no_commit(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "decide", lambda *_: Decision())
    stage.step(SourceFound("gun", stage.now + 1))

    assert stage.groups == []
    assert replace(stage.loop.durable) == stage.loop.durable
