"""Recompute what a journal swears to: every leaf's hash, its place, its epoch and source."""

from pathlib import Path

import msgspec

from station.domain.leaf import Leaf
from station.journal.reader import READ_FAULTS, JournalCorrupt, Reader, checked


class Verified(msgspec.Struct, frozen=True):
    """What was checked; `fault` names the first event that is wrong, and is empty where all holds."""

    epoch: str
    events: int
    fault: str = ""


def verify_journal(path: Path) -> Verified:
    """Check every event of the journal at `path`, in order, up to the first fault."""
    reader, epoch, events = Reader.at(path), "", 0
    try:
        epoch = reader.epoch()
        for seq, leaf, kept_hash in reader.rows():
            checked(seq, leaf, kept_hash, events)
            _check_place(seq, leaf, epoch)
            events += 1
    except READ_FAULTS as fault:
        return Verified(epoch, events, str(fault))
    finally:
        reader.close()
    return Verified(epoch, events)


def _check_place(seq: int, leaf: bytes, epoch: str) -> None:
    found = msgspec.json.decode(leaf, type=Leaf)
    if found.epoch != epoch or found.id != f"{epoch}-{seq}":
        raise JournalCorrupt(f"event {seq}: is of epoch {found.epoch!r}; must be {epoch!r}")
