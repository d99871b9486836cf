"""What the loop makes of witnesses, checkpoints and rolled-back journals."""

import pytest

from station.domain.lifecycle.events import EpochBegan
from station.domain.lifecycle.inputs import Started, StopRequested
from station.journal.faults import StorageFault
from station.journal.writer import CommitFailed, Sealed
from station.spine.inbox import Acked, CosignatureCame, RolledBack
from station.spine.journal_lost import JournalLost, JournalRolledBack
from station.spine.loop import RETRY_FIRST_MS
from tests.loop.stage import Stage, tag


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.start_counting()
    return stage


def test_a_cosigned_checkpoint_goes_with_the_next_events_transaction_and_asks_for_none(stage: Stage) -> None:
    stage.step(Acked(2, 0), CosignatureCame("office", 3, b"note of 3"))
    assert stage.groups == []

    stage.scan(tag(1))
    [group] = stage.groups
    assert group.cosigned == (("office", 3, b"note of 3"),)
    assert [acked for _, _, _, acked in group.rows] == [2]
    stage.commit()
    stage.scan(tag(2))
    assert stage.groups[0].cosigned == ()


def test_of_each_witness_the_newest_is_kept(stage: Stage) -> None:
    stage.step(
        CosignatureCame("office", 3, b"3"), CosignatureCame("auditor", 2, b"2"), CosignatureCame("office", 4, b"4")
    )
    stage.scan(tag(1))

    assert sorted(stage.groups[0].cosigned) == [("auditor", 2, b"2"), ("office", 4, b"4")]


def test_only_what_is_urgent_asks_for_a_checkpoint_at_once(stage: Stage) -> None:
    stage.scan(tag(1))
    assert not stage.groups[-1].is_urgent
    stage.commit()

    stage.step(StopRequested(stage.now, "SIGTERM"))
    assert stage.groups[-1].is_urgent


def test_an_urgent_event_of_a_failed_commit_is_urgent_when_it_is_tried_again(stage: Stage) -> None:
    stage.scan(tag(1))
    stage.step(StopRequested(stage.now, "SIGTERM"))
    stage.step(CommitFailed(0, StorageFault.DISK_ERROR, "disk I/O error"))
    stage.groups.clear()
    stage.step(later_ms=RETRY_FIRST_MS + 1)

    [group] = stage.groups
    assert group.is_urgent


def test_a_late_checkpoint_wakes_the_relay(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[int] = []
    monkeypatch.setattr(stage.outputs, "durable", woken.append)
    stage.step(Sealed())

    assert woken == [stage.loop.durable.seq]


def test_a_journal_that_was_rolled_back_ends_the_daemon(stage: Stage) -> None:
    with pytest.raises(JournalRolledBack, match="an older copy") as caught:
        stage.step(RolledBack("journal: an older copy", b"note"))

    assert isinstance(caught.value, JournalLost)
    assert caught.value.checkpoint == b"note"


def test_a_new_epoch_names_the_last_checkpoint_of_the_old_one() -> None:
    stage = Stage()
    stage.step(
        Started(stage.now, "boot-1", 0, "synced", "1.0", "settings", "rolled back", "20261122T000000Z-0000", "note\n")
    )

    assert stage.groups[0].is_urgent
    stage.commit()
    [began] = [event for event in stage.events() if isinstance(event, EpochBegan)]
    assert began == EpochBegan("rolled back", "20261122T000000Z-0000", "note\n")
