"""The lines of a session, which an undo reverses: of each scanner its own, the newest first."""

import msgspec
from rpds import HashTrieMap, List


class Line(msgspec.Struct, frozen=True):
    """One line that an undo can reverse: a scan, or a quantity keyed for the scan beneath it."""

    seq: int
    tag: str
    unit_index: int | None = None
    is_quantity: bool = False


class UndoShown(msgspec.Struct, frozen=True):
    """Which line a scanner's undo card showed last, and when (monotonic ms); another line makes it void."""

    seq: int
    at: int


def newest_scanner(lines: "HashTrieMap[str, List[Line]]") -> str:
    """The scanner of the newest scan; empty where there is none."""
    newest = {
        line.seq: scanner
        for scanner, kept in lines.items()
        if (line := next((line for line in kept if not line.is_quantity), None))
    }
    return newest[max(newest)] if newest else ""
