"""Events -> state: how a station is again what it was. From the newest snapshot, checking every leaf on the way."""

import hashlib

import msgspec

from station.domain.core.decider import Recorded
from station.domain.count import plan as plans
from station.domain.count.events import PlanLoaded
from station.domain.people import roster as rosters
from station.domain.people.events import RosterLoaded
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
        station = evolve(station, _recorded(reader, checked_event(seq, leaf, kept_hash, station.seq + 1)))
    _check_epoch(reader, station.seq)
    return station


def _check_epoch(reader: Reader, head: int) -> None:
    """The epoch's name stands in a row of its own, that nothing else would hold to the leaves."""
    for seq, leaf in reader.leaves(head):
        named = msgspec.json.decode(leaf, type=Leaf).epoch
        if named != reader.epoch():
            raise JournalCorrupt(f"event {seq}: is of epoch {named!r}; the journal says {reader.epoch()!r}")


def _recorded(reader: Reader, recorded: Recorded) -> Recorded:
    match recorded.event:
        case PlanLoaded(document=named):
            return msgspec.structs.replace(recorded, document=_plan(reader, named))
        case RosterLoaded(document=named):
            return msgspec.structs.replace(recorded, document=_roster(reader, named))
        case _:
            return recorded


def _from_snapshot(reader: Reader) -> Station:
    kept = reader.snapshot(snapshot.VERSION)
    if kept is None:
        return INITIAL
    try:
        plan, roster = snapshot.documents_of(kept)
        return snapshot.decode(kept, _plan(reader, plan), _roster(reader, roster))
    except (msgspec.MsgspecError, snapshot.NotAsWritten):
        return INITIAL


def _plan(reader: Reader, sha256: str) -> plans.Plan | None:
    return plans.stored(_document(reader, sha256)) if sha256 else None


def _roster(reader: Reader, sha256: str) -> rosters.Roster | None:
    return rosters.stored(_document(reader, sha256)) if sha256 else None


def _document(reader: Reader, sha256: str) -> bytes:
    content = reader.document(sha256)
    if content is None:
        raise JournalCorrupt(f"document {sha256}: an event names it; it is not there")
    if hashlib.sha256(content).hexdigest() != sha256:
        raise JournalCorrupt(f"document {sha256}: its bytes are not those that were hashed")
    return content
