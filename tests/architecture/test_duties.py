"""Who may know of a duty: only the table knows them all, none knows another, and books are read in one place."""

from pathlib import Path

import pytest

from tests.architecture.sources import imports, is_below, modules
from tests.architecture.table import DUTIES

ROOT = Path(__file__).parents[2]
DOMAIN = "station.domain"
TABLE = f"{DOMAIN}.station.duties"

OF_A_DUTY = (
    f"{DOMAIN}.core",
    f"{DOMAIN}.identifiers",
    f"{DOMAIN}.session",
    f"{DOMAIN}.documents",
    f"{DOMAIN}.people",
    f"{DOMAIN}.holdings",
    f"{DOMAIN}.lifecycle.events",
    f"{DOMAIN}.commands.events",
)
"""What a duty may know of the domain beside its own room: so one is added, or taken away, without a line of another."""

BOOK = f"{DOMAIN}.count.book"
BOOK_READERS = (
    f"{DOMAIN}.count.reconcile",
    f"{DOMAIN}.count.duty",
    "station.importing",
    "station.backoffice",
)
"""Blind counts: whatever else shows, sounds, logs, sends or keeps must not know what is expected."""


def duty_of(module: str) -> str:
    """The duty whose room a module stands in; empty where it stands in none."""
    room = ".".join(module.split(".")[:3]).removeprefix(f"{DOMAIN}.")
    return room if room in DUTIES else ""


def why_not(module: str, imported: str) -> str | None:
    """Why `module` may not import `imported`, as far as duties and books go; None if it may."""
    if is_below(imported, BOOK) and not any(is_below(module, reader) for reader in (BOOK, *BOOK_READERS)):
        return f"a book is read by {', '.join(BOOK_READERS)} alone"
    own, other = duty_of(module), duty_of(imported)
    if own and own != other and is_below(imported, DOMAIN):
        is_allowed = imported == DOMAIN or any(is_below(imported, prefix) for prefix in OF_A_DUTY)
        return None if is_allowed else f"a duty may import of the domain its own room and {', '.join(OF_A_DUTY)}"
    if other and not own and is_below(module, DOMAIN) and module != TABLE:
        return f"of the domain only {TABLE} knows the duties"
    return None


def faults(root: Path) -> list[str]:
    """Every import below `root` that goes against these rules, as `module:line imports X: why not`."""
    found = modules(root)
    known = frozenset(found)
    told = (
        f"{name}:{line} imports {imported}: {reason}"
        for name, path in found.items()
        for imported, line in imports(name, path, known)
        if (reason := why_not(name, imported))
    )
    return list(dict.fromkeys(told))


def test_no_duty_knows_another_and_nobody_else_knows_the_duties() -> None:
    assert faults(ROOT) == []


def test_the_duties_are_found_at_all() -> None:
    assert {"count", "entry", "moves"} <= DUTIES
    assert duty_of("station.domain.count.state") == duty_of("station.domain.count") == "count"
    assert (duty_of("station.domain.session.state"), duty_of("station.cli")) == ("", "")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("station/domain/moves/decide.py", "from station.domain.count.state import Count"),
        ("station/domain/moves/decide.py", "from ..count import state"),
        ("station/domain/count/duty.py", "def f():\n    from station.domain.entry.state import Entry"),
        ("station/domain/entry/decide.py", "from station.domain.station.state import Station"),
        ("station/domain/entry/decide.py", "from station.domain.station import duties"),
        ("station/domain/entry/state.py", "from station.domain.lifecycle.state import Lifecycle"),
        ("station/domain/entry/state.py", "from station.domain.lifecycle import decide"),
        ("station/domain/entry/state.py", "from station.domain.commands import checking"),
        ("station/domain/station/dispatch.py", "from station.domain.count.duty import COUNT"),
        ("station/domain/station/viewing.py", "from station.domain.moves import duty"),
        ("station/domain/session/state.py", "from station.domain.count.state import Count"),
    ],
)
def test_a_duty_that_is_known_where_it_should_not_be_is_found(tmp_path: Path, path: str, text: str) -> None:
    write_tree(tmp_path, path, text)

    assert len(faults(tmp_path)) == 1, faults(tmp_path)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("station/domain/core/view.py", "from ..count import book"),
        ("station/domain/count/viewing.py", "from station.domain.count.book import Book"),
        ("station/domain/count/state.py", "from . import book"),
        ("station/domain/station/duties.py", "from station.domain.count import book"),
        ("station/screens/draw.py", "from station.domain.count import book"),
        ("station/journal/snapshot.py", "from station.domain.count.book import Book"),
        ("station/relay/sender.py", "from station.domain.count.book import Book"),
        ("station/reports/worksheet/fold.py", "import station.domain.count.book"),
        ("station/simulate/parcels.py", "from typing import Any\nfrom station.domain.count.book import Book"),
    ],
)
def test_a_book_that_is_read_where_it_should_not_be_is_found(tmp_path: Path, path: str, text: str) -> None:
    write_tree(tmp_path, path, text)

    assert any("a book is read by" in fault for fault in faults(tmp_path)), faults(tmp_path)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("station/domain/count/reconcile.py", "from station.domain.count.book import Book"),
        ("station/domain/count/duty.py", "from station.domain.count.book import Book"),
        ("station/importing/books.py", "from station.domain.count.book import Book"),
        ("station/backoffice/books/fold.py", "from station.domain.count import book"),
        ("station/domain/count/state.py", "from . import duty\nfrom station.domain.count.events import X"),
        ("station/domain/count/state.py", "from station.domain.lifecycle.events import X"),
        ("station/domain/count/state.py", "from station.domain.commands import events"),
        ("station/domain/count/state.py", "from station.domain.session.state import Session\nimport msgspec"),
        ("station/domain/count/state.py", "from station.domain.holdings.folding import Holdings"),
        ("station/domain/station/duties.py", "from station.domain.count.duty import COUNT"),
        ("station/domain/station/duties.py", "from station.domain.entry.state import Entry"),
        ("station/reports/access/fold.py", "from station.domain.entry.duty import ENTRY"),
    ],
)
def test_what_a_duty_and_a_reader_of_books_may_know_is_let_be(tmp_path: Path, path: str, text: str) -> None:
    write_tree(tmp_path, path, text)

    assert faults(tmp_path) == []


def write_tree(root: Path, path: str, text: str) -> None:
    """A small domain with three duties and a book, and one file that imports of it."""
    rooms: tuple[str, ...] = (
        "commands/checking",
        "commands/events",
        "core/event",
        "count/book",
        "count/duty",
        "count/state",
    )
    rooms += ("entry/state", "lifecycle/decide", "lifecycle/events", "moves/duty", "station/duties", "station/state")
    for name in (*(f"station/domain/{room}.py" for room in rooms), path):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        (file.parent / "__init__.py").touch()
        file.touch()
    (root / path).write_text(text + "\n", encoding="utf-8")
