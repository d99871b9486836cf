"""The journal of the release before the rooms: today's code reads it, comes to the same state, and finds it sound."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from click.testing import CliRunner
from rpds import HashTrieMap, HashTrieSet, List

from station.cli import main
from station.domain.core.event import Event
from station.domain.count.book import Book, Books
from station.domain.count.plan import Plan
from station.domain.station.leaf import decode, encode
from station.domain.station.state import Station
from station.journal.journal import FILE_NAME, Journal
from station.journal.reader import JournalCorrupt, Reader
from station.journal.replay import replay
from tests.journal.rows import SOURCE, WALL_MS, sql, without_triggers

KEPT = Path(__file__).parent / "before"
SHOWN_AGAIN_AFTER = 5
BEFORE: dict[str, Any] = json.loads((KEPT / "state.json").read_text("utf-8"))


def as_before(station: Station) -> dict[str, Any]:
    """Today's state in the fields of the `Station` of that release, as plain values.

    This is the only place that knows how the state lies today. Fields of the entry whose rules have changed since
    (`identified`, `leaving`, the door's `rex_until`) are left out, here as in `state.json`.
    """
    found = {name: _field_of_before(station, name) for name in BEFORE["station"]}
    before = BEFORE["station"]["entry"]
    entry = {name: found["entry"][name] for name in before}
    door = {name: entry["door"][name] for name in before["door"]}
    return found | {"entry": entry | {"door": door}}


def _field_of_before(station: Station, name: str) -> Any:
    newest = station.newest_own.get("entry")
    books = cast(Books | None, station.books) or Books()
    moved = {
        "plan_document": station.count.loaded_document,
        "unseen": station.session.unseen,
        "newest_entry": newest.event if newest else None,
        "entry_at": newest.at if newest else 0,
    }
    if name == "plan":
        return _plan_of_before(station.count.loaded, books.loaded)
    if name == "count":
        count = {each: plain(getattr(station.count, each)) for each in BEFORE["station"]["count"]}
        return count | {"plan": _plan_of_before(station.count.plan, books.opened)}
    if name in moved:
        return plain(moved[name])
    rooms = (station, station.lifecycle, station.people, station.commands)
    return plain(next(getattr(room, name) for room in rooms if hasattr(room, name)))


def _plan_of_before(plan: Plan | None, book: Book | None) -> Any:
    """A plan with what is expected in it, which stands in a book of its own today."""
    found = plain(plan)
    if plan is None or book is None:
        return found
    packages = [package | plain(book.expected[package["tag"]]) for package in found["packages"]]
    return found | {"packages": packages}


def plain(value: object) -> Any:
    """A value of the state as JSON has it; an event with its type."""
    if isinstance(value, Event):
        return {"type": value.TYPE, "data": plain_fields(value)}
    return plain_fields(value)


def plain_fields(value: object) -> Any:
    return json.loads(msgspec.json.encode(value, enc_hook=_persistent))


def _persistent(value: object) -> Any:
    match value:
        case HashTrieMap():
            return dict(value.items())
        case HashTrieSet():
            return sorted(value)
        case List():
            return list(value)
    raise NotImplementedError(type(value))


def sha256_of(state: dict[str, Any]) -> str:
    """The digest of a state in plain values, as `state.json` has it."""
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()


def replayed(directory: Path) -> dict[str, Any]:
    with closing(Reader.open_at(directory / FILE_NAME)) as reader:
        return as_before(replay(reader))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A copy of the journal as a station's data directory would have it."""
    (tmp_path / FILE_NAME).write_bytes(gzip.decompress((KEPT / "journal.db.gz").read_bytes()))
    return tmp_path


@pytest.fixture
def reader(directory: Path) -> Iterator[Reader]:
    with closing(Reader.open_at(directory / FILE_NAME)) as opened:
        yield opened


def test_it_opens_as_a_station_would_open_it(directory: Path) -> None:
    journal = Journal(directory)
    opened = journal.open(WALL_MS)
    journal.close()

    assert as_before(opened.station) == BEFORE["station"]
    assert (opened.epoch, opened.acked, opened.reason) == (BEFORE["epoch"], BEFORE["acked"], "")


def test_it_replays_from_its_snapshot_to_the_same_state(directory: Path) -> None:
    assert replayed(directory) == BEFORE["station"]


def test_it_replays_from_the_beginning_to_the_same_state(directory: Path) -> None:
    without_triggers(directory, "DELETE FROM snapshot")

    assert replayed(directory) == BEFORE["station"]


def test_its_snapshot_is_what_the_replay_begins_with(directory: Path) -> None:
    without_triggers(directory, "UPDATE event SET leaf = x'7b7d' WHERE seq < 1000")

    assert replayed(directory) == BEFORE["station"]
    without_triggers(directory, "DELETE FROM snapshot")
    with pytest.raises(JournalCorrupt):
        replayed(directory)


def test_it_comes_to_the_same_state_after_each_event_that_was_noted(directory: Path) -> None:
    noted = {int(seq): digest for seq, digest in BEFORE["states_sha256"].items()}
    differing = []
    triggers = sql(directory, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
    sql(directory, *(f"DROP TRIGGER {name}" for (name,) in triggers))
    for seq in sorted(noted, reverse=True):
        statements = ["PRAGMA synchronous = OFF", f"DELETE FROM event WHERE seq > {seq}"]
        # That release's snapshot forgot what the screen spoke of until the next events of the count and of the door.
        if seq < BEFORE["snapshot_seq"] + SHOWN_AGAIN_AFTER:
            statements.append("DELETE FROM snapshot")
        sql(directory, *statements)
        if sha256_of(replayed(directory)) != noted[seq]:
            differing.append(seq)

    assert differing == []
    assert len(noted) > 50


def test_its_leaves_are_the_bytes_that_were_sworn_to(reader: Reader) -> None:
    digest = hashlib.sha256()
    for _, leaf, _ in reader.stored_events():
        digest.update(leaf + b"\n")

    assert (digest.hexdigest(), reader.head()) == (BEFORE["leaves_sha256"], BEFORE["head"])


def test_each_of_its_events_would_be_written_in_the_same_bytes_today(reader: Reader) -> None:
    for seq, leaf, _ in reader.stored_events():
        assert encode(decode(leaf), SOURCE, BEFORE["epoch"]) == leaf, f"event {seq}"


def verified(directory: Path) -> tuple[int, dict[str, Any]]:
    """The exit code, and what `station verify` says of the journal: with the key of the state, and the witness's."""
    key = BEFORE["station"]["keys"][-1]
    words = ["verify", str(directory), "--key", key, "--witness", str(KEPT / "witness.txt"), "--json"]
    result = CliRunner().invoke(main, words)
    return result.exit_code, json.loads(result.output)


def test_it_verifies_as_it_did_then(directory: Path) -> None:
    then = json.loads((KEPT / "verified.json").read_text())
    exit_code, now = verified(directory)

    assert exit_code == 0
    assert now | then == now, "fields are only ever added"
    assert now["witnessed"][0]["size"] > BEFORE["snapshot_seq"]


def test_it_does_not_verify_with_one_event_changed(directory: Path) -> None:
    without_triggers(directory, "UPDATE event SET leaf = replace(leaf, 'sam', 'ana') WHERE seq = 98")
    exit_code, now = verified(directory)

    assert exit_code == 6
    assert now["fault"]


def test_it_holds_what_a_replay_can_get_wrong(reader: Reader) -> None:
    types = {decode(leaf).event.TYPE for _, leaf, _ in reader.stored_events()}
    station = BEFORE["station"]

    assert {"plan.loaded", "roster.loaded", "count.closed", "count.undone", "scan.refused", "entry.granted"} <= types
    assert {"message.received", "lockdown.set", "source.lost", "door.forced", "entry.denied", "epoch.began"} <= types
    assert (station["count"]["phase"], station["unseen"], station["lost"]) == ("paused", 2, {"pole": "unplugged"})
    assert None not in (station["message"], station["lockdown"], station["roster"], station["plan"])
    assert 0 < BEFORE["snapshot_seq"] < BEFORE["head"]
