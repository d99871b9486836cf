"""What people decide waits as files: only the receiver writes the database, and it may not run meanwhile."""

import os
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from secrets import token_hex
from typing import TypeVar

import msgspec

SUFFIX = ".approval"
DECISION_SUFFIX = ".decision"


class Approval(msgspec.Struct, frozen=True):
    """A station and the verifier key that a person trusts."""

    station: str
    key: str


class Verdict(StrEnum):
    """What a person may decide about an epoch."""

    COSIGN = "cosign"
    ACCEPT = "accept"


class Decision(msgspec.Struct, frozen=True):
    """What a person decided about an epoch of a station, why, and which user of this machine that was."""

    verdict: Verdict
    station: str
    epoch: str
    reason: str
    user: str


T = TypeVar("T", Approval, Decision)


def leave_approval(folder: Path, approval: Approval) -> None:
    """Put an approval where the receiver looks; it is whole or not there."""
    _leave(folder, approval, SUFFIX)


def leave_decision(folder: Path, decision: Decision) -> None:
    """Put a decision where the receiver looks; it is whole or not there."""
    _leave(folder, decision, DECISION_SUFFIX)


def waiting_approvals(folder: Path) -> Iterator[tuple[Path, Approval | None]]:
    """Yield each that waits, None for a file that is none; the receiver removes it once it is in the database."""
    return _waiting(folder, Approval, SUFFIX)


def waiting_decisions(folder: Path) -> Iterator[tuple[Path, Decision | None]]:
    """Yield each that waits, None for a file that is none; the receiver removes it once it is done."""
    return _waiting(folder, Decision, DECISION_SUFFIX)


def _leave(folder: Path, content: Approval | Decision, suffix: str) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f".{token_hex(8)}"
    with draft.open("wb") as file:
        file.write(msgspec.json.encode(content))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / f"{token_hex(8)}{suffix}")


def _waiting(folder: Path, kind: type[T], suffix: str) -> Iterator[tuple[Path, T | None]]:
    if not folder.is_dir():
        return
    for path in sorted(folder.glob(f"*{suffix}")):
        try:
            yield path, msgspec.json.decode(path.read_bytes(), type=kind)
        except (OSError, msgspec.MsgspecError):
            yield path, None
