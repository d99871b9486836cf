"""The baseline: the same row into the same table, by nothing but sqlite3; a program of its own.

    python -m tests.bench.raw DIRECTORY

For each line `N` in: N commits of one row each, then one JSON list out: how long each took, in ns.
"""

import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from station.domain.core.decider import Recorded
from station.domain.count.events import CountScanned
from station.domain.station.leaf import encode
from station.journal.journal import INSERT_EVENT, Journal
from station.journal.schema import PRAGMAS
from station.sealing.merkle import leaf_hash
from tests.bench.shim import Shim, favour

BOOT = "00000000-0000-4000-8000-000000000000"

Row = tuple[int, bytes, bytes, int]


def row(seq: int) -> Row:
    """The row of one scan, as the station stores it."""
    event = CountScanned("C000001", f"1A4{seq:021d}", "gun0", "Vault A")
    recorded = Recorded(seq, 1_000_000, 1_790_000_000_000, BOOT, "synced", event)
    leaf = encode(recorded, "/custody/bench/bench-1", "20261123T140405Z-7f3a")
    return seq, leaf, leaf_hash(leaf), -1


def connect(directory: Path) -> sqlite3.Connection:
    """A journal as the station makes it, with its triggers and pragmas, opened by sqlite3 alone."""
    journal = Journal(directory)
    journal.open(1_790_000_000_000)
    journal.close()
    connection = sqlite3.connect(journal.path, isolation_level=None)
    for name, (value, _) in PRAGMAS.items():
        connection.execute(f"PRAGMA {name} = {value}")
    return connection


def commit(connection: sqlite3.Connection, rows: list[Row]) -> list[int]:
    """Commit each row by itself; how long each took (ns)."""
    times = []
    for values in rows:
        began = time.monotonic_ns()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(INSERT_EVENT, values)
        connection.execute("COMMIT")
        times.append(time.monotonic_ns() - began)
    return times


class Raw:
    """The baseline's program, until the block ends."""

    def __init__(self, directory: Path, shim: Shim) -> None:
        self._directory, self._shim = directory / "raw", shim
        self._directory.mkdir()

    def __enter__(self) -> "Raw":
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.raw", str(self._directory)],
            env=self._shim.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        favour(self._program.pid)
        self._said()
        return self

    def commit(self, rows: int) -> list[int]:
        """How long each of so many commits took (ns)."""
        assert self._program.stdin is not None
        self._program.stdin.write(f"{rows}\n")
        self._program.stdin.flush()
        return [int(took) for took in json.loads(self._said())]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._program.communicate()

    def _said(self) -> str:
        assert self._program.stdout is not None
        return self._program.stdout.readline()


def main() -> None:
    connection = connect(Path(sys.argv[1]))
    seq = 0
    print("ready", flush=True)
    for line in sys.stdin:
        rows = [row(seq + number) for number in range(int(line))]
        seq += len(rows)
        print(json.dumps(commit(connection, rows)), flush=True)


if __name__ == "__main__":
    main()
