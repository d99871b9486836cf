"""The receiver behind a real mosquitto, killed, cut off, and with the provisioned certificates and ACL."""

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion

from station.backoffice import settings
from station.backoffice.receiving.mqtt import ReceiverLink
from station.backoffice.receiving.receiver import Receiver
from station.backoffice.store.store import Store
from station.backoffice.trust import approvals
from station.relay.link import tls_context
from station.sealing.checkpoint import open_cosigned
from tests.backoffice.world import SITE, VAULT, WITNESS, FakeStation, Message
from tests.brokers import Broker, Subscriber, until
from tests.yard import Yard

ROOT = Path(__file__).parents[2]
ACK = f"custody/v1/{SITE}/{VAULT}/ack/{WITNESS.name}"
PERSISTENT = "allow_anonymous true\npersistence true\nautosave_interval 1\nautosave_on_changes true\n"

MakeBroker = Callable[..., Broker]


class Publisher:
    """The fake station's connection."""

    def __init__(self, broker: Broker, name: str = VAULT) -> None:
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=f"{SITE}/{name}", protocol=MQTTv5)
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()

    def send(self, *messages: Message) -> None:
        """Publish, and wait for every PUBACK."""
        kept = ("checkpoint", "info")
        sent = [self._client.publish(topic, payload, qos=1, retain=topic.endswith(kept)) for topic, payload in messages]
        for each in sent:
            each.wait_for_publish(15)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class Desk:
    """Settings in a folder, and the receiver's program."""

    def __init__(self, folder: Path, broker: Broker) -> None:
        folder.mkdir(exist_ok=True)
        self.path = folder / "backoffice.toml"
        self.database = folder / "here" / "backoffice.db"
        self.log = folder / "receiver.log"
        key = folder / "w.key"
        key.touch(0o600)
        key.write_text(WITNESS.encode_private())
        self.path.write_text(
            f'[backoffice]\nsite = "{SITE}"\ndata_dir = "here"\nwitness_key = "w.key"\ncommand_key = "c.key"\n'
            f'[broker]\nhost = "{broker.host}"\nport = {broker.port}\n'
        )

    def approve(self, station: FakeStation) -> None:
        found = settings.load_settings(str(self.path)).backoffice
        approvals.leave_approval(found.approvals_dir, approvals.Approval(station.name, str(station.key.verifier)))

    def start(self, when: str = "never", count: int = 1) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "tests.backoffice.child", str(self.path), when, str(count)]
        with self.log.open("ab") as log:
            return subprocess.Popen(words, cwd=ROOT, stderr=log)

    def links(self) -> int:
        """How often a receiver was connected."""
        return self.log.read_text().count("link up") if self.log.exists() else 0

    def stored(self) -> list[bytes | None]:
        with contextlib.closing(Store.open_for_reading(self.database)) as store:
            (epoch,) = store.epochs_of(VAULT)
            return [leaf for _, _, leaf in store.stored_leaves(epoch)]


@pytest.fixture
def broker(tmp_path: Path, make_broker: MakeBroker) -> Broker:
    return make_broker(f"{PERSISTENT}persistence_location {tmp_path}/\n")


@pytest.fixture
def desk(tmp_path: Path, broker: Broker) -> Desk:
    return Desk(tmp_path / "office", broker)


@pytest.fixture
def publisher(broker: Broker) -> Iterator[Publisher]:
    made = Publisher(broker)
    yield made
    made.close()


def stop(program: subprocess.Popen[bytes]) -> int:
    """SIGTERM; return the exit code."""
    program.send_signal(signal.SIGTERM)
    return program.wait(15)


def size_of(ack: bytes | None) -> int:
    return open_cosigned(ack, WITNESS.verifier).checkpoint.size if ack else 0


def subscribed(desk: Desk) -> None:
    """Let the broker know the receiver, so that it keeps what comes."""
    program = desk.start()
    until(lambda: desk.links() == 1, "connected")
    until(desk.database.exists, "database")
    assert stop(program) == 0


@pytest.mark.parametrize("when", ["after-commit", "before-commit"])
def test_killed_again_and_again_it_loses_nothing_and_has_nothing_twice(
    desk: Desk,
    publisher: Publisher,
    broker: Broker,
    subscribe: Callable[..., Subscriber],
    when: str,
) -> None:
    vault = FakeStation()
    vault.write(200)
    desk.approve(vault)
    subscribed(desk)
    office = subscribe(broker, topic=ACK)
    publisher.send(vault.info(), *vault.events(), vault.checkpoint())

    kills = 0
    while kills < 4:
        assert desk.start(when, 2).wait(30) == -signal.SIGKILL
        kills += 1
    program = desk.start()
    until(lambda: size_of(office.newest(ACK)) == 200, "cosigned", 30)
    assert stop(program) == 0

    assert desk.stored() == vault.leaves
    assert "ALARM" not in desk.log.read_text()


def test_a_receiver_that_acknowledges_before_it_commits_is_caught(desk: Desk, publisher: Publisher) -> None:
    vault = FakeStation()
    vault.write(100)
    subscribed(desk)
    publisher.send(*vault.events())
    assert desk.start("acked-first", 2).wait(30) == -signal.SIGKILL
    program = desk.start()
    until(lambda: len(desk.stored()) >= 60, "what is left")
    stop(program)
    missing = set(vault.leaves) - set(desk.stored())
    assert missing, "the mutant lost nothing: this test sees nothing"


def test_sigterm_ends_it_and_a_second_one_is_refused(desk: Desk) -> None:
    program = desk.start()
    until(lambda: desk.links() == 1, "connected")
    second = desk.start()
    assert second.wait(15) == 1
    assert "a running receiver holds receiver.lock" in desk.log.read_text()
    assert stop(program) == 0


class Running:
    """A receiver's connection on a thread of this process."""

    def __init__(self, folder: Path, broker: settings.Broker) -> None:
        self.store = Store.open_for_writing(folder / "running.db")
        self.receiver = Receiver(self.store, SITE, WITNESS, needs_marker=True)
        self.link = ReceiverLink(broker, SITE, WITNESS.name, self.receiver)
        self._thread = threading.Thread(target=self.link.run, daemon=True)

    def __enter__(self) -> "Running":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.link.stop()
        self._thread.join(10)
        self.store.close()


def test_a_broker_that_forgot_everything_is_told_again(
    tmp_path: Path,
    make_broker: MakeBroker,
    subscribe: Callable[..., Subscriber],
) -> None:
    first = make_broker("allow_anonymous true")
    vault = FakeStation()
    vault.write(5)
    running = Running(tmp_path, settings.Broker(host=first.host, port=first.port))
    running.receiver.approve_key(VAULT, vault.key.verifier)
    with running:
        until(lambda: running.link._connection == 1, "up")
        publisher = Publisher(first)
        publisher.send(vault.info(), *vault.events(), vault.checkpoint())
        watching = subscribe(first, topic=ACK)
        until(lambda: size_of(watching.newest(ACK)) == 5, "cosigned")
        publisher.close()
        first.kill()
        again = make_broker("allow_anonymous true", port=first.port)
        anew = subscribe(again, topic=ACK, client_id="anew")
        until(lambda: size_of(anew.newest(ACK)) == 5, "told again")


def test_the_provisioned_broker_lets_it_read_and_cosign_and_nothing_else(
    tmp_path: Path, subscribe: Callable[..., Subscriber]
) -> None:
    yard = Yard(tmp_path)
    vault = FakeStation()
    vault.write(30)
    files = yard.files("backoffice")
    tls = settings.Tls(ca=files.ca, cert=files.cert, key=files.key)
    running = Running(tmp_path, settings.Broker(host=yard.broker.host, port=yard.broker.port, tls=tls))
    running.receiver.approve_key(VAULT, vault.key.verifier)
    with yard, running:
        until(lambda: running.link._connection == 1, "up")
        mine: Any = subscribe(yard.broker, topic=ACK, client_id="x", tls=tls_context(yard.files("vault-1")))
        for topic, payload in (vault.info(), *vault.events(), vault.checkpoint()):
            mine._client.publish(topic, payload, qos=1)
        until(lambda: size_of(mine.newest(ACK)) == 30, "cosigned")
