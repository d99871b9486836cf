"""A state between sessions as bytes, so that a start replays little. Never the truth: the events are.

Taken only while no count is open: then nothing that grows is in the state.
"""

import msgspec
from rpds import HashTrieMap

from station.domain.count_state import Count, Phase
from station.domain.plan import Plan
from station.domain.station import Station

VERSION = 1


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


def can_snapshot(station: Station) -> bool:
    """True between sessions."""
    return station.count.phase is Phase.IDLE


def encode(station: Station) -> bytes:
    """The snapshot of a state for which `can_snapshot`."""
    count = station.count
    return msgspec.json.encode(
        _Snapshot(
            **{name: getattr(station, name) for name in _OWN_NAMES},
            number=count.number,
            session=count.session,
            refused=count.refused,
            lost=dict(station.lost.items()),
        )
    )


def document_of(raw: bytes) -> str:
    """The SHA-256 of the plan that the snapshot needs; empty where none."""
    return msgspec.json.decode(raw, type=_Snapshot).plan_document


def decode(raw: bytes, plan: Plan | None) -> Station:
    """The state again; raise msgspec.MsgspecError where the bytes are no snapshot of this version."""
    kept = msgspec.json.decode(raw, type=_Snapshot)

    return Station(
        **{name: getattr(kept, name) for name in _OWN_NAMES},
        plan=plan,
        count=Count(number=kept.number, session=kept.session, refused=kept.refused),
        lost=HashTrieMap(kept.lost),
    )


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
)
