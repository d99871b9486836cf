"""What stands of a count, and how an event changes it. What grows is kept in persistent maps."""

from enum import StrEnum

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap, HashTrieSet, List

from station.domain.core.decider import Recorded
from station.domain.count.events import (
    CountAbandoned,
    CountClosed,
    CountEvent,
    CountException,
    CountKeyed,
    CountLocated,
    CountOpened,
    CountPaused,
    CountQuantity,
    CountResumed,
    CountScanned,
    CountUndoAsked,
    CountUndone,
)
from station.domain.count.plan import Plan
from station.domain.lifecycle.events import StationStarted
from station.domain.session.events import RefusalsSeen, ScanRefused


class Phase(StrEnum):
    """Where a count stands."""

    IDLE = "idle"
    OPEN = "open"
    PAUSED = "paused"


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


class Line(msgspec.Struct, frozen=True):
    """One line that an undo can reverse: a scan, or a quantity keyed for the scan beneath it."""

    seq: int
    tag: str
    unit_index: int | None = None
    is_quantity: bool = False


class UndoAsked(msgspec.Struct, frozen=True):
    """Which line a scanner's undo card showed last, and when (monotonic ms); another line makes it void."""

    seq: int
    at: int


class Count(msgspec.Struct, frozen=True):
    """One station's count. `number` counts the sessions of this epoch; maps are by tag or by scanner.

    `newest_scanner` is whose scan is the newest that is not reversed; `active_at` when somebody was last at work
    (monotonic ms), 0 while no count is open.
    """

    phase: Phase = Phase.IDLE
    number: int = 0
    session: str = ""
    plan: Plan | None = None
    location: str = ""
    packages: "HashTrieMap[str, Package]" = HashTrieMap()
    units: int = 0
    lines: "HashTrieMap[str, List[Line]]" = HashTrieMap()
    undo_asked: "HashTrieMap[str, UndoAsked]" = HashTrieMap()
    keyed: "HashTrieMap[str, str]" = HashTrieMap()
    newest_scanner: str = ""
    refused: int = 0
    active_at: int = 0

    @property
    def planned(self) -> int:
        return len(self.plan.packages) if self.plan else 0

    def newest_line(self, scanner: str) -> Line | None:
        """The newest line of this scanner that is not reversed."""
        lines = self.lines.get(scanner)
        return next(iter(lines), None) if lines else None

    def package(self, tag: str) -> Package:
        return self.packages.get(tag) or Package()


def evolve(count: Count, recorded: Recorded, plan: Plan | None) -> Count:
    """The count after an event; `plan` is what the station has loaded, and is taken up when a count opens."""
    match recorded.event:
        case CountScanned() as seen:  # first and in one piece: it is nearly every event
            return _scanned(count, recorded, seen)
        case StationStarted():
            return _touched(replace(count, undo_asked=HashTrieMap()), recorded.at)
        case ScanRefused(times=times):
            return _touched(replace(count, refused=count.refused + times), recorded.at)
        case RefusalsSeen():
            return _touched(count, recorded.at)
        case CountOpened() as opened:
            kept = plan if opened.plan else None
            return Count(Phase.OPEN, count.number + 1, opened.session, kept, active_at=recorded.at)
        case CountClosed() | CountAbandoned():
            return Count(number=count.number, session=count.session)
        case CountEvent():
            return _touched(_session_after(count, recorded), recorded.at)
        case _:
            return count


def _touched(count: Count, at: int) -> Count:
    return count if count.phase is Phase.IDLE else replace(count, active_at=at)


def _session_after(count: Count, recorded: Recorded) -> Count:
    match recorded.event:
        case CountQuantity() as quantity:
            return _quantity(count, recorded.seq, quantity)
        case CountUndone() as undone:
            return _undone(count, undone)
        case CountException(reason="unknown"):
            return replace(count, refused=count.refused + 1)
        case CountUndoAsked(scanner=scanner, corrects=seq):
            return replace(count, undo_asked=count.undo_asked.insert(scanner, UndoAsked(seq, recorded.at)))
        case CountKeyed(scanner=scanner, text=text):
            return replace(count, keyed=count.keyed.insert(scanner, text))
        case CountLocated(location=location):
            return replace(count, location=location)
        case CountPaused():
            return replace(count, phase=Phase.PAUSED)
        case CountResumed():
            return replace(count, phase=Phase.OPEN)
        case _:
            return count


def _scanned(count: Count, recorded: Recorded, seen: CountScanned) -> Count:
    package, unit_index = count.package(seen.tag), seen.unit_index
    return replace(
        count,
        packages=count.packages.insert(seen.tag, _with(package, unit_index)),
        units=count.units + (unit_index is not None),
        lines=_with_line(count, seen.scanner, Line(recorded.seq, seen.tag, unit_index)),
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
        lines=_with_line(count, keyed.scanner, Line(seq, keyed.tag, is_quantity=True)),
        keyed=count.keyed.discard(keyed.scanner),
    )


def _with_line(count: Count, scanner: str, line: Line) -> "HashTrieMap[str, List[Line]]":
    return count.lines.insert(scanner, (count.lines.get(scanner) or List()).push_front(line))


def _undone(count: Count, undone: CountUndone) -> Count:
    lines = count.lines.get(undone.scanner)
    line = count.newest_line(undone.scanner)
    if lines is None or line is None or line.seq != undone.corrects:
        return count
    package = _without(count.package(line.tag), line)
    # A quantity always lies above a scan of the same scanner, so a package that is not seen has none left.
    packages = count.packages.insert(line.tag, package) if package.is_seen else count.packages.discard(line.tag)
    left = count.lines.insert(undone.scanner, lines.drop_first())
    return replace(
        count,
        packages=packages,
        units=count.units - (line.unit_index is not None),
        lines=left,
        newest_scanner=count.newest_scanner if line.is_quantity else _newest_scanner(left),
    )


def _without(package: Package, line: Line) -> Package:
    if line.is_quantity:
        return replace(package, quantities=package.quantities.discard(line.seq))
    if line.unit_index is not None:
        return replace(package, units=package.units.discard(line.unit_index))
    return replace(package, whole=False)


def _newest_scanner(lines: "HashTrieMap[str, List[Line]]") -> str:
    newest = {
        line.seq: scanner
        for scanner, kept in lines.items()
        if (line := next((line for line in kept if not line.is_quantity), None))
    }
    return newest[max(newest)] if newest else ""
