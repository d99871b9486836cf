"""What a decider returns, and how an event is recorded."""

from typing import Any

import msgspec

from station.domain.core.effects import Effect
from station.domain.core.event import Event


class Document(msgspec.Struct, frozen=True):
    """A plan or roster too large for a leaf: stored by its SHA-256 with the event that names it."""

    sha256: str
    raw: bytes
    value: Any


class Loaded(msgspec.Struct, frozen=True):
    """What taking a document comes to: its event, its document, and what to tell whoever brought it."""

    event: Event
    document: Document
    text: str


class Decision(msgspec.Struct, frozen=True):
    """The events that an input came to, in order, and the edges that follow once they are durable."""

    events: tuple[Event, ...] = ()
    effects: tuple[Effect, ...] = ()
    document: Document | None = None


class Recorded(msgspec.Struct, frozen=True):
    """An event as the loop stamped it.

    `at` is monotonic milliseconds in boot `boot`, `wall_ms` UTC milliseconds since 1970, `clock` its quality;
    `document` is the parsed document that the event names, if any; `leaf_hash` is that of the leaf it was encoded to,
    empty where nobody has encoded it yet.
    """

    seq: int
    at: int
    wall_ms: int
    boot: str
    clock: str
    event: Event
    document: Any = None
    leaf_hash: bytes = b""


NOTHING = Decision()
