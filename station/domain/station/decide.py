"""The station decides: an input is dispatched to its room, and the rooms add what follows from the events."""

from station.domain.core.decider import Decision
from station.domain.core.event import Event
from station.domain.core.facts import Facts
from station.domain.core.inputs import Input
from station.domain.station.dispatch import dispatch, facts_for
from station.domain.station.duties import ROWS
from station.domain.station.state import Station

_FOLLOWING = tuple(
    (row.name, row.consequences, frozenset[type[Event]]((*row.owns, *row.hears)))
    for row in ROWS
    if row.consequences is not None
)

_ANY: frozenset[type[Event]] = frozenset().union(*(concerned for _, _, concerned in _FOLLOWING))


def decide(station: Station, input: Input) -> Decision:
    """What an input comes to. Pure; never raises for anything that a device or a person can send."""
    facts = facts_for(station, input)
    return _with_consequences(station, facts, dispatch(station, facts, input))


def _with_consequences(station: Station, facts: Facts, decision: Decision) -> Decision:
    if not any(map(_ANY.__contains__, map(type, decision.events))):
        return decision
    for name, consequences, concerned in _FOLLOWING:
        if any(type(event) in concerned for event in decision.events):
            decision = consequences(getattr(station, name), facts, decision)
    return decision
