"""The whole link: the station in the guest, mosquitto with TLS and its rights, the receiver on the host; its key."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.domain.identifiers import command_text
from station.sealing.note import SigningKey
from tests.rig.devices.broker import HOST_IN_GUEST, TLS_PORT_IN_GUEST, Cable
from tests.rig.devices.usb import UsbSerial
from tests.rig.environment import GUEST_CHECKOUT, Environment
from tests.rig.guest import Guest
from tests.rig.installed import DIRECTORY, Station, installed
from tests.waiting import wait_for
from tests.witnessed.office import Office, over_tls
from tests.yard import Yard

pytestmark = pytest.mark.rig

LINK_S_MAX = 180.0
ANSWER_S_MAX = 60
BELL = b"\x07"
REFUSED = b"\x15"
TLS = "/etc/station/tls"
CREDENTIAL = "/etc/credstore/station.key"
NAME = "custody/greenleaf-414/vault-1"
TAGS = [f"1A40603000000010{number:08d}" for number in range(12)]
PLAN = {"plan": "P-LINK", "version": 1, "kind": "guided", "location": "Vault A"}
SETTINGS = f"""
[station]
site = "greenleaf-414"
name = "vault-1"
duties = ["count"]
timezone = "America/Los_Angeles"

[[scanner]]
name = "pole"
kind = "serial"
port = "{{pole}}"
answer = true

[broker]
host = "{HOST_IN_GUEST}"
port = {TLS_PORT_IN_GUEST}
tls = {{{{ ca = "{TLS}/ca.crt", cert = "{TLS}/vault-1.crt", key = "{TLS}/vault-1.key" }}}}
keepalive_s = 5

{{office}}
"""


@pytest.fixture(scope="module")
def yard(tls_port: int) -> Iterator[Yard]:
    folder = Path(tempfile.mkdtemp(prefix="rig-yard-"))
    with Yard(folder, HOST_IN_GUEST, port=tls_port) as yard:
        yard.authority.issue("visitor", "greenleaf-414/visitor")
        yield yard
        print(yard.broker.log[-4000:])
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def office(yard: Yard) -> Iterator[Office]:
    office = over_tls(yard, yard.folder / "office")
    yield office
    office.close()


@pytest.fixture(scope="module")
def pole(guest: Guest) -> Iterator[UsbSerial]:
    pole = UsbSerial(guest, "POLE8")
    yield pole
    pole.remove()


@pytest.fixture(scope="module")
def station(guest: Guest, environment: Environment, pole: UsbSerial, yard: Yard, office: Office) -> Iterator[Station]:
    guest.check(f"systemd-sysusers {GUEST_CHECKOUT}/systemd/sysusers.d/station.conf")
    for name in ("ca.crt", "vault-1.crt", "vault-1.key"):
        guest.put(f"{TLS}/{name}", (yard.folder / name).read_bytes(), mode=0o640)
    guest.check(f"chown -R root:station {TLS}")
    with installed(guest, environment, SETTINGS.format(pole=pole.path, office=office.station_settings)) as station:
        yield station


def test_a_handshake_is_of_tls_1_3_and_needs_a_certificate(guest: Guest, yard: Yard, environment: Environment) -> None:
    for name in ("ca.crt", "visitor.crt", "visitor.key"):
        guest.put(f"/root/tls/{name}", (yard.folder / name).read_bytes())
    program = f"{environment.python} {GUEST_CHECKOUT}/tests/rig/programs/shake_hands.py {HOST_IN_GUEST}"
    nobody = f"{program} {TLS_PORT_IN_GUEST} /root/tls/ca.crt"
    visitor = f"{nobody} /root/tls/visitor.crt /root/tls/visitor.key"
    assert guest.check(visitor, ANSWER_S_MAX) == "TLSv1.3 20020000\n"
    assert "CERTIFICATE_REQUIRED" in guest.check(nobody, ANSWER_S_MAX)
    assert guest.check(f"TLS_MAX=TLSv1_2 {visitor}", ANSWER_S_MAX).startswith("refused: ")


def test_a_plan_is_sent_counted_through_a_cut_cable_and_witnessed(
    station: Station, office: Office, pole: UsbSerial, cable: Cable, yard: Yard
) -> None:
    office.approve(station.sheet())
    plan = office.file("plan.json", PLAN | {"packages": [{"tag": tag, "item": "Live Resin 1 g"} for tag in TAGS]})
    sent = office.send("--wait", f"{LINK_S_MAX:g}", "vault-1", "plan", plan)
    assert sent == (0, "vault-1: plan P-LINK version 1: 12 packages\n")
    for card in (command_text("start-count"), command_text("location", "Vault A")):
        pole.send(f"{card}\r".encode())
    scan(pole, TAGS[:4])
    wait_for(lambda: at(office, "count.scanned") == 4, LINK_S_MAX)
    cable.pull()
    scan(pole, TAGS[4:8])
    wait_for(lambda: "greenleaf-414/vault-1 has exceeded timeout" in yard.broker.log, LINK_S_MAX)
    assert at(office, "count.scanned") == 4
    cable.plug()
    scan(pole, TAGS[8:])
    station.stop()

    leaves = station.ask("events", "--json")
    events = [json.loads(leaf) for leaf in leaves.splitlines()]
    assert [event["type"] for event in events].count("count.scanned") == len(TAGS)
    assert events[-1]["type"] == "station.stopped"
    wait_for(lambda: [epoch["acked"] for epoch in office.epochs()] == [len(events) - 1], LINK_S_MAX)
    assert office.call("events", "vault-1", "--json").stdout == leaves
    assert office.alarms() == []
    assert office.call("verify").returncode == 0
    assert "Denied PUBLISH" not in yard.broker.log

    station.start()  # then it hears the newest cosignature, that of its stop, and writes it with the next event
    key = re.findall('key = "(.*)"', office.station_settings)[-1]
    station.guest.wait_for(lambda: witnessed_after(pole, station, key) >= len(events), LINK_S_MAX, "it is witnessed")


def scan(pole: UsbSerial, tags: list[str], answer: bytes = BELL) -> None:
    """Scan these, and hear of each what is stored of it: that it is counted, unless another answer is due."""
    pole.clear()
    pole.send("".join(f"{tag}\r" for tag in tags).encode())
    assert pole.wait_received(answer * len(tags), ANSWER_S_MAX) == answer * len(tags)


def at(office: Office, event_type: str) -> int:
    """How many events of this type have arrived."""
    return len(office.call("events", "vault-1", "--type", event_type).stdout.splitlines())


def witnessed_after(pole: UsbSerial, station: Station, key: str) -> int:
    """Have an event recorded; up to how many events the guest's journal proves to hold what this key cosigned."""
    scan(pole, ["no code"], REFUSED)
    told = station.ask_about("verify", DIRECTORY, "--witness", key)
    assert "chain verified" in told
    found = re.search(r"witnessed up to (\d+) events by greenleaf-414-backoffice at 2", told)
    return int(found[1]) if found else 0


def test_without_a_credential_the_station_made_a_key_that_only_it_reads(guest: Guest, station: Station) -> None:
    assert guest.check(f"stat -c '%a %U %G' {DIRECTORY}/station.key") == "600 station station\n"
    assert "\nLoadCredential=station.key\n" in guest.check("systemctl cat station")
    assert f"{NAME}+" in json.loads(station.sheet())["key"]


def test_a_key_from_the_credential_store_is_used_and_not_copied(guest: Guest, station: Station) -> None:
    made = SigningKey.generate(NAME)
    station.forget()
    guest.put(CREDENTIAL, f"{made.encode_private()}\n".encode(), mode=0o600)
    try:
        station.start()
        assert json.loads(station.sheet())["key"] == str(made.verifier)
        assert guest.run(f"test -e {DIRECTORY}/station.key").code == 1
        refused = guest.run([station.command, "rotate-key", "-c", "/etc/station/station.toml"], ANSWER_S_MAX)
        assert "is a credential of systemd" in refused.stderr
        assert guest.run("runuser -u nobody -- cat /run/credentials/station.service/station.key").code == 1
        written = f"journalctl -o cat -u station; find {DIRECTORY} /etc/station -type f -exec cat {{}} +"
        found = [guest.run(f"({written}) | grep -a -F {text}").code for text in (NAME, made.encode_private()[-30:])]
        assert found == [0, 1]
    finally:
        guest.check(f"rm {CREDENTIAL}")
        station.forget()
