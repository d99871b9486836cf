"""Whether all that is retained at the broker was heard: our own newest cosignatures stand there. Pure; no MQTT.

This database may be an older copy that somebody put back: then only what stands retained says how far we cosigned.
That none of it is there is proved by a marker of our own: it is published after the broker confirmed the subscription,
so it comes back behind everything retained. Done twice: when the first has come back nothing is queued for us any more,
so that no full queue drops what the second subscription brings.
"""

import secrets
from enum import Enum

AGAIN_S = 10.0
"""A marker that does not come back is sent again after so long."""

SILENT_S = 60.0
"""After so long without it somebody must be told."""


class Step(Enum):
    """How far it is."""

    SUBSCRIBING = 1
    DRAINING = 2
    SUBSCRIBING_AGAIN = 3
    HEARING = 4
    HEARD = 5


NEXT = {Step.SUBSCRIBING: Step.DRAINING, Step.SUBSCRIBING_AGAIN: Step.HEARING}


class Hearing:
    """Goes its steps anew with each connection; `now` is monotonic seconds."""

    def __init__(self, *, is_needed: bool) -> None:
        self._is_needed = is_needed
        self.step = Step.SUBSCRIBING if is_needed else Step.HEARD
        self._marker = b""
        self._begun_at, self._sent_at = float("inf"), float("-inf")

    @property
    def is_heard(self) -> bool:
        """Whether what is retained was heard, all of it."""
        return self.step is Step.HEARD

    def begin_connection(self, now: float) -> None:
        """What was heard before may have changed since."""
        if self._is_needed:
            self.step, self._begun_at = Step.SUBSCRIBING, now

    def note_subscribed(self) -> None:
        """The broker confirmed a subscription."""
        if self.step in NEXT:
            self.step = NEXT[self.step]
            self._marker, self._sent_at = secrets.token_hex(16).encode(), float("-inf")

    def marker_due(self, now: float) -> bytes | None:
        """Return the marker that is to be published now, or None."""
        if self.step not in NEXT.values() or now < self._sent_at + AGAIN_S:
            return None
        self._sent_at = now
        return self._marker

    def take_marker(self, marker: bytes) -> None:
        """A marker came back; those of former connections say nothing."""
        if marker == self._marker and self.step in NEXT.values():
            self.step = Step.SUBSCRIBING_AGAIN if self.step is Step.DRAINING else Step.HEARD

    def is_silent(self, now: float) -> bool:
        """Whether it has lasted so long that something is wrong."""
        return not self.is_heard and now >= self._begun_at + SILENT_S
