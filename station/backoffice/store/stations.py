"""What stations say of themselves: which journal is theirs now, their key, when they last said anything."""

from typing import NamedTuple

from station.backoffice.store.epochs import Epoch
from station.backoffice.store.store import Store


class Said(NamedTuple):
    """What a station last said of itself."""

    name: str
    key: str = ""
    epoch: str = ""
    state: str = ""
    seen_ms: int = 0


class Stations:
    """Reads and keeps what stations say of themselves; call `keep_said` within a group."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep_said(self, station: str, seen_ms: int, *, key: str = "", epoch: str = "", state: str = "") -> None:
        """Keep what a station said; what is empty stays as it was."""
        known = self.said_by(station)
        self._store.run_statement(
            "INSERT OR REPLACE INTO station (name, key, epoch, state, seen_ms) VALUES (?, ?, ?, ?, ?)",
            station,
            key or known.key,
            epoch or known.epoch,
            state or known.state,
            max(seen_ms, known.seen_ms),
        )

    def said_by(self, station: str) -> Said:
        """Return what a station said, empty where it said nothing."""
        rows = self._store.read_rows("SELECT name, key, epoch, state, seen_ms FROM station WHERE name = ?", station)
        return Said(*rows[0]) if rows else Said(station)

    def station_names(self) -> list[str]:
        """Return every station that ever said anything."""
        return [name for (name,) in self._store.read_rows("SELECT name FROM station ORDER BY name")]

    def current_epoch(self, station: str) -> str:
        """Return the epoch that a station writes now; empty where none is known.

        That which it names last, unless a later one names that as its past: then the newest heard of. Only what a
        station signed says what is past.
        """
        named = self.said_by(station).epoch
        epochs = self._store.epochs_of(station)
        past = {each.previous for each in epochs if each.verified}
        if named and named not in past:
            return named
        return next((each.name for each in reversed(epochs) if each.name not in past), "")

    def signed_epoch(self, station: str) -> Epoch | None:
        """Return the newest epoch of which a signed tree holds, and that none such names as its past."""
        signed = [each for each in self._store.epochs_of(station) if each.verified]
        past = {each.previous for each in signed}
        return next((each for each in reversed(signed) if each.name not in past), None)

    def epochs_at_work(self, station: str) -> list[Epoch]:
        """The epoch that the station names, and the newest that it signed: who made up the one is not heard alone."""
        named = self._store.find_epoch(station, self.current_epoch(station))
        signed = self.signed_epoch(station)
        found = {each.id: each for each in (named, signed) if each is not None}
        return list(found.values())
