"""Alarms: what should never happen, kept once for each kind and epoch with the first event that differs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import NamedTuple

from station.backoffice.store.epochs import Epoch
from station.backoffice.store.store import Store

TEXT_MAX = 600


class AlarmKind(StrEnum):
    """What an alarm is about; the values are public names."""

    CONFLICT = "conflict"  # one seq, two different leaves
    CLONED = "cloned"  # two boots that write at the same time: two stations, or an older journal put back
    FORK = "fork"  # two roots signed for one size
    SMALLER = "smaller_tree"  # a smaller tree after a larger one, not its beginning; or a journal that shrank
    REWRITTEN = "rewritten_past"  # the root is not that of the leaves that were sent
    SIGNATURE = "bad_signature"
    ROTATION = "bad_rotation"
    MISPLACED = "misplaced"  # a message by the topic of another station, type or epoch
    MALFORMED = "malformed"
    REPLACED = "replaced"  # bytes that came first gave way to those that the station signed, and are kept as evidence
    UNNAMED = "unnamed"  # an epoch that does not name the one before it; until a person accepts it
    STUCK = "stuck"  # an epoch that cannot be settled or cosigned: it fails alone, the others go on
    UNHEARD = "unheard"  # nothing is cosigned, since it is not known what stands retained at the broker
    UNTOLD = "untold"  # a message that is larger than the broker takes


ABOUT_ROOTS = (AlarmKind.FORK, AlarmKind.SMALLER, AlarmKind.REWRITTEN)
"""These begin as a root that differs; which event it is shows when the station is asked for its leaves again."""


class Alarm(NamedTuple):
    """One alarm as it stands; `seq` is None where no single event is known."""

    kind: str
    station: str
    epoch: str
    seq: int | None
    text: str
    at_ms: int
    times: int


class Alarms:
    """Raises alarms within the store's group; `raised` holds the new ones until somebody takes them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.raised: list[Alarm] = []

    @contextmanager
    def forgotten_on_failure(self) -> Iterator[None]:
        """What is raised within is told to nobody where the group fails: it is raised again when it is tried again."""
        before = len(self.raised)
        try:
            yield
        except BaseException:
            del self.raised[before:]
            raise

    def raise_alarm(
        self, kind: AlarmKind, station: str, epoch: str, text: str, *, at_ms: int, seq: int | None = None
    ) -> None:
        """Raise an alarm, or count one that stands again; the lowest seq stays, with its text."""
        alarm = Alarm(kind, station, epoch, seq, text[:TEXT_MAX], at_ms, 1)
        known = self._store.read_rows(
            "SELECT id, seq FROM alarm WHERE kind = ? AND station = ? AND epoch = ?", kind, station, epoch
        )
        if not known:
            self._store.run_statement(
                "INSERT INTO alarm (kind, station, epoch, seq, text, at_ms, times) VALUES (?, ?, ?, ?, ?, ?, ?)",
                *alarm,
            )
            self.raised.append(alarm)
            return
        row, first = known[0]
        self._store.run_statement("UPDATE alarm SET times = times + 1 WHERE id = ?", row)
        if seq is not None and (first is None or seq < first):
            self._store.run_statement("UPDATE alarm SET seq = ?, text = ? WHERE id = ?", seq, alarm.text, row)

    def name_event(self, epoch: Epoch, seq: int) -> None:
        """A leaf differs at `seq`: so that is where the roots part, unless a lower one is known."""
        for kind in ABOUT_ROOTS:
            self._store.run_statement(
                "UPDATE alarm SET seq = ? WHERE kind = ? AND station = ? AND epoch = ? AND (seq IS NULL OR seq > ?)",
                seq,
                kind,
                epoch.station,
                epoch.name,
                seq,
            )

    def keep_only(self, kind: AlarmKind, station: str, found: Mapping[str, str], at_ms: int) -> None:
        """Raise alarms of this kind for the epochs that are found now, by their text, and end those of all others."""
        standing = {each.epoch for each in self.standing_alarms(station) if each.kind == kind}
        for epoch in standing - found.keys():
            self._store.run_statement(
                "DELETE FROM alarm WHERE kind = ? AND station = ? AND epoch = ?", kind, station, epoch
            )
        for epoch in found.keys() - standing:
            self.raise_alarm(kind, station, epoch, found[epoch], at_ms=at_ms)

    def standing_alarms(self, station: str = "") -> list[Alarm]:
        """Return the alarms that stand, of one station or of all, the oldest first."""
        rows = self._store.read_rows(
            "SELECT kind, station, epoch, seq, text, at_ms, times FROM alarm WHERE station = ? OR ? = '' ORDER BY id",
            station,
            station,
        )
        return [Alarm(*row) for row in rows]

    def has_unnamed_difference(self, epoch: Epoch) -> bool:
        """Whether roots differ and nobody knows at which event."""
        return any(
            each.kind in ABOUT_ROOTS and each.epoch == epoch.name and each.seq is None
            for each in self.standing_alarms(epoch.station)
        )
