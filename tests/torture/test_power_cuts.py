"""Power cuts at random moments: unsynced sectors are lost, kept, torn. Nothing acknowledged is lost, nothing corrupt.

tests/run cuts a tenth, 100 times, tests/run --long 1,000 times; TORTURE_SEED=… begins with another seed, and a failing
test names its own.

Two mutants must be found by the same check: a journal that does not wait for the disk, and a sound before the commit.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from station.domain.core.effects import Verdict
from station.domain.count.events import CountScanned
from station.domain.station.leaf import decode
from station.journal import schema
from station.journal.reader import checked_event
from station.journal.writer import Group, Writer
from tests.torture.bench import Bench, HeardAnswers, Wrap, tag
from tests.torture.disk import PowerCut

SEED = int(os.environ.get("TORTURE_SEED") or 20261123)
CUTS_A_DISK = 25
OPERATIONS_MAX = 60
CUTS_UNTIL_FOUND = 50
FAR = 1_000_000
AUTOCHECKPOINT_PAGES = 24


class Lost(AssertionError):
    """What a power cut must not do."""


class Lives:
    """One disk through many cuts, and what its station acknowledged."""

    def __init__(self, directory: Path, seed: int, mutant: Wrap | None = None) -> None:
        self.bench = Bench(directory, seed, mutant)
        self.acknowledged: list[str] = []
        self._next = 0
        self._epoch = ""
        self._begin()

    def _begin(self) -> None:
        self._epoch = self.bench.start().epoch
        self.bench.open_count()
        self.bench.outputs.heard.clear()

    def live(self) -> None:
        """Scan until the power goes, start again, and find everything that was acknowledged."""
        bench = self.bench
        bench.disk.cut_after(bench.chance.randrange(OPERATIONS_MAX))
        try:
            while True:
                self._scan_some()
        except PowerCut:
            self.acknowledged += bench.outputs.counted()
            bench.outputs.heard.clear()
        bench.cut()
        self._start_again()
        self._check()

    def _scan_some(self) -> None:
        chance = self.bench.chance.random()
        if chance < 0.03:
            self.bench.stop()
            self.bench.start()
            return
        scans = 1 if chance < 0.7 else 4
        numbers = range(self._next, self._next + scans)
        self._next += scans
        self.bench.scan(*map(tag, numbers))

    def _start_again(self) -> None:
        """As often as it takes: the power may go while it starts, too."""
        bench = self.bench
        while bench.chance.random() < 0.2:
            bench.disk.cut_after(bench.chance.randrange(6))
            with suppress(PowerCut):
                bench.start()
            bench.cut()
        bench.start()

    def _check(self) -> None:
        opened = self.bench.opened
        if opened.epoch != self._epoch or opened.reason:
            raise Lost(f"the journal was given up: {opened.reason}")
        counted = self.bench.loop.durable.count
        lost = [each for each in self.acknowledged if not counted.package(each).is_seen]
        if lost:
            raise Lost(f"{len(lost)} of {len(self.acknowledged)} acknowledged scans, first {lost[0]}")

    def check_leaves(self) -> None:
        """Every event in its place, and no package counted twice."""
        reader = self.bench.reader()
        events = [checked_event(*row, seq).event for seq, row in enumerate(reader.stored_events())]
        reader.close()
        scanned = [event.tag for event in events if isinstance(event, CountScanned)]
        if len(scanned) != len(set(scanned)) or not set(self.acknowledged) <= set(scanned):
            raise Lost("the leaves do not say what was acknowledged")


class SoundBeforeCommit:
    """A recorder that lets the answers be given when a group is handed over, not when it is durable."""

    def __init__(self, writer: Writer, outputs: HeardAnswers) -> None:
        self._writer, self._outputs = writer, outputs

    def submit(self, group: Group) -> None:
        for _, leaf, _, _ in group.rows:
            if hasattr(decode(leaf).event, "tag"):
                self._outputs.answer("gun", Verdict.COUNTED)
        self._writer.submit(group)


@pytest.fixture(params=["few-checkpoints", "many-checkpoints"])
def checkpoints(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most cuts would else meet a WAL that was never written back."""
    if request.param == "many-checkpoints":
        monkeypatch.setitem(schema.PRAGMAS, "wal_autocheckpoint", (AUTOCHECKPOINT_PAGES, AUTOCHECKPOINT_PAGES))


def lives_through(directory: Path, cuts: int, mutant: Wrap | None = None) -> Iterator[Lives]:
    """So many cuts, on a new disk after every `CUTS_A_DISK`; yields after each."""
    for first in range(0, cuts, CUTS_A_DISK):
        lives = Lives(directory, SEED + first, mutant)
        try:
            for _ in range(min(CUTS_A_DISK, cuts - first)):
                lives.live()
                yield lives
        finally:
            lives.bench.stop()
        lives.check_leaves()


@pytest.mark.usefixtures("checkpoints")
@pytest.mark.parametrize("cuts", [50, pytest.param(500, marks=pytest.mark.longest)])
def test_a_power_cut_takes_nothing_that_was_acknowledged(tmp_path: Path, cuts: int) -> None:
    print(f"TORTURE_SEED={SEED}")
    acknowledged = [len(lives.acknowledged) for lives in lives_through(tmp_path, cuts)]

    assert len(acknowledged) == cuts
    assert max(acknowledged) > CUTS_A_DISK


@pytest.mark.usefixtures("checkpoints")
def test_the_check_finds_a_journal_that_does_not_wait_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(schema.PRAGMAS, "synchronous", ("normal", 1))

    with pytest.raises(Lost):
        list(lives_through(tmp_path, CUTS_UNTIL_FOUND))


def test_the_check_finds_a_sound_before_the_commit(tmp_path: Path) -> None:
    with pytest.raises(Lost, match="acknowledged scans"):
        list(lives_through(tmp_path, CUTS_UNTIL_FOUND, SoundBeforeCommit))


def test_a_power_cut_in_the_very_first_start_leaves_a_disk_that_starts(tmp_path: Path) -> None:
    operations = 0
    while True:
        bench = Bench(tmp_path, SEED + operations)
        bench.disk.cut_after(operations)
        try:
            bench.start()
        except PowerCut:
            bench.cut()
            assert bench.start().station.seq <= 1
            operations += 1
        else:
            break
        finally:
            bench.disk.cut_after(FAR)
            bench.stop()
    assert operations > 10
