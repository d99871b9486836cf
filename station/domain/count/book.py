"""Books: the quantities that the POS and Metrc claim, apart from everything that shows, sounds, answers or logs.

A count may be blind. So what is expected does not stand in the plan but here, in a slot of the station's state that is
opaque to every room; `reconcile` alone opens it, and the row's kind of document reads and keeps it.
"""

from typing import Annotated, cast

import msgspec
from msgspec.structs import replace

from station.domain.core.decider import Recorded
from station.domain.count.events import CountAbandoned, CountClosed, CountOpened, PlanLoaded
from station.domain.count.plan import PACKAGES_MAX, Plan, PlanDocument, PlanPackage, is_same_plan
from station.domain.documents.fields import Length
from station.domain.documents.json_files import read_document, read_stored
from station.domain.documents.values import Quantity


class Expected(msgspec.Struct, frozen=True):
    """How much of one package the books claim; exact decimals as text, empty where a book does not say."""

    pos: str = ""
    metrc: str = ""


class Book(msgspec.Struct, frozen=True):
    """What is expected by one version of a plan, by tag."""

    plan: str
    version: int
    expected: dict[str, Expected]


class Books(msgspec.Struct, frozen=True):
    """The book of the plan that is loaded, and of the one that the open count was opened with."""

    loaded: Book | None = None
    opened: Book | None = None


class _FilePackage(PlanPackage, frozen=True):
    """One package as a plan's file has it; `pos` and `metrc` are exact decimals as text, in `unit`."""

    pos: Quantity = ""
    metrc: Quantity = ""


_FilePackages = Annotated[tuple[_FilePackage, ...], Length(1, PACKAGES_MAX, "packages", "split the plan by location")]


class _PlanFile(Plan, frozen=True, kw_only=True, dict=True):
    """A plan's file."""

    packages: _FilePackages


def read_plan(raw: bytes) -> PlanDocument:
    """Read a plan file (JSON); raise `DocumentFaults` with all of its faults, and take nothing of it then."""
    return _apart(read_document(raw, _PlanFile, "plan"), raw)


def stored_plan(raw: bytes) -> PlanDocument:
    """Read a plan that was once taken: rules that came later do not unmake it. Raise msgspec.MsgspecError."""
    return _apart(read_stored(raw, _PlanFile), raw)


def _apart(file: _PlanFile, raw: bytes) -> PlanDocument:
    """The plan without what is expected, read once more, so that nothing of that hangs on it."""
    expected = {package.tag: Expected(package.pos, package.metrc) for package in file.packages}
    return PlanDocument(read_stored(raw, Plan), Book(file.plan, file.version, expected))


def kept_books(books: object, recorded: Recorded) -> object:
    """The slot after an event of a plan or a count; None while it holds no book."""
    kept = _after(cast(Books, books) if books is not None else Books(), recorded)
    return kept if kept.loaded or kept.opened else None


def _after(kept: Books, recorded: Recorded) -> Books:
    match recorded.event:
        case PlanLoaded():
            return replace(kept, loaded=recorded.document.book)
        case CountOpened(plan=plan):
            return replace(kept, opened=kept.loaded if plan else None)
        case CountClosed():
            return Books(None if is_same_plan(kept.opened, kept.loaded) else kept.loaded)
        case CountAbandoned():
            return Books(kept.loaded)
        case _:
            return kept


def put_back_book(books: object, document: PlanDocument) -> object:
    """The slot of a snapshot with the book of its plan again."""
    del books
    return Books(cast(Book, document.book))
