"""Keys -> what is done at the machine. Pure, but for the calls that it names."""

import msgspec

from station.domain.session.state import Phase
from station.simulate import parcels
from station.simulate.door_keys import AT_DOOR, Action
from station.simulate.machine import Machine
from station.simulate.outcome import Outcome

QUIT = "q"
TURN = "\t"
"""Turns from the count to the door, and back."""
ENTER, ESCAPE, BACKSPACE = "\r", "\x1b", "\x7f"
TYPED_CHARS_MAX = 12
OTHER_LOCATION = "Vault B"


class Pressed(msgspec.Struct, frozen=True):
    """What a key came to: what is being typed afterwards, and what is to be done, if anything."""

    typed: str | None = None
    action: Action | None = None
    caption: str = ""


def press_key(typed: str | None, key: str, *, is_at_door: bool = False) -> Pressed:
    """`typed` is the number being typed, None outside of that; at the door the keys are other ones."""
    if is_at_door:
        caption, action = (AT_DOOR | ANYWHERE).get(key, ("", None))
        return Pressed(None, action, caption)
    if typed is not None or (key.isdecimal() and key.isascii()):
        return _type_key(typed or "", key)
    if key == "d":
        return Pressed("", caption="type a quantity")
    if key not in ACTIONS:
        return Pressed()
    caption, action = ACTIONS[key]
    return Pressed(None, action, caption)


def _type_key(typed: str, key: str) -> Pressed:
    if key == ENTER and typed:
        return Pressed(None, lambda machine: machine.key_number(typed), f"keypad: {typed}")
    if key in (ENTER, ESCAPE):
        return Pressed()
    if key in (BACKSPACE, "\b"):
        return Pressed(typed[:-1])
    fits = key in "0123456789." and len(typed) < TYPED_CHARS_MAX
    return Pressed(typed + key if fits else typed)


def _scan_location(machine: Machine) -> Outcome:
    is_there = machine.ledger.station.count.location == parcels.LOCATION
    return machine.scan_card("location", OTHER_LOCATION if is_there else parcels.LOCATION)


def _scan_pause(machine: Machine) -> Outcome:
    is_paused = machine.ledger.station.count.phase is Phase.PAUSED
    return machine.scan_card("resume" if is_paused else "pause")


def _turn_network(machine: Machine) -> Outcome:
    is_cut = machine.cable is not None and machine.cable.is_cut
    return machine.restore_network() if is_cut else machine.cut_network()


ANYWHERE: dict[str, tuple[str, Action]] = {
    "n": ("the network", _turn_network),
    "k": ("the power is pulled", Machine.pull_power),
}
ACTIONS: dict[str, tuple[str, Action]] = {
    "s": ("scan the next package", Machine.scan_next),
    "r": ("scan the same again", Machine.scan_again),
    "w": ("scan a wrong tag", Machine.scan_unknown),
    "g": ("scan something that is no code", lambda machine: machine.scan_code("~~garbled~~")),
    "i": ("scan a unit's Retail ID", Machine.scan_next_unit),
    "c": ("card: start a count", lambda machine: machine.scan_card("start-count")),
    "l": ("card: location", _scan_location),
    "u": ("card: undo", lambda machine: machine.scan_card("undo")),
    "e": ("card: I have seen it", lambda machine: machine.scan_card("seen")),
    "p": ("card: pause or resume", _scan_pause),
    "x": ("card: close the count", lambda machine: machine.scan_card("close")),
    **ANYWHERE,
}
