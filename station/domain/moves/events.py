"""Events of moves; all else that happens in a list of moves is `session.*`."""

from typing import ClassVar

import msgspec

from station.domain.session.events import SessionEvent


class MoveRecorded(SessionEvent, frozen=True):
    """So much of a package was carried from one place to another; no quantity is the whole of what lies there.

    `corrects` is the seq of the move that this one takes back.
    """

    TYPE: ClassVar[str] = "move.recorded"
    tag: str
    scanner: str
    from_place: str = msgspec.field(name="from")
    to_place: str = msgspec.field(name="to")
    quantity: str | None = None
    unit: str = ""
    corrects: int | None = None

    def subject(self) -> str:
        return self.tag
