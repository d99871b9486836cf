"""A vault in the guest: the installed station with its door on pins, three USB readers and a card that can stall.

What hands do there is a list of steps, which `programs/hands.py` plays in the guest and measures by its clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from station.domain.identifiers import command_text
from station.domain.identifiers.badge_number import badge_hmac, decode, parse_site_key
from tests.rig.devices.card import Card
from tests.rig.devices.gpio import Pins
from tests.rig.devices.hid import reports_of
from tests.rig.devices.usb import FIRST_BUS, HidKeyboard
from tests.rig.environment import GUEST_CHECKOUT, Environment
from tests.rig.guest import CommandFailed, Guest
from tests.rig.installed import DIRECTORY, Station, installed

SITE_KEY = "5a" * 32
CONTACT, REX, LOCK, SIREN = 17, 27, 23, 24
RELEASE_MS, HELD_WARN_MS, HELD_ALARM_MS = 5_000, 5_000, 10_000
FORCED_AFTER_MS, EXIT_WINDOW_MS = 700, 10_000
"""Of the policy; no setting changes them."""
REPORT_MS = 8.0
"""Between two reports of a full-speed USB device."""
PLAY_S_MAX = 240
READERS = {"gun": ("05e0", "1200"), "outside": ("0c27", "3bfa"), "inside": ("0c27", "3bfa")}
"""Vendor and product of each, as plugged into the sockets 0, 1, ...; two differ in serial and port only."""
STRANGE_SOCKET = len(READERS)
SETTINGS = f"""
[station]
site = "greenleaf-414"
name = "vault-1"
duties = ["entry", "count"]
timezone = "UTC"

[[scanner]]
name = "gun"
kind = "evdev"
match = {{gun}}

[[badge_reader]]
name = "outside"
side = "outside"
kind = "evdev"
match = {{outside}}

[[badge_reader]]
name = "inside"
side = "inside"
kind = "evdev"
match = {{inside}}

[door]
kind = "gpio"
contact_pin = {CONTACT}
rex_pin = {REX}
lock_pin = {LOCK}
siren_pin = {SIREN}
contact = "closed-when-shut"
lock = "fail-secure-strike"
release_ms = {RELEASE_MS}
held_warn_s = {HELD_WARN_MS // 1000}
held_alarm_s = {HELD_ALARM_MS // 1000}

[entry]
hours = "00:00-23:59"
other_roles = ["temp"]
"""
STAFF = [f"p{number}" for number in range(10)]
TEMPS = [f"t{number}" for number in range(6)]
SUPERVISORS = ["sam", "pat", "lee"]
BADGES = {name: f"70{number:04d}" for number, name in enumerate([*STAFF, *TEMPS, "kim", *SUPERVISORS])}
STRANGERS = [f"99{number:04d}" for number in range(6)]

Step = dict[str, Any]
Leaf = dict[str, Any]


class Played(NamedTuple):
    """When the steps that have a name were done, in the guest's monotonic ms, and what was recorded meanwhile."""

    at: dict[str, float]
    leaves: list[Leaf]

    def of(self, event_type: str) -> list[Leaf]:
        return [leaf for leaf in self.leaves if leaf["type"] == event_type]

    def types(self) -> list[str]:
        return [leaf["type"] for leaf in self.leaves]


def event(event_type: str, times: int = 1, name: str = "") -> Step:
    """Wait until it is durable."""
    return {"do": "event", "event_type": event_type, "times": times, "name": name}


def run(command: str, name: str = "") -> Step:
    return {"do": "run", "command": command, "name": name}


def wait(ms: float, since: str = "") -> Step:
    """Let so much pass, from a named moment on (`boot` is one) or from now."""
    return {"do": "pass", "ms": ms, "since": since}


def hmac_of(number: str) -> str:
    """What the journal calls a badge."""
    return badge_hmac(decode(number.encode(), "plain"), parse_site_key(SITE_KEY))


def roster() -> bytes:
    roles = dict.fromkeys([*STAFF, "kim"], "associate") | dict.fromkeys(TEMPS, "temp")
    roles |= dict.fromkeys(SUPERVISORS, "supervisor")
    people = [
        {"id": name, "name": name.title(), "roles": [role], "badges": [BADGES[name]]} for name, role in roles.items()
    ]
    return json.dumps({"roster": 1, "not_after": "2099-12-31T00:00:00Z", "people": people}).encode()


class Vault:
    """The station there, and what hands can do."""

    def __init__(self, guest: Guest, station: Station, pins: Pins, readers: dict[str, HidKeyboard], card: Card) -> None:
        self.guest, self.station, self.pins, self.readers, self.card = guest, station, pins, readers, card
        self.devices = {name: reader.gadget_path() for name, reader in readers.items()}
        self._exited_ms = -EXIT_WINDOW_MS
        self._paths = {name: reader.event_path() for name, reader in readers.items()}

    def play(self, *steps: Step) -> Played:
        """Play them all; fail with what was seen where a wait was in vain."""
        program = f"/usr/bin/python3 -I {GUEST_CHECKOUT}/tests/rig/programs/hands.py"
        try:
            found = json.loads(self.guest.check(program, PLAY_S_MAX, json.dumps(steps).encode()))
        except CommandFailed:
            print(self.guest.check("journalctl --no-pager -o cat -u station | tail -30"))
            raise
        played = Played(found["at"], found["leaves"])
        self._exited_ms = max([self._exited_ms, *(int(leaf["monotonicms"]) for leaf in played.of("entry.exited"))])
        return played

    def move(self, *, is_open: bool, name: str = "") -> Step:
        return self.pull(CONTACT, 1 if is_open else 0, name)

    def lever(self, *, is_pressed: bool) -> Step:
        return self.pull(REX, 0 if is_pressed else 1)

    def pull(self, pin: int, level: int, name: str = "") -> Step:
        return {
            "do": "write",
            "path": f"{self.pins.folder(pin)}/pull",
            "text": f"pull-{'up' if level else 'down'}",
            "name": name,
        }

    def line(self, pin: int, level: int, name: str = "") -> Step:
        """Wait until an output has this level."""
        return {"do": "line", "path": f"{self.pins.folder(pin)}/value", "level": level, "name": name}

    def type(self, **texts: str) -> Step:
        """Have readers type these texts, all at the same time."""
        keys = [(self.devices[name], [report.hex() for report in reports_of(text)]) for name, text in texts.items()]
        return {"do": "type", "keys": keys, "every_ms": REPORT_MS}

    def badge(self, reader: str, *people: str) -> Step:
        return self.type(**{reader: "".join(f"{BADGES[name]}\n" for name in people)})

    def card_of(self, verb: str, argument: str = "") -> Step:
        """Scan a command card."""
        return self.type(gun=f"{command_text(verb, argument)}\n")

    def entered(self, *people: str) -> list[Step]:
        """Badges outside, the door opens for them and shuts."""
        let_in = [event("entry.granted"), *([event("entry.joined", len(people) - 2)] if len(people) > 2 else [])]
        return [self.badge("outside", *people), *let_in, *self.passed()]

    def passed(self) -> list[Step]:
        """The door opens and shuts."""
        return [
            self.move(is_open=True),
            event("door.opened"),
            self.move(is_open=False),
            event("door.closed"),
        ]

    def wait_until_it_reads(self, name: str) -> None:
        """A reader that was plugged in again; what it types before goes nowhere."""
        self.station.wait_until_it_reads(self.readers[name])
        self._paths[name] = self.readers[name].event_path()

    def settle(self) -> Played:
        """At rest: nobody inside, the door known to be shut, nothing unexplained, no opening explained beforehand.

        Two supervisors, whom no test knows, leave whether they were inside or not: each badge is good for one card.
        """
        self.guest.wait_for(lambda: {CONTACT, REX} <= set(self.pins.consumers()), 120, "the door's pins are watched")
        self.guest.wait_for(lambda: set(self._paths.values()) <= set(self.station.opened()), 120, "readers are read")
        return self.play(
            self.move(is_open=False),
            self.lever(is_pressed=False),
            wait(self._exited_ms + EXIT_WINDOW_MS + 100, since="boot"),  # else it is no exit of its own
            wait(200),
            self.badge("inside", "pat"),
            event("entry.exited"),
            self.card_of("explain", "test"),
            self.line(SIREN, 0),
            self.badge("inside", "lee"),
            event("entry.exited"),
            self.card_of("head-count", "0"),
            event("entry.head_counted"),
            event("entry.empty"),
            self.line(LOCK, 0),
        )


@contextmanager
def vault(guest: Guest, environment: Environment, pins: Pins) -> Iterator[Vault]:
    """Plug everything in, install the station on a card of its own, and bring it its roster."""
    readers = {
        name: HidKeyboard(guest, *ids, f"{name.upper()}-9", f"Reader {name}", socket=number)
        for number, (name, ids) in enumerate(READERS.items())
    }
    matches = {
        name: f'{{ vendor = "{each.vendor}", product = "{each.product}", serial = "{each.serial}", '
        f'port = "{FIRST_BUS + number}-1" }}'
        for number, (name, each) in enumerate(readers.items())
    }
    guest.check(f"systemd-sysusers {GUEST_CHECKOUT}/systemd/sysusers.d/station.conf; systemctl stop station || true")
    guest.put("/etc/station/site.key", f"{SITE_KEY}\n".encode(), mode=0o600)
    guest.check("chown station:station /etc/station/site.key")
    card = Card(guest, DIRECTORY)
    with installed(guest, environment, SETTINGS.format_map(matches)) as station:
        guest.put("/root/roster.json", roster())
        print(station.ask("import", "roster", "/root/roster.json"))
        yield Vault(guest, station, pins, readers, card)
        card.go_on()
    card.remove()
    for reader in readers.values():
        reader.remove()
