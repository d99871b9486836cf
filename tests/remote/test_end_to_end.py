"""`backoffice send` through a real broker to the real daemon, and what the station then does."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.domain.identifiers import command_text
from tests.brokers import Broker, Proxy
from tests.programs import BROKER, EXAMPLES, TAG, Desk, Gun, Station
from tests.remote.office import Other
from tests.waiting import wait_for


@pytest.fixture
def proxy(broker: Broker) -> Iterator[Proxy]:
    proxy = Proxy(broker.port)
    yield proxy
    proxy.close()


@pytest.fixture
def desk(tmp_path: Path, broker: Broker) -> Desk:
    return Desk(tmp_path / "office", broker.port)


@pytest.fixture
def station(tmp_path: Path, gun: Gun, desk: Desk, proxy: Proxy) -> Iterator[Station]:
    station = Station(tmp_path, gun.port)
    station.settings.write_text(station.settings.read_text() + BROKER.format(port=proxy.port) + desk.for_stations)
    station.start()
    yield station
    station.close()


def of_type(station: Station, name: str) -> list[Any]:
    return [event["data"] for event in station.events() if event["type"] == name]


def test_a_plan_is_sent_counted_and_told_at_both_ends(station: Station, desk: Desk, gun: Gun) -> None:
    assert desk.send("vault-1", "ping") == (0, "vault-1: done\n")
    assert desk.send("vault-1", "plan", str(EXAMPLES / "plan.json")) == (
        0,
        "vault-1: plan P-2026-11-23-A version 1: 3 packages\n",
    )
    gun.show(command_text("start-count"))
    gun.show(command_text("location", "Vault A"))
    assert gun.scan(TAG) == b"\a"

    code, text = desk.send("vault-1", "plan", str(EXAMPLES / "plan.json"))
    assert (code, "bad_body" in text, "must be above 1" in text) == (1, True, True)
    assert desk.send("vault-1", "message", desk.file("message.json", {"text": "Call the office"}))[0] == 0
    assert desk.send("vault-1", "lockdown", desk.file("lockdown.json", {"set": True, "reason": "drill"}))[0] == 0
    assert desk.send("all", "ping") == (0, "vault-1: done\n")
    code, text = desk.send("vault-1", "ticket", desk.file("ticket.json", {}))
    assert (code, "not_served" in text) == (1, True)

    accepted = of_type(station, "command.accepted")
    assert [each["verb"] for each in accepted] == ["ping", "plan", "message", "lockdown", "ping"]
    assert [each["series"] for each in accepted] == ["own"] * 4 + ["all"]
    counters = [each["counter"] for each in accepted]
    assert counters == sorted(set(counters))
    assert of_type(station, "lockdown.set") == [{"by": "greenleaf-414-commands", "reason": "drill"}]
    assert [each["reason"] for each in of_type(station, "command.refused")] == ["bad_body", "not_served"]


def test_a_roster_travels_without_a_raw_number_or_pin_and_outlives_a_power_cut(station: Station, desk: Desk) -> None:
    people = [{"id": "ana", "name": "Ana R.", "roles": ["associate"], "badges": ["26:12:3456"], "pin": "482913"}]
    roster = {"roster": 3, "not_after": "2099-12-31T00:00:00Z", "people": people}
    assert desk.send("vault-1", "roster", desk.file("roster.json", roster)) == (
        0,
        "vault-1: roster 3: 1 people, 1 badges, until 2099-12-31T00:00:00Z\n",
    )
    station.end(signal.SIGKILL)
    journal = b"".join(path.read_bytes() for path in station.directory.glob("journal.db*"))
    assert b"scrypt:16384:8:1:" in journal
    assert b"26:12:3456" not in journal
    assert b"482913" not in journal
    station.start()
    code, text = desk.send("vault-1", "roster", desk.file("roster.json", roster))
    assert (code, "must be above 3" in text) == (1, True)
    assert desk.send("vault-1", "ping")[0] == 0


def test_a_large_plan_arrives_over_a_link_that_is_cut(station: Station, desk: Desk, proxy: Proxy) -> None:
    packages = [{"tag": f"1A40603000000010{number:08d}", "item": f"Live Resin {number}"} for number in range(20_000)]
    plan = {"plan": "P-9", "version": 1, "kind": "guided", "location": "Vault A", "packages": packages}
    chunks = station.directory / "chunks"

    def cut() -> None:
        wait_for(lambda: chunks.exists() and len(list(chunks.iterdir())) >= 3)
        proxy.cut()

    cutting = threading.Thread(target=cut)
    cutting.start()
    sent = desk.send("vault-1", "plan", desk.file("plan.json", plan))
    cutting.join()
    assert sent == (0, "vault-1: plan P-9 version 1: 20000 packages\n")
    assert proxy.connections >= 2
    assert [each["packages"] for each in of_type(station, "plan.loaded")] == [20_000]
    wait_for(lambda: not list(chunks.iterdir()))


def test_a_station_that_went_silent_is_told_of_however_often_it_is_asked(desk: Desk, broker: Broker) -> None:
    """Longer than the pause after which a command is sent again: that must not begin the waiting anew."""
    office = Other(broker)
    office.publish("custody/v1/greenleaf-414/vault-1/info", b'{"epoch":"e"}', retain=True)
    office.close()
    code, text = desk.send("vault-1", "ping", "--wait", "7")
    assert (code, "no reply within 7 s" in text) == (5, True)


def test_what_cannot_be_sent_ends_with_its_exit_code(desk: Desk) -> None:
    assert desk.send("vault-1", "unlock", desk.file("x.json", {}))[0] == 2
    assert desk.send("vault-1", "plan")[0] == 2
    assert desk.send("vault-1", "plan", desk.file("x.json", []))[0] == 1
    assert desk.send("a/b", "ping")[0] == 2
    code, text = desk.send("vault-1", "ping")
    assert (code, "nothing of it stands at the broker" in text) == (5, True)
