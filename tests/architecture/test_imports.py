"""The directions of import that DESIGN names, held over every file of the product; those of duties and books, which are
narrower, in `test_duties.py`."""

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.sources import imports, is_below, modules

ROOT = Path(__file__).parents[2]

PURE_STDLIB = frozenset(
    [
        "__future__",
        "abc",
        "base64",
        "binascii",
        "bisect",
        "collections",
        "contextlib",
        "copy",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "heapq",
        "hmac",
        "itertools",
        "json",
        "math",
        "operator",
        "re",
        "statistics",
        "string",
        "struct",
        "textwrap",
        "tomllib",
        "types",
        "typing",
        "unicodedata",
        "urllib.parse",
    ]
)
DOMAIN_OTHERS = PURE_STDLIB | {"msgspec", "rpds", "biip"}
HARDWARE = frozenset(
    [
        "evdev",
        "gpiozero",
        "lgpio",
        "libosdp",
        "luma",
        "PIL",
        "pyudev",
        "RPi",
        "serial",
        "smbus",
        "smbus2",
        "spidev",
    ]
)
PARTS = tuple(
    f"station.{part}" for part in ("backoffice", "evidence", "relay", "reports", "schemas", "screens", "simulate")
)
EVERYTHING = ("station", "drivers")


@dataclass(frozen=True)
class Rule:
    """Who may import what: of ours by prefix; of others by top-level name, or all when `others` is None."""

    who: str
    ours: tuple[str, ...]
    others: frozenset[str] | None = None
    never: tuple[str, ...] = ()


# The first rule whose `who` the module is below holds for it: the narrower stand before the wider. A package
# may always import itself; nothing in the station imports the back office.
RULES = (
    # Leaves a module out of biip before it is imported.
    Rule("station.domain.identifiers.gs1_elements", (), DOMAIN_OTHERS | {"sys"}),
    Rule("station.domain", (), DOMAIN_OTHERS),
    Rule("station.sealing", ()),
    Rule("station.journal", ("station.domain", "station.sealing", "station.errors")),
    Rule("station.screens", ("station.domain", "station.sealing", "station.errors")),
    Rule("station.evidence", ("station.domain", "station.sealing", "station.errors", "station.journal.reader")),
    Rule("station.relay", ("station.domain", "station.sealing", "station.errors", "station.journal.reader")),
    # The back office folds the same events: only the reading of a journal knows what a journal is.
    Rule(
        "station.reports.access.reading",
        ("station.domain", "station.sealing", "station.errors", "station.journal.reader"),
    ),
    Rule(
        "station.reports.access",
        ("station.domain", "station.screens.catalogues", "station.evidence.markup", "station.errors"),
        DOMAIN_OTHERS | {"csv", "io"},
    ),
    Rule("station.schemas", ("station.domain", "station.relay.outgoing", "station.relay.publications")),
    Rule("station.backoffice.wiring", EVERYTHING),
    Rule(
        "station.backoffice",
        ("station.domain", "station.sealing", "station.evidence", "station.relay.topics", "station.errors"),
    ),
    Rule("station.wiring", EVERYTHING, never=("station.backoffice",)),
    Rule("station.simulate.wiring", EVERYTHING, never=("station.backoffice",)),
    Rule(
        "station.simulate",
        ("station", "drivers.ports", "drivers.simulated"),
        never=("station.backoffice", "station.wiring"),
    ),
    Rule("station.__main__", ("station.cli", "station.door.lock_safe")),
    # What is left when all else is broken: of ours nothing but these, of others nothing at all.
    Rule(
        "station.door.lock_safe",
        ("station.door.lock_pins", "drivers.gpio_safe"),
        PURE_STDLIB | {"errno", "os", "pathlib", "sys", "tomllib"},
    ),
    Rule("station.door.lock_pins", (), PURE_STDLIB | {"os", "pathlib"}),
    Rule("station.cli", ("station",), never=("station.backoffice",)),
    Rule("station.reports", ("station",), never=("station.backoffice", "station.wiring", "station.cli")),
    Rule("station.config", ("station.domain", "station.errors", "drivers.ports", "drivers.catalog")),
    # The spine, and whatever else stands at the top: the loop and the journal are its core, the other parts and the
    # drivers are handed to it by a wiring and known to it by their ports.
    Rule("station", ("station", "drivers.ports"), never=(*PARTS, "station.wiring", "station.cli")),
    Rule(
        "drivers",
        (
            "station.domain.core",
            "station.domain.entry.inputs",
            "station.domain.identifiers",
            "station.domain.people.inputs",
            "station.errors",
        ),
    ),
)

# Each driver's own hardware library; a driver that is not named here touches none.
DRIVER_HARDWARE = {
    "drivers.evdev_source": {"evdev", "pyudev"},
    "drivers.evdev_badges": {"evdev", "pyudev"},
    "drivers.serial_": {"serial"},
    "drivers.gpio_": {"gpiozero", "lgpio"},
    "drivers.oled_": {"luma", "PIL"},
    "drivers.osdp_": {"libosdp", "serial"},
}
# Pictures are no hardware where they are drawn, and the wirings choose what the drivers run on.
HARDWARE_ELSEWHERE = {"station.screens": {"PIL"}, "station.simulate": {"PIL"}, "station.backoffice": {"PIL"}}
WIRINGS = ("station.wiring", "station.simulate.wiring", "station.backoffice.wiring")


def rule_for(module: str) -> Rule:
    """The first rule that holds for the module."""
    return next(rule for rule in RULES if is_below(module, rule.who))


def is_ours(module: str) -> bool:
    """Whether a module belongs to the product."""
    return any(is_below(module, top) for top in EVERYTHING)


def hardware_of(module: str) -> set[str]:
    """The hardware libraries that a module may import."""
    tables = {**DRIVER_HARDWARE, **HARDWARE_ELSEWHERE}
    return set().union(*(names for prefix, names in tables.items() if module.startswith(prefix)))


def why_not(module: str, imported: str) -> str | None:
    """Why `module` may not import `imported`; None if it may."""
    rule = rule_for(module)
    if any(is_below(imported, prefix) for prefix in rule.never):
        return f"{rule.who} never imports it"
    if is_ours(imported):
        return _why_not_ours(module, imported, rule)
    top = imported.partition(".")[0]
    if top in HARDWARE and module not in WIRINGS and top not in hardware_of(module):
        return "the hardware library of somebody else"
    if rule.others is not None and top not in rule.others and imported not in rule.others:
        return f"{rule.who} is pure: msgspec, rpds, biip and the pure standard library"
    return None


def _package(module: str) -> str:
    """The part that a module belongs to: `station.journal` for its files, the module itself at the top."""
    return "drivers" if is_below(module, "drivers") else ".".join(module.split(".")[:2])


def _why_not_ours(module: str, imported: str, rule: Rule) -> str | None:
    # The root package holds the version and nothing else; a package is whole in itself.
    own = _package(module)
    if imported == "station" or any(is_below(imported, prefix) for prefix in (*rule.ours, own)):
        if (
            is_below(imported, "drivers")
            and is_below(module, "drivers")
            and hardware_of(imported) - hardware_of(module)
        ):
            return "another driver's hardware"
        return None
    return f"{rule.who} may import {', '.join(rule.ours) or 'nothing of ours'}"


def faults(root: Path) -> list[str]:
    """Every import below `root` that goes against the rules, as `module:line imports X: why not`."""
    found = modules(root)
    known = frozenset(found)
    told = (
        f"{name}:{line} imports {imported}: {reason}"
        for name, path in found.items()
        for imported, line in imports(name, path, known)
        if (reason := why_not(name, imported))
    )
    return list(dict.fromkeys(told))


def test_every_import_of_the_product_goes_in_an_agreed_direction() -> None:
    assert faults(ROOT) == []


def test_the_product_was_found_at_all() -> None:
    assert {"station", "station.domain", "drivers"} <= set(modules(ROOT))


def test_every_pure_module_of_the_table_is_a_real_one() -> None:
    assert {name.partition(".")[0] for name in PURE_STDLIB} <= sys.stdlib_module_names


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("station/domain/count/decide.py", "import time"),
        ("station/domain/count/decide.py", "import os.path"),
        ("station/domain/count/decide.py", "from random import choice"),
        ("station/domain/count/decide.py", "import urllib.request"),
        ("station/domain/count/decide.py", "from station import journal"),
        ("station/domain/count/decide.py", "from ...journal import writer"),
        ("station/domain/count/decide.py", "from station.errors import StationError"),
        ("station/domain/count/decide.py", "def f():\n    import structlog"),
        ("station/screens/draw.py", "from station.relay.topics import base"),
        ("station/sealing/note.py", "from station.domain.core.event import Event"),
        ("station/journal/writer.py", "from station.relay import topics"),
        ("station/journal/writer.py", "import station.evidence.verify"),
        ("station/relay/mqtt.py", "from station.journal.writer import Writer"),
        ("station/evidence/verify.py", "from station.relay.topics import base"),
        ("station/schemas/table.py", "from station.relay.mqtt import Relay"),
        ("station/schemas/table.py", "from station.journal.writer import Writer"),
        ("station/relay/mqtt.py", "from station.schemas import table"),
        ("station/spine/loop.py", "from station.schemas import table"),
        ("station/backoffice/store.py", "from station.relay.mqtt import Relay"),
        ("station/backoffice/store.py", "from station.journal.reader import Reader"),
        ("station/cli.py", "from station.backoffice.store import Store"),
        ("station/cli.py", "from drivers.gpio_lock import GpioLock"),
        ("station/wiring.py", "from station.backoffice import store"),
        ("station/spine/loop.py", "from station.screens.draw import draw"),
        ("station/spine/loop.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import drivers.framing"),
        ("station/spine/supervisor.py", "from station.wiring import wire"),
        ("station/newcomer.py", "from station.relay import topics"),
        ("station/simulate/player.py", "from drivers.gpio_lock import GpioLock"),
        ("drivers/gpio_lock.py", "import serial"),
        ("drivers/gpio_lock.py", "from drivers.oled_display import Oled"),
        ("drivers/serial_source.py", "from station.domain.count.state import Count"),
        ("drivers/serial_source.py", "from station.spine.loop import Loop"),
        ("drivers/framing.py", "import serial"),
        ("drivers/evdev_keymap.py", "from evdev import ecodes"),
    ],
)
def test_an_import_in_a_wrong_direction_is_found(tmp_path: Path, path: str, text: str) -> None:
    _tree(tmp_path, path, text)

    assert len(faults(tmp_path)) == 1, faults(tmp_path)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("station/domain/count/decide.py", "import msgspec, rpds, biip, decimal, collections.abc, urllib.parse"),
        ("station/domain/count/decide.py", "from . import state\nfrom .state import Count"),
        ("station/domain/count/reconcile.py", "from station.domain.count.book import Book"),
        (
            "station/sealing/note.py",
            "import base64, os, cryptography.hazmat\nfrom station.sealing import merkle",
        ),
        ("station/journal/writer.py", "import sqlite3, peewee\nfrom station import __version__"),
        ("station/relay/mqtt.py", "import paho.mqtt.client\nfrom station.journal.reader import Reader"),
        (
            "station/backoffice/store.py",
            "from station.relay.topics import base\nimport station.evidence.verify",
        ),
        ("station/backoffice/wiring.py", "import station.journal.writer, drivers.ports"),
        ("station/cards/sheet.py", "import segno\nfrom station.cards.symbols import a, b"),
        ("station/wiring.py", "import station.journal.writer, drivers.gpio_lock, gpiozero"),
        ("station/simulate/wiring.py", "import station.journal.writer, drivers.gpio_lock, gpiozero"),
        (
            "station/spine/loop.py",
            "import threading\nfrom station.journal import writer\nfrom drivers.ports import Lock",
        ),
        (
            "drivers/serial_source.py",
            "import serial\nfrom drivers.framing import LineFraming\nfrom .ports import Source",
        ),
        ("drivers/evdev_source.py", "import evdev, pyudev\nfrom drivers import evdev_keymap"),
        (
            "drivers/gpio_lock.py",
            "from station.domain.core.effects import ReleaseLock\nfrom station.errors import DeviceError",
        ),
    ],
)
def test_an_import_in_an_agreed_direction_is_let_be(tmp_path: Path, path: str, text: str) -> None:
    _tree(tmp_path, path, text)

    assert faults(tmp_path) == []


def _tree(root: Path, path: str, text: str) -> None:
    names = [
        "journal/writer",
        "journal/reader",
        "domain/core/event",
        "domain/count/state",
        "relay/topics",
        "backoffice/store",
    ]
    for name in (
        *(f"station/{name}.py" for name in names),
        "station/backoffice/store.py",
        "drivers/evdev_keymap.py",
        path,
    ):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        (file.parent / "__init__.py").touch()
        file.touch()
    (root / path).write_text(text + "\n", encoding="utf-8")
