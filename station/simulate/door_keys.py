"""Keys -> what is done at the door of the simulated vault. Pure, but for the calls that they name."""

from collections.abc import Callable

from station.simulate.machine import Machine
from station.simulate.outcome import Outcome

Action = Callable[[Machine], Outcome]
PEOPLE = {"a": "ana", "b": "ben", "c": "cleo", "s": "sam"}
CARDS = {"e": "explain", "h": "head-count"}


def _badge(name: str, side: str) -> tuple[str, Action]:
    return f"badge: {name} {side}", lambda machine: machine.vault.badge(name, side)


def _card(verb: str) -> tuple[str, Action]:
    return f"card: {verb}", lambda machine: machine.card(verb)


def _door(machine: Machine) -> Outcome:
    return machine.vault.move(not machine.vault.entry.door.is_open)


def _fire(machine: Machine) -> Outcome:
    return machine.vault.fire(not machine.vault.entry.door.is_fire)


def _tamper(machine: Machine) -> Outcome:
    return machine.vault.tamper(not machine.vault.entry.door.is_tampered)


AT_DOOR: dict[str, tuple[str, Action]] = {
    **{key: _badge(name, "outside") for key, name in PEOPLE.items()},
    **{key.upper(): _badge(name, "inside") for key, name in PEOPLE.items()},
    "d": _badge("sam", "desk"),
    "u": _badge("stranger", "outside"),
    "g": ("badge: one that cannot be read", lambda machine: machine.vault.spoil("outside")),
    "o": ("the door is opened or shut", _door),
    "l": ("the lever", lambda machine: machine.vault.press_lever()),
    "f": ("the fire alarm", _fire),
    "t": ("the station's case", _tamper),
    **{key: _card(verb) for key, verb in CARDS.items()},
}
