"""A journal -> its access log; every leaf is held to the hash that was kept of it."""

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from station.domain.core.decider import Recorded
from station.domain.people import roster as rosters
from station.domain.people.events import RosterLoaded
from station.domain.station.leaf import Leaf
from station.domain.station.state import Station
from station.journal.reader import JournalCorrupt, Reader, checked_event
from station.reports.access.fold import Origin, log_of
from station.reports.access.log import Log
from station.reports.access.span import Span
from station.sealing.checkpoint import Checkpoint
from station.sealing.note import split_note


def read_log(reader: Reader, today: Station, span: Span, made_ms: int) -> Log:
    """The log of the span; raise `READ_FAULTS` where the journal is not as it was written.

    `today` is the state after the newest event.
    """
    origin = _origin_of(reader)
    if reader.pruned_below() > 0:
        origin = replace(origin, policy=today.entry.policy, roster=today.people.roster)
    return log_of(_recorded_events(reader), origin, span, made_ms)


def _recorded_events(reader: Reader) -> Iterator[Recorded]:
    expected = None
    for seq, leaf, kept_hash in reader.stored_events():
        recorded = checked_event(seq, leaf, kept_hash, seq if expected is None else expected)
        expected = seq + 1
        if isinstance(recorded.event, RosterLoaded):
            recorded = replace(recorded, document=_stored_roster(reader, recorded.event.document))
        yield recorded


def _stored_roster(reader: Reader, sha256: str) -> rosters.Roster:
    raw = reader.document(sha256)
    if raw is None:
        raise JournalCorrupt(f"document {sha256}: an event names it; it is not there")
    return rosters.stored(raw)


def _origin_of(reader: Reader) -> Origin:
    leaves = reader.leaves(0, 1)
    source = msgspec.json.decode(leaves[0][1], type=Leaf).source if leaves else ""
    newest = reader.newest_checkpoint() if reader.keeps_checkpoints() else None
    if newest is None:
        return Origin(source, reader.epoch())
    checkpoint = Checkpoint.parse(split_note(newest[1])[0])
    return Origin(source, reader.epoch(), checkpoint.size, checkpoint.root.hex())
