"""The far end of the network: a subscriber that keeps what arrives of one station."""

import threading
from typing import Any

import msgspec
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from station.domain.station.leaf import Leaf
from station.errors import NetworkError
from station.relay.topics import Topics

SUBSCRIBE_S = 10.0


class EventReceiver:
    """Subscribed once it is made; raise `NetworkError` where the broker does not let it. Read it from any thread."""

    def __init__(self, host: str, port: int, site: str, station: str) -> None:
        self._base = Topics(site, station).base
        self._lock = threading.Lock()
        self._leaves: dict[tuple[str, int], bytes] = {}
        self.repeats = 0
        self.others: list[str] = []
        """Leaves that came again with other bytes; must stay empty."""
        self._is_subscribed = threading.Event()
        self._client = self._connect_client(host, port)

    def events_arrived(self, epoch: str) -> int:
        """How many distinct events of this epoch have arrived."""
        with self._lock:
            return sum(of == epoch for of, _ in self._leaves)

    def arrived_leaf(self, epoch: str, seq: int) -> bytes | None:
        """The bytes that arrived for this event."""
        with self._lock:
            return self._leaves.get((epoch, seq))

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _connect_client(self, host: str, port: int) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        client.on_connect = self._subscribe_events
        client.on_subscribe = lambda _client, _user, _mid, reasons, _properties: self._note_subscribed(reasons)
        client.on_message = lambda _client, _user, message: self._keep_leaf(bytes(message.payload))
        try:
            client.connect(host, port)
        except OSError as error:
            raise _unreachable_error(host, port, error.strerror or str(error)) from None
        client.loop_start()
        if not self._is_subscribed.wait(SUBSCRIBE_S):
            client.loop_stop()
            raise _unreachable_error(host, port, f"no subscription within {SUBSCRIBE_S:g} s")
        return client

    def _subscribe_events(self, client: Client, *_: Any) -> None:
        client.subscribe(f"{self._base}/event/+", qos=1)

    def _note_subscribed(self, reasons: Any) -> None:
        if not any(reason.is_failure for reason in reasons):
            self._is_subscribed.set()

    def _keep_leaf(self, leaf: bytes) -> None:
        found = msgspec.json.decode(leaf, type=Leaf)
        place = (found.epoch, int(found.sequence))
        with self._lock:
            before = self._leaves.setdefault(place, leaf)
            if before is not leaf:
                self.repeats += 1
                if before != leaf:
                    self.others.append(found.id)


def _unreachable_error(host: str, port: int, reason: str) -> NetworkError:
    return NetworkError(
        f"broker {host}:{port}: {reason}; must be an MQTT 5 broker that lets anybody subscribe and publish; "
        "start one there, or leave --broker out"
    )
