"""The house: which rooms there are, on which floor each stands, and that no import goes round in a circle or upstairs.

A room is a folder of Python files. A folder that has rooms in it is no room itself: its files count each for itself,
because some of them are its ground (`station.errors`) and others its roof (`station.cli`).
"""

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.architecture.sources import imports, is_below, modules
from tests.architecture.table import DUTIES

ROOT = Path(__file__).parents[2]

STATION = frozenset(
    [
        "backoffice",
        "cards",
        "config",
        "domain",
        "door",
        "evidence",
        "importing",
        "journal",
        "relay",
        "reports",
        "schemas",
        "screens",
        "sealing",
        "simulate",
        "spine",
        "wiring",
    ]
)
SHARED = frozenset(
    [
        "commands",
        "core",
        "documents",
        "holdings",
        "identifiers",
        "lifecycle",
        "people",
        "session",
        "station",
    ]
)
"""What is no duty; the table says which duties there are."""
DOMAIN = SHARED | DUTIES
# What lies inside these is their own affair; every other folder has no folders but those that stand here.
OWN_AFFAIR = ("backoffice", "evidence", "journal", "schemas")
INSIDE = {"reports": {"access"}, "screens": {"fonts"}, "simulate": {"scenarios"}}
STATION_FOLDERS_MAX = 18
SHARED_ROOMS_MAX = 10
"""With the three duties of today that is 13 rooms."""

# From the ground to the roof. A room stands where the longest of these names that it is below stands; it may import
# its own floor and those beneath it.
FLOORS = (
    ("station", "station.errors", "station.sealing", "station.evidence.standalone"),
    ("station.domain.core", "station.domain.identifiers", "station.domain"),
    (
        "station.domain.commands",
        "station.domain.documents",
        "station.domain.holdings",
        "station.domain.lifecycle",
        "station.domain.people",
        "station.domain.session",
    ),
    tuple(f"station.domain.{duty}" for duty in sorted(DUTIES)),
    ("station.domain.station",),
    ("drivers", "station.cards", "station.config", "station.journal", "station.screens"),
    ("station.door", "station.evidence", "station.relay", "station.spine"),
    ("station.importing", "station.reports", "station.schemas"),
    ("station.backoffice", "station.simulate", "station.wiring"),
    ("station.cli", "station.__main__"),
)
EXACT = ("station", "station.domain")
"""Packages that are no more than their own `__init__`: what is new below them has to be given a floor."""

Edge = tuple[str, str]


def room_of(module: str, known: frozenset[str]) -> str:
    """The room that a module stands in; the module itself where its folder has rooms in it."""
    folder = module if _is_folder(module, known) else module.rpartition(".")[0]
    below = (each for each in known if is_below(each, folder) and each != folder)
    has_rooms = any("." in each.removeprefix(folder + ".") for each in below)
    return module if has_rooms or not folder else folder


def _is_folder(module: str, known: frozenset[str]) -> bool:
    return any(each.startswith(module + ".") for each in known)


def edges(root: Path) -> dict[Edge, list[str]]:
    """Which room imports which below `root`, and where: `module:line imports X`."""
    found = modules(root)
    known = frozenset(found)
    rooms = {module: room_of(module, known) for module in known}
    between: dict[Edge, list[str]] = {}
    for module, path in found.items():
        for imported, line in imports(module, path, known):
            other = rooms.get(imported) or rooms.get(imported.rpartition(".")[0])
            if other is not None and other != rooms[module]:
                between.setdefault((rooms[module], other), []).append(f"{module}:{line} imports {imported}")
    return between


def circles(between: Iterable[Edge]) -> list[list[str]]:
    """Rooms that can each be reached from all others of their list by imports; every list with two rooms or more."""
    onward: dict[str, set[str]] = {}
    for room, other in between:
        onward.setdefault(room, set()).add(other)
    reached = {room: _reached(room, onward) for room in onward}
    found = {
        tuple(sorted(other for other in rooms if room in reached.get(other, ())))
        for room, rooms in reached.items()
        if room in rooms
    }
    return sorted(map(list, found))


def _reached(room: str, onward: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [room]
    while waiting:
        new = onward.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    return reached


def floor_of(room: str) -> int | None:
    """On which floor a room stands, 0 being the ground; None where nobody gave it one."""
    fitting = [
        (len(name), number)
        for number, names in enumerate(FLOORS)
        for name in names
        if room == name or (name not in EXACT and is_below(room, name))
    ]
    return max(fitting)[1] if fitting else None


def upstairs(between: dict[Edge, list[str]]) -> list[str]:
    """Every import of a higher floor by a lower one, and every room that has no floor."""
    found = []
    for (room, other), places in sorted(between.items()):
        own, imported = floor_of(room), floor_of(other)
        if own is None or imported is None:
            found.append(f"{room if own is None else other}: stands on no floor; give it one in FLOORS")
        elif imported > own:
            found += places
    return list(dict.fromkeys(found))


def folders(path: Path) -> set[str]:
    """The folders directly below that hold any file; what Python leaves behind is none."""
    return {
        each.name
        for each in path.iterdir()
        if each.is_dir()
        and each.name != "__pycache__"
        and any(file.is_file() and file.suffix != ".pyc" for file in each.rglob("*"))
    }


def strange_rooms(root: Path) -> set[str]:
    """Folders of the product that nobody agreed on, as paths."""
    station = root / "station"
    found = {f"station/{name}" for name in folders(station) - STATION}
    found |= {f"station/domain/{name}" for name in folders(station / "domain") - DOMAIN}
    found |= {f"drivers/{name}" for name in folders(root / "drivers")}
    for name in (folders(station) & STATION) - {"domain", *OWN_AFFAIR}:
        found |= {f"station/{name}/{inside}" for inside in folders(station / name) - INSIDE.get(name, set())}
    for name in folders(station / "domain") & DOMAIN:
        found |= {f"station/domain/{name}/{inside}" for inside in folders(station / "domain" / name)}
    return found


def missing_rooms(root: Path) -> set[str]:
    """Rooms that were agreed on and are not there, as paths."""
    station = root / "station"
    return {f"station/{name}" for name in STATION - folders(station)} | {
        f"station/domain/{name}" for name in DOMAIN - folders(station / "domain")
    }


def test_no_import_of_the_product_goes_round_in_a_circle() -> None:
    assert circles(edges(ROOT)) == []


def test_no_room_imports_a_higher_floor() -> None:
    assert upstairs(edges(ROOT)) == []


def test_only_rooms_that_were_agreed_on_are_there() -> None:
    assert strange_rooms(ROOT) == set()


def test_each_room_that_was_agreed_on_is_there() -> None:
    assert missing_rooms(ROOT) == set()


def test_the_house_stays_small_enough_to_be_seen_at_a_glance() -> None:
    assert len(folders(ROOT / "station")) <= STATION_FOLDERS_MAX
    assert len(folders(ROOT / "station" / "domain") - DUTIES) <= SHARED_ROOMS_MAX
    assert len(STATION) <= STATION_FOLDERS_MAX
    assert len(SHARED) <= SHARED_ROOMS_MAX


def test_each_agreed_room_stands_on_a_floor() -> None:
    rooms = {f"station.{name}" for name in STATION} | {f"station.domain.{name}" for name in DOMAIN} | {"drivers"}

    assert {room for room in rooms if floor_of(room) is None} == set()


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small product: two rooms of the domain, one under the roof, a file of the ground."""
    for path in ("errors", "cli", "domain/core/event", "domain/count/decide", "domain/station/decide", "spine/loop"):
        _write(tmp_path, f"station/{path}.py")
    _write(tmp_path, "drivers/ports.py")
    return tmp_path


def _write(root: Path, path: str, text: str = "") -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    for folder in [*file.relative_to(root).parents][:-1]:
        (root / folder / "__init__.py").touch()


def test_a_circle_of_three_rooms_is_found_whole(house: Path) -> None:
    _write(house, "station/spine/loop.py", "import drivers.ports")
    _write(house, "drivers/ports.py", "from station.domain.core import event")
    _write(house, "station/domain/core/event.py", "def f():\n    from station.spine.loop import Loop")

    assert circles(edges(house)) == [["drivers", "station.domain.core", "station.spine"]]


def test_a_circle_between_a_folder_and_the_room_in_it_is_found(house: Path) -> None:
    _write(house, "station/reports/access/page.py", "from station.reports.commands import x")
    _write(house, "station/reports/commands.py", "from .access import page")

    assert circles(edges(house)) == [["station.reports.access", "station.reports.commands"]]


def test_files_of_one_room_are_no_circle_and_neither_are_ground_and_roof(house: Path) -> None:
    _write(house, "station/spine/loop.py", "from station.spine import inbox\nfrom station.errors import StationError")
    _write(house, "station/spine/inbox.py", "from station.spine import loop")
    _write(house, "station/cli.py", "from station.spine.loop import Loop")

    assert circles(edges(house)) == []
    assert upstairs(edges(house)) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("station/domain/core/event.py", "from station.domain.count.decide import decide"),
        ("station/domain/count/decide.py", "from station.domain.station import decide"),
        ("station/domain/station/decide.py", "import station.spine.loop"),
        ("station/errors.py", "from station.domain.core.event import Event"),
        ("station/spine/loop.py", "from station.cli import main"),
        ("drivers/ports.py", "from station.spine import loop"),
    ],
)
def test_an_import_of_a_higher_floor_is_found(house: Path, path: str, text: str) -> None:
    _write(house, path, text)

    assert len(upstairs(edges(house))) == 1
    assert ":1 imports" in upstairs(edges(house))[0]


def test_a_room_without_a_floor_is_found(house: Path) -> None:
    _write(house, "station/attic/box.py", "from station.errors import StationError")

    assert upstairs(edges(house)) == ["station.attic: stands on no floor; give it one in FLOORS"]


@pytest.mark.parametrize(
    ("path", "strange"),
    [
        ("station/attic/box.py", "station/attic"),
        ("station/domain/attic/box.py", "station/domain/attic"),
        ("station/domain/count/attic/box.txt", "station/domain/count/attic"),
        ("station/spine/attic/box.py", "station/spine/attic"),
        ("station/reports/attic/box.py", "station/reports/attic"),
        ("drivers/attic/box.py", "drivers/attic"),
    ],
)
def test_a_strange_room_is_found(house: Path, path: str, strange: str) -> None:
    _write(house, path)

    assert strange_rooms(house) == {strange}


def test_a_missing_room_is_found_and_what_python_left_behind_is_none(house: Path) -> None:
    _write(house, "station/domain/moves/__pycache__/decide.pyc")
    (house / "station/domain/moves/__init__.py").unlink()
    (house / "station/domain/moves/__pycache__/__init__.py").unlink()

    assert "station/domain/moves" in missing_rooms(house)
    assert "station/domain/count" not in missing_rooms(house)
