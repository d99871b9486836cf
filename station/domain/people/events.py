"""Events of the roster."""

from typing import ClassVar

from station.domain.core.event import Event


class RosterLoaded(Event, frozen=True):
    """A roster was taken; its bytes are the document of that SHA-256."""

    TYPE: ClassVar[str] = "roster.loaded"
    version: int
    people: int
    document: str
    by: str
    not_after: str
