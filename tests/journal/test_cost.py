"""Exact counts of what a scan costs the disk: flushes and bytes, by the VFS that SQLite writes through."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from station.domain.core.conditions import Link
from station.spine.inbox import Acked, LinkMoved
from tests.torture.bench import Bench, tag
from tests.torture.disk import Disk, DiskVFS, connecting

SCANS = 2_000
FLUSHES_A_SCAN_MAX = 1.02
BYTES_OF_A_RAW_INSERT_MAX = 1.25


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A station after `SCANS` scans, one commit each; the figures are those of the scans alone."""
    bench = Bench(tmp_path_factory.mktemp("cost"), 1)
    bench.start()
    bench.open_count()
    bench.disk.counts.clear()
    bench.disk.bytes_written = 0
    for number in range(SCANS):
        bench.scan(tag(number))
    yield bench
    bench.stop()


def raw_bytes(leaves: list[tuple[bytes, bytes]], directory: Path) -> int:
    """What SQLite alone writes for these rows: one table, one commit a row, the same pragmas."""
    disk = Disk(random.Random(1))
    vfs = DiskVFS(disk)
    connect: Callable[[Path], Any] = connecting(vfs)
    database = connect(directory / "raw.db")
    database.connect()
    connection: apsw.Connection = database.connection()
    connection.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, leaf BLOB, hash BLOB)")
    disk.bytes_written = 0
    for seq, (leaf, kept_hash) in enumerate(leaves):
        connection.execute("INSERT INTO event VALUES (?, ?, ?)", (seq, leaf, kept_hash))
    written = disk.bytes_written
    database.close()
    return written


def test_every_scan_was_counted(bench: Bench) -> None:
    assert len(bench.outputs.counted()) == SCANS


def test_a_scan_costs_one_flush_checkpoints_included(bench: Bench) -> None:
    assert bench.disk.counts["sync"] >= SCANS
    assert bench.disk.counts["sync"] / SCANS <= FLUSHES_A_SCAN_MAX


def test_the_wal_was_written_back_meanwhile(bench: Bench) -> None:
    assert len(bench.disk.files[str(bench.journal.path)].synced) > 500_000


def test_a_scan_writes_hardly_more_than_a_raw_insert_of_the_same_row(bench: Bench, tmp_path: Path) -> None:
    written = bench.disk.bytes_written
    found = bench.journal._database.connection().execute("SELECT leaf, hash FROM event WHERE seq >= 4").fetchall()
    assert len(found) == SCANS

    assert written / raw_bytes(found, tmp_path) <= BYTES_OF_A_RAW_INSERT_MAX


def test_what_was_sent_costs_no_flush_and_comes_with_the_next_event(bench: Bench) -> None:
    bench.disk.counts.clear()
    head = bench.loop.durable.seq
    for seq in range(500):
        bench.loop.step([Acked(seq, 0), LinkMoved(Link.UP)], bench.now)
        bench.commit()
    assert bench.disk.counts.total() == 0

    bench.scan(tag(SCANS))
    assert bench.disk.counts["sync"] == 1
    rows = bench.journal._database.connection().execute("SELECT acked FROM event WHERE seq > ?", (head,)).fetchall()
    assert rows == [(499,)]
