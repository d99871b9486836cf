"""`backoffice verify`: recompute everything that is stored, from its bytes."""

from collections.abc import Iterator

import msgspec

from station.backoffice.store.epochs import Epoch, KeptCheckpoint
from station.backoffice.store.leaves import read_stored
from station.backoffice.store.stations import Stations
from station.backoffice.store.store import ROWS_MAX, Store
from station.backoffice.trust.keys import StationKeys
from station.sealing.checkpoint import open_checkpoint, open_cosigned
from station.sealing.merkle import CompactRange, leaf_hash
from station.sealing.note import NoteRefused, VerifierKey


class Audited(msgspec.Struct, frozen=True):
    """What was checked of one epoch; `fault` is the first one, empty where all holds."""

    station: str
    epoch: str
    events: int
    checkpoints: int
    fault: str = ""


class _Fault(Exception):
    """The first fault of an epoch."""


class Audit:
    """Checks the leaves, the roots and signatures of checkpoints, and the cosignatures by `witness`."""

    def __init__(self, store: Store, site: str, witness: VerifierKey) -> None:
        self._store = store
        self._keys = StationKeys(store, site)
        self._witness = witness

    def audit_epochs(self, station: str = "") -> Iterator[Audited]:
        """Check each epoch of one station, or of all, and yield what is found of it."""
        names = [station] if station else Stations(self._store).station_names()
        for epoch in (each for name in names for each in self._store.epochs_of(name)):
            yield self._audit_epoch(epoch)

    def _audit_epoch(self, epoch: Epoch) -> Audited:
        walk = _Walk()
        fault = ""
        try:
            self._check_epoch(epoch, walk)
        except (_Fault, NoteRefused) as found:
            fault = str(found)
        return Audited(epoch.station, epoch.name, walk.events, walk.checkpoints, fault)

    def _check_epoch(self, epoch: Epoch, walk: "_Walk") -> None:
        cosigned = self._store.find_cosignature(epoch)  # first: a receiver may be writing meanwhile
        for seq, kept, leaf in self._store.stored_leaves(epoch):
            self._check_leaf(epoch, seq, kept, leaf)
            walk.events += 1
            if seq == walk.tree.size + len(walk.hashes):
                walk.hashes.append(kept)
            if len(walk.hashes) == ROWS_MAX:
                self._check_checkpoints(epoch, walk)
        self._check_checkpoints(epoch, walk)
        size, expected = walk.tree.size, max(epoch.contiguous + 1, epoch.verified, cosigned[0] if cosigned else 0)
        if size < expected:
            raise _Fault(f"event {size}: is missing; {expected - 1} and all before it were here or were cosigned")
        if cosigned is not None:
            self._check_cosignature(epoch, cosigned[1])

    def _check_leaf(self, epoch: Epoch, seq: int, kept: bytes, leaf: bytes | None) -> None:
        if leaf is None:
            return
        if leaf_hash(leaf) != kept:
            raise _Fault(f"event {seq}: its bytes are not those that were hashed")
        event = read_stored(leaf)
        if event is None or (event.epoch, event.seq) != (epoch.name, seq):
            raise _Fault(f"event {seq}: its leaf says that it is another")

    def _check_checkpoints(self, epoch: Epoch, walk: "_Walk") -> None:
        """Append the hashes, stopping at each size of which a verified checkpoint speaks."""
        first = walk.tree.size
        for found in self._store.verified_between(epoch, first + 1, first + len(walk.hashes)):
            walk.tree = walk.tree.extend(walk.hashes[walk.tree.size - first : found.size - first])
            self._check_checkpoint(epoch, found, walk.tree)
            walk.checkpoints += 1
        walk.tree = walk.tree.extend(walk.hashes[walk.tree.size - first :])
        walk.hashes.clear()

    def _check_checkpoint(self, epoch: Epoch, found: KeptCheckpoint, tree: CompactRange) -> None:
        opened = open_checkpoint(found.note, self._keys.keys_for_size(epoch, found.size))
        stated = (opened.origin, opened.size, opened.root)
        if stated != (self._keys.origin_of(epoch), found.size, tree.root()):
            where = f"events {self._store.range_at_most(epoch.id, found.size - 1).size}..{found.size - 1}"
            raise _Fault(f"{where}: checkpoint {found.size} has another root than the leaves")

    def _check_cosignature(self, epoch: Epoch, note: bytes) -> None:
        found = open_cosigned(note, self._witness).checkpoint
        rows = self._store.checkpoints_of(epoch, found.size)
        if not any(each.root == found.root and each.state == "verified" for each in rows):
            raise _Fault(f"checkpoint {found.size}: was cosigned, and is not among the verified ones")


class _Walk:
    """How far the leaves of an epoch have been read: `hashes` follow the tree and are not in it yet."""

    def __init__(self) -> None:
        self.tree = CompactRange.EMPTY
        self.hashes: list[bytes] = []
        self.events = 0
        self.checkpoints = 0
