"""What stands retained at the broker: state, info and alerts, as levels that are told when they change. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from station.domain.station.messages import State
from station.relay.topics import NameRefused, Topics

ALERTS_MAX = 200
"""Alerts told at once; more would be a fault of its own, and the first ones say enough."""

LOST = msgspec.json.encode(State("lost"))
"""The Will: what the broker says of a station that went without a word."""

STOPPED = msgspec.json.encode(State("stopped"))


class Publications:
    """Compares what should stand at the broker with what it was told.

    `want_...` names the levels, `changed_publications` yields what to publish, `mark_told` marks it sent,
    `mark_confirmed` acknowledged.
    """

    def __init__(self, topics: Topics) -> None:
        self._topics = topics
        self._wanted: dict[str, bytes] = {}
        self._told: dict[str, bytes] = {}
        self._alerts: frozenset[str] = frozenset()

    def tell_all_again(self) -> None:
        """Tell everything again: the broker may have forgotten."""
        self._told.clear()

    def want_state(self, state: str) -> None:
        """Set the state: `ready`, `degraded` or `stopped`."""
        self._wanted[self._topics.state] = msgspec.json.encode(State(state))

    def want_info(self, info: Mapping[str, Any]) -> None:
        """Set what the station says of itself."""
        self._wanted[self._topics.info] = msgspec.json.encode(info)

    def want_alerts(self, alerts: Mapping[str, Mapping[str, Any]]) -> list[str]:
        """Set the live faults, `code/instance` -> payload; one that is gone is cleared. Return the keys left out."""
        standing: dict[str, bytes] = {}
        left_out: list[str] = []
        for key, payload in alerts.items():
            topic = self._alert_topic(key)
            if topic is None or len(standing) >= ALERTS_MAX:
                left_out.append(key)
            else:
                standing[topic] = msgspec.json.encode(payload)
        self._wanted.update(dict.fromkeys(self._alerts - standing.keys(), b""))
        self._wanted.update(standing)
        self._alerts = frozenset(standing)
        return left_out

    def note_standing_alert(self, topic: str) -> None:
        """An alert stands at the broker; one of an earlier life, whose fault is gone, is cleared."""
        if topic not in self._alerts:
            self._wanted[topic] = b""

    def changed_publications(self) -> Iterator[tuple[str, bytes]]:
        """Yield topic and payload of what the broker does not know yet; an empty payload clears."""
        for topic, payload in list(self._wanted.items()):
            if self._told.get(topic) != payload:
                yield topic, payload

    def mark_told(self, topic: str, payload: bytes) -> None:
        """This was published; it is not told again on this connection unless it changes."""
        self._told[topic] = payload

    def mark_confirmed(self, topic: str, payload: bytes) -> None:
        """The broker answered; what is cleared is forgotten only now, so that a lost connection clears it again."""
        if not payload and self._wanted.get(topic) == b"":
            del self._wanted[topic]
            self._told.pop(topic, None)

    def _alert_topic(self, key: str) -> str | None:
        code, _, instance = key.partition("/")
        try:
            return self._topics.alert_topic(code, instance)
        except NameRefused:
            return None
