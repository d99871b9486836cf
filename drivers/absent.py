"""What stands in for a device that is not fitted (`kind = "none"`)."""

from station.domain.core.effects import Signal
from station.domain.core.view import View


class NoIndicator:
    """Neither sound nor light."""

    def play(self, signal: Signal) -> None:
        """Nothing is heard."""

    def hold(self, signal: Signal | None) -> None:
        """Nothing is seen."""

    def close(self) -> None:
        """Nothing to silence."""


class NoLock:
    """No lock and no siren."""

    def release(self, for_ms: int) -> None:
        """Nothing is released."""

    def secure(self) -> None:
        """Nothing to secure."""

    def siren(self, is_on: bool) -> None:
        """Nothing is heard."""

    def close(self) -> None:
        """Nothing to secure."""


class NoDisplay:
    """No screen."""

    def show(self, view: View) -> None:
        """Nothing is shown."""

    def close(self) -> None:
        """Nothing is left standing."""
