"""Events that every session shares."""

from typing import ClassVar

from station.domain.core.event import Event


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
