"""A corrupt file is set aside whole, never deleted; a new epoch begins and names the old one."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from station.journal import journal as journals
from station.journal.journal import FILE_NAME, Journal, Opened, Row
from station.journal.reader import JournalCorrupt
from tests.journal.rows import WALL_MS, filled, row, rows, scanned, sql, without_triggers

SEED = 20261123


def reopened(directory: Path, wall_ms: int = WALL_MS + 1) -> Opened:
    journal = Journal(directory)
    try:
        return journal.open(wall_ms)
    finally:
        journal.close()


def aside(directory: Path, suffix: str = "") -> list[Path]:
    return sorted(directory.glob(f"journal-corrupt-*.db{suffix}"))


def overwritten(directory: Path, offset: int, content: bytes) -> bytes:
    """Overwrite part of the file; the file's bytes after it."""
    path = directory / FILE_NAME
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)
    return path.read_bytes()


def test_a_leaf_that_is_not_as_written_begins_a_new_epoch_that_names_the_old_one(tmp_path: Path) -> None:
    first = filled(tmp_path)
    without_triggers(tmp_path, "UPDATE event SET leaf = CAST(replace(leaf, 'Vault A', 'Vault B') AS BLOB)")
    rotted = (tmp_path / FILE_NAME).read_bytes()

    opened = reopened(tmp_path)

    assert opened.epoch != first.epoch
    assert opened.previous == first.epoch
    assert opened.reason == "journal set aside: event 2: its bytes are not those that were hashed"
    assert opened.station.seq == -1
    assert [path.read_bytes() for path in aside(tmp_path)] == [rotted]


@pytest.mark.parametrize(
    ("offset", "content"),
    [(0, b"SQLite format 4\x00"), (0, bytes(100)), (0, bytes(4096)), (4096, b"\xff" * 4096), (16, b"\xff\xff")],
)
def test_a_file_that_is_no_journal_any_more_is_set_aside(tmp_path: Path, offset: int, content: bytes) -> None:
    filled(tmp_path)
    left = overwritten(tmp_path, offset, content)

    opened = reopened(tmp_path)

    assert opened.reason.startswith("journal set aside: ")
    assert [path.read_bytes() for path in aside(tmp_path)] == [left]
    assert reopened(tmp_path).epoch == opened.epoch


@pytest.mark.parametrize("bytes_left", [100, 512, 4096, 3 * 4096 + 7])
def test_a_truncated_file_is_set_aside(tmp_path: Path, bytes_left: int) -> None:
    filled(tmp_path, 200)
    left = (tmp_path / FILE_NAME).read_bytes()[:bytes_left]
    (tmp_path / FILE_NAME).write_bytes(left)

    opened = reopened(tmp_path)

    assert opened.reason.startswith("journal set aside: ")
    assert [path.read_bytes() for path in aside(tmp_path)] == [left]


@pytest.mark.parametrize("bytes_left", [0, 1, 99])
def test_a_file_with_nothing_in_it_begins_an_epoch_that_says_so(tmp_path: Path, bytes_left: int) -> None:
    filled(tmp_path)
    (tmp_path / FILE_NAME).write_bytes((tmp_path / FILE_NAME).read_bytes()[:bytes_left])

    opened = reopened(tmp_path)

    assert opened.station.seq == -1
    assert opened.reason == "first start" or aside(tmp_path)


def killed_with_wal(directory: Path, rows_of: Callable[[str], list[Row]]) -> Path:
    """What a station that was killed leaves: 200 events in the file, and these in its WAL."""
    living, killed = directory / "living", directory / "killed"
    living.mkdir()
    filled(living, 200)
    journal = Journal(living)
    journal.append(rows_of(journal.open(WALL_MS).epoch))
    shutil.copytree(living, killed)
    journal.close()
    return killed


def test_the_wal_and_the_shared_memory_go_with_it(tmp_path: Path) -> None:
    killed = killed_with_wal(tmp_path, lambda epoch: rows(203, map(scanned, range(200, 220)), epoch))
    overwritten(killed, 8 * 4096, b"\xff" * 4096)
    wal = (killed / f"{FILE_NAME}-wal").read_bytes()
    assert wal

    opened = reopened(killed)

    assert opened.reason.startswith("journal set aside: ")
    assert [path.read_bytes() for path in aside(killed, "-wal")] == [wal]
    assert len(aside(killed, "-shm")) == 1
    assert opened.station.seq == -1


def test_the_wal_of_a_rotted_journal_is_not_written_into_it(tmp_path: Path) -> None:
    def rotted(epoch: str) -> list[Row]:
        seq, leaf, _, acked = row(203, scanned(200), epoch)
        return [(seq, leaf, b"\x00" * 32, acked)]

    killed = killed_with_wal(tmp_path, rotted)
    files = {suffix: (killed / f"{FILE_NAME}{suffix}").read_bytes() for suffix in ("", "-wal")}

    opened = reopened(killed)

    assert opened.reason == "journal set aside: event 203: its bytes are not those that were hashed"
    assert {suffix: aside(killed, suffix)[0].read_bytes() for suffix in files} == files


def test_a_second_corruption_in_the_same_millisecond_overwrites_nothing(tmp_path: Path) -> None:
    filled(tmp_path)
    first = overwritten(tmp_path, 0, b"first")
    reopened(tmp_path, WALL_MS)
    second = overwritten(tmp_path, 0, b"second")

    reopened(tmp_path, WALL_MS)

    assert sorted(path.read_bytes()[:6] for path in aside(tmp_path)) == sorted([first[:6], second[:6]])


def test_a_power_cut_while_setting_aside_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path)
    left = overwritten(tmp_path, 0, bytes(100))

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "unlink", cut)
    with pytest.raises(KeyboardInterrupt):
        reopened(tmp_path)
    monkeypatch.undo()

    reopened(tmp_path, WALL_MS + 5)
    assert {path.read_bytes() for path in aside(tmp_path)} == {left}


def test_a_flipped_bit_is_found_or_changes_nothing_that_is_sworn(tmp_path: Path) -> None:
    """Wherever it is: the journal is set aside, or every leaf still comes out as it went in."""
    chance = random.Random(SEED)
    whole = tmp_path / "whole"
    whole.mkdir()
    filled(whole, 60)
    leaves = sql(whole, "SELECT seq, leaf, hash FROM event")
    image = (whole / FILE_NAME).read_bytes()
    found = 0
    for number in range(80):
        flipped = bytearray(image)
        bit = chance.randrange(len(image) * 8)
        flipped[bit // 8] ^= 1 << bit % 8
        directory = tmp_path / str(number)
        directory.mkdir()
        (directory / FILE_NAME).write_bytes(flipped)
        if reopened(directory).reason:
            found += 1
            assert aside(directory)
        else:
            assert sql(directory, "SELECT seq, leaf, hash FROM event") == leaves
    assert found > 20


@pytest.mark.parametrize(
    ("was", "flipped"),
    [(b"acked INTEGER", b"ackee INTEGER"), (b"CREATE TABLE event", b"CREATE TABLE eve\xeet"), (b"UNIQUE", b"ENIQUE")],
)
def test_a_schema_that_rotted_is_corruption(tmp_path: Path, was: bytes, flipped: bytes) -> None:
    filled(tmp_path)
    image = (tmp_path / FILE_NAME).read_bytes()
    assert was in image
    (tmp_path / FILE_NAME).write_bytes(image.replace(was, flipped))

    assert reopened(tmp_path).reason.startswith("journal set aside: ")


def test_a_disk_that_fails_is_no_corruption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path)

    def fails(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(journals, "replay", fails)
    with pytest.raises(sqlite3.OperationalError):
        reopened(tmp_path)

    assert aside(tmp_path) == []


def test_what_is_corrupt_again_in_the_new_journal_is_not_tried_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path)

    def corrupt(*_: object) -> None:
        raise JournalCorrupt("event 0: always")

    monkeypatch.setattr(journals, "replay", corrupt)
    with pytest.raises(JournalCorrupt):
        reopened(tmp_path)

    assert len(aside(tmp_path)) == 1
