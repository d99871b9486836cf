"""What people decided about epochs, as the store keeps it."""

import msgspec

from station.backoffice.store.epochs import Epoch
from station.backoffice.store.store import Store
from station.backoffice.trust.approvals import Decision, Verdict


class Decisions:
    """Keeps what people decide; call `keep_decision` within a group."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def epoch_of(self, decided: Decision) -> Epoch:
        """Return the epoch that is meant. Raise `ValueError` for one that nobody heard of."""
        found = self._store.find_epoch(decided.station, decided.epoch)
        if found is None:
            raise ValueError(f"{decided.station} {decided.epoch}: is no epoch here; see backoffice stations")
        return found

    def keep_decision(self, decided: Decision, at_ms: int) -> None:
        """Keep who decided what, and why."""
        self._store.run_statement(
            "INSERT INTO decision (verdict, station, epoch, reason, user, at_ms) VALUES (?, ?, ?, ?, ?, ?)",
            *msgspec.structs.astuple(decided),
            at_ms,
        )

    def accepted_epochs(self, station: str) -> set[str]:
        """Return the epochs of a station that a person accepted though they do not name the one before."""
        rows = self._store.read_rows(
            "SELECT epoch FROM decision WHERE station = ? AND verdict = ?", station, Verdict.ACCEPT
        )
        return {epoch for (epoch,) in rows}
