"""The station as it is installed in the guest by its script, with a data directory of its own for each test module."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from tests.rig.devices.usb import HidKeyboard
from tests.rig.environment import GUEST_CACHE, GUEST_CHECKOUT, Environment
from tests.rig.guest import Guest

DIRECTORY = "/var/lib/station"
START_S_MAX = 180
STOP_S_MAX = 60


class Station:
    """The installed station, asked by its own commands."""

    def __init__(self, guest: Guest, environment: Environment) -> None:
        self.guest, self.command = guest, environment.station

    def ask(self, *arguments: str) -> str:
        return self.ask_about(*arguments, "-c", "/etc/station/station.toml")

    def ask_about(self, *arguments: str) -> str:
        return self.guest.check([self.command, *arguments], timeout=120)

    def status(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.ask("status", "--json"))
        return found

    def leaves(self) -> list[bytes]:
        return self.ask("events", "--json").encode().splitlines()

    def wait_until_it_reads(self, gun: HidKeyboard) -> None:
        """Wait until the daemon has the gun's event device open: what is typed before goes nowhere."""
        self.guest.wait_for(lambda: gun.event_path() in self.opened(), START_S_MAX, f"{gun.serial} is read")

    def opened(self) -> list[str]:
        """Everything that the daemon has open; nothing while there is none."""
        return self.guest.run("ls -l /proc/$(systemctl show -P MainPID station)/fd").stdout.split()

    def wait_for_event(self, event_type: str, times: int, subject: str = "") -> None:
        """Wait until so many events of this type, about this subject, stand in the journal."""
        chosen = ["--type", event_type] + (["--subject", subject] if subject else [])
        self.guest.wait_for(
            lambda: len(self.ask("events", *chosen).splitlines()) >= times, START_S_MAX, f"{times} {event_type}"
        )

    def sheet(self) -> str:
        """The newest checkpoint and the key, in JSON."""
        return self.ask("checkpoint", "--json")

    def start(self) -> None:
        """Have systemd start it; return when it is ready."""
        self.guest.check("systemctl start station", timeout=START_S_MAX)

    def stop(self) -> None:
        """Have systemd stop it in order."""
        self.guest.check("systemctl stop station", timeout=STOP_S_MAX)

    def forget(self) -> None:
        """Stop it, if it is there at all, and empty its data directory, of the journal and the key too."""
        self.guest.check(
            f"systemctl stop station; mkdir -p {DIRECTORY} && find {DIRECTORY} -mindepth 1 -delete", STOP_S_MAX
        )


@contextmanager
def installed(guest: Guest, environment: Environment, settings: str) -> Iterator[Station]:
    """Install and start it, as a technician would, but for the environment: the guest has no network to fetch one."""
    station = Station(guest, environment)
    station.forget()  # another module's
    guest.put("/root/station.toml", settings.encode())
    install = f"{GUEST_CHECKOUT}/provisioning/install --config /root/station.toml"
    guest.check(f"{install} --venv {GUEST_CACHE}/{environment.name}", timeout=START_S_MAX)
    station.wait_for_event("station.started", 1)
    yield station
    print(guest.check("journalctl --no-pager -o cat -u station | tail -60"))
    guest.check("systemctl disable --now station", timeout=STOP_S_MAX)
