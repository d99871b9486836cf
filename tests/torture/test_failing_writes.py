"""Writes and syncs that fail at random, now with an error and now for want of room: no accepted scan is lost."""

import random
from pathlib import Path

import apsw
import pytest

from station.domain.count.events import CountScanned
from station.journal.reader import checked_event
from station.spine.journal_lost import JournalLost
from tests.torture.bench import Bench, tag

SEED = 20261123
SCANS = 400
PAUSE_MS = 600


class Failing:
    """An observer of the disk: some of its operations fail while it is on."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.is_on = True
        self.failed = 0

    def __call__(self, operation: str, path: str) -> None:
        if self.is_on and self._random.random() < 0.02:
            self.failed += 1
            raise self._random.choice([apsw.IOError, apsw.FullError])(f"{operation} {path}")


@pytest.mark.parametrize("seed", range(SEED, SEED + 5))
def test_no_accepted_scan_is_lost_and_none_is_counted_twice(tmp_path: Path, seed: int) -> None:
    bench = Bench(tmp_path, seed)
    epoch = bench.start().epoch
    bench.open_count()
    bench.disk.observer = failing = Failing(seed)
    restarts = 0
    for number in range(SCANS):
        try:
            bench.scan(tag(number % 300))
        except JournalLost:  # a commit that had failed had come through after all
            restarts += 1
            failing.is_on = False
            bench.stop()
            assert bench.start().epoch == epoch
            failing.is_on = True
        bench.now += PAUSE_MS
    failing.is_on = False
    for _ in range(3):
        bench.now += 10_000
        bench.step()
    counted = bench.outputs.counted()
    assert bench.loop.conditions.storage == ""
    bench.stop()

    reader = bench.reader()
    events = [checked_event(*row, seq).event for seq, row in enumerate(reader.stored_events())]
    reader.close()
    scanned = [event.tag for event in events if isinstance(event, CountScanned)]
    assert set(counted) <= set(scanned)
    assert len(scanned) == len(set(scanned))
    assert failing.failed > 10
    assert any(event.TYPE == "storage.failed" for event in events)
