"""What makes a checkpoint worth a cosignature: its key, its root over the stored leaves, what was verified before."""

from collections.abc import Callable

from station.backoffice.store.alarms import AlarmKind, Alarms
from station.backoffice.store.candidates import Candidates
from station.backoffice.store.epochs import Epoch, KeptCheckpoint
from station.backoffice.store.store import Store
from station.backoffice.trust.keys import KeyNotApproved, StationKeys
from station.backoffice.witness.fitting import fitting_choice
from station.backoffice.witness.signatures import verified_lines, waiting_lines
from station.sealing import checkpoint as cosignature
from station.sealing.checkpoint import Checkpoint, Cosigned
from station.sealing.merkle import CompactRange
from station.sealing.note import NoteRefused, SigningKey, split_note


class Witness:
    """Settles pending checkpoints within a group, and cosigns, afterwards, what was settled."""

    def __init__(self, store: Store, keys: StationKeys, alarms: Alarms, key: SigningKey) -> None:
        self._store = store
        self._keys = keys
        self._alarms = alarms
        self._key = key
        self._candidates = Candidates(store)
        self._contradicting: dict[tuple[int, int, int], bool] = {}
        self.on_replaced: Callable[[Epoch, int], object] = lambda _epoch, _seq: None
        """Told of each event whose bytes gave way to those that the station signed."""

    @property
    def name(self) -> str:
        """The level of the topic `ack/<witness>`."""
        return self._key.name

    def keep_checkpoint(self, epoch: Epoch, found: Checkpoint, note: bytes) -> None:
        """Keep a checkpoint until its leaves are here. Raise `NoteRefused` where the station cannot have signed it.

        Of another note of the same tree the lines are kept beside those that wait; one that was refused waits anew.
        """
        rows = self._store.checkpoints_of(epoch, found.size)
        known = next((each for each in rows if each.root == found.root), None)
        if known is not None and known.state == "verified":
            return
        kept = known.note if known is not None else b""
        waiting = waiting_lines(self._keys.key_name(epoch.station), note, kept)
        if known is None or known.state == "pending" or waiting != known.note:
            self._store.keep_pending(epoch, found.size, found.root, waiting)

    def settle_pending(self, epoch: Epoch, at_ms: int) -> bool:
        """Look at every pending checkpoint whose leaves are all here, the smallest first; False if there was none."""
        is_settled = False
        while pending := self._store.checkpoints_in_state(epoch, "pending", epoch.contiguous + 1):
            if not self._keys.approved_keys(epoch.station):
                break
            for found in pending:
                self._rotate_keys(epoch, found.size, at_ms)
                self._settle_checkpoint(epoch, found, at_ms)
            is_settled = True
        return is_settled

    def cosign_largest(self, epoch: Epoch, at_s: int) -> None:
        """Cosign the largest verified checkpoint if that is not done, and only if it extends all we cosigned before.

        Call it outside of a group: what is cosigned must be durable before.
        """
        known = self._store.find_cosignature(epoch)
        if known is not None and (known[0] >= epoch.verified or not self._is_verified(epoch, known[1])):
            return
        if epoch.verified == 0:
            return
        found = next(each for each in self._store.checkpoints_of(epoch, epoch.verified) if each.state == "verified")
        signed = verified_lines(found.note, self._keys.keys_for_size(epoch, found.size))
        note = cosignature.cosign(signed, self._key, at_s)
        with self._store.group():
            self._store.add_cosignature(epoch, found.size, note, at_s)

    def standing_cosignature(self, epoch: Epoch, *, is_shorter: bool = False) -> bytes | None:
        """Return the newest cosignature, if what it covers holds here: with the station's lines and ours, no others.

        One that does not hold here is told as well where the station's journal is another one, or surely shorter
        (`is_shorter`): only from it does a station learn that it was rolled back past what we cosigned.
        Raise `NoteRefused` where none of the station's lines holds.
        """
        known = self._store.find_cosignature(epoch)
        if known is None:
            return None
        if not (is_shorter or self._is_verified(epoch, known[1]) or self._contradicts(epoch, *known)):
            return None
        return verified_lines(known[1], self._keys.keys_for_size(epoch, known[0]), beside=self._key.verifier)

    def take_own_cosignature(self, epoch: Epoch, found: Cosigned, note: bytes, at_ms: int) -> None:
        """Take in a cosignature of ours that stood at the broker: this database may have been put back since."""
        size = found.checkpoint.size
        if (known := self._store.find_cosignature(epoch, size)) is None:
            self._store.add_cosignature(epoch, size, note, found.at_s)
        elif _root_of(known[1]) != found.checkpoint.root:
            text = f"size {size}: we cosigned two roots; this database and another one were witness under one name"
            self._alarms.raise_alarm(AlarmKind.FORK, epoch.station, epoch.name, text, at_ms=at_ms)

    def _is_verified(self, epoch: Epoch, note: bytes) -> bool:
        found = Checkpoint.parse(split_note(note)[0])
        rows = self._store.checkpoints_of(epoch, found.size)
        return any(each.root == found.root and each.state == "verified" for each in rows)

    def _contradicts(self, epoch: Epoch, size: int, note: bytes) -> bool:
        """Whether the verified tree is larger than what we cosigned, and does not begin so."""
        if epoch.verified < size:
            return False
        place = (epoch.id, size, epoch.verified)
        if place not in self._contradicting:
            base = self._store.range_at_most(epoch.id, size)
            tree = base.extend(self._store.leaf_hashes(epoch, base.size, size))
            self._contradicting[place] = tree.root() != _root_of(note)
        return self._contradicting[place]

    def _rotate_keys(self, epoch: Epoch, size: int, at_ms: int) -> None:
        for rotation in self._keys.pending_rotations(epoch, size):
            try:
                self._keys.rotate_key(epoch, rotation, at_ms)
                self._store.reconsider_refused(epoch)  # the new key may have signed them
            except KeyNotApproved as error:
                text = f"event {rotation.seq}: asks for a key that is not taken: {error}; approve it by hand if it is"
                self._alarms.raise_alarm(
                    AlarmKind.ROTATION, epoch.station, epoch.name, text, at_ms=at_ms, seq=rotation.seq
                )

    def _settle_checkpoint(self, epoch: Epoch, found: KeptCheckpoint, at_ms: int) -> None:
        try:
            signed = verified_lines(found.note, self._keys.keys_for_size(epoch, found.size))
        except NoteRefused as error:
            fault = f"checkpoint {found.size}: {error}; must be signed by the key that is approved for the station"
            self._refuse_checkpoint(epoch, found, AlarmKind.SIGNATURE, fault, at_ms)
            return
        found = found._replace(note=signed)
        own = self._store.find_cosignature(epoch, found.size)
        if own is not None and _root_of(own[1]) != found.root:
            text = f"root {found.root.hex()} signed for size {found.size}: we cosigned another one for it"
            self._refuse_checkpoint(epoch, found, AlarmKind.FORK, text, at_ms)
            return
        base = self._store.range_at_most(epoch.id, found.size)
        hashes = list(self._store.leaf_hashes(epoch, base.size, found.size))
        tree = base.extend(hashes)
        if tree.root() != found.root:
            tree = self._replace_leaves(epoch, found, base, hashes, at_ms) or tree
        if tree.root() == found.root:
            self._store.settle_checkpoint(epoch, found, tree)
            self._candidates.forget_below(epoch, epoch.verified)
            return
        kind, text = self._describe_difference(epoch, found, base.size)
        self._refuse_checkpoint(epoch, found, kind, text, at_ms)

    def _replace_leaves(
        self, epoch: Epoch, found: KeptCheckpoint, base: CompactRange, hashes: list[bytes], at_ms: int
    ) -> CompactRange | None:
        """Take the bytes that the station signed where others came first; None where none that came give this root."""
        candidates = self._candidates.hashes_between(epoch, base.size, found.size) if epoch.disputed else {}
        if found.size <= epoch.verified or not candidates:
            return None
        fitting = fitting_choice(base, hashes, candidates, found.root)
        if fitting is None:
            return None
        choice, tree = fitting
        for seq in (each for each, hash in choice.items() if hash != hashes[each - base.size]):
            self._candidates.put_in_place(epoch, seq, choice[seq], at_ms)
            text = f"event {seq}: the station signed other bytes than came first; they are taken, the first are kept"
            self._alarms.raise_alarm(AlarmKind.REPLACED, epoch.station, epoch.name, text, at_ms=at_ms, seq=seq)
            self.on_replaced(epoch, seq)
        return tree

    def _describe_difference(self, epoch: Epoch, found: KeptCheckpoint, base_size: int) -> tuple[AlarmKind, str]:
        same = f"root {found.root.hex()} signed for size {found.size}"
        if base_size == found.size:
            return AlarmKind.FORK, f"{same}, which has another verified root: two histories are signed"
        if found.size < epoch.verified:
            return AlarmKind.SMALLER, f"{same} after size {epoch.verified}, which does not begin so"
        return AlarmKind.REWRITTEN, f"{same}: not that of the leaves that came; verified up to size {epoch.verified}"

    def _refuse_checkpoint(self, epoch: Epoch, found: KeptCheckpoint, kind: AlarmKind, text: str, at_ms: int) -> None:
        is_other_kind = kind is not AlarmKind.REWRITTEN
        self._store.settle_checkpoint(epoch, found, None, "refused" if is_other_kind else "unfitting")
        differing = self._store.read_rows("SELECT min(seq) FROM conflict WHERE epoch = ?", epoch.id)[0][0]
        is_below = differing is not None and differing < found.size and kind is not AlarmKind.SIGNATURE
        self._alarms.raise_alarm(
            kind, epoch.station, epoch.name, text, at_ms=at_ms, seq=differing if is_below else None
        )


def _root_of(note: bytes) -> bytes:
    return Checkpoint.parse(split_note(note)[0]).root
