"""Goal 14: `station verify` beside a loop that only reads the rows and hashes them."""

import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

from station.evidence.verify import verify_journal
from station.journal.journal import FILE_NAME
from tests.bench.outboxes import filled
from tests.bench.report import Result, note

EVENTS = 150_000
ROUNDS = 5


def measure(directory: Path, events: int = EVENTS) -> Iterator[Result | str]:
    """Rounds of both in turn over one journal, by the clock on the wall: verify shares its work among processors."""
    path = filled(directory / "verified", events) / FILE_NAME
    pairs = [(_wall_s(lambda: _bare(path, events)), _wall_s(lambda: _verify(path, events))) for _ in range(ROUNDS)]
    ratios = [bare_s / ours_s for bare_s, ours_s in pairs]
    spread = (min(ratios), max(ratios))
    yield Result("14", "station verify, of the rate of read + SHA-256", median(ratios), 0.8, "x", True, spread)
    bare, ours = (median(each) / events * 1e6 for each in zip(*pairs, strict=True))
    processors = len(os.sched_getaffinity(0))
    yield note(f"{ours:.1f} us an event, bare {bare:.1f} us; {events} events, {processors} processors")


def _wall_s(do: Callable[[], None]) -> float:
    began = time.monotonic()
    do()
    return time.monotonic() - began


def _bare(path: Path, events: int) -> None:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT leaf, hash FROM event ORDER BY seq")
        count = 0
        for leaf, kept in rows:
            assert hashlib.sha256(b"\0" + leaf).digest() == kept
            count += 1
    assert count == events


def _verify(path: Path, events: int) -> None:
    found = verify_journal(path)
    assert (found.fault, found.events) == ("", events)
