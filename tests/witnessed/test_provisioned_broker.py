"""The broker of provisioning/mosquitto: what each certificate may write and read, and the whole link through it."""

import json
import queue
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client

from station.domain.identifiers import command_text
from station.relay.link import tls_context
from station.schemas.table import BASE
from tests.brokers import Subscriber, until
from tests.programs import BROKER, TAG, Gun, Station
from tests.schemas.held import standing
from tests.waiting import wait_for
from tests.witnessed.office import Office, over_tls
from tests.yard import Yard

HERE, NEIGHBOUR, ABROAD = "greenleaf-414/vault-1", "greenleaf-414/vault-2", "oakland-7/vault-1"
RECEIVER, SENDER = "backoffice", "backoffice-send"
HOLDERS = (HERE, NEIGHBOUR, ABROAD, RECEIVER, SENDER)
LEVELS = {"type": "count.scanned", "code": "source-lost", "instance": "gun", "verb": "plan", "sha256": "0a" * 32}
LEVELS |= {"witness": "greenleaf-414-backoffice", "caller": "5f3a"}
# Channel of the AsyncAPI document -> who writes it, and who reads it, of the station at `HERE`.
FROM_STATION = ({HERE}, {RECEIVER})
TO_STATION = ({SENDER}, {HERE, RECEIVER})  # the receiver hears all day what anybody sends: it commands nobody
RIGHTS: dict[str, tuple[set[str], set[str]]] = {
    "state": FROM_STATION,
    "info": ({HERE}, {RECEIVER, SENDER}),
    "health": FROM_STATION,
    "alert": ({HERE}, {RECEIVER, HERE}),  # one that a former life left behind is found by reading
    "event": FROM_STATION,
    "checkpoint": FROM_STATION,
    "withheld": FROM_STATION,
    "ack": ({RECEIVER}, {HERE, RECEIVER}),
    "resend": ({RECEIVER}, {HERE, RECEIVER}),
    "command": TO_STATION,
    "command-to-all": ({SENDER}, set(HOLDERS)),  # signed, and its site stands in it: reading gives no power
    "chunk": TO_STATION,
    "reply": ({HERE}, {RECEIVER, SENDER}),
}
NOT_AUTHORIZED = 135
ACKED_WITHIN_S = 60.0


def topic_of(channel: str) -> str:
    """The channel's topic of the station at `HERE`."""
    site, station = HERE.split("/")
    address: str = standing("asyncapi.json")["channels"][channel]["address"]
    return address.format(site=site, station=station, **LEVELS)


class Holder(Subscriber):
    """Whoever shows this certificate: hears what it may, and says anything."""

    def __init__(self, yard: Yard, name: str) -> None:
        self._answers: queue.SimpleQueue[int] = queue.SimpleQueue()
        super().__init__(yard.broker, client_id=name, tls=tls_context(yard.files(name.replace("/", "-"))))
        self._client.on_publish = self._on_publish

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> int:
        """Say it, and return the broker's reason code."""
        self._client.publish(topic, payload, qos=1, retain=retain)
        return self._answers.get(timeout=15)

    def _on_publish(self, _client: Client, _: object, _mid: int, reason: Any, _properties: object) -> None:
        self._answers.put(reason.value)


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    with Yard(tmp_path) as yard:
        for name in (HERE, NEIGHBOUR, ABROAD):
            yard.authority.issue(name.replace("/", "-"), name)
        yield yard


@pytest.fixture
def holders(yard: Yard) -> Iterator[dict[str, Holder]]:
    holders = {name: Holder(yard, name) for name in HOLDERS}
    yield holders
    for each in holders.values():
        each.close()


def test_every_channel_has_its_rights_and_no_other(yard: Yard, holders: dict[str, Holder]) -> None:
    assert standing("asyncapi.json")["channels"].keys() == RIGHTS.keys()
    written = {
        channel: {name for name, holder in holders.items() if say(holder, topic_of(channel), name)}
        for channel in RIGHTS
    }
    assert "Denied PUBLISH" in yard.broker.log
    assert written == {channel: writers for channel, (writers, _) in RIGHTS.items()}

    hear_the_end(holders)
    heard = {
        channel: {name for name, holder in holders.items() if topic_of(channel) in topics(holder)} for channel in RIGHTS
    }
    assert heard == {channel: readers for channel, (_, readers) in RIGHTS.items()}


def say(holder: Holder, topic: str, payload: str) -> bool:
    """Whether the broker takes it; whom it refuses is told so and stays connected."""
    reason = holder.publish(topic, payload)
    assert reason in {0, NOT_AUTHORIZED}
    return reason == 0


def hear_the_end(holders: dict[str, Holder]) -> None:
    """Wait until each has heard the last of all: the broker delivers in order."""
    assert say(holders[SENDER], topic_of("command-to-all"), "end")
    assert say(holders[HERE], topic_of("info"), "end")
    for name, holder in holders.items():
        until(partial(has_heard_the_end, holder), f"{name} heard the end")


def has_heard_the_end(holder: Holder) -> bool:
    return bool(holder.messages) and holder.messages[-1].payload == b"end"


def topics(holder: Holder) -> set[str]:
    return {message.topic for message in holder.messages}


def test_what_is_below_no_channel_is_nobodys(holders: dict[str, Holder]) -> None:
    site_wide = BASE.format(site="greenleaf-414", station="all")
    nowhere = [f"{site_wide}/state", f"custody/v1/{HERE}", f"custody/v1/{HERE}/other", "custody/v2/x", "x", f"{HERE}/x"]
    # Each level that a station may fill is one level: what it can leave retained has no depth.
    nowhere += [f"custody/v1/{HERE}/{deep}" for deep in ("event/a/b", "alert/a", "alert/a/b/c", "reply/a/b")]
    taken = [(topic, name) for topic in nowhere for name in HOLDERS if say(holders[name], topic, name)]
    assert taken == []


@pytest.fixture
def office(tmp_path: Path, yard: Yard) -> Iterator[Office]:
    office = over_tls(yard, tmp_path / "office")
    yield office
    office.close()


@pytest.fixture
def station(tmp_path: Path, gun: Gun, office: Office, yard: Yard) -> Iterator[Station]:
    station = Station(tmp_path, gun.port)
    broker = BROKER.format(port=yard.broker.port).rstrip() + "\n" + yard.setting("vault-1")
    station.settings.write_text(station.settings.read_text() + broker + "\n" + office.station_settings)
    station.start()
    office.approve(station.call("checkpoint", "-c", str(station.settings), "--json").stdout)
    yield station
    station.close()


def test_a_plan_in_chunks_and_every_kind_of_message_pass_its_rights(
    yard: Yard, station: Station, office: Office, gun: Gun
) -> None:
    packages = [{"tag": f"1A40603000000010{number:08d}", "item": f"Live Resin {number}"} for number in range(20_000)]
    plan = {"plan": "P-9", "version": 1, "kind": "guided", "location": "Vault A", "packages": packages}
    assert office.send("vault-1", "plan", office.file("plan.json", plan)) == (
        0,
        "vault-1: plan P-9 version 1: 20000 packages\n",
    )
    assert office.send("all", "ping") == (0, "vault-1: done\n")
    gun.show(command_text("start-count"))
    gun.show(command_text("location", "Vault A"))
    assert gun.scan(TAG) == b"\a"
    assert station.end(signal.SIGTERM) == 0

    last = station.status()["head"]
    wait_for(lambda: [epoch["acked"] for epoch in office.epochs()] == [last], ACKED_WITHIN_S)
    leaves = station.call("events", "--dir", str(station.directory), "--json").stdout
    assert office.call("events", "vault-1", "--json").stdout == leaves
    types = [json.loads(each)["type"] for each in leaves.splitlines()]
    assert {"command.accepted", "plan.loaded", "count.scanned"} <= set(types)
    assert office.alarms() == []
    assert office.call("verify").returncode == 0
    assert "Denied PUBLISH" not in yard.broker.log


def test_the_sender_is_told_to_have_a_certificate_of_its_own(office: Office) -> None:
    sent = office.call("send", "vault-1", "ping")
    assert (sent.returncode, "--cert and --key are missing" in sent.stderr) == (2, True)


def test_the_broker_does_not_write_its_whole_store_anew_with_each_message(
    yard: Yard, holders: dict[str, Holder]
) -> None:
    """With `autosave_on_changes true` it wrote 22.5 GB for 8,000 events."""
    assert yard.broker._running is not None
    counted = Path(f"/proc/{yard.broker._running.pid}/io")
    payload = "x" * 10_000
    for number in range(100):
        topic = topic_of("alert").replace("/gun", f"/gun-{number}")
        assert holders[HERE].publish(topic, payload, retain=True) == 0
    written = int(counted.read_text().split("wchar: ")[1].split()[0])
    assert written < 20 * 100 * len(payload), "a hundred saves of all of it would be fifty times as much"
