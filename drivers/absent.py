"""What stands in for a device that is not fitted (`kind = "none"`)."""

from station.domain.effects import Signal
from station.domain.view import View


class NoIndicator:
    """Neither sound nor light."""

    def play(self, signal: Signal) -> None:
        """Nothing is heard."""

    def hold(self, signal: Signal | None) -> None:
        """Nothing is seen."""

    def close(self) -> None:
        """Nothing to silence."""


class NoDisplay:
    """No screen."""

    def show(self, view: View) -> None:
        """Nothing is shown."""

    def close(self) -> None:
        """Nothing is left standing."""
