"""A file that keeps room for facts: given up when the disk is full, reserved again before scans are taken."""

import contextlib
import os
from pathlib import Path

NAME = "ballast"
BYTES = 1024 * 1024


class Ballast:
    """The reserve in one directory."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / NAME
        self.is_kept = True

    def keep(self) -> bool:
        """Reserve the space; False where there is none left to reserve."""
        self.is_kept = self._is_whole() or self._make_file()
        return self.is_kept

    def drop(self) -> None:
        """Give it up: the disk is full."""
        self.is_kept = False
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _is_whole(self) -> bool:
        return self._path.exists() and self._path.stat().st_size == BYTES

    def _make_file(self) -> bool:
        try:
            with self._path.open("wb") as ballast:
                os.posix_fallocate(ballast.fileno(), 0, BYTES)
        except OSError:
            self.drop()
            return False
        return True
