"""The leaves of stations as events: what the back office needs to know of one, read from its bytes alone. Pure."""

from typing import Any, NamedTuple

import msgspec


class LeafEvent(NamedTuple):
    """What the receiver needs to know of a leaf."""

    epoch: str
    seq: int
    boot: str
    type: str
    time: str
    data: Any


class _Leaf(msgspec.Struct, frozen=True):
    id: str
    source: str
    type: str
    sequence: str
    epoch: str
    boot: str = ""
    time: str = ""
    data: Any = None


decode_leaf = msgspec.json.Decoder(_Leaf).decode
"""The fields of a CloudEvents object; raises `msgspec.MsgspecError`, UnicodeDecodeError or RecursionError."""


def read_stored(leaf: bytes) -> LeafEvent | None:
    """Read a leaf that is stored already; None for one that cannot be read any more."""
    try:
        found = decode_leaf(leaf)
        return LeafEvent(found.epoch, int(found.sequence), found.boot, found.type, found.time, found.data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
