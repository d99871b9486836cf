"""The station itself in the guest: installed by its script, started by systemd, on real kernel devices."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from PIL import Image, ImageChops

from drivers.oled_panel import SHIFTS
from station.domain.core.conditions import Link
from station.domain.core.view import Phrase, Tone, View
from station.domain.identifiers import command_text
from station.screens.picture import render_view
from tests.rig import host
from tests.rig.devices.broker import Broker, Cable
from tests.rig.devices.oled import Oled
from tests.rig.devices.usb import HidKeyboard, UsbSerial
from tests.rig.environment import Environment
from tests.rig.guest import Guest
from tests.rig.installed import Station, installed

pytestmark = pytest.mark.rig

PICTURES = host.CHECKOUT / ".cache/rig"
SHOW_S_MAX = 90
REPORT_S = 0.008
"""Between two reports of a full-speed USB scanner (bInterval 8 ms): the emulated station reads no faster ones."""
BELL = b"\x07"
FACT = (0, 14, 128, 40)
"""Where the large fact stands in a picture, with room for the shift against burn-in."""
SETTINGS = """
[station]
site = "greenleaf-414"
name = "vault-1"
duties = ["count"]
timezone = "America/Los_Angeles"

[[scanner]]
name = "gun"
kind = "evdev"
match = {{ vendor = "05e0", product = "1200", serial = "GUN-7" }}

[[scanner]]
name = "pole"
kind = "serial"
port = "{pole}"
answer = true

[display]
kind = "oled"
controller = "ssd1306"

[indicator]
kind = "gpio"
buzzer_pin = 18
red_pin = 5
amber_pin = 6
green_pin = 13

[broker]
host = "10.0.2.100"
port = 1883
"""
TAGS = [f"1A40603000000010{number:08d}" for number in range(50)]


class BackOffice:
    """A subscriber at the broker: every leaf by (epoch, sequence); a repeat must be the same bytes."""

    def __init__(self, port: int) -> None:
        self.leaves: dict[tuple[str, int], bytes] = {}
        self.differing: list[tuple[str, int]] = []
        self._is_subscribed = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.on_connect = lambda client, *_: client.subscribe("custody/v1/+/+/event/#", qos=1)
        self._client.on_subscribe = lambda *_: self._is_subscribed.set()
        self._client.on_message = lambda _client, _userdata, message: self._take(bytes(message.payload))
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self._is_subscribed.wait(20)

    def _take(self, leaf: bytes) -> None:
        found = json.loads(leaf)
        key = (found["epoch"], int(found["sequence"]))
        if self.leaves.setdefault(key, leaf) != leaf:
            self.differing.append(key)

    def close(self) -> None:
        self._client.loop_stop()


@pytest.fixture(scope="module")
def gun(guest: Guest) -> Iterator[HidKeyboard]:
    gun = HidKeyboard(guest, "05e0", "1200", "GUN-7", "Symbol Scanner", socket=1, pause_s=REPORT_S)
    yield gun
    gun.remove()


@pytest.fixture(scope="module")
def pole(guest: Guest) -> Iterator[UsbSerial]:
    pole = UsbSerial(guest, "POLE7")
    yield pole
    pole.remove()


@pytest.fixture(scope="module")
def station(guest: Guest, environment: Environment, gun: HidKeyboard, pole: UsbSerial) -> Iterator[Station]:
    assert gun
    with installed(guest, environment, SETTINGS.format(pole=pole.path)) as station:
        yield station


def shown(fact: Phrase) -> Image.Image:
    """What the fact looks like on the glass, in the middle of a screen that is like the station's."""
    view = View("count", Tone.ACCEPTED, fact, None, None, Link.UP, 0, None)
    return render_view(view, "en", "America/Los_Angeles")


def shows(picture: Image.Image, fact: Phrase) -> bool:
    """Whether the picture's large fact is this one, wherever the care for the glass has moved it."""
    expected = shown(fact)
    moved = (ImageChops.offset(expected, *shift).crop(FACT) for shift in SHIFTS)
    return any(picture.crop(FACT).tobytes() == each.tobytes() for each in moved)


def wait_to_show(guest: Guest, oled: Oled, fact: Phrase, name: str) -> None:
    """Wait for the fact on the glass; keep the frame as a picture, also the one that shows something else."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    try:
        guest.wait_for(lambda: shows(oled.picture(), fact), SHOW_S_MAX, f"{fact.key} {fact.args} on the display")
    finally:
        oled.picture().resize((512, 256)).save(PICTURES / f"{name}.png")


def test_after_the_script_and_a_reboot_a_scan_shows_with_nobody_having_typed_anything(
    guest: Guest, station: Station, gun: HidKeyboard, oled: Oled
) -> None:
    guest.reboot()
    station.wait_for_event("station.started", 2)
    station.wait_until_it_reads(gun)
    for line in (command_text("start-count"), command_text("location", "Vault A"), TAGS[0]):
        gun.type(line + "\n")
    wait_to_show(guest, oled, Phrase("counted", ("1",)), "after-reboot")
    gun.type(command_text("abandon") + "\n")
    station.wait_for_event("count.abandoned", 1)


def test_fifty_packages_by_two_scanners_through_a_cut_cable_and_an_unplugged_gun_arrive_whole(  # noqa: PLR0917
    guest: Guest, station: Station, gun: HidKeyboard, pole: UsbSerial, oled: Oled, cable: Cable, broker: Broker
) -> None:
    office = BackOffice(broker.port)
    plan = {"plan": "P-RIG", "version": 1, "kind": "guided", "location": "Vault A"}
    packages = [{"tag": tag, "item": "Live Resin 1 g", "unit": "ea"} for tag in TAGS]
    guest.put("/root/plan.json", json.dumps(plan | {"packages": packages}).encode())
    assert "50 packages" in station.ask("import", "plan", "/root/plan.json")
    pole.clear()
    for card in (command_text("start-count"), command_text("location", "Vault A")):
        gun.type(card + "\n")
    station.wait_for_event("count.located", 2)

    both_scan(gun, pole, TAGS[:20])
    cable.pull()
    both_scan(gun, pole, TAGS[20:30])
    station.wait_for_event("count.scanned", 31)
    gun.unplug()
    station.wait_for_event("source.lost", 1, "gun")
    gun.plug()
    station.wait_for_event("source.found", 1, "gun")
    station.wait_until_it_reads(gun)
    both_scan(gun, pole, TAGS[30:44])
    cable.plug()
    both_scan(gun, pole, TAGS[44:])

    wait_to_show(guest, oled, Phrase("progress", ("50", "50")), "count-50-of-50")
    assert pole.wait_received(BELL * 25) == BELL * 25
    assert station.status()["counted"] == 50
    gun.type(command_text("close") + "\n")
    station.wait_for_event("count.closed", 1)
    leaves = station.leaves()
    expected = {(json.loads(leaf)["epoch"], number): leaf for number, leaf in enumerate(leaves)}
    guest.wait_for(lambda: expected.items() <= office.leaves.items(), SHOW_S_MAX, "every leaf at the subscriber")
    assert office.differing == []
    assert "chain verified" in station.ask_about("verify", "/var/lib/station")
    office.close()


def both_scan(gun: HidKeyboard, pole: UsbSerial, tags: list[str]) -> None:
    """Half of the tags by the gun and half by the serial scanner, at the same time."""
    at_the_pole = threading.Thread(target=pole.send, args=("".join(f"{tag}\r" for tag in tags[1::2]).encode(),))
    at_the_pole.start()
    for tag in tags[::2]:
        gun.type(tag + "\n")
    at_the_pole.join()
