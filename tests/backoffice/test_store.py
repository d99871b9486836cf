"""The database: its settings, what it refuses, and what is in it after transactions that end and that do not."""

import sqlite3
from pathlib import Path

import peewee
import pytest

from station.backoffice.store import schema
from station.backoffice.store.epochs import Added
from station.backoffice.store.store import Store
from tests.backoffice.world import EPOCH, VAULT, FakeStation, Office


def hash_of(seq: int) -> bytes:
    return seq.to_bytes(32, "big")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open_for_writing(tmp_path / "office.db")


def test_it_is_as_durable_as_sqlite_can_be(store: Store) -> None:
    assert store.read_rows("PRAGMA synchronous") == [(2,)]
    assert store.read_rows("PRAGMA journal_mode") == [("wal",)]
    assert store.read_rows("PRAGMA mmap_size") == [(0,)]


def test_a_database_of_another_version_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "office.db") as database:
        database.execute("PRAGMA user_version = 99")
    with pytest.raises(schema.DatabaseRefused, match="user_version = 99; must be 1"):
        Store.open_for_writing(tmp_path / "office.db")


def test_nothing_is_written_outside_of_a_group(store: Store) -> None:
    with pytest.raises(RuntimeError, match="outside of a group"):
        store.ensure_epoch(VAULT, EPOCH)
    assert store.epochs_of() == []


@pytest.mark.parametrize("sql", ["DELETE FROM leaf", "UPDATE leaf SET leaf = x'00'", "UPDATE leaf SET hash = x'00'"])
def test_what_was_stored_stays(office: Office, vault: FakeStation, sql: str) -> None:
    vault.write(3)
    office.take(*vault.events())
    with pytest.raises(peewee.IntegrityError, match="what a station swore to stays"), office.store.group():
        office.store.run_statement(sql)
    assert office.stored(vault) == vault.leaves


def test_leaves_are_unique_by_station_epoch_and_seq(store: Store) -> None:
    with store.group():
        for station, epoch in ((VAULT, EPOCH), ("dock-1", EPOCH), (VAULT, "later")):
            found = store.ensure_epoch(station, epoch)
            assert store.add_leaf(found, 0, hash_of(0), b"leaf") is Added.NEW
            assert store.add_leaf(found, 0, hash_of(0), b"leaf") is Added.SAME
            assert store.add_leaf(found, 0, hash_of(1), b"other") is Added.OTHER
    assert store.read_rows("SELECT count(*) FROM leaf") == [(3,)]


def test_the_highest_contiguous_seq_is_in_the_leafs_transaction(store: Store, tmp_path: Path) -> None:
    for seq in (0, 2, 5, 1, 4, 3):
        with store.group():
            store.add_leaf(store.ensure_epoch(VAULT, EPOCH), seq, hash_of(seq), None)
        (seen,) = Store.open_for_reading(tmp_path / "office.db").epochs_of()
        expected = {0: 0, 2: 0, 5: 0, 1: 2, 4: 2, 3: 5}[seq]
        assert (seen.contiguous, seen.highest) == (expected, max(seq, seen.highest))


@pytest.mark.parametrize(
    ("here", "first", "last", "gaps"),
    [
        ([], 0, 9, [(0, 9)]),
        ([0, 1, 2], 0, 2, []),
        ([0, 1, 2], 3, 5, [(3, 5)]),
        ([0, 4, 5, 8], 0, 9, [(1, 3), (6, 7), (9, 9)]),
        ([0, 4, 5, 8], 1, 4, [(1, 3)]),
        ([4], 0, 3, [(0, 3)]),
    ],
)
def test_gaps(store: Store, here: list[int], first: int, last: int, gaps: list[tuple[int, int]]) -> None:
    with store.group():
        epoch = store.ensure_epoch(VAULT, EPOCH)
        for seq in here:
            store.add_leaf(epoch, seq, hash_of(seq), None)
    assert store.gaps_between(epoch, first, last, 10) == gaps
    assert store.gaps_between(epoch, first, last, 1) == gaps[:1]


def test_many_leaves_are_read_in_batches_in_order(store: Store) -> None:
    with store.group():
        epoch = store.ensure_epoch(VAULT, EPOCH)
        for seq in range(1203):
            store.add_leaf(epoch, seq, hash_of(seq), b"%d" % seq)
    assert [leaf for _, _, leaf in store.stored_leaves(epoch, 3)] == [b"%d" % seq for seq in range(3, 1203)]
    assert list(store.leaf_hashes(epoch, 7, 1100)) == [hash_of(seq) for seq in range(7, 1100)]
