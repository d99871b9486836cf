"""Ending an epoch: its file is set aside, never deleted; what is known of it goes with the next epoch's first event.

What is known is written down before the file is moved, so that a power cut at any moment loses neither.
"""

import os
from itertools import count
from pathlib import Path

import msgspec

from station.journal import durably

ENDING_NAME = "epoch-ending.json"
SUFFIXES = ("", "-wal", "-shm")


class Ending(msgspec.Struct, frozen=True):
    """Why the epoch `previous` ended, in words, and its last known checkpoint as a signed note; empty if unknown."""

    previous: str
    reason: str
    checkpoint: str = ""


def write_ending(directory: Path, ending: Ending) -> None:
    """Note down that an epoch ends; on the disk when this returns."""
    durably.write_durably(directory / ENDING_NAME, msgspec.json.encode(ending))


def read_ending(directory: Path) -> Ending | None:
    """Return what was noted down, or None; a note that can't be read is as good as none."""
    try:
        return msgspec.json.decode((directory / ENDING_NAME).read_bytes(), type=Ending)
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def forget_ending(directory: Path) -> None:
    """Delete the note, since the next epoch has sworn to what it says."""
    (directory / ENDING_NAME).unlink(missing_ok=True)


def quarantine_journal(path: Path, word: str, number: int) -> None:
    """Move a journal away with its WAL and shared memory, as `journal-<word>-<number>.db`, or the next free number.

    Linked first and only then unlinked: a power cut in between leaves everything under one name or both.
    """
    free = next(each for each in count(number) if not _quarantined_path(path, word, each, "").exists())
    left = [suffix for suffix in SUFFIXES if Path(f"{path}{suffix}").exists()]
    for suffix in left:
        os.link(f"{path}{suffix}", _quarantined_path(path, word, free, suffix))
    for suffix in left:
        Path(f"{path}{suffix}").unlink()
    durably.sync_directory(path.parent)


def _quarantined_path(path: Path, word: str, number: int, suffix: str) -> Path:
    return path.with_name(f"journal-{word}-{number}.db{suffix}")
