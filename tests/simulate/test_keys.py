"""Keys: what is typed, and what each does to a machine."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from station.domain.count.state import Count
from station.domain.entry.state import Door, Entry
from station.domain.session.state import Phase
from station.simulate.door_keys import AT_DOOR
from station.simulate.keys import ACTIONS, ANYWHERE, BACKSPACE, ENTER, ESCAPE, Pressed, press_key
from station.simulate.machine import Machine
from station.simulate.outcome import Outcome
from station.simulate.scene import DOOR_KEYS, KEYS, KEYS_BESIDE_DOOR


class Recording:
    """Stands for a machine: writes down what is asked of it."""

    def __init__(self, count: Count | None = None, is_cut: bool = False) -> None:
        self.ledger = SimpleNamespace(station=SimpleNamespace(count=count or Count()))
        self.cable = SimpleNamespace(is_cut=is_cut)
        self.asked: list[tuple[Any, ...]] = []
        self.vault: Any = None

    def __getattr__(self, name: str) -> Any:
        def ask(*arguments: Any) -> Outcome:
            self.asked.append((name, *arguments))
            return Outcome("")

        return ask


def done(pressed: Pressed, machine: Recording) -> list[tuple[Any, ...]]:
    assert pressed.action is not None
    pressed.action(cast(Machine, machine))
    return machine.asked


def typed(keys: str) -> list[str | None]:
    shown, texts = None, []
    for key in keys:
        shown = press_key(shown, key).typed
        texts.append(shown)
    return texts


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        ("g", ("scan_code", "~~garbled~~")),
        ("c", ("scan_card", "start-count")),
        ("u", ("scan_card", "undo")),
        ("e", ("scan_card", "seen")),
        ("x", ("scan_card", "close")),
        ("p", ("scan_card", "pause")),
        ("l", ("scan_card", "location", "Vault A")),
        ("n", ("cut_network",)),
    ],
)
def test_a_key_does_what_it_says(key: str, asked: tuple[str, ...]) -> None:
    assert done(press_key(None, key), Recording()) == [asked]


@pytest.mark.parametrize(
    ("key", "method"),
    [
        ("s", Machine.scan_next),
        ("r", Machine.scan_again),
        ("w", Machine.scan_unknown),
        ("i", Machine.scan_next_unit),
        ("k", Machine.pull_power),
    ],
)
def test_a_key_is_a_method(key: str, method: object) -> None:
    assert press_key(None, key).action is method


@pytest.mark.parametrize(
    ("key", "count", "asked"),
    [
        ("p", Count(phase=Phase.PAUSED), ("scan_card", "resume")),
        ("l", Count(location="Vault A"), ("scan_card", "location", "Vault B")),
        ("l", Count(location="Vault B"), ("scan_card", "location", "Vault A")),
    ],
)
def test_some_keys_do_the_opposite_the_next_time(key: str, count: Count, asked: tuple[str, ...]) -> None:
    assert done(press_key(None, key), Recording(count)) == [asked]


def test_the_network_is_restored_when_it_is_cut() -> None:
    assert done(press_key(None, "n"), Recording(is_cut=True)) == [("restore_network",)]


def test_a_quantity_is_typed_and_entered() -> None:
    assert typed("d12.5") == ["", "1", "12", "12.", "12.5"]
    entered = press_key("12.5", ENTER)

    assert entered.typed is None
    assert done(entered, Recording()) == [("key_number", "12.5")]


def test_a_digit_begins_a_quantity() -> None:
    assert typed("40") == ["4", "40"]


def test_typing_is_corrected_given_up_and_bounded() -> None:
    assert typed("12" + BACKSPACE + "5")[-1] == "15"
    assert press_key("12", ESCAPE) == Pressed()
    assert press_key("", ENTER) == Pressed()
    assert typed("1234567890123456")[-1] == "123456789012"
    assert typed("1sqx")[-1] == "1"


def test_a_key_without_a_meaning_does_nothing() -> None:
    assert press_key(None, "z") == Pressed()
    assert press_key(None, "\r") == Pressed()
    assert press_key(None, "²") == Pressed()


def test_every_key_that_is_explained_is_there() -> None:
    explained = {key for row in KEYS for key, _ in row}

    assert explained == set(ACTIONS) | {"d", "q"}
    assert {key for row in KEYS_BESIDE_DOOR for key, _ in row} == explained | {"Tab"}


# At the door


class Vault(Recording):
    """Stands for the door of a machine."""

    def __init__(self, door: Door) -> None:
        super().__init__()
        self.entry = Entry(door=door)


def at_door(key: str, door: Door | None = None) -> list[tuple[Any, ...]]:
    machine, vault = Recording(), Vault(door or Door())
    machine.vault = vault
    return done(press_key(None, key, is_at_door=True), machine) + vault.asked


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        ("a", ("show_badge", "ana", "outside")),
        ("b", ("show_badge", "ben", "outside")),
        ("c", ("show_badge", "cleo", "outside")),
        ("s", ("show_badge", "sam", "outside")),
        ("A", ("show_badge", "ana", "inside")),
        ("S", ("show_badge", "sam", "inside")),
        ("d", ("show_badge", "sam", "desk")),
        ("u", ("show_badge", "stranger", "outside")),
        ("g", ("spoil_badge", "outside")),
        ("o", ("move_door", True)),
        ("l", ("press_lever",)),
        ("f", ("set_fire", True)),
        ("t", ("set_tamper", True)),
        ("e", ("scan_card", "explain")),
        ("h", ("scan_card", "head-count")),
        ("n", ("cut_network",)),
    ],
)
def test_a_key_at_the_door_does_what_it_says(key: str, asked: tuple[Any, ...]) -> None:
    assert at_door(key) == [asked]


@pytest.mark.parametrize(
    ("key", "door", "asked"),
    [
        ("o", Door(is_open=True), ("move_door", False)),
        ("f", Door(is_fire=True), ("set_fire", False)),
        ("t", Door(is_tampered=True), ("set_tamper", False)),
    ],
)
def test_some_keys_at_the_door_do_the_opposite_the_next_time(key: str, door: Door, asked: tuple[Any, ...]) -> None:
    assert at_door(key, door) == [asked]


def test_a_digit_at_the_door_is_no_quantity() -> None:
    assert press_key(None, "4", is_at_door=True) == Pressed()


def test_every_key_at_the_door_that_is_explained_is_there() -> None:
    shown = {key for row in DOOR_KEYS for keys, _ in row for key in ([keys] if keys == "Tab" else keys)}

    assert shown == set(AT_DOOR) | set(ANYWHERE) | {"Tab", "q"}
