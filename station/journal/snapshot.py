"""A state between sessions as bytes, so that a start replays little. Never the truth: the events are.

Taken only while no count is open: then nothing that grows is in the state; what stands of the entry is bounded.
SHA-256 of the JSON, then the JSON: a flipped bit must not become a state.
"""

import hashlib

import msgspec
from rpds import HashTrieMap

from station.domain.commands.checking import Counters
from station.domain.commands.events import LockdownSet, MessageReceived
from station.domain.count.plan import Plan
from station.domain.count.state import Count, Phase
from station.domain.entry.state import Entry
from station.domain.people.roster import Roster
from station.domain.station.state import Station

VERSION = 3
HASH_BYTES = 32


class NotAsWritten(ValueError):
    """A snapshot's bytes rotted; the events still stand."""


class _Snapshot(msgspec.Struct, frozen=True):
    seq: int
    at: int
    wall_ms: int
    boot: str
    offset_ms: int
    quality: str
    settings: str
    is_stopped: bool
    plan_document: str
    number: int
    session: str
    refused: int
    unseen: int
    lost: dict[str, str]
    counters: Counters
    roster_document: str
    message: MessageReceived | None
    lockdown: LockdownSet | None
    pruned_below: int = 0
    keys: tuple[str, ...] = ()
    entry: Entry = Entry()
    proven_ms: int = 0


def can_snapshot(station: Station) -> bool:
    """True between sessions."""
    return station.count.phase is Phase.IDLE


def encode(station: Station) -> bytes:
    """The snapshot of a state for which `can_snapshot`."""
    count = station.count
    state = msgspec.json.encode(
        _Snapshot(
            **{name: getattr(station, name) for name in _OWN_NAMES},
            number=count.number,
            session=count.session,
            refused=count.refused,
            lost=dict(station.lost.items()),
        )
    )
    return hashlib.sha256(state).digest() + state


def documents_of(raw: bytes) -> tuple[str, str]:
    """The SHA-256 of the plan and of the roster that the snapshot needs; empty where none."""
    kept = _read(raw)
    return kept.plan_document, kept.roster_document


def decode(raw: bytes, plan: Plan | None, roster: Roster | None = None) -> Station:
    """The state again; raise `NotAsWritten` or msgspec.MsgspecError where the bytes are no snapshot of this version."""
    kept = _read(raw)
    return Station(
        **{name: getattr(kept, name) for name in _OWN_NAMES},
        plan=plan,
        roster=roster,
        count=Count(number=kept.number, session=kept.session, refused=kept.refused),
        lost=HashTrieMap(kept.lost),
    )


def _read(raw: bytes) -> _Snapshot:
    if hashlib.sha256(raw[HASH_BYTES:]).digest() != raw[:HASH_BYTES]:
        raise NotAsWritten("snapshot: its bytes are not those that were hashed")
    return msgspec.json.decode(raw[HASH_BYTES:], type=_Snapshot)


_OWN_NAMES = (
    "seq",
    "at",
    "wall_ms",
    "boot",
    "offset_ms",
    "quality",
    "settings",
    "is_stopped",
    "plan_document",
    "unseen",
    "pruned_below",
    "keys",
    "counters",
    "roster_document",
    "message",
    "lockdown",
    "entry",
    "proven_ms",
)
