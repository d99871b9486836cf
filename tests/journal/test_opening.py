"""Opening a journal: its pragmas, its epoch, its lock."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from station.journal import ballast, schema
from station.journal.journal import Journal
from station.spine import lockfile
from tests.journal.rows import WALL_MS, count_events, filled, rows, sql


def test_a_new_journal_begins_an_epoch_and_says_that_it_is_the_first_start(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    opened = journal.open(WALL_MS)
    journal.close()

    assert (opened.station.seq, opened.acked, opened.reason, opened.previous) == (-1, -1, "first start", "")
    assert re.fullmatch(r"2026\d{4}T\d{6}Z-[0-9a-f]{4}", opened.epoch)


def test_an_epoch_goes_on_when_its_journal_is_opened_again(tmp_path: Path) -> None:
    first = filled(tmp_path, 3)
    journal = Journal(tmp_path)
    again = journal.open(WALL_MS + 60_000)
    journal.close()

    assert (again.epoch, again.reason) == (first.epoch, "")
    assert again.station.seq == 5
    assert len(again.station.count.packages) == 3


@pytest.mark.parametrize("name", schema.PRAGMAS)
def test_every_pragma_is_read_back_and_a_database_that_refuses_one_is_refused(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "first").mkdir()
    filled(tmp_path / "first", 1)
    set_to, expected = schema.PRAGMAS[name]
    monkeypatch.setitem(schema.PRAGMAS, name, (set_to, "something else"))

    with pytest.raises(schema.PragmaRefused, match=f"PRAGMA {name} = {expected}; must be something else"):
        Journal(tmp_path / "first").open(WALL_MS)


def test_the_pragmas_are_those_that_durability_hangs_on(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    database: Any = schema.open_for_writing(tmp_path / "journal.db")
    database.connect()
    found = {name: database.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in schema.PRAGMAS}
    database.close()

    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "wal_autocheckpoint": 1000,
        "busy_timeout": 5000,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "mmap_size": 0,
        "journal_size_limit": 4194304,
    }


def test_a_refused_pragma_is_no_corruption_and_sets_nothing_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, 1)
    monkeypatch.setitem(schema.PRAGMAS, "synchronous", ("normal", 2))

    with pytest.raises(schema.PragmaRefused):
        Journal(tmp_path).open(WALL_MS)

    assert not list(tmp_path.glob("journal-corrupt-*"))


def test_a_second_writer_is_refused_by_the_lock_and_let_in_after_the_first(tmp_path: Path) -> None:
    first = lockfile.hold(tmp_path)
    with pytest.raises(lockfile.JournalHeld, match=r"station\.lock; must be one at a time; stop the other"):
        lockfile.hold(tmp_path)
    assert lockfile.is_held(tmp_path)

    os.close(first)
    assert not lockfile.is_held(tmp_path)


def test_opening_an_existing_journal_writes_no_row(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    before = sql(tmp_path, "SELECT * FROM event")
    journal = Journal(tmp_path)
    journal.open(WALL_MS)
    journal.close()

    assert sql(tmp_path, "SELECT * FROM event") == before


# -- the reserve --


def test_a_reserve_is_kept_and_can_be_given_up_and_taken_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.open(WALL_MS)
    file = tmp_path / ballast.NAME
    assert file.stat().st_blocks * 512 >= ballast.BYTES
    assert journal.ballast.keep()

    journal.ballast.drop()
    assert (file.exists(), journal.ballast.is_kept) == (False, False)

    assert journal.ballast.keep()
    assert file.stat().st_size == ballast.BYTES
    journal.close()


def test_a_disk_with_no_room_for_a_reserve_is_opened_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("station.journal.ballast.os.posix_fallocate", full)
    journal = Journal(tmp_path)
    opened = journal.open(WALL_MS)

    assert not journal.ballast.is_kept
    assert not (tmp_path / ballast.NAME).exists()
    journal.append(rows(0, count_events(1), opened.epoch))
    journal.close()
