"""The guest's own life: its systemd, an orderly restart, a power cut."""

from __future__ import annotations

import pytest

from tests.rig.devices.gpio import Pins
from tests.rig.devices.usb import HidKeyboard
from tests.rig.environment import GUEST_CHECKOUT, Environment
from tests.rig.guest import Guest

pytestmark = pytest.mark.rig

# Hardened as the station's own unit is to be.
UNIT = """
[Unit]
Description=Lamp
[Service]
Type=notify
ExecStart={python} {checkout}/tests/rig/programs/lamp.py
Environment=GPIOZERO_PIN_FACTORY=lgpio
DynamicUser=yes
SupplementaryGroups=gpio
RuntimeDirectory=lamp
WorkingDirectory=/run/lamp
WatchdogSec=30
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
PrivateTmp=yes
NoNewPrivileges=yes
DevicePolicy=closed
DeviceAllow=/dev/gpiochip0 rw
[Install]
WantedBy=multi-user.target
"""


@pytest.fixture(scope="module")
def lamp(guest: Guest, environment: Environment) -> str:
    """Install the unit as the station's will be, with the same drop-in of the rig."""
    text = UNIT.format(python=environment.python, checkout=GUEST_CHECKOUT)
    guest.put("/etc/systemd/system/lamp.service", text.encode())
    guest.check("cp -r /usr/lib/systemd/system/station.service.d /etc/systemd/system/lamp.service.d")
    guest.check("systemctl daemon-reload")
    return "lamp.service"


def test_the_guest_is_a_machine_of_its_own(guest: Guest) -> None:
    assert guest.check("cat /proc/1/comm /etc/hostname") == "systemd\nrig\n"
    assert guest.check("systemctl list-units --failed --no-legend") == ""


def test_a_hardened_unit_moves_a_pin(guest: Guest, pins: Pins, lamp: str) -> None:
    guest.check(f"systemctl start {lamp}", timeout=90)
    assert pins.value(22) == 1
    guest.check(f"systemctl stop {lamp}")
    assert guest.check(f"systemctl show -P Result {lamp}") == "success\n"
    assert pins.consumers() == {}


def test_a_reboot_keeps_files_and_starts_what_is_enabled(guest: Guest, pins: Pins, lamp: str) -> None:
    gun = HidKeyboard(guest, "05e0", "1200", "GUN-2", "Symbol Scanner", socket=2)
    before = guest.check("cat /proc/sys/kernel/random/boot_id")
    guest.put("/var/lib/kept", b"kept")
    guest.check(f"systemctl enable {lamp}")
    guest.reboot()
    assert guest.check("cat /proc/sys/kernel/random/boot_id") != before
    assert guest.get("/var/lib/kept") == b"kept"
    guest.wait_for(f"systemctl is-active {lamp}", 90)
    assert pins.value(22) == 1
    assert "/dummy_hcd.2/usb5/5-1/" in guest.check(f"udevadm info -q path {gun.event_path()}")
    guest.check(f"systemctl disable --now {lamp}")
    gun.remove()


def test_a_power_cut_keeps_what_was_synced_and_loses_the_rest(guest: Guest) -> None:
    guest.put("/var/lib/synced", b"synced")
    guest.check("sync /var/lib/synced")
    guest.put("/var/lib/unsynced", b"unsynced")
    guest.power_cut()
    assert guest.get("/var/lib/synced") == b"synced"
    assert guest.run("grep -q unsynced /var/lib/unsynced").code != 0
