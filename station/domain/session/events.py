"""Events that sessions share: the shapes of every duty's own, and those of the duties that have none.

The count keeps names of its own (`count.located`) in these shapes; all other duties speak by `session.*`.
"""

from typing import ClassVar

from station.domain.core.event import Event
from station.domain.people.actors import Actors


class ScanRefused(Event, frozen=True):
    """A scan that counts for nothing; `text` is clipped and escaped."""

    TYPE: ClassVar[str] = "scan.refused"
    scanner: str
    reason: str
    text: str = ""
    times: int = 1


class RefusalsSeen(Event, frozen=True):
    """Somebody looked at the refusals that were latched on the screen."""

    TYPE: ClassVar[str] = "scan.refusals_seen"
    times: int
    scanner: str


# Shapes: of no name, and so never recorded themselves.


class SessionEvent(Event, frozen=True):
    """Base of the events of one session."""

    session: str

    def subject(self) -> str:
        return self.session


class Located(SessionEvent, frozen=True):
    """The work goes on at this location."""

    location: str
    scanner: str


class TagEvent(SessionEvent, frozen=True):
    """Base of the events about one package, or one unit of it."""

    tag: str
    scanner: str

    def subject(self) -> str:
        return self.tag


class Scanned(TagEvent, frozen=True):
    """A package, or the unit of `unit_index`, was scanned at `location`."""

    location: str
    unit_index: int | None = None


class Quantity(TagEvent, frozen=True):
    """How much of the package that was scanned; an exact decimal. `source` is what it was keyed on."""

    quantity: str
    unit: str
    source: str


class Keyed(SessionEvent, frozen=True):
    """Digits scanned from cards so far, not yet entered."""

    scanner: str
    text: str


class UndoAsked(TagEvent, frozen=True):
    """An undo card showed which line it would reverse; a second one within ten seconds reverses it."""

    corrects: int
    unit_index: int | None = None


class Undone(TagEvent, frozen=True):
    """The line of seq `corrects` is reversed."""

    corrects: int
    unit_index: int | None = None


class Paused(SessionEvent, frozen=True):
    """The session rests: by `card`, or because nothing came (`idle`)."""

    reason: str


class Resumed(SessionEvent, frozen=True):
    """The session goes on."""


class Abandoned(SessionEvent, frozen=True):
    """The session was given up; everything recorded stays."""

    reason: str


# What duties without names of their own record.


class SessionOpened(SessionEvent, frozen=True):
    """A session of `duty` began; `badges` says how people are known in it: `awaited`, or `not_fitted`."""

    TYPE: ClassVar[str] = "session.opened"
    duty: str
    badges: str


class SessionIdentified(SessionEvent, frozen=True):
    """Somebody showed who they are, `by` badge or card: whose session it is, or who takes it over or signs it next.

    `until` is the moment (monotonic milliseconds) up to which they may act on it.
    """

    TYPE: ClassVar[str] = "session.identified"
    actors: Actors
    by: str
    until: int
    badges: tuple[str, ...] = ()


class SessionLocated(Located, frozen=True):
    """The work goes on at this location."""

    TYPE: ClassVar[str] = "session.located"


class SessionScanned(Scanned, frozen=True):
    """A package, or the unit of `unit_index`, was scanned at `location`."""

    TYPE: ClassVar[str] = "session.scanned"


class SessionKeyed(Keyed, frozen=True):
    """Digits scanned from cards so far, not yet entered."""

    TYPE: ClassVar[str] = "session.keyed"


class SessionQuantity(Quantity, frozen=True):
    """How much of the package that was scanned; an exact decimal. `source` is what it was keyed on."""

    TYPE: ClassVar[str] = "session.quantity"


class SessionUndoAsked(UndoAsked, frozen=True):
    """An undo card showed which line it would reverse; a second one within ten seconds reverses it."""

    TYPE: ClassVar[str] = "session.undo_asked"


class SessionUndone(Undone, frozen=True):
    """The line of seq `corrects` is reversed."""

    TYPE: ClassVar[str] = "session.undone"


class SessionPaused(Paused, frozen=True):
    """The session rests: by `card`, or because nothing came (`idle`)."""

    TYPE: ClassVar[str] = "session.paused"


class SessionResumed(Resumed, frozen=True):
    """The session goes on; `actors` are those whose badge resumed it, where one did."""

    TYPE: ClassVar[str] = "session.resumed"
    actors: Actors = ()


class SessionHandedOver(SessionEvent, frozen=True):
    """The session is the work of `actors` from now on; `giver` gave it, itself or for somebody who is away."""

    TYPE: ClassVar[str] = "session.handed_over"
    actors: Actors
    giver: Actors
    by: str
    badges: tuple[str, ...] = ()


class SessionSigned(SessionEvent, frozen=True):
    """One of two people swore to what the session holds.

    `digest` is the SHA-256 over the leaf hashes of the session's events in order, from opened to the last before the
    first signature, as lower-case hex; its first eight characters in base32 are what the screen shows.
    """

    TYPE: ClassVar[str] = "session.signed"
    actors: Actors
    digest: str
    by: str


class SessionAbandoned(Abandoned, frozen=True):
    """The session was given up; everything recorded stays."""

    TYPE: ClassVar[str] = "session.abandoned"


class SessionClosed(SessionEvent, frozen=True):
    """The session ended; `packages` were handled in it, `refused` scans refused."""

    TYPE: ClassVar[str] = "session.closed"
    packages: int
    refused: int = 0


OWN_EVENTS: tuple[type[Event], ...] = (
    SessionOpened,
    SessionIdentified,
    SessionLocated,
    SessionScanned,
    SessionKeyed,
    SessionQuantity,
    SessionUndoAsked,
    SessionUndone,
    SessionPaused,
    SessionResumed,
    SessionHandedOver,
    SessionSigned,
    SessionAbandoned,
    SessionClosed,
)
"""What a duty hears that speaks by `session.*`."""
