"""Events of the vault's entry in a few words, and how whoever stood at a reader was answered."""

from station.domain.core.effects import Verdict
from station.domain.entry.events import (
    DoorClosed,
    DoorExplained,
    DoorForced,
    DoorHeld,
    DoorOpened,
    DoorTampered,
    DoorUnstable,
    EgressRex,
    EntryDenied,
    EntryEvent,
    EntryExited,
    EntryFirstBadge,
    EntryGranted,
    EntryHeadCounted,
    EntryHeldOpen,
    EntryIdentified,
    EntryNotUsed,
    EntryPinAwaited,
    EntryThrottled,
    EntryUncertain,
    EntryVisitor,
    PersonEvent,
    RosterStale,
)


def verdict(event: EntryEvent) -> Verdict | None:
    """What the badge or the card that this event is about came to; None where it is about none."""
    match event:
        case EntryFirstBadge():
            return Verdict.BADGE_NEEDED
        case EntryPinAwaited():
            return Verdict.PIN_NEEDED
        case EntryGranted():  # and joined
            return Verdict.GRANTED
        case EntryDenied(source=source) if source:
            return Verdict.DENIED
        case EntryExited() | EntryIdentified() | EntryVisitor() | EntryHeldOpen() | EntryHeadCounted():
            return Verdict.NOTED
        case DoorExplained(actors=actors) if actors:
            return Verdict.NOTED
        case _:
            return None


def describe(event: EntryEvent) -> str:
    """What stands after the event's type: who, and what about them."""
    return " ".join(filter(None, [_who(event), _what(event)]))


def _who(event: EntryEvent) -> str:
    return ", ".join(actor.id for actor in event.actors) if isinstance(event, PersonEvent) else ""


def _what(event: EntryEvent) -> str:
    match event:
        case EntryDenied(reason=reason) | EntryNotUsed(reason=reason):
            return reason
        case EntryExited(occupancy=inside) | DoorClosed(occupancy=inside):
            return f"{inside} inside"
        case EntryUncertain(reason=reason, occupancy=inside):
            return f"{reason}, {inside} presumed inside"
        case EntryHeadCounted(people=people, presumed=presumed):
            return f"{people} inside, {presumed} presumed"
        case EntryHeldOpen(minutes=minutes):
            return f"{minutes} minutes"
        case EntryVisitor(visitors=visitors):
            return f"with {visitors}"
        case EntryThrottled(source=source, tries=tries):
            return f"{source}, {tries} tries"
        case RosterStale(version=version, reason=reason):
            return f"{version} {reason}"
        case _:
            return _of_door(event)


def _of_door(event: EntryEvent) -> str:
    match event:
        case DoorOpened(by=by, occupancy=inside):
            return f"by {by}, {inside} inside"
        case DoorHeld(level=level, open_ms=open_ms):
            return f"{level}, open for {open_ms // 1000} s"
        case DoorForced(opening=opening):
            return f"opening {opening}"
        case DoorExplained(reason=reason, opening=opening):
            return f"{reason}, opening {opening}"
        case DoorUnstable(times=times, from_at=from_at, to_at=to_at):
            return f"{times} openings in {(to_at - from_at) // 1000} s"
        case DoorTampered(is_open=is_open):
            return "open" if is_open else "whole again"
        case EgressRex(reason=reason):
            return reason
        case _:
            return ""
