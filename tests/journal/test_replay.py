"""Events -> state: from the first one, or from a snapshot; the same either way."""

import hashlib
import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from station.domain.core.event import Event
from station.domain.count.book import read_plan
from station.domain.count.events import CountClosed, CountOpened, PlanLoaded
from station.domain.lifecycle.events import SourceWentAway, StationStarted
from station.domain.session.events import ScanRefused
from station.domain.station.state import INITIAL, Station, evolve
from station.journal import snapshot
from station.journal.journal import FILE_NAME, Journal, Snapshot
from station.journal.reader import JournalCorrupt, Reader
from station.journal.replay import replay
from tests.journal.rows import (
    LOCATED,
    OPENED,
    STARTED,
    WALL_MS,
    count_events,
    recorded,
    rows,
    scanned,
    tag,
    without_triggers,
)
from tests.snapshots import decoded

PLAN = json.dumps(
    {
        "plan": "P-1",
        "version": 2,
        "kind": "guided",
        "location": "Vault A",
        "packages": [{"tag": tag(number), "item": "Cart 1 g", "unit": "ea"} for number in range(5)],
    }
).encode()
PLAN_SHA256 = hashlib.sha256(PLAN).hexdigest()
LOADED = PlanLoaded("P-1", 2, 5, PLAN_SHA256, "root")
SESSION = [
    STARTED,
    SourceWentAway("pole", "unplugged"),
    OPENED,
    LOCATED,
    scanned(1),
    ScanRefused("gun", "foreign_code", "978", times=3),
    CountClosed("C000001", 1, 0),
    LOADED,
    ScanRefused("gun", "no_session", "1A4"),
]
AFTER = [StationStarted("1.1", "others", False, WALL_MS + 5, "rtc"), CountOpened("C000002", "guided", "P-1", 2, 5)]


def states(events: list[Event]) -> Station:
    """What the events come to, by evolve alone."""
    station = INITIAL
    for seq, event in enumerate(events):
        known = recorded(seq, event)
        if isinstance(event, PlanLoaded):
            known = replace(known, document=PLAN_)
        station = evolve(station, known)
    return station


PLAN_ = read_plan(PLAN)


def journal_of(directory: Path, events: list[Event], snapshot_after: int | None = None, raw: bytes = b"") -> Station:
    """Write these events, with a snapshot after so many of them; the state that a new start replays."""
    journal = Journal(directory)
    epoch = journal.open(WALL_MS).epoch
    kept = None
    if snapshot_after is not None:
        kept = Snapshot(snapshot_after - 1, raw or snapshot.encode(states(events[:snapshot_after])))
    journal.append(rows(0, events, epoch), [(PLAN_SHA256, PLAN)], kept)
    journal.close()
    return replayed(directory)


def replayed(directory: Path) -> Station:
    reader = Reader.open_at(directory / FILE_NAME)
    try:
        return replay(reader)
    finally:
        reader.close()


def test_a_replay_comes_to_what_the_events_came_to(tmp_path: Path) -> None:
    assert journal_of(tmp_path, SESSION) == states(SESSION)


def test_an_open_count_goes_on_where_it_was(tmp_path: Path) -> None:
    station = journal_of(tmp_path, count_events(250))

    assert len(station.count.packages) == 250
    assert (station.count.session, station.count.location, station.seq) == ("C000001", "Vault A", 252)


def test_a_plan_is_read_from_its_document(tmp_path: Path) -> None:
    station = journal_of(tmp_path, SESSION)

    assert station.count.loaded == PLAN_.plan
    assert station.count.loaded_document == PLAN_SHA256


@pytest.mark.parametrize("snapshot_after", [1, 2, 7, 8, 9])
def test_a_snapshot_and_the_events_after_it_come_to_the_same_as_all_events(tmp_path: Path, snapshot_after: int) -> None:
    assert journal_of(tmp_path, SESSION + AFTER, snapshot_after) == states(SESSION + AFTER)


def test_a_snapshot_is_what_a_start_begins_from(tmp_path: Path) -> None:
    journal_of(tmp_path, SESSION, 8)
    # What stands before it is not even looked at.
    without_triggers(tmp_path, "UPDATE event SET leaf = x'00' WHERE seq < 5")

    assert replayed(tmp_path).session.unseen == states(SESSION).session.unseen


def test_a_snapshot_of_another_version_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal_of(tmp_path, SESSION, 8)
    monkeypatch.setattr(snapshot, "READ", (snapshot.VERSION + 1,))

    assert replayed(tmp_path) == states(SESSION)
    without_triggers(tmp_path, "UPDATE event SET leaf = x'00' WHERE seq = 1")
    with pytest.raises(JournalCorrupt, match="event 1: its bytes are not those that were hashed"):
        replayed(tmp_path)


@pytest.mark.parametrize("raw", [b"{}", b"\x00" * 40, snapshot.encode(states(SESSION[:2]))[:-1] + b" "])
def test_a_snapshot_that_is_not_as_written_is_ignored(tmp_path: Path, raw: bytes) -> None:
    assert journal_of(tmp_path, SESSION, 2, raw) == states(SESSION)


def test_no_flipped_bit_of_a_snapshot_becomes_a_state() -> None:
    raw = snapshot.encode(states(SESSION[:2]))
    for at in range(0, len(raw) * 8, 7):
        flipped = bytearray(raw)
        flipped[at // 8] ^= 1 << at % 8
        with pytest.raises(snapshot.NotAsWritten):
            decoded(bytes(flipped))
    assert decoded(raw).seq == 1


def test_a_snapshot_beyond_the_newest_event_is_ignored(tmp_path: Path) -> None:
    station = journal_of(tmp_path, SESSION[:3], 3, snapshot.encode(states(SESSION)))

    assert station == states(SESSION[:3])


def test_snapshots_are_for_the_time_between_sessions() -> None:
    assert snapshot.can_snapshot(states(SESSION))
    assert not snapshot.can_snapshot(states(SESSION[:3]))


def test_a_document_that_is_missing_or_rotted_is_corruption(tmp_path: Path) -> None:
    journal_of(tmp_path, SESSION)
    rotted = PLAN.replace(b"Cart", b"Card").hex()
    without_triggers(tmp_path, f"UPDATE document SET content = x'{rotted}'")
    with pytest.raises(JournalCorrupt, match="its bytes are not those that were hashed"):
        replayed(tmp_path)

    without_triggers(tmp_path, "DELETE FROM document")
    with pytest.raises(JournalCorrupt, match="an event names it; it is not there"):
        replayed(tmp_path)


@pytest.mark.parametrize(
    ("rot", "what"),
    [
        ("UPDATE epoch SET name = '20261123T140405Z-0000'", "is of epoch"),
        ("UPDATE event SET acked = 8 WHERE seq = 8", "says that 8 was sent"),
        ("UPDATE event SET acked = -2 WHERE seq = 8", "says that -2 was sent"),
        ("UPDATE event SET acked = x'07' WHERE seq = 8", "was sent"),
        ("UPDATE event SET hash = x'07' WHERE seq = 3", "event 3: its bytes are not those that were hashed"),
        ("DELETE FROM event WHERE seq = 4", "event 5: must be 4; rows are missing"),
        ("UPDATE event SET seq = seq + 1 WHERE seq = 8", "event 9: must be 8"),
    ],
)
def test_every_column_is_held_to_the_others(tmp_path: Path, rot: str, what: str) -> None:
    journal_of(tmp_path, SESSION)
    without_triggers(tmp_path, rot)
    reader = Reader.open_at(tmp_path / FILE_NAME)

    with pytest.raises(JournalCorrupt, match=what):
        (replay(reader), reader.acked())

    reader.close()
