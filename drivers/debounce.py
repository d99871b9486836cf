"""Debouncing: edges of a contact and the time in, levels that can be trusted out. Pure; a source feeds it.

    contact = Debounce(stable_ms=30)
    contact = contact.with_edge(True, at)       # for each edge, and once for the level at the beginning
    contact, change = contact.settled_at(now)      # at `contact.due_at` at the latest

A level is trusted once it has not changed for `stable_ms`. Its change is dated at the first edge away from the old
level, not when it was trusted: a door that opened in the last moment of its release did so in time. A contact that does
not rest is in doubt since `doubt_at`, for as long as that goes on.
"""

import msgspec
from msgspec.structs import replace


class LevelChange(msgspec.Struct, frozen=True):
    """A trusted change, or the level at the beginning; `at` is in the unit of the edges (monotonic ms)."""

    level: bool
    at: int


class Debounce(msgspec.Struct, frozen=True):
    """`level` is the trusted one (None at first), `raw` the newest seen; `left_at`, `edge_at` are edges' moments."""

    stable_ms: int
    level: bool | None = None
    raw: bool | None = None
    left_at: int = 0
    edge_at: int = 0

    @property
    def due_at(self) -> int | None:
        """When `settled_at` has something to say at the latest; None while nothing is in doubt."""
        return None if self.raw == self.level and self.edge_at == self.left_at else self.edge_at + self.stable_ms

    @property
    def doubt_at(self) -> int | None:
        """The first edge away from what was trusted; None while nothing is in doubt."""
        return None if self.due_at is None else self.left_at

    def missed(self, at: int) -> "Debounce":
        """Edges up to this moment came so fast that they were not kept: it is not calm before `stable_ms` after it."""
        left_at = at - 1 if self.due_at is None else self.left_at
        return replace(self, left_at=left_at, edge_at=max(at, self.edge_at))

    def with_edge(self, level: bool, at: int) -> "Debounce":
        """The level was seen at this moment; call `settled_at` first where `due_at` has passed before it."""
        if level == self.raw:  # an edge that was missed in between, or none
            return self
        if self.due_at is None:
            return replace(self, raw=level, left_at=at, edge_at=max(at, self.edge_at))
        return replace(self, raw=level, edge_at=max(at, self.edge_at))

    def settled_at(self, at: int) -> tuple["Debounce", LevelChange | None]:
        """Say what can be trusted at this moment: the level that is calm, where it is another than before."""
        if self.due_at is None or at < self.due_at:
            return self, None
        calm = replace(self, level=self.raw, left_at=self.edge_at)
        return calm, LevelChange(bool(self.raw), self.left_at) if self.raw != self.level else None
