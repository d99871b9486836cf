"""Events of the vault's entry in a few words, and how whoever stood at a reader was answered."""

from station.domain import entry_events as n
from station.domain.effects import Verdict


def verdict_of(event: n.EntryEvent) -> Verdict | None:
    """What the badge or the card that this event is about came to; None where it is about none."""
    match event:
        case n.EntryFirstBadge():
            return Verdict.BADGE_NEEDED
        case n.EntryPinAwaited():
            return Verdict.PIN_NEEDED
        case n.EntryGranted():  # and joined
            return Verdict.GRANTED
        case n.EntryDenied(source=source) if source:
            return Verdict.DENIED
        case n.EntryExited() | n.EntryIdentified() | n.EntryVisitor() | n.EntryHeldOpen() | n.EntryHeadCounted():
            return Verdict.NOTED
        case n.DoorExplained(actors=actors) if actors:
            return Verdict.NOTED
        case _:
            return None


def about(event: n.EntryEvent) -> str:
    """What stands after the event's type: who, and what about them."""
    return " ".join(filter(None, [_who(event), _what(event)]))


def _who(event: n.EntryEvent) -> str:
    return ", ".join(actor.id for actor in event.actors) if isinstance(event, n.PersonEvent) else ""


def _what(event: n.EntryEvent) -> str:
    match event:
        case n.EntryDenied(reason=reason) | n.EntryNotUsed(reason=reason):
            return reason
        case n.EntryExited(occupancy=inside) | n.DoorClosed(occupancy=inside):
            return f"{inside} inside"
        case n.EntryUncertain(reason=reason, occupancy=inside):
            return f"{reason}, {inside} presumed inside"
        case n.EntryHeadCounted(people=people, presumed=presumed):
            return f"{people} inside, {presumed} presumed"
        case n.EntryHeldOpen(minutes=minutes):
            return f"{minutes} minutes"
        case n.EntryVisitor(visitors=visitors):
            return f"with {visitors}"
        case n.EntryThrottled(source=source, tries=tries):
            return f"{source}, {tries} tries"
        case n.RosterStale(version=version, reason=reason):
            return f"{version} {reason}"
        case _:
            return _of_door(event)


def _of_door(event: n.EntryEvent) -> str:
    match event:
        case n.DoorOpened(by=by, occupancy=inside):
            return f"by {by}, {inside} inside"
        case n.DoorHeld(level=level, open_ms=open_ms):
            return f"{level}, open for {open_ms // 1000} s"
        case n.DoorForced(opening=opening):
            return f"opening {opening}"
        case n.DoorExplained(reason=reason, opening=opening):
            return f"{reason}, opening {opening}"
        case n.DoorTampered(is_open=is_open):
            return "open" if is_open else "whole again"
        case n.EgressRex(reason=reason):
            return reason
        case _:
            return ""
