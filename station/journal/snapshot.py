"""A state between sessions as bytes, so that a start replays little. Never the truth: the events are.

Taken only while nothing is open that grows. Every field of every room stands in it, but for those that the rooms' rows
name as left out; documents are kept by their hash, and put back. SHA-256 of the JSON, then the JSON: a flipped bit must
not become a state. This release reads the versions of `READ`, the newest that is there, and writes `VERSION`.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec

from station.domain.station.duties import DOCUMENTS, ROWS
from station.domain.station.state import LEFT_OUT, Station, is_at_rest
from station.journal import snapshot_v3
from station.journal.persistent import plain, restored

VERSION = 4
READ = (VERSION, snapshot_v3.VERSION)
HASH_BYTES = 32

ReadDocument = Callable[[str], bytes]


class NotAsWritten(ValueError):
    """A snapshot's bytes rotted; the events still stand."""


def can_snapshot(station: Station) -> bool:
    """True between sessions."""
    return is_at_rest(station)


def encode(station: Station) -> bytes:
    """The snapshot of a state for which `can_snapshot`."""
    rooms = {row.name: row for row in ROWS}
    kept: dict[str, Any] = {}
    for name in Station.__struct_fields__:
        if name in LEFT_OUT:
            continue
        value = getattr(station, name)
        kept[name] = _without(value, rooms[name].left_out) if name in rooms else plain(value)
    state = msgspec.json.encode(kept)
    return hashlib.sha256(state).digest() + state


def _without(state: msgspec.Struct, left_out: frozenset[str]) -> dict[str, Any]:
    return {name: plain(getattr(state, name)) for name in state.__struct_fields__ if name not in left_out}


def decode(raw: bytes, version: int, document: ReadDocument) -> Station:
    """The state again; `document` reads what is kept by its SHA-256.

    Raise `NotAsWritten` or msgspec.MsgspecError where the bytes are no snapshot of this version.
    """
    if hashlib.sha256(raw[HASH_BYTES:]).digest() != raw[:HASH_BYTES]:
        raise NotAsWritten("snapshot: its bytes are not those that were hashed")
    state = raw[HASH_BYTES:]
    if version == snapshot_v3.VERSION:
        return _with_documents(snapshot_v3.decode(state), document)
    return _with_documents(restored(Station, msgspec.json.decode(state)), document)


def _with_documents(station: Station, document: ReadDocument) -> Station:
    for row, kind in DOCUMENTS.values():
        state = getattr(station, row.name)
        if held := kind.held(state):
            value = kind.stored(document(held))
            station = msgspec.structs.replace(station, **{row.name: kind.put_back(state, value)})
            if kind.put_back_book is not None:
                station = msgspec.structs.replace(station, books=kind.put_back_book(station.books, value))
    return station
