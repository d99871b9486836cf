"""From the settings to a person who keys their PIN through the control socket, and is let on."""

import json
import socket
from pathlib import Path

import pytest
from msgspec.structs import replace

from drivers.control_socket import SimulatedControl
from drivers.simulated import SimulatedKeypad
from station.config.load import load
from station.config.structs import Settings
from station.domain.core.inputs import NumberKeyed
from station.domain.people.inputs import PinKeyed
from station.domain.people.sealing import pin_verifier
from station.domain.station.state import Station
from station.spine.clock import monotonic_ms
from station.wiring.devices import _build_device
from station.wiring.keypads import driven_device, keypad_where_it_hangs
from tests.drivers.watch import Running
from tests.entry.play import EntryPlayer, enter
from tests.entry.test_policy_of import TEXT
from tests.entry.world import PINS

PIN = "80573914"
KEYPADS = """
[[keypad]]
name = "pins"
kind = "simulated"
side = "outside"
[[keypad]]
name = "pad"
kind = "simulated"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    path = tmp_path / "station.toml"
    path.write_text(TEXT.format(duty="entry") + KEYPADS)
    return load(path)


def awaiting_ben() -> EntryPlayer:
    """A station whose roster holds a real verifier for Ben, and that awaits his PIN."""
    player = enter("", PINS)
    roster = player.station.people.roster
    assert roster is not None
    verifier = pin_verifier(PIN, bytes(range(16)))
    people = tuple(replace(person, pin=verifier) if person.id == "ben" else person for person in roster.people)
    player.stamping.station = replace(
        player.station, people=replace(player.station.people, roster=replace(roster, people=people))
    )
    player.play_line(1, "1.0 badge ben outside -> entry.pin_awaited | pin_needed")
    return player


def keyed(path: str, name: str, text: str) -> object:
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(path)
        caller.sendall(json.dumps({"keys": name, "text": text}).encode() + b"\n")
        return json.loads(caller.makefile().readline())


def test_a_pin_that_is_keyed_through_the_control_socket_lets_its_owner_on(settings: Settings, tmp_path: Path) -> None:
    player, seen = awaiting_ben(), list[Station]()
    path = str(tmp_path / "control")

    def durable() -> Station:
        seen.append(player.station)
        return player.station

    options = settings.keypads[0]
    source = keypad_where_it_hangs(options, _build_device("keypad", options, now=monotonic_ms), durable)
    device = driven_device(source)
    assert isinstance(device, SimulatedKeypad)
    control = SimulatedControl(path, [device])
    with Running(source) as running:
        assert keyed(path, "pins", PIN) == {"ok": True}
        told = running.next()
    control.close()
    assert isinstance(told, PinKeyed)
    assert (told.source, told.person, told.is_right) == ("pins", "ben", True)
    assert seen == [player.station]
    events, _ = player.stamping.put(replace(told, at=2_000))
    assert [event.TYPE for event in events] == ["entry.first_badge"]
    assert not any(PIN.encode() in leaf for leaf in player.stamping.leaves)


def test_any_other_keypad_is_for_quantities_as_it_was(settings: Settings) -> None:
    options = settings.keypads[1]
    keypad = _build_device("keypad", options, now=lambda: 5)
    keypad.push_line(b"12")
    source = keypad_where_it_hangs(options, keypad, Station)
    assert source is keypad is driven_device(source)
    assert next(iter(source.inputs())) == NumberKeyed("pad", 5, b"12")
