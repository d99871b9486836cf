"""No answer before its commit, in order, and what happens when a commit fails or stalls."""

import pytest

from station.domain.core.effects import Signal
from station.domain.core.inputs import BarcodeScanned
from station.domain.core.view import Tone
from station.domain.count.events import CountScanned
from station.domain.identifiers import command_text
from station.domain.lifecycle.events import SourceWentAway, StorageDidFail
from station.domain.session.events import ScanRefused
from station.journal.faults import StorageFault
from station.journal.writer import CommitFailed
from station.spine.journal_lost import JournalLost
from station.spine.loop import RETRY_FIRST_MS, RETRY_MAX_MS, STALLED_MS
from tests.loop.stage import Stage, tag


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.start_counting()
    return stage


# -- durable first --


def test_a_scan_is_answered_when_it_is_durable_and_not_before(stage: Stage) -> None:
    stage.scan(tag(1))
    stage.step()
    assert stage.outputs.done == []

    stage.commit()
    assert stage.outputs.done == ["gun counted"]
    assert isinstance(stage.events()[-1], CountScanned)


def test_answers_keep_the_order_of_their_scans_even_where_nothing_is_recorded(stage: Stage) -> None:
    stage.scan(tag(1), command_text("test"), tag(1), tag(2), "not a code")
    assert stage.outputs.done == []

    stage.commit()
    assert stage.outputs.done == ["gun counted", "gun noted", "gun already", "gun counted", "gun refused"]


def test_what_needs_no_record_is_answered_at_once_when_nothing_waits(stage: Stage) -> None:
    stage.scan(command_text("test"))

    assert stage.outputs.done == ["gun noted"]
    assert stage.groups == []


def test_inputs_that_wait_are_one_group(stage: Stage) -> None:
    stage.scan(*map(tag, range(20)))

    assert [len(group.rows) for group in stage.groups] == [20]


def test_many_answers_at_once_leave_the_reading_threads_their_turn(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaths: list[int] = []
    monkeypatch.setattr("station.journal.yielding.time.sleep", lambda _: breaths.append(len(stage.outputs.done)))
    stage.scan(*map(tag, range(200)))
    stage.commit()

    assert breaths == list(range(16, 200, 16))
    assert len(stage.outputs.done) == 200


def test_answers_come_as_far_as_the_disk_is(stage: Stage) -> None:
    stage.scan(tag(1))
    [first] = stage.groups
    stage.scan(tag(2))
    second = stage.groups.pop()
    stage.commit()
    assert stage.outputs.done == ["gun counted"]
    assert stage.loop.durable.seq == first.rows[-1][0]

    stage.groups.append(second)
    stage.commit()
    assert stage.outputs.done == ["gun counted"] * 2


def test_the_screen_shows_what_is_durable(stage: Stage) -> None:
    stage.scan(tag(1))
    stage.step(later_ms=1_000)
    assert stage.outputs.views[-1].fact.args == ("0",)

    stage.commit()
    stage.step(later_ms=1_000)
    assert stage.outputs.views[-1].fact.args == ("1",)


def test_every_event_carries_its_inputs_own_moment(stage: Stage) -> None:
    at = stage.now
    stage.step(BarcodeScanned("gun", at + 5, tag(1).encode()), later_ms=400)
    stage.step(BarcodeScanned("gun", at + 9, tag(2).encode()), later_ms=400)
    stage.step(BarcodeScanned("gun", at + 7, tag(3).encode()))
    stage.commit()

    assert [each.at for each in stage.recorded()[-3:]] == [at + 5, at + 9, at + 9]


# -- a commit that fails --


def test_a_failed_commit_refuses_its_scans_aloud_and_says_that_nothing_is_recorded(stage: Stage) -> None:
    stage.scan(tag(1), tag(2))
    stage.fail(StorageFault.DISK_FULL)
    stage.step(later_ms=100)

    assert stage.outputs.done == ["gun refused"] * 2
    assert stage.held() is Signal.NOT_RECORDING
    assert stage.outputs.views[-1].tone is Tone.NOT_RECORDING
    assert stage.storage() == "disk_full"


def test_scans_are_refused_at_once_until_a_commit_succeeds(stage: Stage) -> None:
    stage.scan(tag(1))
    stage.fail()
    stage.scan(tag(2), later_ms=RETRY_FIRST_MS)
    assert stage.outputs.done == ["gun refused"] * 2
    assert stage.waiting() == ["storage.failed"]
    assert stage.held() is Signal.NOT_RECORDING

    stage.commit()
    assert stage.held() is None
    assert stage.storage() == ""
    stage.scan(tag(1))
    stage.commit()
    assert stage.outputs.done[2:] == ["gun counted"]


def test_refused_scans_are_counted_in_one_event_a_source(stage: Stage) -> None:
    head = len(stage.rows)
    stage.scan(tag(1), tag(2))
    stage.fail()
    stage.scan(tag(3))
    stage.step(BarcodeScanned("pole", stage.now + 1, b"x"), later_ms=RETRY_FIRST_MS)
    stage.commit()
    stage.commit()

    assert stage.events()[head:] == [
        StorageDidFail("disk_error", RETRY_FIRST_MS + 1),
        ScanRefused("gun", "not_recording", times=3),
        ScanRefused("pole", "not_recording", times=1),
    ]


def test_facts_are_decided_again_each_at_its_own_moment(stage: Stage) -> None:
    head = len(stage.rows)
    stage.lose("pole")
    stage.scan(tag(1))
    stage.lose("pad")
    stage.fail()
    stage.lose("gun")
    stage.step(later_ms=RETRY_FIRST_MS)
    stage.commit()

    assert stage.types(head) == ["storage.failed"] + ["source.lost"] * 3
    assert [event.source for event in stage.events() if isinstance(event, SourceWentAway)] == ["pole", "pad", "gun"]


def test_facts_survive_any_number_of_failed_commits_in_their_order(stage: Stage) -> None:
    head = len(stage.rows)
    for number in range(12):
        stage.lose(f"s{number}")
        stage.fail()
        stage.step(later_ms=RETRY_MAX_MS)
        stage.fail()
    stage.step(later_ms=RETRY_MAX_MS)
    stage.commit()

    assert stage.types(head) == ["storage.failed"] + ["source.lost"] * 12
    assert stage.replayed() == stage.loop.durable


def test_the_pause_between_attempts_grows_up_to_its_limit_and_begins_anew(stage: Stage) -> None:
    def pause_ms() -> int:
        waited = 0
        while not stage.groups:
            stage.step(later_ms=50)
            waited += 50
        return waited

    stage.lose("pole")
    stage.fail()
    pauses = []
    for _ in range(7):
        pauses.append(pause_ms())
        stage.fail()
    assert pauses == [250, 500, 1000, 2000, 4000, 5000, 5000]

    pause_ms()
    stage.commit()
    stage.lose("pad")
    stage.fail()
    assert pause_ms() == RETRY_FIRST_MS


def test_the_loop_wakes_for_its_next_attempt(stage: Stage) -> None:
    stage.lose("pole")
    stage.fail()
    stage.step(later_ms=100)

    assert stage.loop.wait_ms(stage.now) == RETRY_FIRST_MS - 100


def test_groups_that_follow_on_a_failed_one_are_decided_again_with_it(stage: Stage) -> None:
    stage.lose("pole")
    late = stage.groups.pop()
    stage.lose("pad")
    stage.groups.insert(0, late)
    stage.fail()
    stage.step(CommitFailed(0, StorageFault.DISK_ERROR, "the same attempt once more"))
    stage.step(later_ms=RETRY_FIRST_MS)

    assert {group.attempt for group in stage.groups} == {1}
    assert stage.waiting() == ["storage.failed", "source.lost", "source.lost"]


def test_a_row_that_is_there_after_all_ends_the_loop_and_the_next_start_adopts_it(stage: Stage) -> None:
    stage.lose("pole")
    stage.fail(landed=True)
    stage.step(later_ms=RETRY_FIRST_MS)

    # The journal's trigger refuses a seq that is taken.
    with pytest.raises(JournalLost, match="the next start sets it aside or goes on"):
        stage.fail(StorageFault.DISK_CORRUPT)

    again = Stage(stage.replayed(), stage.rows)
    again.now = stage.now
    again.start()
    assert dict(stage.replayed().lifecycle.lost.items()) == {"pole": "unplugged"}
    assert again.types()[-2:] == ["source.lost", "station.started"]


# -- a disk with no reserve --


def test_while_there_is_no_reserve_scans_are_refused_and_facts_recorded(stage: Stage) -> None:
    stage.lose("pole")
    stage.commit(has_reserve=False)
    assert stage.storage() == "disk_full"

    stage.scan(tag(1))
    stage.lose("pad")
    stage.commit(has_reserve=False)
    assert stage.outputs.done == ["gun refused"]
    assert stage.types()[-1] == "source.lost"

    stage.restore_reserve()
    assert stage.storage() == ""
    stage.commit()
    assert stage.events()[-1] == ScanRefused("gun", "not_recording", times=1)


def test_room_for_a_reserve_is_no_successful_commit(stage: Stage) -> None:
    stage.scan(tag(1))
    stage.fail(StorageFault.DISK_FULL)
    stage.restore_reserve()
    stage.scan(tag(2))

    assert stage.held() is Signal.NOT_RECORDING
    assert stage.outputs.done == ["gun refused"] * 2
    stage.step(later_ms=RETRY_FIRST_MS)
    assert stage.waiting()[0] == "storage.failed"


# -- a disk that stalls --


def test_a_stalled_disk_refuses_new_scans_and_still_answers_those_under_way(stage: Stage) -> None:
    stage.scan(tag(1))
    stage.step(later_ms=STALLED_MS)
    assert stage.storage() == ""
    stage.step()
    assert stage.storage() == "disk_stalled"
    assert stage.held() is Signal.NOT_RECORDING

    stage.scan(tag(2))
    assert stage.outputs.done == ["gun refused"]
    stage.commit()
    assert stage.outputs.done == ["gun refused", "gun counted"]
    assert stage.held() is None
    stage.commit()
    assert stage.events()[-1] == ScanRefused("gun", "not_recording", times=1)


def test_the_oldest_commit_under_way_is_what_is_measured(stage: Stage) -> None:
    stage.lose("pole")
    stage.step(later_ms=1_500)
    stage.lose("pad")
    assert stage.loop.outstanding_ms(stage.now) >= 1_500

    stage.commit()
    assert stage.loop.outstanding_ms(stage.now + 9_000) == 0


def test_facts_of_a_stall_are_recorded_when_it_ends(stage: Stage) -> None:
    stage.scan(tag(1))
    stage.step(later_ms=STALLED_MS + 1)
    stage.lose("pole")
    stage.commit()

    assert dict(stage.loop.durable.lifecycle.lost.items()) == {"pole": "unplugged"}


def test_a_stall_that_ends_in_a_failure_loses_no_fact_and_refuses_what_was_under_way(stage: Stage) -> None:
    stage.scan(tag(1))
    stage.lose("pole")
    stage.step(later_ms=STALLED_MS + 1)
    stage.fail()
    assert stage.outputs.done == ["gun refused"]
    assert stage.storage() == "disk_error"

    stage.step(later_ms=RETRY_FIRST_MS)
    stage.commit()
    assert stage.types()[-2:] == ["storage.failed", "source.lost"]
