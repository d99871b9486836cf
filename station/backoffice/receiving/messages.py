"""What a message of a station means, from its topic and its bytes alone. Pure."""

import re
from typing import Any, NamedTuple, TypeVar

import msgspec

from station.backoffice.store.leaves import LeafEvent, decode_leaf
from station.relay.topics import check_level, check_station_name

LEAF_BYTES_MAX = 64 * 1024
"""Twice a station's own cap: a leaf that a later release makes larger is still taken."""

SEQ_MAX = 10**15
T = TypeVar("T")
_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Malformed(ValueError):
    """Bytes that mean nothing here; the text says which part."""


class Misplaced(ValueError):
    """A message whose content belongs to another topic than the one it came by."""


class Address(NamedTuple):
    """Which station speaks, of what, and the rest of the topic (an event's type, a witness's name)."""

    station: str
    kind: str
    rest: str


class WithheldLeaf(NamedTuple):
    """A leaf of which only the hash may come."""

    epoch: str
    seq: int
    hash: bytes


class Info(msgspec.Struct, frozen=True):
    """What a station says of itself, retained; unknown fields are ignored."""

    epoch: str = ""
    key: str = ""


class Health(msgspec.Struct, frozen=True):
    """How far a station's journal reaches; without an epoch it is that of `info`."""

    head: int = -1
    epoch: str = ""


class State(msgspec.Struct, frozen=True):
    """ready, degraded, stopped, lost."""

    state: str = ""


class Began(msgspec.Struct, frozen=True):
    """What `epoch.began` says: the journal before, and its last known checkpoint (a signed note)."""

    reason: str = ""
    previous: str = ""
    checkpoint: str = ""


class Rotated(msgspec.Struct, frozen=True):
    """What `key.rotated` says: the new verifier key, and a note by the old one."""

    key: str
    note: str


class _Withheld(msgspec.Struct, frozen=True):
    epoch: str
    seq: int
    hash: str


_withheld = msgspec.json.Decoder(_Withheld)


def split_topic(site: str, topic: str) -> Address | None:
    """Take a topic below `custody/v1/<site>/` apart; None for any other, and for what no station is called."""
    parts = topic.split("/")
    if parts[:3] != ["custody", "v1", site] or not 5 <= len(parts) <= 6:
        return None
    try:
        check_station_name("station", parts[3])
    except ValueError:
        return None
    return Address(parts[3], parts[4], parts[5] if len(parts) == 6 else "")


def read_event(site: str, place: Address, payload: bytes) -> LeafEvent:
    """Read a leaf. Raise `Malformed`, or `Misplaced` where source, type and id do not agree with the topic."""
    if len(payload) > LEAF_BYTES_MAX:
        raise Malformed(f"leaf of {len(payload)} bytes: must be at most {LEAF_BYTES_MAX}")
    try:
        leaf = decode_leaf(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"leaf: {error}; must be a CloudEvents object") from None
    if not _DIGITS.fullmatch(leaf.sequence) or int(leaf.sequence) > SEQ_MAX:
        raise Malformed(f"leaf: sequence = {leaf.sequence[:40]!r}; must be digits")
    seq, epoch = int(leaf.sequence), epoch_name(leaf.epoch)
    source = f"/custody/{site}/{place.station}"
    wanted = (("source", leaf.source, source), ("type", leaf.type, place.rest), ("id", leaf.id, f"{epoch}-{seq}"))
    for name, found, expected in wanted:
        if found != expected:
            raise Misplaced(f"leaf: {name} = {found[:100]!r}; must be {expected!r} by its topic and its sequence")
    return LeafEvent(epoch, seq, leaf.boot, leaf.type, leaf.time, leaf.data)


def read_withheld(payload: bytes) -> WithheldLeaf:
    """Read the message that stands for a leaf."""
    try:
        found = _withheld.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"withheld: {error}") from None
    if not 0 <= found.seq <= SEQ_MAX or not _HASH.fullmatch(found.hash):
        raise Malformed("withheld: seq or hash; must be a number and 64 hexadecimal digits")
    return WithheldLeaf(epoch_name(found.epoch), found.seq, bytes.fromhex(found.hash))


def read_json(kind: type[T], payload: bytes) -> T:
    """Read a JSON object as `kind`, ignoring what it does not know. Raise `Malformed`."""
    try:
        return msgspec.json.decode(payload, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"{kind.__name__.lower()}: {error}") from None


def read_event_data(kind: type[T], found: Any) -> T:
    """Read the `data` of an event as `kind`. Raise `Malformed`."""
    try:
        return msgspec.convert(found, kind)
    except msgspec.MsgspecError as error:
        raise Malformed(f"{kind.__name__.lower()}: {error}") from None


def epoch_name(text: str) -> str:
    """Return an epoch's name unchanged. Raise `Malformed`."""
    try:
        return check_level("epoch", text)
    except ValueError as error:
        raise Malformed(str(error)) from None
