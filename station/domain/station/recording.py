"""How an event is stamped: its place, its moment, and the clock that it was decided under."""

from typing import Any

from station.domain.core.decider import Recorded
from station.domain.core.event import Event
from station.domain.core.inputs import Input
from station.domain.station.state import Station, quality_at


def record(station: Station, event: Event, input: Input, at: int, document: Any = None) -> Recorded:
    """The next event after `station`, decided for `input` at `at` (monotonic ms).

    An input that says what the clock is, at a start or a step, is recorded under that clock already; one that stands
    before what was proven is recorded as unsynced.
    """
    wall_ms = at + getattr(input, "offset_ms", station.offset_ms)
    return Recorded(
        station.seq + 1,
        at,
        wall_ms,
        getattr(input, "boot", station.boot),
        quality_at(station, wall_ms, getattr(input, "quality", station.quality)),
        event,
        document,
    )
