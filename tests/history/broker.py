"""A broker between stations and one receiver, that does what brokers do: it forgets, repeats, delays, reorders, cuts.

A PUBACK says that a message was taken, and nothing else (facts: mosquitto 2.0 drops behind a PUBACK what its queues
do not hold, and after a kill all that it had not saved). Reason 16 is "nobody subscribes" (MQTT 5, 3.4.2.1).
"""

from collections import deque
from collections.abc import Callable
from random import Random
from typing import NamedTuple

import msgspec

from tests.history.clock import Clock

NO_SUBSCRIBERS = 16
RECEIVE_MAX = 500
"""What the receiver lets be on its way to it (station.backoffice.receiving.mqtt.GROUP_MAX)."""

PACKET_BYTES_MAX = 65_536
BREAKS = -1
"""A refusal that breaks the connection as a protocol fault, as an oversized packet does."""

Refusal = Callable[[str, bytes], int]


class Weather(msgspec.Struct, frozen=True):
    """How bad the network is: shares of messages, seconds one way."""

    lost: float = 0.0
    """Of what was acknowledged, never told to the receiver."""
    doubled: float = 0.0
    latency_s: tuple[float, float] = (0.002, 0.02)
    queue_max: int = 100_000
    """Messages for the receiver; what is beyond is dropped behind its PUBACK."""


CALM = Weather()


class Published(NamedTuple):
    """One message of a client."""

    mid: int
    topic: str
    payload: bytes
    retain: bool
    qos: int


class Message(NamedTuple):
    """One message for the receiver; `mid` is its identifier in the session."""

    mid: int
    topic: str
    payload: bytes


class Connection:
    """One client's connection: `answers` are (mid, reason), `messages` (topic, payload), until `is_over`."""

    def __init__(self, client: str) -> None:
        self.client = client
        self.is_up = False
        self.is_over = False
        self.subscriptions = 0
        """How many the broker has confirmed."""
        self.is_fault = False
        self.answers: list[tuple[int, int]] = []
        self.messages: list[Message] = []
        self.is_refused = False
        """The broker has said goodbye, and takes no more."""
        self.up_until_s = self.down_until_s = 0.0
        """When the last that was sent will have arrived."""

    def end(self, is_fault: bool = False) -> None:
        """Both sides know it at once; what was on its way is gone."""
        self.is_over, self.is_up, self.is_fault = True, False, is_fault


class Session:
    """What the broker keeps for the receiver: a queue, and what it handed out and has no answer to."""

    def __init__(self) -> None:
        self.queue: deque[tuple[str, bytes]] = deque()
        self.unanswered: dict[int, tuple[str, bytes]] = {}
        self.next_mid = 1

    def copy(self) -> "Session":
        """As it would be saved."""
        twin = Session()
        twin.queue, twin.unanswered, twin.next_mid = self.queue.copy(), self.unanswered.copy(), self.next_mid
        return twin


class Broker:
    """`receiver` is the client id whose session outlives its connections; all other clients are stations."""

    def __init__(self, clock: Clock, random: Random, receiver: str, witness: str) -> None:
        self._clock, self._random, self._receiver, self._witness = clock, random, receiver, witness
        self.weather = CALM
        self.refusal: Refusal = lambda _topic, _payload: 0
        self.retained: dict[str, bytes] = {}
        self.session: Session | None = None
        self.connections: list[Connection] = []
        self._saved: tuple[dict[str, bytes], Session | None] = ({}, None)
        self._watch: Connection | None = None

    # What clients do

    def connect(self, client: str) -> Connection:
        """A new connection; `is_up` once the CONNACK has come."""
        connection = Connection(client)
        self.connections.append(connection)
        self._later(connection, lambda: self._accept(connection))
        return connection

    def publish(
        self, connection: Connection, mid: int, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1
    ) -> None:
        """Send; a station's messages arrive in the order in which they were sent, as in one TCP stream."""
        connection.up_until_s = max(connection.up_until_s, self._clock.now_s + self._latency_s())
        sent = Published(mid, topic, payload, retain, qos)
        self._then(connection, connection.up_until_s, lambda: self._arrive(connection, sent))

    def subscribe_again(self, connection: Connection) -> None:
        """The receiver subscribes once more: what is retained is queued for it again."""
        self._later(connection, lambda: self._subscribe_receiver(connection))

    def answer(self, connection: Connection, mid: int) -> None:
        """The receiver's PUBACK."""
        self._later(connection, lambda: self._answered(mid))

    # What happens to it

    def save(self) -> None:
        """What a kill will leave (mosquitto's `autosave_interval`)."""
        self._saved = (self.retained.copy(), self.session.copy() if self.session else None)

    def kill(self) -> None:
        """SIGKILL: what was not saved is gone, what was answered since comes again."""
        self.cut()
        retained, session = self._saved
        self.retained, self.session = retained.copy(), session.copy() if session else None

    def wipe(self) -> None:
        """A new disk: it knows nobody."""
        self.cut()
        self.retained, self.session = {}, None
        self.save()

    def expire(self) -> None:
        """The receiver was away for too long."""
        if self._watch is None or self._watch.is_over:
            self.session = None

    def cut(self, client: str = "") -> None:
        """Break the connections of a client, or all."""
        for each in self.connections:
            if not client or each.client == client:
                each.end()
        self.connections = [each for each in self.connections if not each.is_over]

    # Inside

    def _latency_s(self) -> float:
        return self._random.uniform(*self.weather.latency_s)

    def _later(self, connection: Connection, do: Callable[[], object], times: int = 1) -> None:
        for _ in range(times):
            self._clock.after(self._latency_s(), lambda: connection.is_over or do())

    def _reply(self, connection: Connection, do: Callable[[], object]) -> None:
        """PUBACKs and goodbyes stay in order, as in one TCP stream."""
        connection.down_until_s = max(connection.down_until_s, self._clock.now_s + self._latency_s())
        self._then(connection, connection.down_until_s, do)

    def _then(self, connection: Connection, at_s: float, do: Callable[[], object]) -> None:
        self._clock.after(at_s - self._clock.now_s, lambda: connection.is_over or do())

    def _accept(self, connection: Connection) -> None:
        connection.is_up = True
        if connection.client == self._receiver:
            assert self._watch is None or self._watch.is_over, "the receiver has two connections"
            self._watch = connection
            if self.session is not None:
                for mid, (topic, payload) in self.session.unanswered.items():
                    self._hand_out(connection, Message(mid, topic, payload))
            self._later(connection, lambda: self._subscribe_receiver(connection))
        else:
            self._later(connection, lambda: self._subscribe_station(connection))

    def _subscribe_receiver(self, connection: Connection) -> None:
        if self.session is None:
            self.session = Session()
        for topic, payload in self.retained.items():
            if self._is_watched(topic):
                self._queue(topic, payload)
        self._pump(connection)
        self._later(connection, lambda: self._confirm(connection))

    def _confirm(self, connection: Connection) -> None:
        connection.subscriptions += 1

    def _subscribe_station(self, connection: Connection) -> None:
        for topic, payload in self.retained.items():
            if topic.startswith(f"custody/v1/{connection.client}/ack/"):
                self._tell(connection, topic, payload)

    def _is_watched(self, topic: str) -> bool:
        kind, _, rest = topic.split("/", 4)[4].partition("/")
        return rest == self._witness if kind == "ack" else kind != "resend"

    def _arrive(self, connection: Connection, sent: Published) -> None:
        if connection.is_refused:
            return
        reason = self.refusal(sent.topic, sent.payload)
        if reason == BREAKS:
            connection.is_refused = True
            self._reply(connection, lambda: connection.end(is_fault=True))
            return
        reason = reason or self._take(sent)
        if sent.qos:
            self._reply(connection, lambda: connection.answers.append((sent.mid, reason)))

    def _take(self, sent: Published) -> int:
        """Pass it on; return the reason of the PUBACK."""
        if sent.retain:
            self.retained[sent.topic] = sent.payload
        for station in self._stations_of(sent.topic):
            self._tell(station, sent.topic, sent.payload)
        if not self._is_watched(sent.topic):
            return 0
        if self.session is None:
            return NO_SUBSCRIBERS
        if self._random.random() >= self.weather.lost:
            self._pass_on(sent)
        return 0

    def _pass_on(self, sent: Published) -> None:
        watch = self._watch if self._watch and not self._watch.is_over else None
        if sent.qos == 0:
            if watch is not None:
                self._later(watch, lambda: watch.messages.append(Message(0, sent.topic, sent.payload)))
            return
        self._queue(sent.topic, sent.payload)
        if watch is not None:
            self._pump(watch)

    def _stations_of(self, topic: str) -> list[Connection]:
        parts = topic.split("/")
        if parts[4] not in ("ack", "resend"):
            return []
        client = f"{parts[2]}/{parts[3]}"
        return [each for each in self.connections if each.client == client and each.is_up]

    def _tell(self, connection: Connection, topic: str, payload: bytes) -> None:
        times = self._copies()
        self._later(connection, lambda: connection.messages.append(Message(0, topic, payload)), times)

    def _copies(self) -> int:
        return 2 if self._random.random() < self.weather.doubled else 1

    def _queue(self, topic: str, payload: bytes) -> None:
        assert self.session is not None
        if len(self.session.queue) < self.weather.queue_max:
            self.session.queue.append((topic, payload))

    def _pump(self, watch: Connection) -> None:
        """Hand out what may be on its way to the receiver."""
        session = self.session
        while session and session.queue and len(session.unanswered) < RECEIVE_MAX:
            mid, session.next_mid = session.next_mid, session.next_mid + 1
            session.unanswered[mid] = topic, payload = session.queue.popleft()
            self._hand_out(watch, Message(mid, topic, payload))

    def _hand_out(self, watch: Connection, message: Message) -> None:
        self._later(watch, lambda: watch.messages.append(message), self._copies())

    def _answered(self, mid: int) -> None:
        if self.session is not None and self._watch is not None:
            self.session.unanswered.pop(mid, None)
            self._pump(self._watch)
