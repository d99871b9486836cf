"""What comes from the broker through a `BrokerConnection`, and what is answered, over a real mosquitto."""

import socket
from collections.abc import Callable, Iterator

import pytest

from station.relay.link import INCOMING_BYTES_MAX, BrokerConnection, Message
from station.relay.options import RelayOptions
from tests.brokers import Broker, until
from tests.remote.office import Other

BASE = "custody/v1/greenleaf-414/vault-1"


class Driven:
    """A link, driven here instead of by the relay."""

    def __init__(self, broker: Broker, session_s: int = 0) -> None:
        options = RelayOptions(
            host=broker.host, port=broker.port, site="greenleaf-414", station="vault-1", session_s=session_s
        )
        self.link = BrokerConnection(options, "greenleaf-414/vault-1", f"{BASE}/state", b"{}")
        self._wake, self._other_end = socket.socketpair()
        self.messages: list[Message] = []
        self.link.open(5)
        self.until(lambda: self.link.is_up)

    def until(self, condition: Callable[[], object]) -> None:
        """Turn until it holds."""

        def turned() -> object:
            self.link.step(self._wake, 0.02)
            self.messages += self.link.take_messages()
            return condition()

        until(turned, "the link's turn")

    def close(self) -> None:
        """Close without a word."""
        self.link.abort()
        self._wake.close()
        self._other_end.close()


@pytest.fixture
def office(broker: Broker) -> Iterator[Other]:
    office = Other(broker, f"{BASE}/reply/#")
    yield office
    office.close()


def subscribed(broker: Broker, office: Other, session_s: int = 0) -> Driven:
    """A link that certainly has its subscriptions."""
    driven = Driven(broker, session_s)
    office.publish(f"{BASE}/ack/ready", b"", retain=False)
    driven.link.subscribe([f"{BASE}/command/+", f"{BASE}/ack/+"])

    def is_heard() -> bool:
        office.publish(f"{BASE}/ack/ready", b"?")
        return any(message.payload == b"?" for message in driven.messages)

    driven.until(is_heard)
    driven.messages.clear()
    return driven


def commands(driven: Driven) -> list[Message]:
    return [message for message in driven.messages if "/command/" in message.topic]


def test_a_message_comes_with_its_response_topic_and_correlation(broker: Broker, office: Other) -> None:
    driven = subscribed(broker, office)
    office.publish(f"{BASE}/command/ping", b"\xff\0", ResponseTopic=f"{BASE}/reply/x", CorrelationData=b"\1\2")
    office.publish(f"{BASE}/command/plan", b"bare")
    driven.until(lambda: len(commands(driven)) == 2)
    assert commands(driven) == [
        Message(f"{BASE}/command/ping", b"\xff\0", f"{BASE}/reply/x", b"\1\2", False),
        Message(f"{BASE}/command/plan", b"bare"),
    ]
    driven.close()


def test_a_reply_carries_the_callers_correlation(broker: Broker, office: Other) -> None:
    driven = subscribed(broker, office)
    driven.link.publish(f"{BASE}/reply/x", b"{}", "application/json", correlation=b"\7")
    driven.link.publish(f"{BASE}/reply/x", b"{}", "application/json")
    driven.until(lambda: len(office.messages) == 2)
    found = [getattr(message.properties, "CorrelationData", None) for message in office.messages]
    assert found == [b"\7", None]
    assert [message.properties.ContentType for message in office.messages] == ["application/json"] * 2  # type: ignore[union-attr]
    driven.close()


@pytest.mark.parametrize(("session_s", "came"), [(60, [b"meanwhile"]), (0, [])])
def test_a_session_keeps_what_came_meanwhile(broker: Broker, office: Other, session_s: int, came: list[bytes]) -> None:
    subscribed(broker, office, session_s).close()
    until(lambda: "vault-1" in broker.log and ("closed" in broker.log or "disconnected" in broker.log), "it is gone")
    office.publish(f"{BASE}/command/ping", b"meanwhile")
    driven = subscribed(broker, office, session_s) if not session_s else Driven(broker, session_s)
    if came:
        driven.until(lambda: commands(driven))
    assert [message.payload for message in commands(driven)] == came
    driven.close()


def test_a_packet_beyond_the_limit_never_comes(broker: Broker, office: Other) -> None:
    driven = subscribed(broker, office)
    office.publish(f"{BASE}/command/plan", b"x" * INCOMING_BYTES_MAX)
    office.publish(f"{BASE}/command/ping", b"after")
    driven.until(lambda: commands(driven))
    assert [message.payload for message in commands(driven)] == [b"after"]
    driven.close()
