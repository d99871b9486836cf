"""Events -> state: how a station is again what it was. From the newest snapshot, checking every leaf on the way."""

import msgspec

from station.domain import plan as plans
from station.domain.decider import Recorded
from station.domain.station import INITIAL, Station, evolve
from station.journal import snapshot
from station.journal.reader import JournalCorrupt, Reader, checked


def replay(reader: Reader) -> Station:
    """The state after the newest event; raise `JournalCorrupt` where an event is not what was written."""
    station = _from_snapshot(reader)
    for seq, leaf, kept_hash in reader.rows(station.seq + 1):
        station = evolve(station, _recorded(reader, checked(seq, leaf, kept_hash, station.seq + 1)))
    return station


def _recorded(reader: Reader, recorded: Recorded) -> Recorded:
    named = getattr(recorded.event, "document", "")
    return msgspec.structs.replace(recorded, document=_plan(reader, named)) if named else recorded


def _from_snapshot(reader: Reader) -> Station:
    kept = reader.snapshot(snapshot.VERSION)
    if kept is None:
        return INITIAL
    try:
        return snapshot.decode(kept, _plan(reader, snapshot.document_of(kept)))
    except msgspec.MsgspecError:
        return INITIAL


def _plan(reader: Reader, sha256: str) -> plans.Plan | None:
    if not sha256:
        return None
    content = reader.document(sha256)
    if content is None:
        raise JournalCorrupt(f"document {sha256}: an event names it; it is not there")
    return plans.parse(content)
