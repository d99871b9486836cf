"""The only timer: the earliest moment that any room names, and whose it is."""

from station.domain.core.decider import NOTHING, Decision
from station.domain.core.facts import Facts
from station.domain.core.inputs import DeadlineReached
from station.domain.station.duties import ROWS
from station.domain.station.state import Station, trusted_offset_ms

DEADLINES_MAX = 100
"""Of one moment: each decided event must move its own."""
_TIMED = tuple((row.name, row.due) for row in ROWS if row.due is not None)


def due(station: Station) -> int | None:
    """The earliest moment (monotonic ms) at which something must be decided without an input."""
    offset_ms = trusted_offset_ms(station)
    first = None
    for name, due_of in _TIMED:
        moment = due_of(getattr(station, name), offset_ms)
        if moment is not None and (first is None or moment < first):
            first = moment
    return first


def decide_deadline(station: Station, facts: Facts, reached: DeadlineReached) -> Decision:
    """`due` has come: the room that named the moment decides."""
    moment, offset_ms = due(station), trusted_offset_ms(station)
    if moment is None or reached.at < moment:
        return NOTHING
    for row in ROWS:
        if row.due is None or row.decide_deadline is None:
            continue
        state = getattr(station, row.name)
        if row.due(state, offset_ms) == moment:
            return row.decide_deadline(state, facts, reached)
    return NOTHING
