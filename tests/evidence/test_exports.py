"""Exports: which events are chosen, and that a file is there whole or not at all."""

import os
from pathlib import Path

import pytest

from station.domain.station.leaf import encode
from station.errors import UsageError
from station.evidence.exports import HeldJournal, Selection, json_lines, write_whole
from station.evidence.trust import Trust
from station.journal.journal import Journal
from station.journal.reader import Reader
from station.sealing.merkle import leaf_hash
from tests.journal.rows import LOCATED, OPENED, SOURCE, STARTED, WALL_MS, recorded, scanned, tag

DAY_MS = 86_400_000
# Seq: day. The clock was a year behind from 4 to 5. 2026-11-18 is day 0.
DAYS = [0, 0, 0, 1, -365, -365, 1, 2, 2, 3]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> HeldJournal:
    directory = tmp_path_factory.mktemp("days")
    journal = Journal(directory)
    epoch = journal.open(WALL_MS).epoch
    for seq, day in enumerate(DAYS):
        event = [STARTED, OPENED, LOCATED][seq] if seq < 3 else scanned(seq)
        moment = recorded(seq, event)
        leaf = encode(type(moment)(seq, moment.at, WALL_MS + day * DAY_MS, "boot", "synced", event), SOURCE, epoch)
        journal.append([(seq, leaf, leaf_hash(leaf), -1)])
    journal.close()
    return HeldJournal(directory, Trust(), Reader.open_at(directory / "journal.db"))


def chosen(held: HeldJournal, first: str = "", last: str = "", subject: str = "") -> list[int]:
    return [seq for seq, _ in held.selected_events(Selection(first, last, subject))]


@pytest.mark.parametrize(
    ("first", "last", "seqs"),
    [
        ("", "", range(10)),
        ("3", "", range(3, 10)),
        ("", "3", range(4)),
        ("3", "3", range(3, 4)),
        ("0", "99", range(10)),
        ("2026-11-19", "2026-11-19", range(3, 7)),
        ("2026-11-19", "", range(3, 10)),
        ("", "2026-11-19", range(7)),
        ("2026-11-20", "2026-11-21", range(7, 10)),
        ("2026-11-18T11:06", "2026-11-18T11:06", range(6)),
        ("2026-11-20T11:06:40Z", "2026-11-20T11:06:40.000Z", range(7, 9)),
        ("2026-11-20", "8", range(7, 9)),
    ],
)
def test_a_range_is_chosen_by_seq_or_date_and_has_no_gaps(
    held: HeldJournal, first: str, last: str, seqs: range
) -> None:
    assert chosen(held, first, last) == list(seqs)


def test_a_subject_chooses_within_the_range(held: HeldJournal) -> None:
    assert chosen(held, subject=tag(6)) == [6]
    assert chosen(held, subject="C000001") == [1, 2]
    with pytest.raises(UsageError, match="no such events"):
        chosen(held, "7", subject=tag(6))


@pytest.mark.parametrize("bound", ["yesterday", "-1", "1.5", "2026-11", "2026-11-19 10:00", "١٢", "1" * 13])
def test_a_bound_that_is_neither_is_refused(bound: str) -> None:
    with pytest.raises(UsageError, match="must be a seq, such as 120, or a UTC date"):
        Selection(bound)
    with pytest.raises(UsageError, match=r"^--to "):
        Selection("", bound)


def test_lines_are_the_leaves_byte_for_byte(held: HeldJournal) -> None:
    found = held.selected_events(Selection("2", "4"))

    assert json_lines(found) == b"".join(leaf + b"\n" for _, leaf in held.reader.leaves(2, 3))


def test_a_file_is_there_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "out.zip"
    write_whole(output, b"first")
    assert output.read_bytes() == b"first"
    assert output.stat().st_mode & 0o777 == 0o644

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("station.evidence.exports.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(output, b"second")
    assert output.read_bytes() == b"first"
    assert os.listdir(tmp_path) == ["out.zip"]
