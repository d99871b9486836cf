"""The ports: what the station asks of a device, whatever it is made of."""

from collections.abc import Callable, Iterator
from typing import Protocol, runtime_checkable

from station.domain.core.effects import Signal, Verdict
from station.domain.core.inputs import Input
from station.domain.core.view import View

Now = Callable[[], int]
"""The monotonic clock in milliseconds."""


class Source(Protocol):
    """A scanner, reader or keypad. One supervised thread iterates it and does nothing else."""

    @property
    def name(self) -> str:
        """As the settings name it; stands in every input."""

    def inputs(self) -> Iterator[Input]:
        """Open the device and yield inputs until it goes away; `SourceLost` is the last one.

        Returns after the loss or after `close`; the supervisor calls it again after a pause. A device that is still
        away is no new loss: `SourceLost` comes once, however often it is tried again, and `SourceFound` only after it.
        Yields nothing for as long as nothing happens. Raises nothing that the device can cause.
        """

    def close(self) -> None:
        """Make `inputs` return soon; callable from any thread, more than once."""


@runtime_checkable
class Answering(Protocol):
    """A source that can be told what its scan came to."""

    def answer(self, verdict: Verdict) -> None:
        """Queue the answer and return at once; the queue is bounded and drops the oldest."""


class Indicator(Protocol):
    """Buzzer and lights. Neither call blocks."""

    def play(self, signal: Signal) -> None:
        """Play a pattern once; a new one cuts the old one short."""

    def hold(self, signal: Signal | None) -> None:
        """Keep repeating a pattern between the others until it is let go by None."""

    def close(self) -> None:
        """Silence and dark."""


class Lock(Protocol):
    """The lock's output and the siren's. No call blocks; each drives its line before it returns."""

    def release(self, for_ms: int) -> None:
        """Release; the lock secures itself after so long, whatever becomes of the daemon's other threads."""

    def secure(self) -> None:
        """End a release now."""

    def siren(self, is_on: bool) -> None:
        """Sound until told otherwise."""

    def close(self) -> None:
        """Secure and silence, then give the lines back."""


class Display(Protocol):
    """A screen. `show` only leaves the newest view for the display's own thread."""

    def show(self, view: View) -> None:
        """Show this view soon; views that were not yet drawn are skipped."""

    def close(self) -> None:
        """Draw the last view that was given and leave it standing."""
