"""Different bytes for one seq: all of them are kept until a checkpoint of the station says which it swore to."""

from station.backoffice.store.epochs import Epoch
from station.backoffice.store.store import Store

OF_ONE_SEQ_MAX = 8
"""Beside the one that came first; where more come, the newest stay."""


class Candidates:
    """Keeps what came for disputed seqs that no verified tree covers; call it within a group."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def note_arrival(self, epoch: Epoch, seq: int, hash: bytes, leaf: bytes | None) -> None:
        """Bytes came for a disputed seq, for the first time or again: they are the newest now."""
        if seq < epoch.verified:
            return
        if seq not in epoch.disputed:
            epoch.disputed.add(seq)
            self._store.run_statement(
                "INSERT OR IGNORE INTO candidate SELECT epoch, seq, hash, leaf, 0 FROM leaf "
                "WHERE epoch = ? AND seq = ?",
                epoch.id,
                seq,
            )
        self._store.run_statement(
            "INSERT INTO candidate SELECT ?1, ?2, ?3, ?4, coalesce(max(arrival), 0) + 1 FROM candidate "
            "WHERE epoch = ?1 AND seq = ?2 ON CONFLICT (epoch, seq, hash) DO UPDATE SET arrival = excluded.arrival, "
            "leaf = coalesce(leaf, excluded.leaf)",
            epoch.id,
            seq,
            hash,
            leaf,
        )
        self._store.run_statement(
            "DELETE FROM candidate WHERE epoch = ?1 AND seq = ?2 AND hash NOT IN (SELECT hash FROM candidate "
            "WHERE epoch = ?1 AND seq = ?2 ORDER BY arrival DESC LIMIT ?3) "
            "AND hash <> (SELECT hash FROM leaf WHERE epoch = ?1 AND seq = ?2)",
            epoch.id,
            seq,
            OF_ONE_SEQ_MAX,
        )
        self._store.run_statement(
            "UPDATE checkpoint SET state = 'pending' WHERE epoch = ? AND state = 'unfitting' AND size > ?",
            epoch.id,
            seq,
        )

    def hashes_between(self, epoch: Epoch, first: int, end: int) -> dict[int, list[bytes]]:
        """Return the hashes that came for each disputed seq of first..end-1, the newest first."""
        rows = self._store.read_rows(
            "SELECT seq, hash FROM candidate WHERE epoch = ? AND seq >= ? AND seq < ? ORDER BY seq, arrival DESC",
            epoch.id,
            first,
            end,
        )
        found: dict[int, list[bytes]] = {}
        for seq, hash in rows:
            found.setdefault(seq, []).append(hash)
        return found

    def put_in_place(self, epoch: Epoch, seq: int, hash: bytes, at_ms: int) -> None:
        """Put these bytes in the place of those that came first, which stay as evidence."""
        self._store.run_statement(
            "INSERT OR IGNORE INTO conflict SELECT epoch, seq, hash, leaf, ? FROM leaf WHERE epoch = ? AND seq = ?",
            at_ms,
            epoch.id,
            seq,
        )
        self._store.run_statement(
            "UPDATE leaf SET (hash, leaf) = (SELECT hash, leaf FROM candidate WHERE epoch = ?1 AND seq = ?2 "
            "AND hash = ?3) WHERE epoch = ?1 AND seq = ?2",
            epoch.id,
            seq,
            hash,
        )

    def forget_below(self, epoch: Epoch, size: int) -> None:
        """A verified tree of this size says which bytes are sworn: there is nothing to choose any more."""
        if settled := {seq for seq in epoch.disputed if seq < size}:
            epoch.disputed -= settled
            self._store.run_statement("DELETE FROM candidate WHERE epoch = ? AND seq < ?", epoch.id, size)
