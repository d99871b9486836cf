"""Which key may sign for a station: approved by a person, or by the key before it."""

from typing import NamedTuple

from station.backoffice.store.epochs import Epoch
from station.backoffice.store.store import Store
from station.sealing.note import ED25519, NoteRefused, VerifierKey, open_note

ROTATION_LINE = "custody-station key rotation"


class KeyNotApproved(ValueError):
    """A key that cannot be this station's; the text says why."""


class Rotation(NamedTuple):
    """What a `key.rotated` event asks for."""

    seq: int
    key: str
    note: str


def rotation_text(origin: str, key: str) -> bytes:
    """Return the text by which the old key approves the new one."""
    return f"{ROTATION_LINE}\n{origin}\n{key}\n".encode()


class StationKeys:
    """The keys that are approved for each station, as the store keeps them."""

    def __init__(self, store: Store, site: str) -> None:
        self._store = store
        self._site = site

    def parse_key(self, station: str, text: str) -> VerifierKey:
        """Parse a verifier key that is to be this station's. Raise `KeyNotApproved`."""
        expected = self.key_name(station)
        try:
            key = VerifierKey.parse(text)
        except ValueError as error:
            raise KeyNotApproved(str(error)) from None
        if key.name != expected or key.algorithm != ED25519:
            raise KeyNotApproved(f"key {key.name}: must be an Ed25519 key called {expected}")
        return key

    def key_name(self, station: str) -> str:
        """Return the name that each key of this station has, and each of its signature lines."""
        return f"custody/{self._site}/{station}"

    def origin_of(self, epoch: Epoch) -> str:
        """Return the origin of this epoch's checkpoints."""
        return f"custody/{self._site}/{epoch.station}/{epoch.name}"

    def check_not_rotated_away(self, station: str, key: VerifierKey) -> None:
        """Raise `KeyNotApproved` for a key that swore to the one after it: it signs nothing more."""
        rows = self._store.read_rows(
            "SELECT until_epoch, until_seq FROM approved WHERE station = ? AND key = ? AND until_epoch IS NOT NULL",
            station,
            str(key),
        )
        if rows:
            raise KeyNotApproved(
                f"key {key.fingerprint}: was rotated away at event {rows[0][1]} of epoch {rows[0][0]}; must be the one "
                "that the station has now: where it lost that one, let it make a new key, and approve that"
            )

    def approve_key(self, station: str, key: VerifierKey, at_ms: int, how: str = "approved") -> None:
        """From now on what this key signed counts, also what came before. Raise `KeyNotApproved` for a former one."""
        self.check_not_rotated_away(station, key)
        self._store.run_statement(
            "INSERT INTO approved (station, key, approved_ms, how) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            station,
            str(key),
            at_ms,
            how,
        )

    def approved_keys(self, station: str) -> list[VerifierKey]:
        """Return every key that was ever approved for a station."""
        rows = self._store.read_rows("SELECT key FROM approved WHERE station = ? ORDER BY approved_ms", station)
        return [VerifierKey.parse(text) for (text,) in rows]

    def keys_for_size(self, epoch: Epoch, size: int) -> list[VerifierKey]:
        """Return the keys that may sign a tree of this size: one that was rotated away signs at most that event."""
        rows = self._store.read_rows(
            "SELECT key FROM approved WHERE station = ? AND "
            "(until_epoch IS NULL OR (until_epoch = ? AND ? <= until_seq + 1) OR "
            "(SELECT id FROM epoch WHERE station = approved.station AND name = until_epoch) > ?) ORDER BY approved_ms",
            epoch.station,
            epoch.name,
            size,
            epoch.id,
        )
        return [VerifierKey.parse(text) for (text,) in rows]

    def keep_rotation(self, epoch: Epoch, rotation: Rotation) -> None:
        """Keep a rotation that an event asks for until all events before it are here."""
        self._store.run_statement(
            "INSERT INTO rotation VALUES (?, ?, ?, ?, 'pending') ON CONFLICT (epoch, seq) DO UPDATE SET "
            "key = excluded.key, note = excluded.note, state = 'pending' WHERE state = 'refused'",
            epoch.id,
            rotation.seq,
            rotation.key,
            rotation.note,
        )

    def forget_rotation(self, epoch: Epoch, seq: int) -> None:
        """The event was none that the station signed; a key that came by it was signed by the one before, and stays."""
        self._store.run_statement("UPDATE rotation SET state = 'refused' WHERE epoch = ? AND seq = ?", epoch.id, seq)

    def pending_rotations(self, epoch: Epoch, size: int) -> list[Rotation]:
        """Return the rotations below `size` that were not looked at yet, in order."""
        rows = self._store.read_rows(
            "SELECT seq, key, note FROM rotation WHERE epoch = ? AND seq < ? AND state = 'pending' ORDER BY seq",
            epoch.id,
            size,
        )
        return [Rotation(*row) for row in rows]

    def rotate_key(self, epoch: Epoch, rotation: Rotation, at_ms: int) -> None:
        """Approve the new key if the old one says so. Raise `KeyNotApproved`; either way it is looked at once."""
        self._store.run_statement(
            "UPDATE rotation SET state = 'refused' WHERE epoch = ? AND seq = ?", epoch.id, rotation.seq
        )
        key = self.parse_key(epoch.station, rotation.key)
        try:
            opened = open_note(rotation.note.encode(), self.keys_for_size(epoch, rotation.seq + 1))
        except (NoteRefused, UnicodeEncodeError) as error:
            raise KeyNotApproved(f"its note is not by the key before it: {error}") from None
        if opened.text != rotation_text(self.origin_of(epoch), str(key)):
            raise KeyNotApproved("its note speaks of another epoch or key")
        self._store.run_statement(
            "UPDATE rotation SET state = 'taken' WHERE epoch = ? AND seq = ?", epoch.id, rotation.seq
        )
        self.approve_key(epoch.station, key, at_ms, "rotated")
        for old in opened.signed_by:
            self._store.run_statement(
                "UPDATE approved SET until_epoch = ?, until_seq = ? WHERE station = ? AND key = ? AND key <> ?",
                epoch.name,
                rotation.seq,
                epoch.station,
                str(old),
                str(key),
            )
