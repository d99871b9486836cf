"""Events of the count in a few words, and how whoever stood at the scanner was answered."""

from station.domain.core.effects import Verdict
from station.domain.core.view import Phrase
from station.domain.count.events import (
    CountAbandoned,
    CountClosed,
    CountException,
    CountOpened,
    CountResumed,
    CountScanned,
    PlanLoaded,
)
from station.domain.session import summary
from station.domain.session.events import SessionEvent
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
        case CountOpened(session=session, plan=plan, planned=planned):
            return session + (f" {plan}, {planned} packages" if plan else "")
        case CountClosed(packages=packages, planned=planned, units=units):
            return f"{packages} of {planned} packages, {units} units"
        case PlanLoaded(plan=plan, packages=packages):
            return f"{plan}, {packages} packages"
        case _:
            return summary.describe(event)


def detail(event: object) -> Phrase | None:
    """What the screen says of an event."""
    match event:
        case CountScanned(tag=tag, unit_index=None):
            return Phrase("scanned", (tag_end(tag),))
        case CountException(tag=tag, reason=reason):
            return Phrase("already" if reason == "duplicate" else reason, (tag_end(tag),))
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
            return summary.detail(event)
