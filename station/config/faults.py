"""What is wrong with the settings, where, and how it is said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from station.config.toml import key_text
from station.errors import StationError


@dataclass(frozen=True)
class Place:
    """A table such as `[door]` or `[[scanner]] 2` (numbered within its file), and a dotted key in it."""

    table: str = ""
    key: str = ""
    hidden: bool = False
    """The value may be secret: no message shows it."""

    def child(self, key: str) -> "Place":
        """The place of `key` in the table that stands here."""
        spelled = key_text(key)
        return replace(self, key=f"{self.key}.{spelled}" if self.key else spelled)

    def __str__(self) -> str:
        return " ".join(part for part in (self.table, self.key) if part)


@dataclass(frozen=True)
class Fault:
    """One thing wrong. `found` is TOML text ("" when nothing was found or it may not be shown)."""

    file: str
    place: Place
    found: str
    problem: str

    def __str__(self) -> str:
        where = " ".join(part for part in (self.file, str(self.place)) if part)
        found = f" = {self.found}" if self.found else ""
        end = "" if self.problem.endswith(("?", ".")) else "."
        return f"{where}{found}: {self.problem}{end}"


class SettingsError(StationError):
    """The settings cannot be used. `faults` holds every fault, in the order of the file's tables."""

    exit_code: ClassVar[int] = 3

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


def faults_text(error: SettingsError) -> str:
    """One line a fault and a last line with their number, for `config check`."""
    number = len(error.faults)
    return f"{error}\n{number} fault{'' if number == 1 else 's'}."
