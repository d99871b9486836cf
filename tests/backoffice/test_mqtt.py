"""What the connection acknowledges, and when: without a broker."""

from typing import Any

import pytest

from station.backoffice import settings
from station.backoffice.receiving.mqtt import QueuedMessage, ReceiverLink
from tests.backoffice.world import SITE, WITNESS, FakeStation, Office


class Wire:
    """paho's client, as far as the receiving thread uses it."""

    def __init__(self, office: Office, vault: FakeStation) -> None:
        self.acked: list[tuple[int, int]] = []
        """Identifier, and how many leaves were durable by then."""
        self.published: list[str] = []
        self.subscribed: list[str] = []
        self.is_up = True
        self._office, self._vault = office, vault

    def ack(self, mid: int, _qos: int) -> None:
        self.acked.append((mid, self._office.durable(self._vault)))

    def is_connected(self) -> bool:
        return self.is_up

    def subscribe(self, topics: list[tuple[str, object]]) -> None:
        self.subscribed += [topic for topic, _ in topics]

    def publish(self, topic: str, _payload: bytes, **_: Any) -> None:
        self.published.append(topic)


@pytest.fixture
def link(office: Office) -> ReceiverLink:
    return ReceiverLink(settings.Broker(host="localhost"), SITE, WITNESS.name, office.receiver)


@pytest.fixture
def wire(link: ReceiverLink, office: Office, vault: FakeStation) -> Wire:
    made = Wire(office, vault)
    link._client = made  # type: ignore[assignment]
    return made


def arrived(vault: FakeStation, connection: int = 0) -> list[QueuedMessage]:
    messages = [*vault.events(), vault.checkpoint()]
    return [QueuedMessage(connection, mid, 1, *message) for mid, message in enumerate(messages, 1)]


def test_every_message_is_acknowledged_after_its_group_is_durable(
    link: ReceiverLink, wire: Wire, vault: FakeStation
) -> None:
    vault.write(3)
    link._take_group(arrived(vault))
    assert wire.acked == [(1, 3), (2, 3), (3, 3), (4, 3)]
    assert wire.published == [f"{vault.base}/ack/{WITNESS.name}"]


def test_nothing_is_acknowledged_when_the_disk_fails(
    link: ReceiverLink, wire: Wire, vault: FakeStation, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError("disk full")

    vault.write(3)
    monkeypatch.setattr(office.store, "_write_back", full)
    with pytest.raises(OSError, match="disk full"):
        link._take_group(arrived(vault))
    assert (wire.acked, wire.published) == ([], [])


def test_identifiers_of_an_older_connection_are_not_acknowledged(
    link: ReceiverLink, wire: Wire, vault: FakeStation
) -> None:
    vault.write(3)
    link._take_group(arrived(vault, connection=7))
    assert wire.acked == []


def test_a_message_of_qos_0_needs_no_acknowledgement(link: ReceiverLink, wire: Wire, vault: FakeStation) -> None:
    link._take_group([QueuedMessage(0, 0, 0, *vault.health(-1))])
    assert wire.acked == []


def test_nothing_is_published_while_there_is_no_connection(link: ReceiverLink, wire: Wire, vault: FakeStation) -> None:
    vault.write(3)
    wire.is_up = False
    link._take_group(arrived(vault))
    link._do_round()
    assert wire.published == []


def test_nonsense_is_acknowledged_so_that_it_does_not_come_for_ever(
    link: ReceiverLink, wire: Wire, vault: FakeStation
) -> None:
    link._take_group([QueuedMessage(0, 9, 1, f"{vault.base}/event/x", b"{")])
    assert [mid for mid, _ in wire.acked] == [9]
