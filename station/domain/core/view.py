"""State -> what a screen says, without a language: phrases are keys of the catalogues in `station.screens`."""

from enum import StrEnum

import msgspec

from station.domain.core.conditions import Link


class Tone(StrEnum):
    """How the picture as a whole speaks: an icon beside the fact; `NOT_RECORDING` inverts the screen."""

    CALM = "calm"
    ACCEPTED = "accepted"
    ALREADY = "already"
    REFUSED = "refused"
    NOT_RECORDING = "not_recording"
    STOPPED = "stopped"


class Phrase(msgspec.Struct, frozen=True):
    """A catalogue's key and what fills its `{0}`, `{1}`."""

    key: str
    args: tuple[str, ...] = ()


class Picture(msgspec.Struct, frozen=True):
    """The part of a view that a room fills; `bar` is what is left of the time that somebody has, 1 to 0."""

    tone: Tone
    fact: Phrase
    detail: Phrase | None = None
    instruction: Phrase | None = None
    bar: float | None = None


class View(msgspec.Struct, frozen=True):
    """One screen: a status bar, one large fact, one line about it, one instruction.

    `minute_ms` is UTC milliseconds cut to the minute (None where the clock is not to be trusted); `waiting` is how
    many events are not yet sent; `refused` how many refusals nobody has seen yet; `bar` what is left of the time that
    somebody has, 1 to 0.
    """

    duty: str
    tone: Tone
    fact: Phrase
    detail: Phrase | None
    instruction: Phrase | None
    link: Link
    waiting: int
    minute_ms: int | None
    refused: int = 0
    bar: float | None = None
