"""The counters of the commands that this office signs: a file that is on the disk before a command leaves.

A counter is the wall clock's milliseconds, or one more than the last where the clock did not go on: strictly rising,
and above what was used before even where the file was lost.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from station.errors import IntegrityError, UsageError

FILE_NAME = "counters.json"


@contextmanager
def hold_counters(directory: Path) -> Iterator["CounterFile"]:
    """Hold the counters while a command is sent; one sender at a time. Raise `UsageError` where another one runs."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(directory / "send.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(f"{directory}: {error.strerror}; must be a folder that the sender may write") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield CounterFile(directory / FILE_NAME)
    except BlockingIOError:
        raise UsageError(f"{directory}: another backoffice send holds send.lock; wait until it has ended") from None
    finally:
        os.close(lock)


class CounterFile:
    """Keeps the newest counter of each series, `<site>/<station>/<epoch>` or `<site>/all/`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def next_counter(self, site: str, station: str, epoch: str, wall_ms: int) -> int:
        """Return a new counter, which is on the disk before that. Raise `IntegrityError`, `OSError`."""
        known = self._read_counters()
        series = f"{site}/{station}/{epoch}"
        known[series] = max(wall_ms, known.get(series, 0) + 1)
        self._write_counters(msgspec.json.format(msgspec.json.encode(known)))
        return known[series]

    def _read_counters(self) -> dict[str, int]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, int])
        except FileNotFoundError:
            return {}
        except msgspec.MsgspecError as error:
            raise IntegrityError(
                f"{self._path}: {error}; must be what was written; put it aside, the clock goes on from there"
            ) from None

    def _write_counters(self, raw: bytes) -> None:
        part = self._path.with_suffix(".part")
        with part.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)
        directory = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
