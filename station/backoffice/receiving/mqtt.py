"""The receiver's connection: paho's thread fills a queue; another one commits, then acknowledges, then publishes."""

import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import peewee
import structlog
from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from station.backoffice.packets import PACKET_BYTES_MAX, packet_bytes
from station.backoffice.receiving.hearing import Step
from station.backoffice.receiving.receiver import Receiver
from station.backoffice.receiving.telling import Publication
from station.backoffice.settings import Broker
from station.backoffice.trust.tls import tls_context
from station.errors import NetworkError

GROUP_MAX = 500
"""Messages of one transaction; also the Receive Maximum, so that the queue is bounded by the protocol."""

QUEUE_MAX = 10_000
SESSION_S = 30 * 24 * 3600
"""How long the broker keeps what comes while the receiver is away."""

TICK_S = 0.5
DISK_TROUBLES = (peewee.OperationalError, sqlite3.OperationalError, OSError)
"""A lock, a full or broken disk: what ends by itself or by somebody's hand, and loses nothing meanwhile."""

PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)
FAILURES_TOLD = 120
"""Told at first, then each so many tries: about once an hour."""

CURE = "free the disk, or end the other program that holds the database; put no older copy of it back"
WATCHED = ("event/+", "checkpoint", "withheld", "info", "health", "state")

log = structlog.get_logger("backoffice")


class QueuedMessage(NamedTuple):
    """One message, and by which connection it came."""

    connection: int
    mid: int
    qos: int
    topic: str
    payload: bytes


class ReceiverLink:
    """Runs until `stop`: an MQTT 5 session that outlives connections, with manual acknowledgement.

    `each_turn` runs on the receiving thread about every `TICK_S`, and returns what is to be published.
    """

    def __init__(
        self,
        broker: Broker,
        site: str,
        witness: str,
        receiver: Receiver,
        *,
        each_turn: Callable[[], list[Publication]] = list,
    ) -> None:
        self._broker = broker
        self._topics = [f"custody/v1/{site}/+/{each}" for each in (*WATCHED, f"ack/{witness}")]
        self._confirmed = 0  # subscriptions; counted on paho's thread, looked at on the receiving one
        self._subscribed_again = -1
        self._receiver = receiver
        self._each_turn = each_turn
        self._arrived: queue.Queue[QueuedMessage] = queue.Queue(QUEUE_MAX)
        self._connection = 0
        self._has_connected = threading.Event()
        self._stopping = threading.Event()
        self._tick_due_at = 0.0
        self._failed_group: list[QueuedMessage] = []
        self._failures = 0
        self._packet_bytes_max = PACKET_BYTES_MAX
        self._client = self._build_client()

    def stop(self) -> None:
        """End `run` soon; callable from a signal or another thread."""
        self._stopping.set()

    def run(self) -> None:
        """Receive until `stop`. Raise `NetworkError` if paho's thread ends, and whatever the store raises."""
        self._client.connect_async(
            self._broker.host,
            self._broker.port,
            keepalive=self._broker.keepalive_s,
            clean_start=False,
            properties=_session_properties(),
        )
        network = threading.Thread(target=self._run_network, name="mqtt", daemon=True)
        network.start()
        try:
            while not self._stopping.is_set():
                if not network.is_alive():
                    raise NetworkError("the MQTT thread ended; see the log above; the receiver must be started again")
                self._do_round_or_wait()
        finally:
            self._client.disconnect()
            network.join(2 * TICK_S)

    def _run_network(self) -> None:
        self._client.loop_forever(retry_first_connection=True)

    def _do_round_or_wait(self) -> None:
        """One round; where the database is locked or its disk full, say so and try the same again, for ever."""
        try:
            self._do_round()
        except DISK_TROUBLES as error:
            self._failures += 1
            pause_s = PAUSES_S[min(self._failures, len(PAUSES_S)) - 1]
            if self._failures % FAILURES_TOLD == 1:
                log.error("the database cannot be written; waiting", error=str(error), times=self._failures, cure=CURE)
            self._stopping.wait(pause_s)
            return
        if self._failures:
            log.warning("the database is written again", times=self._failures)
            self._failures = 0

    def _do_round(self) -> None:
        if self._has_connected.is_set():
            self._has_connected.clear()
            self._receiver.begin_connection()
        self._hear_retained()
        if group := self._gather_group():
            self._take_group(group)
        if time.monotonic() >= self._tick_due_at:
            self._tick_due_at = time.monotonic() + TICK_S
            self._publish_all(self._each_turn())
            if self._client.is_connected():
                self._publish_all(self._receiver.publications_due())
        self._tell_alarms()

    def _hear_retained(self) -> None:
        """Go on with `Receiver.hearing`: tell it of what is confirmed, and subscribe again when it says so."""
        hearing = self._receiver.hearing
        if hearing.step is Step.SUBSCRIBING_AGAIN and self._subscribed_again != self._connection:
            self._subscribed_again = self._connection
            self._client.subscribe([(self._topics[-1], SubscribeOptions(qos=1))])
        if self._confirmed:
            self._confirmed = 0
            hearing.note_subscribed()

    def _gather_group(self) -> list[QueuedMessage]:
        """Wait for a message, at most until the next tick, and take what else is there."""
        if self._failed_group:
            return self._failed_group
        group: list[QueuedMessage] = []
        try:
            group.append(self._arrived.get(timeout=max(0.01, self._tick_due_at - time.monotonic())))
            while len(group) < GROUP_MAX:
                group.append(self._arrived.get_nowait())
        except queue.Empty:
            pass
        return group

    def _take_group(self, group: list[QueuedMessage]) -> None:
        self._failed_group = group  # not acknowledged: it is tried again
        publications = self._receiver.take_group([(each.topic, each.payload) for each in group])
        self._failed_group = []
        for each in group:
            # Another connection's identifiers are not ours: after a lost session they name other messages.
            if each.qos and each.connection == self._connection:
                self._client.ack(each.mid, each.qos)
        self._publish_all(publications)

    def _publish_all(self, publications: list[Publication]) -> None:
        for each in publications:
            if packet_bytes(each.topic, each.payload) > self._packet_bytes_max:
                self._receiver.alarm_untold(each, self._packet_bytes_max)
            elif self._client.is_connected():  # else paho would queue it; it comes again by itself
                self._client.publish(each.topic, each.payload, qos=1, retain=each.retain)

    def _tell_alarms(self) -> None:
        for alarm in self._receiver.take_alarms():
            fields = {"station": alarm.station, "epoch": alarm.epoch, "seq": alarm.seq, "text": alarm.text}
            log.error(f"ALARM {alarm.kind}", **fields)

    # Callbacks, on paho's thread: they catch everything and only take notes.

    def _build_client(self) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, client_id=self._broker.client_id, protocol=MQTTv5, manual_ack=True)
        client.suppress_exceptions = True
        client.reconnect_delay_set(1, 30)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_connect_fail = lambda *_: log.warning("broker unreachable", host=self._broker.host)
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        if self._broker.tls is not None:
            client.tls_set_context(tls_context(self._broker.tls))
        return client

    def _on_connect(self, client: Client, _: Any, _flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            log.error("the broker refused the connection", reason=str(reason))
            return
        log.info("link up", host=self._broker.host, port=self._broker.port)
        self._connection += 1
        self._packet_bytes_max = getattr(properties, "MaximumPacketSize", PACKET_BYTES_MAX)
        self._confirmed = 0
        self._has_connected.set()
        client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in self._topics])

    def _on_disconnect(self, _client: Client, _: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self._connection += 1
        log.info("link down", reason=str(reason))

    def _on_subscribe(self, _client: Client, _: Any, _mid: int, reasons: Any, _properties: Any) -> None:
        if any(each.is_failure for each in reasons):
            log.error("the broker refused a subscription; compare its ACL with provisioning/mosquitto")
            return
        self._confirmed += 1

    def _on_message(self, _client: Client, _: Any, message: MQTTMessage) -> None:
        arrived = QueuedMessage(self._connection, message.mid, message.qos, message.topic, bytes(message.payload))
        with contextlib.suppress(queue.Full):  # with QoS 0 there is no limit on what is on its way; health comes again
            self._arrived.put(arrived, block=message.qos > 0)


def _session_properties() -> Properties:
    properties: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = SESSION_S
    properties.ReceiveMaximum = GROUP_MAX
    made: Properties = properties
    return made
