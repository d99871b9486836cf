"""What the relay sends: leaves, the hashes that stand for some, checkpoints, replies; and what was refused. Pure."""

from enum import Enum
from typing import Any, NamedTuple, Protocol

import msgspec
from msgspec import UNSET

from station.domain.core.effects import RemoteReply
from station.domain.station.messages import Alert, CommandReply, ReplyError, Withheld, as_json
from station.relay.topics import Topics

LEAF_TYPE = "application/cloudevents+json"
JSON_TYPE = "application/json"
NOTE_TYPE = "text/plain; charset=utf-8"


class LeafReader(Protocol):
    """The durable part of the journal, as the relay reads it; from one thread only."""

    def leaves(self, first_seq: int, rows_max: int) -> list[tuple[int, bytes]]:
        """Return (seq, leaf) from `first_seq` on, ascending, at most `rows_max` of them."""

    def epoch(self) -> str:
        """Return the epoch's name."""

    def head(self) -> int:
        """Return the highest durable seq, -1 in an empty journal."""

    def checkpoints_between(self, first_size: int, last_size: int) -> list[tuple[int, bytes]]:
        """Return (size, signed note) of the checkpoints of these sizes, in order, at most 100 of them."""

    def newest_checkpoint(self) -> tuple[int, bytes, bytes] | None:
        """Return the (size, signed note, compact range) of the newest checkpoint, None where there is none."""

    def pruned_leaves(self, first_seq: int, rows_max: int) -> list[tuple[int, bytes]]:
        """Return the (seq, hash) of pruned leaves from `first_seq` on, in order, at most `rows_max`."""


class OutgoingKind(Enum):
    """What stands for a seq in a message."""

    LEAF = "leaf"
    HASH = "hash"  # the leaf itself is withheld
    CHECKPOINT = "checkpoint"  # of size seq + 1


class Outgoing(NamedTuple):
    """One message about one leaf; `leaf` holds its bytes where only its hash is sent."""

    seq: int
    kind: OutgoingKind
    event_type: str
    topic: str
    payload: bytes
    content_type: str
    leaf: bytes


def hash_message(topics: Topics, event_type: str, place: tuple[str, int], hash: bytes, leaf: bytes = b"") -> Outgoing:
    """Return the message that a receiver can count in the place of a leaf; `place` is its epoch and seq."""
    epoch, seq = place
    payload = msgspec.json.encode(Withheld(epoch, seq, hash.hex()))
    return Outgoing(seq, OutgoingKind.HASH, event_type, topics.withheld, payload, JSON_TYPE, leaf)


def checkpoint_message(topics: Topics, size: int, note: bytes) -> Outgoing:
    """Return the message of a signed checkpoint, which is to go right after its last leaf."""
    return Outgoing(size - 1, OutgoingKind.CHECKPOINT, "checkpoint", topics.checkpoint, note, NOTE_TYPE, b"")


def packet_bytes(topic: str, payload: bytes, content_type: str) -> int:
    """Return the size of the MQTT 5 PUBLISH packet with QoS 1 and a content type (3.3): what a broker limits."""
    properties = 3 + len(content_type)
    rest = 2 + len(topic) + 2 + 1 + properties + len(payload)
    length_bytes = 1 + (rest > 0x7F) + (rest > 0x3FFF) + (rest > 0x1F_FFFF)
    return 1 + length_bytes + rest


def reply_payload(reply: RemoteReply) -> bytes:
    """Return `{"status": "ok" | "error", "error": {"code", "text"}, "data"}` as JSON; what is empty is left out."""
    error = ReplyError(reply.code, reply.text) if reply.code else UNSET
    return msgspec.json.encode(CommandReply("error" if reply.code else "ok", error, reply.values or UNSET))


KINDS_MAX = 32
"""Alerts at once; beyond, the refusals of other event types are told together as `others`."""


class WhyWithheld(Enum):
    """Why a leaf went as its hash only; the value is the alert's code."""

    REFUSED = "leaf-refused"
    OVERSIZED = "leaf-oversized"
    UNREADABLE = "leaf-unreadable"


_CURES = {
    WhyWithheld.REFUSED: "give this station write access to event/# in the broker's acl_file, and look at the broker's "
    "log",
    WhyWithheld.OVERSIZED: "raise max_packet_size (and message_size_limit, if set) of the broker to 65536",
    WhyWithheld.UNREADABLE: "the leaf names no event type that a topic can carry; run `station verify` on the journal",
}


class WithheldAlerts:
    """Counts withheld leaves by reason and type; a refused type's alert ends when a leaf of that type passes again."""

    def __init__(self) -> None:
        self._told: dict[tuple[WhyWithheld, str], dict[str, Any]] = {}

    def note_withheld(self, why: WhyWithheld, event_type: str, seq: int, reason: int) -> None:
        """Count one more leaf that went as its hash; `reason` is the PUBACK's, 0 where there was none."""
        if len(self._told) >= KINDS_MAX and (why, event_type) not in self._told:
            event_type = "others"
        times = self._told.get((why, event_type), {}).get("times", 0)
        self._told[why, event_type] = as_json(Alert(times=times + 1, seq=seq, reason=reason, cure=_CURES[why]))

    def note_passed(self, event_type: str) -> None:
        """A leaf of this type was taken by the broker: the alert that it refuses the type ends."""
        if self._told:
            self._told.pop((WhyWithheld.REFUSED, event_type), None)

    def withheld_alerts(self) -> dict[str, dict[str, Any]]:
        """Return `code/instance` -> payload of the alerts that stand."""
        return {f"{why.value}/{event_type}": payload for (why, event_type), payload in self._told.items()}
