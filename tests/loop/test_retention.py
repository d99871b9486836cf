"""What may be let go, and when."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from station.domain.core.event import Event
from station.domain.identifiers import command_text
from station.domain.lifecycle.events import JournalPruned, StationStopped
from station.domain.lifecycle.inputs import RetentionReached
from station.domain.station.leaf import encode
from station.journal import snapshot
from station.journal.journal import FILE_NAME, Journal
from station.journal.reader import Reader
from station.journal.replay import replay
from station.journal.writer import Group, PruneRequest, Writer
from station.sealing.merkle import leaf_hash
from station.spine.retention import DAY_MS, RetentionWatch
from tests.journal.rows import SOURCE, WALL_MS, count_events, recorded, row
from tests.loop.stage import EPOCH, Stage, tag


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A hundred events, one a day, of which 79 and what lies before it are acked."""
    journal = Journal(tmp_path)
    epoch = journal.open(WALL_MS).epoch
    journal.append([_of_day(seq, event, epoch) for seq, event in enumerate(count_events(97))])
    journal.close()
    return tmp_path / FILE_NAME


def _of_day(seq: int, event: Event, epoch: str) -> tuple[int, bytes, bytes, int]:
    leaf = encode(replace(recorded(seq, event), wall_ms=WALL_MS + seq * DAY_MS), SOURCE, epoch)
    return seq, leaf, leaf_hash(leaf), min(seq - 1, 79)


def reach(path: Path, *, today: int, days: int = 30) -> int:
    return RetentionWatch(path, days, wall_ms=lambda: WALL_MS + today * DAY_MS).prunable_below()


def test_what_is_older_than_so_many_days_may_go(filled: Path) -> None:
    assert reach(filled, today=50) == 21
    assert reach(filled, today=29) == 0


def test_but_never_what_is_not_acked(filled: Path) -> None:
    assert reach(filled, today=5_000) == 80


def test_it_says_so_once_an_interval_and_not_while_the_clock_is_untrusted(filled: Path) -> None:
    def source(quality: str) -> RetentionWatch:
        return RetentionWatch(
            filled, 30, every_s=0.001, wall_ms=lambda: WALL_MS + 50 * DAY_MS, quality=lambda: next(qualities, quality)
        )

    qualities = iter(["unsynced", "unsynced"])
    found = next(iter(source("synced").inputs()))
    assert isinstance(found, RetentionReached)
    assert (found.below, found.snapshot) == (21, snapshot.VERSION)
    assert list(qualities) == []


def test_pruning_is_an_event_with_a_snapshot_in_its_transaction_and_begins_when_that_is_durable() -> None:
    stage = Stage()
    stage.start()
    stage.step(RetentionReached(stage.now, 1, snapshot.VERSION))
    [group] = stage.groups
    assert group.snapshot is not None
    assert group.snapshot.seq == group.rows[-1][0]
    assert stage.outputs.done == []

    stage.commit()
    assert stage.events()[-1] == JournalPruned(1, snapshot.VERSION)
    assert stage.outputs.done == ["prune 1"]


def test_nothing_is_pruned_while_a_count_is_open() -> None:
    stage = Stage()
    stage.start_counting()
    stage.step(RetentionReached(stage.now, 1, snapshot.VERSION))

    assert stage.groups == []
    assert "prune 1" not in stage.outputs.done


def test_what_was_sworn_to_is_not_sworn_to_twice_but_gone_on_with() -> None:
    stage = Stage()
    stage.start()
    for _ in range(2):
        stage.step(RetentionReached(stage.now, 1, snapshot.VERSION))
        stage.commit()

    assert [type(event) for event in stage.events()].count(JournalPruned) == 1
    assert stage.outputs.done == ["prune 1", "prune 1"]


class Pruned:
    """A station's whole journal, with its writer's turns."""

    def __init__(self, directory: Path) -> None:
        stage = Stage()
        stage.start_counting()
        for number in range(120):
            stage.scan(tag(number))
            stage.commit()
        stage.scan(command_text("close"))
        stage.commit()
        head = stage.loop.durable.seq
        stage.step(RetentionReached(stage.now, head, snapshot.VERSION))
        self.snapshot = stage.groups[-1].snapshot
        stage.commit()
        self.journal = Journal(directory)
        self.journal.open(WALL_MS)
        self.journal._database.execute_sql("DROP TRIGGER epoch_refuses_update")
        self.journal._database.execute_sql("UPDATE epoch SET name = ?", (EPOCH,))
        self.rows = [(seq, leaf, kept, seq - 1) for seq, leaf, kept, _ in stage.rows]
        self.writer = Writer(self.journal, lambda _: None)
        self.writer.submit(Group(0, self.rows, snapshot=self.snapshot))
        self.writer.commit_waiting(0)
        self.reader = Reader.open_at(directory / FILE_NAME)
        self.below, self.state = head, stage.loop.durable

    def left(self) -> list[int]:
        return [seq for seq, _, _ in self.reader.stored_events()]


def test_events_go_in_small_pieces_and_their_hashes_stay(tmp_path: Path) -> None:
    bench = Pruned(tmp_path)
    bench.writer.submit(PruneRequest(bench.below))
    bench.writer.commit_waiting(0)
    assert len(bench.left()) == len(bench.rows)

    sizes = []
    while bench.left()[0] < bench.below:
        bench.writer.commit_waiting(0)
        sizes.append(len(bench.left()))
    assert sizes[0] == len(bench.rows) - 50
    assert bench.left() == [bench.below, bench.below + 1]
    assert [kept for _, kept in bench.reader.all_leaf_hashes()] == [kept for _, _, kept, _ in bench.rows]


def test_after_pruning_the_state_is_the_same(tmp_path: Path) -> None:
    bench = Pruned(tmp_path)
    while bench.journal.prune_some(bench.below):
        pass

    again = replay(bench.reader)
    assert again.lifecycle.pruned_below == bench.below
    assert replace(again, newest=None) == replace(bench.state, newest=None)


def test_what_the_snapshot_does_not_cover_stays(tmp_path: Path) -> None:
    bench = Pruned(tmp_path)
    bench.journal._database.connection().execute("UPDATE snapshot SET seq = 70")
    while bench.journal.prune_some(bench.below):
        pass

    assert bench.left()[0] == 71


def test_what_is_not_acked_stays(tmp_path: Path) -> None:
    bench = Pruned(tmp_path)
    epoch = bench.reader.epoch()
    bench.journal.append([row(len(bench.rows), StationStopped("SIGTERM"), epoch, acked=30)])
    while bench.journal.prune_some(bench.below):
        pass

    assert bench.left()[0] == 31
