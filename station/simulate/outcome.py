"""What a step of a simulation came to."""

import msgspec

from station.domain.core.effects import Signal, Verdict
from station.domain.core.event import Event
from station.domain.count.events import (
    CountClosed,
    CountEvent,
    CountException,
    CountKeyed,
    CountLocated,
    CountOpened,
    CountPaused,
    CountQuantity,
    CountScanned,
    PlanLoaded,
    TagEvent,
)
from station.domain.entry import summary as entry_words
from station.domain.entry.events import EntryEvent
from station.domain.lifecycle.events import EpochBegan, SourceCameBack, SourceWentAway, StationStarted, StationStopped
from station.domain.people.events import RosterLoaded
from station.domain.session.events import RefusalsSeen, ScanRefused

LIGHTS = {
    Signal.ACCEPTED: "green",
    Signal.ALREADY: "amber",
    Signal.REFUSED: "red",
    Signal.BADGE_NEEDED: "amber",
    Signal.NOT_RECORDING: "red",
}
SOUNDS = {
    Signal.ACCEPTED: "one short high",
    Signal.ALREADY: "two mid",
    Signal.REFUSED: "one long low",
    Signal.BADGE_NEEDED: "rising pair",
    Signal.NOT_RECORDING: "low, every 5 s",
}


class Outcome(msgspec.Struct, frozen=True):
    """`verdict` and `signal` are None where nothing was scanned or keyed; `text` says it to people."""

    text: str
    verdict: Verdict | None = None
    signal: Signal | None = None


def verdict_of(event: Event) -> Verdict | None:
    """What the scan or the badge that this event is about came to; None where it is about none."""
    match event:
        case EntryEvent():
            return entry_words.verdict_of(event)
        case CountScanned():
            return Verdict.COUNTED
        case CountException(reason="duplicate"):
            return Verdict.ALREADY
        case CountException() | ScanRefused():
            return Verdict.REFUSED
        case CountEvent() | RefusalsSeen():
            return Verdict.NOTED
        case _:
            return None


def describe(event: Event) -> str:
    """One event in a few words, its type first."""
    match event:
        case EntryEvent():
            return f"{event.TYPE} {entry_words.about(event)}".rstrip()
        case CountScanned(tag=tag, unit_index=None):
            return f"{event.TYPE} ..{tag[-6:]}"
        case CountScanned(tag=tag, unit_index=unit_index):
            return f"{event.TYPE} ..{tag[-6:]} unit {unit_index}"
        case CountException(tag=tag, reason=reason):
            return f"{event.TYPE} ..{tag[-6:]} {reason}"
        case CountQuantity(tag=tag, quantity=quantity, unit=unit):
            return f"{event.TYPE} ..{tag[-6:]} = {quantity} {unit}".rstrip()
        case TagEvent(tag=tag):
            return f"{event.TYPE} ..{tag[-6:]}"
        case ScanRefused(reason=reason, text=text):
            return f"{event.TYPE} {reason}: {text}" if text else f"{event.TYPE} {reason}"
        case CountOpened(session=session, plan=plan, planned=planned):
            return f"{event.TYPE} {session}" + (f" {plan}, {planned} packages" if plan else "")
        case CountClosed(packages=packages, planned=planned, units=units):
            return f"{event.TYPE} {packages} of {planned} packages, {units} units"
        case _:
            return f"{event.TYPE} {_about(event)}".rstrip()


def _about(event: Event) -> str:
    match event:
        case CountLocated(location=location):
            return location
        case CountKeyed(text=text):
            return text
        case CountPaused(reason=reason) | StationStopped(reason=reason) | EpochBegan(reason=reason):
            return reason
        case StationStarted(clean=is_clean):
            return "" if is_clean else "after a power cut"
        case PlanLoaded(plan=plan, packages=packages):
            return f"{plan}, {packages} packages"
        case RosterLoaded(people=people):
            return f"{people} people"
        case RefusalsSeen(times=times):
            return f"{times}"
        case SourceWentAway(source=source) | SourceCameBack(source=source):
            return source
        case _:
            return ""
