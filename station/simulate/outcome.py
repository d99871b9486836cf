"""What a step of a simulation came to."""

import msgspec

from station.domain import entry_events as n
from station.domain import events as e
from station.domain.effects import Signal, Verdict
from station.simulate import entry_words

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


def verdict_of(event: e.Event) -> Verdict | None:
    """What the scan or the badge that this event is about came to; None where it is about none."""
    match event:
        case n.EntryEvent():
            return entry_words.verdict_of(event)
        case e.CountScanned():
            return Verdict.COUNTED
        case e.CountException(reason="duplicate"):
            return Verdict.ALREADY
        case e.CountException() | e.ScanRefused():
            return Verdict.REFUSED
        case e.CountEvent() | e.RefusalsSeen():
            return Verdict.NOTED
        case _:
            return None


def describe(event: e.Event) -> str:
    """One event in a few words, its type first."""
    match event:
        case n.EntryEvent():
            return f"{event.TYPE} {entry_words.about(event)}".rstrip()
        case e.CountScanned(tag=tag, unit_index=None):
            return f"{event.TYPE} ..{tag[-6:]}"
        case e.CountScanned(tag=tag, unit_index=unit_index):
            return f"{event.TYPE} ..{tag[-6:]} unit {unit_index}"
        case e.CountException(tag=tag, reason=reason):
            return f"{event.TYPE} ..{tag[-6:]} {reason}"
        case e.CountQuantity(tag=tag, quantity=quantity, unit=unit):
            return f"{event.TYPE} ..{tag[-6:]} = {quantity} {unit}".rstrip()
        case e.TagEvent(tag=tag):
            return f"{event.TYPE} ..{tag[-6:]}"
        case e.ScanRefused(reason=reason, text=text):
            return f"{event.TYPE} {reason}: {text}" if text else f"{event.TYPE} {reason}"
        case e.CountOpened(session=session, plan=plan, planned=planned):
            return f"{event.TYPE} {session}" + (f" {plan}, {planned} packages" if plan else "")
        case e.CountClosed(packages=packages, planned=planned, units=units):
            return f"{event.TYPE} {packages} of {planned} packages, {units} units"
        case _:
            return f"{event.TYPE} {_about(event)}".rstrip()


def _about(event: e.Event) -> str:
    match event:
        case e.CountLocated(location=location):
            return location
        case e.CountKeyed(text=text):
            return text
        case e.CountPaused(reason=reason) | e.StationStopped(reason=reason) | e.EpochBegan(reason=reason):
            return reason
        case e.StationStarted(clean=is_clean):
            return "" if is_clean else "after a power cut"
        case e.PlanLoaded(plan=plan, packages=packages):
            return f"{plan}, {packages} packages"
        case e.RosterLoaded(people=people):
            return f"{people} people"
        case e.RefusalsSeen(times=times):
            return f"{times}"
        case e.SourceWentAway(source=source) | e.SourceCameBack(source=source):
            return source
        case _:
            return ""
