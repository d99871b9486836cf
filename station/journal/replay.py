"""Events -> state: how a station is again what it was. From the newest snapshot, checking every leaf on the way."""

import hashlib

import msgspec

from station.domain.core.decider import Recorded
from station.domain.station.duties import DOCUMENT_OF
from station.domain.station.leaf import Leaf
from station.domain.station.state import INITIAL, Station, evolve
from station.journal import snapshot
from station.journal.reader import JournalCorrupt, Reader, checked_event


def replay(reader: Reader) -> Station:
    """The state after the newest event; raise `JournalCorrupt` where an event is not what was written."""
    station = _from_snapshot(reader)
    if station.seq > reader.head():
        station = INITIAL
    for seq, leaf, kept_hash in reader.stored_events(station.seq + 1):
        recorded = checked_event(seq, leaf, kept_hash, station.seq + 1)
        station = evolve(station, with_document(reader, recorded))
    _check_epoch(reader, station.seq)
    return station


def _check_epoch(reader: Reader, head: int) -> None:
    """The epoch's name stands in a row of its own, that nothing else would hold to the leaves."""
    for seq, leaf in reader.leaves(head):
        named = msgspec.json.decode(leaf, type=Leaf).epoch
        if named != reader.epoch():
            raise JournalCorrupt(f"event {seq}: is of epoch {named!r}; the journal says {reader.epoch()!r}")


def with_document(reader: Reader, recorded: Recorded) -> Recorded:
    """The event with the document that it names, read again."""
    kind = DOCUMENT_OF.get(type(recorded.event))
    if kind is None:
        return recorded
    content = _document(reader, getattr(recorded.event, "document", ""))
    return msgspec.structs.replace(recorded, document=kind.stored(content))


def _from_snapshot(reader: Reader) -> Station:
    for version in snapshot.READ:
        kept = reader.snapshot(version)
        if kept is None:
            continue
        try:
            return snapshot.decode(kept, version, lambda sha256: _document(reader, sha256))
        except (msgspec.MsgspecError, snapshot.NotAsWritten):
            continue
    return INITIAL


def _document(reader: Reader, sha256: str) -> bytes:
    content = reader.document(sha256)
    if content is None:
        raise JournalCorrupt(f"document {sha256}: an event names it; it is not there")
    if hashlib.sha256(content).hexdigest() != sha256:
        raise JournalCorrupt(f"document {sha256}: its bytes are not those that were hashed")
    return content
