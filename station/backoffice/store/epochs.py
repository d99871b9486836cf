"""One journal of a station as the store keeps it in memory, written back with each transaction."""

from enum import Enum
from typing import NamedTuple

import msgspec

from station.sealing.merkle import CompactRange


class Added(Enum):
    """What became of a leaf."""

    NEW = "new"
    SAME = "same"
    FILLED = "filled"  # its hash was here, withheld
    OTHER = "other"  # the seq is taken by other bytes


class KeptCheckpoint(NamedTuple):
    """A checkpoint's row: pending, verified or refused."""

    size: int
    root: bytes
    note: bytes
    state: str


class Epoch(msgspec.Struct):
    """Seqs are -1 for none; `verified` is the size of the largest tree that holds, `range` its compact range."""

    id: int
    station: str
    name: str
    contiguous: int = -1
    highest: int = -1
    """The highest seq that is stored; the leaves between it and `contiguous` may have gaps."""
    head: int = -1
    """The newest event, as the station told last; a checkpoint may raise it, the next `health` says how it is."""
    claimed: int = -1
    """The highest seq that any leaf had since the station told its head: anybody may have made it up."""
    verified: int = 0
    previous: str = ""
    reason: str = ""
    range: CompactRange = CompactRange.EMPTY
    disputed: set[int] = set()
    """Seqs that are not verified yet and for which different bytes came."""
    boots: dict[str, tuple[int, int]] = {}
    changed_boots: set[str] = set()
    is_changed: bool = False

    @property
    def known_head(self) -> int:
        """How far the station's journal reaches, as far as is known here."""
        return max(self.contiguous, self.head, self.claimed)

    def spoke_of(self, seq: int) -> None:
        """The station says that it has an event `seq`."""
        if seq > self.head:
            self.head = seq
            self.is_changed = True

    def told_head(self, seq: int) -> None:
        """The station says that `seq` is its newest event: what was claimed before does not count any more."""
        self.claimed = -1
        if seq != self.head:
            self.head, self.is_changed = seq, True

    def clashing_boot(self, boot: str, seq: int) -> str:
        """Take in that `boot` wrote `seq`; return another boot whose events lie between its own, or nothing."""
        first, last = self.boots.get(boot, (seq, seq))
        if boot in self.boots and first <= seq <= last:
            return ""
        first, last = min(first, seq), max(last, seq)
        for other, (begin, end) in self.boots.items():
            if other != boot and begin <= last and end >= first:
                return other
        self.boots[boot] = (first, last)
        self.changed_boots.add(boot)
        return ""
