"""The sender's connection to the broker: paho's thread takes notes, the calling thread waits for them."""

import contextlib
import queue
import secrets
import ssl
import threading
from typing import Any, NamedTuple

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from station.backoffice.packets import PACKET_BYTES_MAX, packet_bytes
from station.errors import NetworkError, UsageError

CONNECT_S = 15.0
KEEPALIVE_S = 15
PROPERTIES_BYTES = 512
"""At most, of what goes with a command: its expiry, the topic and the word of its reply."""


class PostedMessage(NamedTuple):
    """One message that came from the broker."""

    topic: str
    payload: bytes
    correlation: bytes | None


class Postbox:
    """Open while used as a context. A broken connection is made again by itself, and what was not taken is sent again.

    One thread uses it; `on_its_way` are the topics that wait for the broker's acknowledgement.
    """

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None, subscriptions: list[str]) -> None:
        self._where = f"[broker] {host}:{port}"
        self._address = (host, port)
        self._subscriptions = subscriptions
        self._arrived: queue.SimpleQueue[PostedMessage] = queue.SimpleQueue()
        self._is_ready = threading.Event()
        self._trouble = "no answer"
        self._packet_bytes_max = PACKET_BYTES_MAX
        self._topics: dict[int, str] = {}
        # paho's thread only adds, and no lock is shared with it: it holds locks of its own while it calls.
        self._acknowledged: set[int] = set()
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id=f"backoffice-send-{secrets.token_hex(4)}", protocol=MQTTv5
        )
        self._client.suppress_exceptions = True
        self._client.reconnect_delay_set(1, 5)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._is_ready.set()
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish
        if tls is not None:
            self._client.tls_set_context(tls)

    def __enter__(self) -> "Postbox":
        try:
            self._client.connect(*self._address, keepalive=KEEPALIVE_S)
        except (OSError, ValueError) as error:
            raise NetworkError(f"{self._where}: {error}; must be a running MQTT 5 broker; see its log") from None
        self._client.loop_start()
        if not self._is_ready.wait(CONNECT_S):
            self.__exit__()
            raise NetworkError(f"{self._where}: {self._trouble}; the broker must know this sender; see its log")
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def on_its_way(self) -> frozenset[str]:
        """Topics of what the broker has not acknowledged."""
        for mid in list(self._acknowledged.intersection(self._topics)):
            del self._topics[mid]
            self._acknowledged.discard(mid)
        return frozenset(self._topics.values())

    def next_message(self, timeout_s: float) -> PostedMessage | None:
        """Take out the oldest message that came; None where none came in time."""
        with contextlib.suppress(queue.Empty):
            return self._arrived.get(timeout=max(0.0, timeout_s))
        return None

    def publish(self, topic: str, payload: bytes, **properties: Any) -> None:
        """Queue a message of QoS 1 with these MQTT 5 properties. Raise `UsageError` for more than the broker takes."""
        if packet_bytes(topic, payload, PROPERTIES_BYTES) > self._packet_bytes_max:
            raise UsageError(
                f"{topic}: {len(payload)} bytes; the broker takes packets of at most {self._packet_bytes_max}; "
                "raise its max_packet_size to that of provisioning/mosquitto, or split the file"
            )
        given = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        for name, value in properties.items():
            setattr(given, name, value)
        self._topics[self._client.publish(topic, payload, qos=1, properties=given).mid] = topic

    # Callbacks, on paho's thread

    def _on_connect(self, client: Client, _: object, _flags: object, reason: Any, properties: object) -> None:
        if reason.is_failure:
            self._trouble = f"refused: {reason}"
        else:
            self._packet_bytes_max = getattr(properties, "MaximumPacketSize", PACKET_BYTES_MAX)
            client.subscribe([(topic, 1) for topic in self._subscriptions])

    def _on_message(self, _client: Client, _: object, message: MQTTMessage) -> None:
        correlation = getattr(message.properties, "CorrelationData", None)
        self._arrived.put(PostedMessage(message.topic, bytes(message.payload), correlation))

    def _on_publish(self, _client: Client, _: object, mid: int, _reason: object, _properties: object) -> None:
        self._acknowledged.add(mid)
