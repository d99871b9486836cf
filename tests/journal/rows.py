"""Rows as the loop makes them, for journals that a test fills by hand."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from station.domain.core.decider import Recorded
from station.domain.core.event import Event
from station.domain.count.events import CountLocated, CountOpened, CountScanned
from station.domain.lifecycle.events import StationStarted
from station.domain.station.leaf import encode
from station.journal.journal import FILE_NAME, Journal, Opened, Row
from station.sealing.merkle import leaf_hash

WALL_MS = 1_795_000_000_000
SOURCE = "/custody/greenleaf-414/vault-1"
STARTED = StationStarted("1.0", "settings", True, WALL_MS, "synced")
OPENED = CountOpened("C000001", "free")
LOCATED = CountLocated("C000001", "Vault A", "gun")


def tag(number: int) -> str:
    return f"1A40603000000010{number:08d}"


def scanned(number: int) -> Event:
    return CountScanned("C000001", tag(number), "gun", "Vault A")


def recorded(seq: int, event: Event) -> Recorded:
    return Recorded(seq, 1_000 + seq, WALL_MS + seq, "boot", "synced", event)


def row(seq: int, event: Event, epoch: str, acked: int = -1) -> Row:
    leaf = encode(recorded(seq, event), SOURCE, epoch)
    return seq, leaf, leaf_hash(leaf), acked


def rows(first_seq: int, events: Iterable[Event], epoch: str) -> list[Row]:
    return [row(seq, event, epoch) for seq, event in enumerate(events, first_seq)]


def count_events(packages: int) -> list[Event]:
    """A start, an open count, so many packages."""
    return [STARTED, OPENED, LOCATED, *(scanned(number) for number in range(packages))]


def filled(directory: Path, packages: int = 50) -> Opened:
    """A journal with an open count, closed in order; what it said when it was opened."""
    journal = Journal(directory)
    opened = journal.open(WALL_MS)
    journal.append(rows(0, count_events(packages), opened.epoch))
    journal.close()
    return opened


def sql(directory: Path, *statements: str) -> list[tuple[object, ...]]:
    """Do to the file what no code of the station would; the rows of the last statement."""
    with closing(sqlite3.connect(directory / FILE_NAME, isolation_level=None)) as connection:
        found: list[tuple[object, ...]] = []
        for statement in statements:
            found = connection.execute(statement).fetchall()
        return found


def without_triggers(directory: Path, *statements: str) -> None:
    """The same, after taking the journal's triggers out, and putting them back after it."""
    triggers = sql(directory, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    dropped = [f"DROP TRIGGER {name}" for name, _ in triggers]
    sql(directory, *dropped, *statements, *(str(text) for _, text in triggers))
