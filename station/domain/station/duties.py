"""The registry of events: every type that a journal of this release may hold."""

from station.domain.commands import events as commands
from station.domain.core.event import Event
from station.domain.count import events as count
from station.domain.entry import events as entry
from station.domain.lifecycle import events as lifecycle
from station.domain.people import events as people
from station.domain.session import events as session

ROOMS = (lifecycle, session, people, commands, count, entry)
"""Whoever looks events up has read them all."""


def _all_events(base: type[Event]) -> dict[str, type[Event]]:
    found = {base.TYPE: base} if base.TYPE else {}
    for child in base.__subclasses__():
        found |= _all_events(child)
    return found


EVENTS: dict[str, type[Event]] = _all_events(Event)
