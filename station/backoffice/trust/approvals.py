"""Approvals wait as files: only the receiver writes the database, and it may not run while a person approves."""

import os
from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import msgspec

SUFFIX = ".approval"


class Approval(msgspec.Struct, frozen=True):
    """A station and the verifier key that a person trusts."""

    station: str
    key: str


def leave_approval(folder: Path, approval: Approval) -> None:
    """Put an approval where the receiver looks; it is whole or not there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f".{token_hex(8)}"
    with draft.open("wb") as file:
        file.write(msgspec.json.encode(approval))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / f"{token_hex(8)}{SUFFIX}")


def waiting_approvals(folder: Path) -> Iterator[tuple[Path, Approval | None]]:
    """Yield each that waits, None for a file that is none; the receiver removes it once it is in the database."""
    if not folder.is_dir():
        return
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            yield path, msgspec.json.decode(path.read_bytes(), type=Approval)
        except (OSError, msgspec.MsgspecError):
            yield path, None
