"""Events of the count in a few words, and how whoever stood at the scanner was answered."""

from station.domain.core.effects import Verdict
from station.domain.core.view import Phrase
from station.domain.count.events import (
    CountAbandoned,
    CountClosed,
    CountException,
    CountKeyed,
    CountLocated,
    CountOpened,
    CountPaused,
    CountQuantity,
    CountResumed,
    CountScanned,
    PlanLoaded,
)
from station.domain.session.events import SessionEvent, TagEvent, UndoAsked, Undone
from station.domain.session.viewing import tag_end


def verdict(event: object) -> Verdict | None:
    """What the scan that this event is about came to; None where it is about none."""
    match event:
        case CountScanned():
            return Verdict.COUNTED
        case CountException(reason="duplicate"):
            return Verdict.ALREADY
        case CountException():
            return Verdict.REFUSED
        case SessionEvent():
            return Verdict.NOTED
        case _:
            return None


def describe(event: object) -> str:
    """What stands after the event's type."""
    match event:
        case CountScanned(tag=tag, unit_index=int(unit_index)):
            return f"..{tag_end(tag)} unit {unit_index}"
        case CountException(tag=tag, reason=reason):
            return f"..{tag_end(tag)} {reason}"
        case CountQuantity(tag=tag, quantity=quantity, unit=unit):
            return f"..{tag_end(tag)} = {quantity} {unit}".rstrip()
        case TagEvent(tag=tag):
            return f"..{tag_end(tag)}"
        case CountOpened(session=session, plan=plan, planned=planned):
            return session + (f" {plan}, {planned} packages" if plan else "")
        case CountClosed(packages=packages, planned=planned, units=units):
            return f"{packages} of {planned} packages, {units} units"
        case CountLocated(location=text) | CountKeyed(text=text) | CountPaused(reason=text):
            return text
        case PlanLoaded(plan=plan, packages=packages):
            return f"{plan}, {packages} packages"
        case _:
            return ""


def detail(event: object) -> Phrase | None:
    """What the screen says of an event."""
    match event:
        case TagEvent():
            return _of_tag(event)
        case CountLocated(location=location):
            return Phrase("located", (location,))
        case CountOpened(session=session, plan=plan):
            return Phrase("opened", (plan or session,))
        case PlanLoaded(plan=plan):
            return Phrase("plan_loaded", (plan,))
        case CountResumed():
            return Phrase("resumed")
        case CountClosed(packages=packages):
            return Phrase("closed", (str(packages),))
        case CountAbandoned():
            return Phrase("abandoned")
        case _:
            return None


def _of_tag(event: TagEvent) -> Phrase | None:
    tag = tag_end(event.tag)
    match event:
        case CountScanned(unit_index=None):
            return Phrase("scanned", (tag,))
        case CountScanned(unit_index=unit_index):
            return Phrase("unit", (tag, str(unit_index)))
        case CountException(reason=reason):
            return Phrase("already" if reason == "duplicate" else reason, (tag,))
        case CountQuantity(quantity=quantity, unit=unit):
            return Phrase("quantity", (tag, quantity, unit))
        case UndoAsked():
            return Phrase("undo_asked", (tag,))
        case Undone():
            return Phrase("undone", (tag,))
        case _:
            return None
