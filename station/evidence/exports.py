"""`station export`: events of a journal that holds, as files for an inspector or another system."""

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from station.domain.core.bounds import is_bound, is_from, is_to
from station.domain.station.leaf import Leaf
from station.errors import IntegrityError, UsageError
from station.evidence.trust import Trust
from station.evidence.verify import Verification, key_beside, walk_journal
from station.journal.reader import READ_FAULTS, Reader


class Selection(msgspec.Struct, frozen=True):
    """Which events: from and to a seq or a UTC date, both inclusive; of those, the ones about `subject`.

    Dates choose the range from the first to the last event of that time, with whatever lies between, since a clock
    may have been wrong: only a range without gaps can be seen to be whole.
    """

    first: str = ""
    last: str = ""
    subject: str = ""

    def __post_init__(self) -> None:
        """Raise `UsageError` for a bound that is neither."""
        for option, bound in (("--from", self.first), ("--to", self.last)):
            if bound and not is_bound(bound):
                raise UsageError(f"{option} {bound}: must be a seq, such as 120, or a UTC date, such as 2026-11-23")


class HeldJournal:
    """A journal that was checked before anything is taken from it."""

    def __init__(self, directory: Path, trust: Trust, reader: Reader) -> None:
        """Raise `IntegrityError` where the journal does not hold."""
        self.reader = reader
        self.account = Verification("journal", trust)
        try:
            walk_journal(reader, self.account, key_beside(directory / "journal.db"))
        except READ_FAULTS as fault:
            raise IntegrityError(f"{directory}: {fault}; nothing is taken from it; run: station verify") from None

    def selected_events(self, selection: Selection) -> list[tuple[int, bytes]]:
        """The (seq, leaf) of the events that are asked for; raise `UsageError` where there are none."""
        leaves = list(_within_bounds(((seq, leaf) for seq, leaf, _ in self.reader.stored_events()), selection))
        found = [(seq, leaf) for seq, leaf in leaves if selection.subject in ("", _read_leaf(leaf).subject)]
        if not found:
            raise UsageError("export: no such events are here; must be at least one; choose others")
        return found


def _within_bounds(rows: Iterable[tuple[int, bytes]], selection: Selection) -> Iterator[tuple[int, bytes]]:
    waiting: list[tuple[int, bytes]] = []
    has_begun = False
    for seq, leaf in rows:
        time = _read_leaf(leaf).time
        has_begun = has_begun or not selection.first or is_from(seq, time, selection.first)
        if not has_begun:
            continue
        waiting.append((seq, leaf))
        if not selection.last or is_to(seq, time, selection.last):
            yield from waiting
            waiting.clear()


def _read_leaf(leaf: bytes) -> Leaf:
    return msgspec.json.decode(leaf, type=Leaf)


def json_lines(leaves: Iterable[tuple[int, bytes]]) -> bytes:
    """The leaves byte for byte, one a line."""
    return b"".join(leaf + b"\n" for _, leaf in leaves)


def write_whole(output: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all; raise OSError."""
    descriptor, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, output)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
