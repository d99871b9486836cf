"""What is wrong with something that people wrote, where, and how it is said."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from station.domain.documents.spelling import key_text


class Place(msgspec.Struct, frozen=True):
    """A table such as `[door]` or `[[scanner]] 2` (numbered within its file), and a dotted key in it.

    In a document there are keys only, such as `packages[3].tag`; in a table of rows, a column.
    """

    table: str = ""
    key: str = ""
    hidden: bool = False
    """The value may be secret: no message shows it."""

    def child(self, key: str) -> "Place":
        """The place of `key` in the table that stands here."""
        spelled = key_text(key)
        return Place(self.table, f"{self.key}.{spelled}" if self.key else spelled, self.hidden)

    def item(self, number: int) -> "Place":
        """The place of an item of the list that stands here, counted from 0."""
        return Place(self.table, f"{self.key}[{number}]", self.hidden)

    def concealed(self) -> "Place":
        """The same place, of a value that no message shows."""
        return Place(self.table, self.key, True)

    def __str__(self) -> str:
        return " ".join(part for part in (self.table, self.key) if part)


@dataclass(frozen=True)
class Fault:
    """One thing wrong. `found` is what stands there as its file spells it, "" when nothing does or it may not be shown.

    `line` is that of the file, counted from 1; 0 where lines say nothing. `ending` ends the text.
    """

    file: str
    place: Place
    found: str
    problem: str
    line: int = 0
    ending: str = "."

    def __str__(self) -> str:
        line = f"line {self.line}" if self.line else ""
        where = " ".join(part for part in (self.file, line, str(self.place)) if part)
        found = f" = {self.found}" if self.found else ""
        end = "" if self.problem.endswith(("?", ".")) else self.ending
        return f"{where}{found}: {self.problem}{end}"


class DocumentFaults(ValueError):
    """Every fault of a document, a line each, such as `packages[3].tag = "x": must be ...`; none of it was taken."""

    def __init__(self, faults: Sequence[Fault | str]) -> None:
        self.faults = [str(fault) for fault in faults]
        super().__init__("\n".join(self.faults))
