"""How long events stay on the station: until they are acked, and for a number of days; then a hash stands for each."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from station.domain.core.inputs import Input
from station.domain.lifecycle.inputs import RetentionReached
from station.domain.station.leaf import Leaf, wall_ms_of
from station.journal import snapshot
from station.journal.reader import Reader
from station.spine.clock import clock_quality, monotonic_ms

LOOK_EVERY_S = 3600.0
EVENTS_MAX = 20_000
"""So many are let go by one event; the next look goes on from there."""
DAY_MS = 24 * 60 * 60_000


class RetentionWatch:
    """A source: says below which event nothing must be kept any longer. Says nothing where the clock is not trusted."""

    name = "retention"

    def __init__(
        self,
        path: Path,
        days: int,
        *,
        every_s: float = LOOK_EVERY_S,
        wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        quality: Callable[[], str] = clock_quality,
    ) -> None:
        self._path, self._days, self._every_s = path, days, every_s
        self._wall_ms, self._quality = wall_ms, quality
        self._closing = threading.Event()

    def inputs(self) -> Iterator[Input]:
        """Yield a `RetentionReached` each time that there is something to let go."""
        while not self._closing.wait(self._every_s):
            below = self.prunable_below() if self._quality() != "unsynced" else 0
            if below:
                yield RetentionReached(monotonic_ms(), below, snapshot.VERSION)

    def prunable_below(self) -> int:
        """Return the seq below which every event is old enough and acked; 0 where none of these is still here."""
        reader = Reader.open_at(self._path)
        try:
            floor = reader.pruned_below()
            below = self._first_kept(reader, floor)
        finally:
            reader.close()
        return below if below > floor else 0

    def _first_kept(self, reader: Reader, floor: int) -> int:
        oldest_ms = self._wall_ms() - self._days * DAY_MS
        # Never the newest: it says how far the events are acked.
        limit = min(reader.acked() + 1, reader.head(), floor + EVENTS_MAX)
        for seq, leaf, _ in reader.stored_events(floor):
            if seq >= limit or wall_ms_of(msgspec.json.decode(leaf, type=Leaf).time) > oldest_ms:
                return min(seq, limit)
        return floor

    def close(self) -> None:
        self._closing.set()
