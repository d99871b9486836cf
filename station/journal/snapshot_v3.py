"""Snapshots of version 3, as the release before wrote them: read, and never written."""

import msgspec
from rpds import HashTrieMap

from station.domain.commands.events import LockdownSet, MessageReceived
from station.domain.commands.state import Commanded, Counters
from station.domain.count.state import Count
from station.domain.entry.state import Entry
from station.domain.lifecycle.state import Lifecycle
from station.domain.people.state import People
from station.domain.session.refusing import Latched
from station.domain.station.state import Station

VERSION = 3


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


def decode(state: bytes) -> Station:
    """The state of its JSON, without the documents. Raise msgspec.MsgspecError."""
    kept = msgspec.json.decode(state, type=_Snapshot)
    return Station(
        lifecycle=Lifecycle(
            settings=kept.settings,
            is_stopped=kept.is_stopped,
            lost=HashTrieMap(kept.lost),
            keys=kept.keys,
            pruned_below=kept.pruned_below,
            policy=kept.entry.policy,
        ),
        session=Latched(kept.unseen),
        people=People(None, kept.roster_document),
        commands=Commanded(kept.counters, kept.message, kept.lockdown),
        count=Count(
            number=kept.number,
            session=kept.session,
            refused=kept.refused,
            loaded_document=kept.plan_document,
        ),
        entry=kept.entry,
        seq=kept.seq,
        at=kept.at,
        wall_ms=kept.wall_ms,
        boot=kept.boot,
        offset_ms=kept.offset_ms,
        quality=kept.quality,
        proven_ms=kept.proven_ms,
    )
