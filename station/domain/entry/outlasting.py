"""What of the entry outlasts a start, and the loss of a device."""

from msgspec.structs import replace

from station.domain.core.decider import Recorded
from station.domain.entry.inputs import DOOR, INPUTS, LOCK, RESTLESS
from station.domain.entry.state import Door, Entry
from station.domain.lifecycle.events import SourceCameBack, SourceWentAway


def restarted(entry: Entry) -> Entry:
    """Without what cannot outlive a start; the events that follow say what became of it."""
    door = Door(
        is_open=entry.door.is_open,
        opening=entry.door.opening,
        by=entry.door.by,
        forced=entry.door.forced,
        forced_opening=entry.door.forced_opening,
        is_tampered=entry.door.is_tampered,
        is_unstable=entry.door.is_unstable,
    )
    return Entry(
        policy=entry.policy,
        door=door,
        inside=entry.inside,
        unnamed=entry.unnamed,
        is_occupied=entry.is_occupied,
        uncertain=entry.uncertain,
        is_lone_alarm=entry.is_lone_alarm,
        same_person=entry.same_person,
        roster_loaded_ms=entry.roster_loaded_ms,
        roster_not_after_ms=entry.roster_not_after_ms,
        roster_stale=entry.roster_stale,
    )


def evolve_source(entry: Entry, source: str, recorded: Recorded) -> Entry:
    """Without the device that is lost, or with it again."""
    return _restless(_lost(entry, source, is_lost=isinstance(recorded.event, SourceWentAway)), recorded)


def _lost(entry: Entry, source: str, *, is_lost: bool) -> Entry:
    if source == LOCK:
        return replace(entry, door=replace(entry.door, is_lock_lost=is_lost))
    if source == DOOR and is_lost:
        door = replace(entry.door, is_known=False, held_at=0, forced_at=0)
        return replace(entry, door=door, badge_at=0, exit_at=0)
    if entry.policy and source == entry.policy.pin_keypad:
        return replace(entry, is_keypad_lost=is_lost)
    return entry


def _restless(entry: Entry, recorded: Recorded) -> Entry:
    """An input that never rests is taken as open until it does: nobody knows what it would say."""
    event, door = recorded.event, entry.door
    if isinstance(event, SourceCameBack):
        return replace(
            entry, door=replace(door, restless=tuple(each for each in door.restless if each != event.source))
        )
    if not isinstance(event, SourceWentAway) or event.reason != RESTLESS or event.source not in INPUTS:
        return entry
    door = replace(door, restless=(*(each for each in door.restless if each != event.source), event.source))
    if event.source == DOOR:
        door = replace(door, is_open=True, opened_at=recorded.at, by="", held="")
    return replace(entry, door=door, sure=())
