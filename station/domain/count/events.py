"""Events of the count, in the shapes that sessions share where there is one. Fields are only ever added."""

from typing import ClassVar

from station.domain.core.event import Event
from station.domain.session.events import (
    Abandoned,
    Keyed,
    Located,
    Paused,
    Quantity,
    Resumed,
    Scanned,
    SessionEvent,
    TagEvent,
    UndoAsked,
    Undone,
)


class PlanLoaded(Event, frozen=True):
    """A plan was taken; its bytes are the document of that SHA-256."""

    TYPE: ClassVar[str] = "plan.loaded"
    plan: str
    version: int
    packages: int
    document: str
    by: str

    def subject(self) -> str:
        return self.plan


class CountOpened(SessionEvent, frozen=True, omit_defaults=False):
    """A count began; `badges` says why no actors stand here (`not_fitted`), hence nothing of it is left out."""

    TYPE: ClassVar[str] = "count.opened"
    kind: str
    plan: str = ""
    plan_version: int = 0
    planned: int = 0
    badges: str = "not_fitted"
    actors: tuple[dict[str, str], ...] = ()


class CountLocated(Located, frozen=True):
    """The counting goes on at this location."""

    TYPE: ClassVar[str] = "count.located"


class CountScanned(Scanned, frozen=True):
    """A package, or the unit of `unit_index`, was seen at `location`."""

    TYPE: ClassVar[str] = "count.scanned"


class CountException(TagEvent, frozen=True):
    """A scan that was read but does not count: `duplicate` or `unknown`."""

    TYPE: ClassVar[str] = "count.exception"
    location: str
    reason: str
    unit_index: int | None = None


class CountKeyed(Keyed, frozen=True):
    """Digits scanned from cards so far, not yet entered."""

    TYPE: ClassVar[str] = "count.keyed"


class CountQuantity(Quantity, frozen=True):
    """The keyed quantity of an open package; an exact decimal. `source` is what it was keyed on."""

    TYPE: ClassVar[str] = "count.quantity"


class CountUndoAsked(UndoAsked, frozen=True):
    """An undo card showed which line it would reverse; a second one within ten seconds reverses it."""

    TYPE: ClassVar[str] = "count.undo_asked"


class CountUndone(Undone, frozen=True):
    """The line of seq `corrects` is reversed."""

    TYPE: ClassVar[str] = "count.undone"


class CountPaused(Paused, frozen=True):
    """The count rests: by `card`, or because nothing came (`idle`)."""

    TYPE: ClassVar[str] = "count.paused"


class CountResumed(Resumed, frozen=True):
    """The count goes on."""

    TYPE: ClassVar[str] = "count.resumed"


class CountClosed(SessionEvent, frozen=True):
    """The count ended; packages seen (of `planned`, where there was a plan), units seen, refusals."""

    TYPE: ClassVar[str] = "count.closed"
    packages: int
    units: int
    planned: int = 0
    refused: int = 0


class CountAbandoned(Abandoned, frozen=True):
    """The count was given up; everything recorded stays."""

    TYPE: ClassVar[str] = "count.abandoned"


EVENTS: tuple[type[Event], ...] = (
    PlanLoaded,
    CountOpened,
    CountLocated,
    CountScanned,
    CountException,
    CountKeyed,
    CountQuantity,
    CountUndoAsked,
    CountUndone,
    CountPaused,
    CountResumed,
    CountClosed,
    CountAbandoned,
)
