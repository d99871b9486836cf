"""One event as the books of the log see it: the entry before and after it, and who its people are."""

import msgspec

from station.domain.core.event import Event
from station.domain.entry.state import Entry
from station.domain.people.actors import Actor
from station.reports.access.log import Happening, Moment, Who, lasted_ms


class Scene(msgspec.Struct, frozen=True):
    """`names` are those of the roster in force, by id."""

    moment: Moment
    event: Event
    before: Entry
    after: Entry
    names: dict[str, str]

    def named_person(self, actor: Actor) -> Who:
        """The person, by name where the roster knows one."""
        return Who(actor.id, self.names.get(actor.id, actor.id), actor.role)

    @property
    def people(self) -> tuple[Who, ...]:
        """Whom the event is about."""
        actors: tuple[Actor, ...] = getattr(self.event, "actors", ())
        return tuple(map(self.named_person, actors))

    def as_happening(self, text: str, reason: str = "", level: str = "") -> Happening:
        """The event as a row."""
        return Happening(self.event.TYPE, reason, text, self.moment, self.people, level=level)


class Rows:
    """Rows of the log; one that lasts is ended by its key."""

    def __init__(self) -> None:
        self.rows: list[Happening] = []
        self._open: dict[str, int] = {}

    def add_row(self, row: Happening, key: str = "") -> None:
        """Append a row; one with a key lasts until `end_row` ends it."""
        if key:
            self._open[key] = len(self.rows)
        self.rows.append(msgspec.structs.replace(row, lasts=bool(key)))

    def end_row(self, key: str, moment: Moment, **changed: object) -> None:
        """End the row of this key at this moment; do nothing where none of that key lasts."""
        at = self._open.pop(key, None)
        if at is not None:
            row = self.rows[at]
            ended = {"end": moment, "lasts": False, "lasted_ms": lasted_ms(row.begin, moment)} | changed
            self.rows[at] = msgspec.structs.replace(row, **ended)

    def change_row(self, key: str, **changed: object) -> None:
        """Write into the row of this key what became known while it lasts."""
        at = self._open.get(key)
        if at is not None:
            self.rows[at] = msgspec.structs.replace(self.rows[at], **changed)

    def has_lasting(self, key: str) -> bool:
        """Whether a row of that key lasts."""
        return key in self._open

    @property
    def lasting_keys(self) -> list[str]:
        """The keys of the rows that last."""
        return list(self._open)
