"""A released lock whose program is killed: systemd runs `lock-safe`, whatever is broken, and the line is secured."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.rig.devices.gpio import Pins
from tests.rig.environment import GUEST_CHECKOUT, Environment
from tests.rig.guest import Guest

pytestmark = pytest.mark.rig

LOCK = 23
SAFE_S_MAX = 3.0
UNIT = """
[Unit]
Description=Bolt
[Service]
Type=notify
ExecStart={python} {checkout}/tests/rig/programs/bolt.py
ExecStopPost=-{python} -m station lock-safe -c /etc/bolt/station.toml
Environment=GPIOZERO_PIN_FACTORY=lgpio PYTHONDONTWRITEBYTECODE=1
DynamicUser=yes
SupplementaryGroups=gpio
StateDirectory=bolt
RuntimeDirectory=bolt
WorkingDirectory=/run/bolt
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
PrivateTmp=yes
NoNewPrivileges=yes
DevicePolicy=closed
DeviceAllow=char-gpiochip rw
CapabilityBoundingSet=
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
"""
SETTINGS = f'[station]\ndata_dir = "/var/lib/bolt"\n[door]\nkind = "gpio"\nlock_pin = {LOCK}\n'
KEPT = f'[{{"name": "lock", "pin": {LOCK}, "safe": 0, "chip": 0}}]'


@pytest.fixture
def bolt(guest: Guest, environment: Environment) -> Iterator[str]:
    text = UNIT.format(python=environment.python, checkout=GUEST_CHECKOUT)
    guest.put("/etc/systemd/system/bolt.service", text.encode())
    guest.check("cp -r /usr/lib/systemd/system/station.service.d /etc/systemd/system/bolt.service.d")
    guest.check("mkdir -p /etc/bolt && systemctl daemon-reload")
    guest.put("/etc/bolt/station.toml", SETTINGS.encode())
    yield "bolt.service"
    print(guest.check("journalctl --no-pager -o cat -u bolt | tail -20"))
    guest.run("systemctl stop bolt; rm -rf /var/lib/bolt /var/lib/private/bolt")


def released(guest: Guest, pins: Pins, unit: str, pull: int) -> None:
    """Start it, and let something on the line pull it up or down."""
    guest.check(f"systemctl start {unit}", timeout=90)
    pins.drive(LOCK, pull)
    assert pins.value(LOCK) == 1


def killed(guest: Guest, unit: str) -> str:
    """What lock-safe said after a SIGKILL, within the time that is promised."""
    began = time.monotonic()
    guest.check(f"systemctl kill --signal=SIGKILL {unit}")
    guest.wait_for(f"journalctl -o cat -u {unit} | grep -q lock-safe:", SAFE_S_MAX, "lock-safe ran")
    assert time.monotonic() - began < SAFE_S_MAX
    return guest.check(f"journalctl -o cat -u {unit} | grep lock-safe:")


# A line that is pulled up would be released again by the kernel alone: then only lock-safe can have secured it.
@pytest.mark.parametrize("pull", [0, 1])
def test_a_sigkill_while_released_leaves_the_line_safe(guest: Guest, pins: Pins, bolt: str, pull: int) -> None:
    released(guest, pins, bolt, pull)
    assert f"lock on GPIO {LOCK} of gpiochip0: driven low and let go: secured" in killed(guest, bolt)

    assert pins.value(LOCK) == 0
    assert pins.consumers() == {}


def test_broken_settings_leave_the_pins_of_the_last_good_start(guest: Guest, pins: Pins, bolt: str) -> None:
    released(guest, pins, bolt, 1)
    guest.put("/var/lib/bolt/lock-pins.json", KEPT.encode())
    guest.put("/etc/bolt/station.toml", b"[door\n")
    assert "secured" in killed(guest, bolt)

    assert pins.value(LOCK) == 0


def test_a_running_daemon_keeps_its_line(guest: Guest, pins: Pins, bolt: str, environment: Environment) -> None:
    released(guest, pins, bolt, 0)
    done = guest.run([environment.python, "-m", "station", "lock-safe", "-c", "/etc/bolt/station.toml"])

    assert done.code == 4
    assert pins.value(LOCK) == 1
