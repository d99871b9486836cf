"""Recompute what a journal swears to: every leaf's hash, its place, its epoch and source."""

from pathlib import Path

import msgspec

from station.domain.leaf import Leaf
from station.journal.reader import JournalCorrupt, Reader, checked


class Verified(msgspec.Struct, frozen=True):
    """What was checked; `fault` names the first event that is wrong, and is empty where all holds."""

    epoch: str
    events: int
    fault: str = ""


def verify_journal(path: Path) -> Verified:
    """Check every event of the journal at `path`, in order, up to the first fault."""
    reader = Reader.at(path)
    epoch, events = reader.epoch(), 0
    try:
        for seq, leaf, kept_hash in reader.rows():
            checked(seq, leaf, kept_hash, events)
            _check_place(seq, leaf, epoch)
            events += 1
    except JournalCorrupt as corrupt:
        return Verified(epoch, events, str(corrupt))
    finally:
        reader.close()
    return Verified(epoch, events)


def _check_place(seq: int, leaf: bytes, epoch: str) -> None:
    found = msgspec.json.decode(leaf, type=Leaf)
    if found.epoch != epoch or found.id != f"{epoch}-{seq}":
        raise JournalCorrupt(f"event {seq}: is of epoch {found.epoch!r}; must be {epoch!r}")
