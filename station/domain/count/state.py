"""What stands of a count, and how an event changes it. What grows is kept in persistent maps."""

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap, HashTrieSet

from station.domain.core.decider import Recorded
from station.domain.count.events import (
    CountAbandoned,
    CountClosed,
    CountException,
    CountOpened,
    CountQuantity,
    CountScanned,
    CountUndone,
    PlanLoaded,
)
from station.domain.count.plan import Plan, is_same_plan
from station.domain.session import state as sessions
from station.domain.session.events import SessionEvent
from station.domain.session.lines import Line
from station.domain.session.state import Phase, Session, touched


class Package(msgspec.Struct, frozen=True):
    """What was seen of one package: its own tag (`whole`), units of it; quantities keyed, by the seq of their line."""

    whole: bool = False
    units: "HashTrieSet[int]" = HashTrieSet()
    quantities: "HashTrieMap[int, str]" = HashTrieMap()

    @property
    def is_seen(self) -> bool:
        return self.whole or bool(self.units)

    @property
    def quantity(self) -> str:
        """The newest quantity that is not reversed; empty where none was keyed."""
        return self.quantities[max(self.quantities)] if self.quantities else ""


class Count(Session, frozen=True):
    """One station's count: a session, the plan that it was opened with, and what was seen, by tag.

    `loaded` is the plan that the next count is opened with, and `loaded_document` the SHA-256 of its bytes.
    """

    plan: Plan | None = None
    packages: "HashTrieMap[str, Package]" = HashTrieMap()
    units: int = 0
    loaded: Plan | None = None
    loaded_document: str = ""

    @property
    def planned(self) -> int:
        return len(self.plan.packages) if self.plan else 0

    def package(self, tag: str) -> Package:
        return self.packages.get(tag) or Package()


def evolve(count: Count, recorded: Recorded) -> Count:
    """The count after an event; the plan that is loaded is taken up when a count opens."""
    match recorded.event:
        case CountScanned() as seen:  # first and in one piece: it is nearly every event
            return _scanned(count, recorded, seen)
        case PlanLoaded(document=document):
            return replace(count, loaded=recorded.document.plan, loaded_document=document)
        case CountOpened() as opened:
            return _opened(count, recorded, opened)
        case CountClosed():
            is_done = is_same_plan(count.plan, count.loaded)
            loaded, document = (None, "") if is_done else (count.loaded, count.loaded_document)
            return Count(number=count.number, session=count.session, loaded=loaded, loaded_document=document)
        case CountAbandoned():
            loaded, document = count.loaded, count.loaded_document
            return Count(number=count.number, session=count.session, loaded=loaded, loaded_document=document)
        case SessionEvent():
            return touched(_session_after(count, recorded), recorded.at)
        case _:
            return sessions.hear(count, recorded)


def _opened(count: Count, recorded: Recorded, opened: CountOpened) -> Count:
    return Count(
        phase=Phase.OPEN,
        number=count.number + 1,
        session=opened.session,
        plan=count.loaded if opened.plan else None,
        active_at=recorded.at,
        loaded=count.loaded,
        loaded_document=count.loaded_document,
    )


def _session_after(count: Count, recorded: Recorded) -> Count:
    match recorded.event:
        case CountQuantity() as quantity:
            return _quantity(count, recorded.seq, quantity)
        case CountUndone() as undone:
            return sessions.evolve(_undone(count, undone), recorded)
        case CountException(reason="unknown"):
            return replace(count, refused=count.refused + 1)
        case _:
            return sessions.evolve(count, recorded)


def _scanned(count: Count, recorded: Recorded, seen: CountScanned) -> Count:
    package, unit_index = count.package(seen.tag), seen.unit_index
    return replace(
        count,
        packages=count.packages.insert(seen.tag, _with(package, unit_index)),
        units=count.units + (unit_index is not None),
        lines=count.with_line(seen.scanner, Line(recorded.seq, seen.tag, unit_index)),
        keyed=count.keyed and count.keyed.discard(seen.scanner),
        newest_scanner=seen.scanner,
        active_at=recorded.at,
    )


def _with(package: Package, unit_index: int | None) -> Package:
    if unit_index is None:
        return replace(package, whole=True)
    return replace(package, units=package.units.insert(unit_index))


def _quantity(count: Count, seq: int, keyed: CountQuantity) -> Count:
    package = count.package(keyed.tag)
    package = replace(package, quantities=package.quantities.insert(seq, keyed.quantity))
    return replace(
        count,
        packages=count.packages.insert(keyed.tag, package),
        lines=count.with_line(keyed.scanner, Line(seq, keyed.tag, is_quantity=True)),
        keyed=count.keyed.discard(keyed.scanner),
    )


def _undone(count: Count, undone: CountUndone) -> Count:
    """The packages without the line that is reversed; the session lets the line itself go."""
    line = sessions.line_undone(count, undone)
    if line is None:
        return count
    package = _without(count.package(line.tag), line)
    # A quantity always lies above a scan of the same scanner, so a package that is not seen has none left.
    packages = count.packages.insert(line.tag, package) if package.is_seen else count.packages.discard(line.tag)
    return replace(count, packages=packages, units=count.units - (line.unit_index is not None))


def _without(package: Package, line: Line) -> Package:
    if line.is_quantity:
        return replace(package, quantities=package.quantities.discard(line.seq))
    if line.unit_index is not None:
        return replace(package, units=package.units.discard(line.unit_index))
    return replace(package, whole=False)
