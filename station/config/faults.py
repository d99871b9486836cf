"""The error that holds every fault of the settings."""

from collections.abc import Sequence
from typing import ClassVar

from station.domain.documents.faults import Fault
from station.errors import StationError


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
