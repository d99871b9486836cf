"""The whole link as people run it: `station run`, a real mosquitto, `backoffice run`, and the commands of both ends."""

import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.domain.identifiers import command_text
from tests.brokers import Broker
from tests.programs import BROKER, EXAMPLES, TAG, Gun, Station
from tests.waiting import wait_for
from tests.witnessed.office import Office

ACKED_WITHIN_S = 60.0


@pytest.fixture
def office(tmp_path: Path, broker: Broker) -> Iterator[Office]:
    office = Office(tmp_path / "office", broker.port)
    yield office
    office.close()


@pytest.fixture
def station(tmp_path: Path, gun: Gun, office: Office, broker: Broker) -> Iterator[Station]:
    station = Station(tmp_path, gun.port)
    settings = station.settings.read_text() + BROKER.format(port=broker.port) + office.station_settings
    station.settings.write_text(settings)
    station.start()
    office.approve(station.call("checkpoint", "-c", str(station.settings), "--json").stdout)
    yield station
    station.close()


def head(station: Station) -> int:
    found = station.status()["head"]
    assert isinstance(found, int)
    return found


def test_a_plan_is_sent_counted_and_acknowledged_watched_from_both_ends(
    station: Station, office: Office, gun: Gun
) -> None:
    code, printed = office.send("vault-1", "plan", str(EXAMPLES / "plan.json"))
    assert code == 0, printed
    gun.show(command_text("start-count"))
    gun.show(command_text("location", "Vault A"))
    assert gun.scan(TAG) == b"\x07"
    assert station.end(signal.SIGTERM) == 0

    last = head(station)
    wait_for(lambda: [epoch["acked"] for epoch in office.epochs()] == [last], ACKED_WITHIN_S)
    assert office.alarms() == []
    leaves = station.call("events", "--dir", str(station.directory), "--json").stdout
    assert office.call("events", "vault-1", "--json").stdout == leaves
    assert "count.scanned" in leaves
    assert office.call("verify").returncode == 0

    # What is acked is written with the next event, so something has to happen.
    station.start()
    wait_for(lambda: said_so(gun, station) >= last, ACKED_WITHIN_S)


def said_so(gun: Gun, station: Station) -> int:
    """Have an event recorded; how far its row says that the witness is."""
    assert gun.scan("no code") == b"\x15"
    return int(str(station.status()["acked"]))


def test_an_older_copy_of_the_journal_is_found_out_and_a_new_epoch_says_so(
    station: Station, office: Office, tmp_path: Path
) -> None:
    assert station.end(signal.SIGTERM) == 0
    shutil.copytree(station.directory, tmp_path / "older")
    station.start()
    station.end(signal.SIGTERM)
    last = head(station)
    wait_for(lambda: [epoch["acked"] for epoch in office.epochs()] == [last], ACKED_WITHIN_S)
    old = station.status()["epoch"]
    shutil.rmtree(station.directory)
    shutil.copytree(tmp_path / "older", station.directory)

    station.launch()
    assert station.wait() == 6
    station.start()

    began = next(event for event in station.events() if event["type"] == "epoch.began")["data"]
    assert isinstance(began, dict)
    assert began["previous"] == old
    assert f"/{old}\n{last + 1}\n" in began["checkpoint"]
    assert "an older copy" in began["reason"]
    assert list(station.directory.glob("journal-rolled-back-*.db"))
    assert {alarm["kind"] for alarm in office.alarms()} & {"conflict", "cloned"}
    wait_for(lambda: sorted(epoch["acked"] >= 0 for epoch in office.epochs()) == [True, True], ACKED_WITHIN_S)


def test_a_key_is_rotated_and_both_ends_go_on(station: Station, office: Office, gun: Gun) -> None:
    told = station.call("rotate-key", "-c", str(station.settings))
    assert told.returncode == 0, told.stderr
    gun.show(command_text("start-count", "free"))
    gun.show(command_text("location", "Vault A"))
    assert gun.scan(TAG) == b"\x07"
    assert station.end(signal.SIGTERM) == 0

    last = head(station)
    wait_for(lambda: [epoch["acked"] for epoch in office.epochs()] == [last], ACKED_WITHIN_S)
    assert office.alarms() == []
    rotated = [event["data"] for event in station.events() if event["type"] == "key.rotated"]
    assert len(rotated) == 1
    secret = (station.directory / "station.key").read_text().strip().split("+", 4)[4]
    assert secret not in json.dumps(station.events())
    verified = station.call("verify", str(station.directory))
    assert verified.returncode == 0, verified.stdout
