"""The leaves that a broker refused, as alerts: one a kind and event type, each with its cure. Pure."""

from enum import Enum
from typing import Any

from station.domain.station.messages import Alert, told

KINDS_MAX = 32
"""Alerts at once; beyond, the refusals of other event types are told together as `others`."""


class Refusal(Enum):
    """Why a leaf went as its hash only; the value is the alert's code."""

    REFUSED = "leaf-refused"
    OVERSIZED = "leaf-oversized"
    UNREADABLE = "leaf-unreadable"


_CURES = {
    Refusal.REFUSED: "give this station write access to event/# in the broker's acl_file, and look at the broker's log",
    Refusal.OVERSIZED: "raise max_packet_size (and message_size_limit, if set) of the broker to 65536",
    Refusal.UNREADABLE: "the leaf names no event type that a topic can carry; run `station verify` on the journal",
}


class Refusals:
    """Counts refusals; a kind by access ends when a leaf of that type passes again."""

    def __init__(self) -> None:
        self._told: dict[tuple[Refusal, str], dict[str, Any]] = {}

    def note(self, why: Refusal, event_type: str, seq: int, reason: int) -> None:
        """One more; `reason` is the PUBACK's, 0 where there was none."""
        if len(self._told) >= KINDS_MAX and (why, event_type) not in self._told:
            event_type = "others"
        times = self._told.get((why, event_type), {}).get("times", 0)
        self._told[why, event_type] = told(Alert(times=times + 1, seq=seq, reason=reason, cure=_CURES[why]))

    def passed(self, event_type: str) -> None:
        """A leaf of this type was taken."""
        if self._told:
            self._told.pop((Refusal.REFUSED, event_type), None)

    def alerts(self) -> dict[str, dict[str, Any]]:
        """Return `code/instance` -> payload."""
        return {f"{why.value}/{event_type}": payload for (why, event_type), payload in self._told.items()}
