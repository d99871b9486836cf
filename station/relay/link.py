"""One MQTT 5 connection from CONNECT to its end, over paho's own socket loop, driven by the calling thread."""

import os
import select
import socket
import ssl
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion, LogLevel
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from station.relay.options import RelayOptions, TlsFiles
from station.relay.outgoing import JSON_TYPE

PACKET_BYTES_MAX = 268_435_460
"""The protocol's own limit, where the broker names none (MQTT 5, 2.1.4)."""

RECEIVE_MAX = 65_535
"""What counts when the broker names no Receive Maximum (MQTT 5, 3.2.2.3.3)."""

FAULTS = frozenset({129, 130, 144, 149, 153})
"""Ends that a packet caused: malformed, protocol error, bad topic, too large, bad payload (MQTT 5, 3.14.2.1)."""


INCOMING_BYTES_MAX = 262_144
"""Told to the broker: a larger packet never reaches the station (MQTT 5, 3.1.2.11.4)."""

UNSPECIFIED = 128
"""What paho calls an end that nobody announced."""


class LinkError(Exception):
    """No connection; the text says where, what was found, what is allowed and what to do."""


class Message(NamedTuple):
    """One message from the broker; `response_topic` is empty, `correlation` None where the sender named none."""

    topic: str
    payload: bytes
    response_topic: str = ""
    correlation: bytes | None = None
    is_retained: bool = False


class BrokerConnection:
    """paho's callbacks only take notes here: `is_up`, `is_over`, `reason`, `is_fault`, the answers to publishes, and
    what came from the broker.

    Each connection is a new object: nothing that paho queued outlives the old one, the journal is the only outbox.
    The broker keeps the subscriptions of `options.session_s`: what came meanwhile comes right after the CONNACK.
    """

    def __init__(self, options: RelayOptions, identity: str, will_topic: str, will: bytes) -> None:
        self._options = options
        self.is_up = False
        self.is_over = False
        self.is_fault = False
        self.reason = ""
        self.packet_bytes_max = PACKET_BYTES_MAX
        self.receive_max = RECEIVE_MAX
        self._answers: list[tuple[int, int]] = []
        self._messages: list[Message] = []
        self._trouble = ""
        self._is_leaving = False
        self._client = self._build_client(options.client_id or identity)
        self._client.will_set(will_topic, will, qos=1, retain=True, properties=_of_will(JSON_TYPE))

    def open(self, timeout_s: float) -> None:
        """Connect and send CONNECT; `is_up` follows in a later `step`. Raises `LinkError`."""
        options = self._options
        try:
            if options.tls is not None:
                self._client.tls_set_context(tls_context(options.tls))
            self._client.connect_timeout = timeout_s
            self._client.connect(
                options.host,
                options.port,
                keepalive=options.keepalive_s,
                clean_start=not options.session_s,
                properties=_connect_properties(options.session_s),
            )
        except (OSError, ValueError) as error:
            raise LinkError(self.explain_error(error)) from error
        if isinstance(sock := self._client.socket(), socket.socket):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def step(self, wake: socket.socket, timeout_s: float) -> None:
        """Wait for the network or `wake`, at most `timeout_s`, and do what there is to do."""
        sock = self._client.socket()
        if not isinstance(sock, socket.socket):
            self.end("connection lost")
            return
        has_pending = isinstance(sock, ssl.SSLSocket) and sock.pending() > 0
        writes = [sock] if self._client.want_write() else []
        readable, writable, _ = select.select([sock, wake], writes, [], 0 if has_pending else timeout_s)
        if sock in readable or has_pending:
            self._read_socket()
        if sock in writable:
            self.flush()
        self._client.loop_misc()
        if self.is_up:
            self._client.on_log = None  # it costs a formatted line a packet

    def subscribe(self, topics: Iterable[str]) -> None:
        """Ask for everything below these topics (QoS 1); it comes through `take_messages`."""
        self._client.subscribe([(topic, 1) for topic in topics])

    def take_messages(self) -> list[Message]:
        """Return what came since the last call, in order. The broker has its acknowledgement already."""
        messages, self._messages = self._messages, []
        return messages

    def publish(
        self,
        topic: str,
        payload: bytes,
        content_type: str,
        *,
        qos: int = 1,
        retain: bool = False,
        correlation: bytes | None = None,
    ) -> int:
        """Queue one message for the next `flush` or `step`; return the identifier that its answer will carry.

        `correlation` is what the caller that is answered gave.
        """
        properties: Properties | None = _content_type(content_type) if content_type else None
        if correlation is not None:
            properties = _reply_properties(content_type, correlation)
        return self._client.publish(topic, payload, qos=qos, retain=retain, properties=properties).mid

    def flush(self) -> None:
        """Write what is queued, as far as the socket takes it."""
        self._client.loop_write()

    def take_answers(self) -> list[tuple[int, int]]:
        """Return the (identifier, PUBACK reason) pairs since the last call."""
        answers, self._answers = self._answers, []
        return answers

    def disconnect(self) -> None:
        """Say goodbye, so that the broker keeps the Will to itself; the next steps send it."""
        self._is_leaving = True
        self._client.disconnect()

    def end(self, reason: str) -> None:
        """The connection is over; the first reason given stays."""
        if not self.is_over:
            self.is_over = True
            self.reason = reason
        self.is_up = False

    def abort(self) -> None:
        """Close the socket without a word."""
        sock = self._client.socket()
        if isinstance(sock, socket.socket):
            sock.close()

    def explain_error(self, error: Exception) -> str:
        """Say where the connection failed, on what, and what to do."""
        where = f"[broker] {self._options.host}:{self._options.port}"
        return f"{where}: {error}; {_cure_of(str(error))}"

    def _build_client(self, client_id: str) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTv5)
        client.max_inflight_messages = 0  # the window is ours; paho's own would be searched at every answer
        client.suppress_exceptions = True
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.on_log = self._on_log
        client.on_socket_register_write = lambda *_: None  # so that publish() only queues
        return client

    def _read_socket(self) -> None:
        try:
            self._client.loop_read()
        except Exception as error:  # paho raises what its decoder stumbles on; a bad packet must not end the thread
            self.abort()
            self.end(self.explain_error(error))
            self.is_fault = True

    def _on_connect(
        self, _client: Client, _: object, _flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        if reason.is_failure:
            self.end(self.explain_error(ConnectionRefusedError(f"the broker refused the connection: {reason}")))
            return
        self.packet_bytes_max = getattr(properties, "MaximumPacketSize", PACKET_BYTES_MAX)
        self.receive_max = getattr(properties, "ReceiveMaximum", RECEIVE_MAX)
        self.is_up = True

    def _on_disconnect(
        self, _client: Client, _: object, _flags: DisconnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if self._is_leaving:
            self.end("stopped")
            return
        lost = "the connection was lost" if reason.value == UNSPECIFIED else f"the connection ended: {reason}"
        text = self._trouble or lost
        self.is_fault = reason.value in FAULTS
        self.end(self.explain_error(ConnectionError(text)))

    def _on_publish(self, _client: Client, _: object, mid: int, reason: ReasonCode, _properties: Properties) -> None:
        self._answers.append((mid, reason.value))

    def _on_message(self, _client: Client, _: object, message: MQTTMessage) -> None:
        properties = message.properties
        try:
            topic = message.topic
        except UnicodeDecodeError:  # then it is none that was subscribed to
            return
        self._messages.append(
            Message(
                topic,
                bytes(message.payload),
                getattr(properties, "ResponseTopic", ""),
                getattr(properties, "CorrelationData", None),
                message.retain,
            )
        )

    def _on_log(self, _client: Client, _: object, log_level: int, text: str) -> None:
        if log_level == LogLevel.MQTT_LOG_ERR:
            self._trouble = text


def tls_context(files: TlsFiles) -> ssl.SSLContext:
    """Build a TLS 1.3 context that checks the broker's name and shows the station's certificate.

    Raises `OSError` or `ValueError` with the setting that is wrong.
    """
    for setting, path in (("ca", files.ca), ("cert", files.cert), ("key", files.key)):
        is_wanted = bool(path or setting == "ca")
        if is_wanted and not os.access(path, os.R_OK):
            raise ValueError(f"tls.{setting} = {path!r} cannot be read; it must be a PEM file of this machine")
    try:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=files.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        if files.cert:
            context.load_cert_chain(files.cert, files.key)
    except ssl.SSLError as error:
        raise ValueError(f"tls.ca, tls.cert or tls.key is no PEM file, or the pair differs: {error}") from error
    return context


class _Packed(Properties):
    """A content type whose bytes are made once: paho makes them anew for each packet, a fifth of a drain's time."""

    def __init__(self, content_type: str) -> None:
        super().__init__(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        self.ContentType = content_type
        vars(self)["bytes"] = super().pack()  # type: ignore[no-untyped-call]

    def pack(self) -> bytes:
        packed: bytes = vars(self)["bytes"]
        return packed


_content_type = lru_cache(maxsize=8)(_Packed)


def _reply_properties(content_type: str, correlation: bytes) -> Properties:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.CorrelationData = correlation
    if content_type:
        properties.ContentType = content_type
    return properties


def _of_will(content_type: str) -> Properties:
    properties = Properties(PacketTypes.WILLMESSAGE)  # type: ignore[no-untyped-call]
    properties.ContentType = content_type
    return properties


def _connect_properties(session_s: int) -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.MaximumPacketSize = INCOMING_BYTES_MAX
    if session_s:
        properties.SessionExpiryInterval = session_s
    return properties


_CURES = (
    (
        "CERTIFICATE_VERIFY_FAILED",
        "tls.ca must have signed the broker's certificate, made out to this host name",
    ),
    ("ALERT_CERTIFICATE_REQUIRED", "the broker wants a client certificate; set tls.cert and tls.key"),
    ("ALERT_", "the broker refused tls.cert; it must be signed by the authority the broker trusts, and not be revoked"),
    ("tls.", "see [broker] tls"),
    ("not authori", "the broker must know this station: look at its certificate's common name and the broker's log"),
    ("connection was lost", "look at the network and the broker's log; another client of this name ends it too"),
    ("Session taken over", "two stations use one name; each needs its own certificate"),
)


def _cure_of(found: str) -> str:
    """Return what to do about it."""
    for text, cure in _CURES:
        if text.casefold() in found.casefold():
            return cure
    return "host and port must be those of a running MQTT 5 broker; look at the network and the broker's log"
