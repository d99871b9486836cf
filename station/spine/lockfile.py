"""One station a data directory: whoever writes the journal holds this lock."""

import fcntl
import os
from pathlib import Path

from station.errors import StationError

NAME = "station.lock"


class JournalHeld(StationError):
    """Somebody else writes this journal."""


def hold(directory: Path) -> int:
    """Take the lock and return its descriptor, which keeps it; raise `JournalHeld` where another has it."""
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(directory / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise JournalHeld(
            f"{directory}: a running station holds {NAME}; must be one at a time; stop the other"
        ) from None
    return descriptor


def is_held(directory: Path) -> bool:
    """True while a station runs on this directory."""
    try:
        os.close(hold(directory))
    except JournalHeld:
        return True
    return False
