"""Effects: what to do about an event, imperative. Edges only; what has a level is computed from the state."""

from enum import StrEnum
from typing import Any, ClassVar

import msgspec


class Verdict(StrEnum):
    """What a scan came to, for the ear, the eye and a scanner that is answered."""

    COUNTED = "counted"
    ALREADY = "already"
    REFUSED = "refused"
    NOTED = "noted"  # a card, a key or a badge that did what it says
    BADGE_NEEDED = "badge_needed"  # the first badge of two: a second person's is awaited
    PIN_NEEDED = "pin_needed"  # the PIN of the badge's owner is awaited
    GRANTED = "granted"  # the door is released
    DENIED = "denied"  # a badge that opens nothing


class Signal(StrEnum):
    """The patterns of sound and light that an indicator plays."""

    ACCEPTED = "accepted"  # one short high, green
    ALREADY = "already"  # two mid, amber
    REFUSED = "refused"  # one long low, red
    BADGE_NEEDED = "badge_needed"  # rising pair, blinking
    NOT_RECORDING = "not_recording"  # low every 5 s, red, for as long as it holds


class Effect(msgspec.Struct, frozen=True):
    """Base of all effects; an `urgent` one is performed at once, before its events are durable."""

    urgent: ClassVar[bool] = False


class Answer(Effect, frozen=True):
    """Tell the person at `source`, and the scanner itself where it listens, what the scan came to."""

    source: str
    verdict: Verdict


class Reply(Effect, frozen=True):
    """Answer a caller of the control socket; `error` is empty where it went well."""

    caller: int
    text: str
    error: str = ""


class Prune(Effect, frozen=True):
    """Let the events below seq `below` go, in small pieces."""

    below: int


class RemoteReply(Effect, frozen=True):
    """Answer the sender of a command; `code` is empty where it went well, else why not, and `text` says it in words.

    `values` is what the reply holds beside that.
    """

    topic: str
    correlation: bytes | None
    code: str = ""
    text: str = ""
    values: dict[str, Any] = {}


class ReleaseLock(Effect, frozen=True):
    """Release the door until a moment (monotonic ms); the lock itself secures it then, whatever becomes of the daemon.

    Where its commit took longer than that, or nobody is let in any more, there is no release.
    """

    until: int


class SecureLock(Effect, frozen=True):
    """End a release now."""

    urgent: ClassVar[bool] = True


class Siren(Effect, frozen=True):
    """The siren, on or off."""

    urgent: ClassVar[bool] = True
    is_on: bool


class Halt(Effect, frozen=True):
    """`station.stopped` is durable: end the loop."""
