"""Leaves looked at by themselves: one verdict from bytes and from reading, from one processor and from several."""

import os
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from station.domain.core.event import Event
from station.domain.lifecycle.events import StationStopped
from station.domain.station.leaf import encode
from station.evidence import leaves
from station.evidence.leaves import Chunk, LeafPlace
from station.evidence.verify import verify_journal
from station.journal.journal import FILE_NAME, Journal
from station.journal.reader import Reader
from station.sealing.merkle import Subtrees, leaf_hash
from tests.domain.samples import SAMPLES
from tests.journal.rows import SOURCE, WALL_MS, count_events, recorded, rows, without_triggers

EPOCH = "20261123T140405Z-7f3a"
PLACE = LeafPlace(SOURCE, EPOCH)


def row(seq: int, event: Event, **changed: object) -> tuple[int, bytes, bytes]:
    leaf = encode(recorded(seq, event), SOURCE, EPOCH)
    if changed:
        leaf = msgspec.json.encode(msgspec.json.decode(leaf) | changed)
    return seq, leaf, leaf_hash(leaf)


def looked_at(*made: tuple[int, bytes, bytes], first: int = 0) -> Chunk:
    return leaves.looked_at(first, made, PLACE)


def plain_rows(count: int) -> list[tuple[int, bytes, bytes]]:
    return [row(seq, StationStopped("x")) for seq in range(count)]


def test_where_a_seq_has_one_digit_more_leaves_are_as_plain_as_elsewhere() -> None:
    for first in (0, 5, 10, 95, 990):
        chunk = looked_at(*plain_rows(1_010)[first:], first=first)
        assert (chunk.fault, chunk.telling, chunk.subtrees.end) == ("", [], 1_010)


@pytest.mark.parametrize("seq", [0, 9, 10, 127, 128, 130, 299])
def test_one_that_is_odd_among_many_is_seen_wherever_it_stands(seq: int) -> None:
    made = plain_rows(300)
    text: Any = made[seq][1].decode()
    for wrong, fault in (
        (row(seq, StationStopped("x"), id=f"{EPOCH}-{seq + 1}"), f"event {seq}: is of epoch"),
        (row(seq, StationStopped("x"), source="/custody/x/y"), f"event {seq}: is of '/custody/x/y'"),
        ((seq, made[seq][1] + b" ", made[seq][2]), f"event {seq}: its bytes are not those that were hashed"),
        ((seq, text, made[seq][2]), f"event {seq}: its leaf and its hash must be bytes"),
        ((seq + 1, *made[seq][1:]), f"event {seq + 1}: must be {seq}; rows are missing"),
        (made[seq - 1] if seq else made[1], f"must be {seq}; rows are missing"),
    ):
        chunk = looked_at(*made[:seq], wrong, *made[seq + 1 :])
        assert fault in chunk.fault
        assert chunk.subtrees.end == seq

    later = row(seq, StationStopped("x"), type="later.kind", data={})
    chunk = looked_at(*made[:seq], later, *made[seq + 1 :])
    assert (chunk.telling, chunk.subtrees.end, chunk.fault) == ([later[:2]], 300, "")


@pytest.mark.parametrize(
    "name", ["x" * 200, "", "station.stoppedx", "station.stoppe", max(leaves._PLAIN, key=len).decode() + "x"]
)
def test_a_type_that_only_begins_like_a_plain_one_is_read_whole(name: str) -> None:
    made = [*plain_rows(9), row(9, StationStopped("x"), type=name, data={})]

    assert [seq for seq, _ in looked_at(*made).telling] == [9]


def test_of_plain_leaves_only_the_hash_is_kept() -> None:
    made = [row(seq, event) for seq, event in enumerate(count_events(5)[1:])]
    chunk = looked_at(*made)

    assert (chunk.fault, chunk.telling) == ("", [])
    assert chunk.subtrees == Subtrees.over(0, [kept for _, _, kept in made])


@pytest.mark.parametrize("event", SAMPLES, ids=lambda event: str(event.TYPE))
def test_leaves_that_name_a_document_or_a_key_or_what_was_pruned_are_for_the_walk(event: Event) -> None:
    told = leaves.TOLD.intersection(event.__struct_fields__)

    assert [seq for seq, _ in looked_at(row(0, event)).telling] == ([0] if told else [])


def test_an_event_of_a_later_release_is_read_whole() -> None:
    assert [seq for seq, _ in looked_at(row(0, StationStopped("x"), type="later.kind", data={})).telling] == [0]


@pytest.mark.parametrize(
    ("made", "fault"),
    [
        (row(0, StationStopped("x"), epoch="20250101T000000Z-0000", id="20250101T000000Z-0000-0"), "is of epoch"),
        (row(0, StationStopped("x"), id=f"{EPOCH}-1"), "is of epoch"),
        (row(0, StationStopped("x"), source="/custody/greenleaf-414/dock-1"), "must be of '/custody/greenleaf-414/v"),
        (row(0, StationStopped("x"), sequence="7", id=f"{EPOCH}-00"), "its leaf says 7"),
        (row(0, StationStopped("x"), id=7), "leaf: Expected `str`"),
        ((0, b"", leaf_hash(b"")), "leaf: Input data was truncated"),
        ((0, b"{}", leaf_hash(b"{}")), "missing required field"),
        ((0, row(0, StationStopped("x"))[1], bytes(32)), "its bytes are not those that were hashed"),
        (row(1, StationStopped("x")), "event 1: must be 0; rows are missing"),
        ((0, "text", bytes(32)), "its leaf and its hash must be bytes"),
        ((0, None, None), "its leaf and its hash must be bytes"),
        ((0, row(0, StationStopped("x"))[1], None), "its bytes are not those"),
    ],
)
def test_the_first_fault_ends_the_chunk_and_what_was_before_it_holds(
    made: tuple[int, bytes, bytes], fault: str
) -> None:
    chunk = looked_at(made, row(1, StationStopped("y")))

    assert fault in chunk.fault
    assert chunk.subtrees == Subtrees.over(0, [])


def test_a_name_with_percent_signs_is_no_format() -> None:
    place = LeafPlace("/custody/100%d/v%%1", EPOCH)
    leaf = encode(recorded(0, StationStopped("x")), place.source, EPOCH)

    assert leaves.looked_at(0, [(0, leaf, leaf_hash(leaf))], place).telling == []


def spans(made: list[tuple[int, bytes, bytes]]) -> list[tuple[int, int]]:
    found = leaves.in_chunks(0, iter(made), partial(leaves.looked_at, place=PLACE))
    return [(chunk.subtrees.first, chunk.subtrees.end) for chunk in found]


def test_rows_come_in_chunks_that_follow_upon_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaves, "CHUNK_ROWS", 4)
    made = [row(seq, event) for seq, event in enumerate(count_events(7))]

    assert spans(made) == [(0, 4), (4, 8), (8, 10)]
    assert spans(made[:8]) == [(0, 4), (4, 8), (8, 8)]


# -- several processors --


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal of 103 events that is looked at in chunks of ten by two processors, however many there are."""
    monkeypatch.setattr(leaves, "CHUNK_ROWS", 10)
    monkeypatch.setattr(leaves, "ALONE_BELOW_ROWS", 40)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    journal = Journal(tmp_path)
    journal.append(rows(0, count_events(100), journal.open(WALL_MS).epoch))
    journal.close()
    return tmp_path / FILE_NAME


def chunks(path: Path, *, is_shared: bool) -> list[Chunk]:
    reader = Reader.open_at(path)
    place = LeafPlace(SOURCE, reader.epoch())
    return list(leaves.of_journal(reader, path if is_shared else None, 0, place))


def test_several_processors_see_what_one_sees(shared: Path) -> None:
    alone, together = chunks(shared, is_shared=False), chunks(shared, is_shared=True)

    assert [msgspec.structs.astuple(each) for each in together] == [msgspec.structs.astuple(each) for each in alone]
    assert (verify_journal(shared).fault, verify_journal(shared).events) == ("", 103)


@pytest.mark.parametrize(
    ("statement", "fault", "events"),
    [
        ("UPDATE event SET leaf = x'00' WHERE seq = 57", "event 57: its bytes are not those that were hashed", 57),
        ("UPDATE event SET leaf = 'text' WHERE seq = 57", "event 57: its leaf and its hash must be bytes", 57),
        ("DELETE FROM event WHERE seq = 60", "event 61: must be 60; rows are missing", 60),
        ("DELETE FROM event WHERE seq BETWEEN 60 AND 69", "event 70: must be 60; rows are missing", 60),
    ],
)
def test_a_fault_in_any_chunk_is_the_first_one_told(shared: Path, statement: str, fault: str, events: int) -> None:
    without_triggers(shared.parent, statement)

    found = verify_journal(shared)
    assert (found.fault, found.events) == (fault, events)
