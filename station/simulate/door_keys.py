"""Keys -> what is done at the door of the simulated vault. Pure, but for the calls that they name."""

from collections.abc import Callable

from station.simulate.machine import Machine
from station.simulate.outcome import Outcome

Action = Callable[[Machine], Outcome]
PEOPLE = {"a": "ana", "b": "ben", "c": "cleo", "s": "sam"}
CARDS = {"e": "explain", "h": "head-count"}


def _badge_key(name: str, side: str) -> tuple[str, Action]:
    return f"badge: {name} {side}", lambda machine: machine.vault.show_badge(name, side)


def _card_key(verb: str) -> tuple[str, Action]:
    return f"card: {verb}", lambda machine: machine.scan_card(verb)


def _turn_door(machine: Machine) -> Outcome:
    return machine.vault.move_door(not machine.vault.entry.door.is_open)


def _turn_fire(machine: Machine) -> Outcome:
    return machine.vault.set_fire(not machine.vault.entry.door.is_fire)


def _turn_tamper(machine: Machine) -> Outcome:
    return machine.vault.set_tamper(not machine.vault.entry.door.is_tampered)


AT_DOOR: dict[str, tuple[str, Action]] = {
    **{key: _badge_key(name, "outside") for key, name in PEOPLE.items()},
    **{key.upper(): _badge_key(name, "inside") for key, name in PEOPLE.items()},
    "d": _badge_key("sam", "desk"),
    "u": _badge_key("stranger", "outside"),
    "g": ("badge: one that cannot be read", lambda machine: machine.vault.spoil_badge("outside")),
    "o": ("the door is opened or shut", _turn_door),
    "l": ("the lever", lambda machine: machine.vault.press_lever()),
    "f": ("the fire alarm", _turn_fire),
    "t": ("the station's case", _turn_tamper),
    **{key: _card_key(verb) for key, verb in CARDS.items()},
}
