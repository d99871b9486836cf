"""What a step of a simulation came to."""

import msgspec

from station.domain.core.effects import Signal, Verdict
from station.domain.core.event import Event
from station.domain.station.duties import OWNER

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


def describe_event(event: Event) -> str:
    """One event in a few words, its type first; what it is about its room says."""
    owner = OWNER.get(type(event))
    about = owner.describe(event) if owner and owner.describe else ""
    return f"{event.TYPE} {about}".rstrip()
