"""A list of moves from devices in the guest: a gun on USB, a badge at the desk, the daemon killed and the power cut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from station.domain.identifiers import command_text
from station.domain.session.signing import digest_of
from station.sealing.merkle import leaf_hash
from tests.rig.devices.broker import Broker
from tests.rig.devices.hid import reports_of
from tests.rig.devices.usb import HidKeyboard
from tests.rig.environment import GUEST_CHECKOUT, Environment
from tests.rig.guest import Guest
from tests.rig.installed import START_S_MAX, Station, installed
from tests.rig.test_station import TAGS, BackOffice
from tests.rig.vault import BADGES, PLAY_S_MAX, REPORT_MS, SITE_KEY, Step, event, roster

pytestmark = pytest.mark.rig

SETTINGS = """
[station]
site = "greenleaf-414"
name = "floor-1"
duties = ["stock"]
timezone = "UTC"

[[scanner]]
name = "gun"
kind = "evdev"
match = { vendor = "05e0", product = "1200", serial = "GUN-M" }

[[badge_reader]]
name = "desk"
side = "desk"
kind = "evdev"
match = { vendor = "0c27", product = "3bfa", serial = "DESK-M" }

[broker]
host = "10.0.2.100"
port = 1883
"""


@pytest.fixture(scope="module")
def gun(guest: Guest) -> Iterator[HidKeyboard]:
    gun = HidKeyboard(guest, "05e0", "1200", "GUN-M", "Symbol Scanner", socket=1)
    yield gun
    gun.remove()


@pytest.fixture(scope="module")
def desk(guest: Guest) -> Iterator[HidKeyboard]:
    desk = HidKeyboard(guest, "0c27", "3bfa", "DESK-M", "Badge Reader", socket=2)
    yield desk
    desk.remove()


@pytest.fixture(scope="module")
def station(guest: Guest, environment: Environment, gun: HidKeyboard, desk: HidKeyboard) -> Iterator[Station]:
    assert gun.serial != desk.serial
    guest.check(f"systemd-sysusers {GUEST_CHECKOUT}/systemd/sysusers.d/station.conf; systemctl stop station || true")
    guest.put("/etc/station/site.key", f"{SITE_KEY}\n".encode(), mode=0o600)
    guest.check("chown station:station /etc/station/site.key")
    with installed(guest, environment, SETTINGS) as station:
        guest.put("/root/roster.json", roster())
        assert "roster 1" in station.ask("import", "roster", "/root/roster.json")
        yield station


def cards(*lines: tuple[str, str]) -> str:
    """What a gun types for these cards, each a verb and its argument."""
    return "".join(command_text(*line) + "\n" for line in lines)


def leaves_of(station: Station, event_type: str) -> list[dict[str, Any]]:
    found = [json.loads(leaf) for leaf in station.leaves()]
    return [leaf["data"] for leaf in found if leaf["type"] == event_type]


class Hands:
    """What somebody does at the gun and at the desk; each is waited for in the guest, where that is quick."""

    def __init__(self, guest: Guest, gun: HidKeyboard, desk: HidKeyboard) -> None:
        self.guest, self.gun, self.desk = guest, gun, desk

    def scan(self, text: str) -> Step:
        return {"do": "type", "keys": [(self.gun.gadget_path(), _reports(text))], "every_ms": REPORT_MS}

    def badge(self, person: str) -> Step:
        keys = [(self.desk.gadget_path(), _reports(f"{BADGES[person]}\n"))]
        return {"do": "type", "keys": keys, "every_ms": REPORT_MS}

    def play(self, station: Station, *steps: Step) -> None:
        """Play them once both readers are read; fail with what was seen where a wait was in vain."""
        station.wait_until_it_reads(self.gun)
        station.wait_until_it_reads(self.desk)
        program = f"/usr/bin/python3 -I {GUEST_CHECKOUT}/tests/rig/programs/hands.py"
        self.guest.check(program, PLAY_S_MAX, json.dumps(steps).encode())


def _reports(text: str) -> list[str]:
    return [report.hex() for report in reports_of(text)]


def opened(hands: Hands) -> list[Step]:
    """A list of Kim's: one package whole, and of another so many, of which one digit is keyed."""
    return [
        hands.scan(cards(("move", "")) + f"{TAGS[0]}\n"),
        event("scan.refused"),
        hands.badge("kim"),
        event("session.identified"),
        hands.scan(cards(("location", "Vault")) + f"{TAGS[0]}\n{TAGS[1]}\n" + cards(("digit", "4"))),
        event("session.keyed"),
    ]


def carried_on(hands: Hands) -> list[Step]:
    """The second digit; both are put down, and a third is picked up there."""
    return [
        hands.scan(cards(("digit", "2"), ("enter", ""), ("location", "Floor")) + f"{TAGS[2]}\n"),
        event("move.recorded", 2),
        event("session.scanned"),
    ]


def signed(hands: Hands) -> list[Step]:
    """The third is put down and taken back; two people sign."""
    return [
        hands.scan(cards(("location", "Dock"), ("undo", ""), ("undo", ""), ("seen", ""))),
        event("move.recorded", 2),
        event("scan.refusals_seen"),
        hands.badge("kim"),
        event("session.identified"),
        hands.scan(cards(("sign", ""))),
        event("session.signed"),
        hands.badge("sam"),
        event("session.identified"),
        hands.scan(cards(("sign", ""))),
        event("session.closed"),
    ]


def test_a_list_of_moves_goes_on_after_a_kill_and_a_power_cut_and_arrives_signed_by_two(
    guest: Guest, station: Station, gun: HidKeyboard, desk: HidKeyboard, broker: Broker
) -> None:
    office, hands = BackOffice(broker.port), Hands(guest, gun, desk)
    hands.play(station, *opened(hands))
    guest.check("kill -9 $(systemctl show -P MainPID station)")
    station.wait_for_event("station.started", 2)
    hands.play(station, *carried_on(hands))
    guest.power_cut()
    station.wait_for_event("station.started", 3)
    hands.play(station, *signed(hands))

    moves = leaves_of(station, "move.recorded")
    assert [(move["tag"], move["from"], move["to"], move.get("quantity")) for move in moves] == [
        (TAGS[0], "Vault", "Floor", None),
        (TAGS[1], "Vault", "Floor", "42"),
        (TAGS[2], "Floor", "Dock", None),
        (TAGS[2], "Dock", "Floor", None),
    ]
    assert "corrects" in moves[3]
    assert leaves_of(station, "session.closed") == [{"session": "M000001", "packages": 2, "refused": 1}]
    leaves = station.leaves()
    assert {each["digest"] for each in leaves_of(station, "session.signed")} == {sworn(leaves)}
    expected = {(json.loads(leaf)["epoch"], number): leaf for number, leaf in enumerate(leaves)}
    guest.wait_for(lambda: expected.items() <= office.leaves.items(), START_S_MAX, "every leaf at the subscriber")
    assert office.differing == []
    office.close()


def sworn(leaves: list[bytes]) -> str:
    """What both signatures are given for, of the leaves alone."""
    hashes = []
    for leaf in leaves:
        told = json.loads(leaf)
        if told["type"] == "session.signed":
            break
        if told["data"].get("session") == "M000001":
            hashes.append(leaf_hash(leaf))
    return digest_of(hashes)
