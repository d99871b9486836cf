"""The JSON messages of a station's MQTT topics, apart from its events: state, info, health, alerts, and what is asked.

Names are public, fields are only ever added, and a reader ignores those that it does not know. What `Meta` says beside
a type stands in the published schemas (`station.schemas`) and checks nothing here, unless it is a bound.
"""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from station.domain.station.leaf import EPOCH_PATTERN, EpochName

LeafHash = Annotated[
    str,
    Meta(description="SHA-256(0x00 || leaf) in hex (RFC 6962, 2.1).", extra_json_schema={"pattern": "^[0-9a-f]{64}$"}),
]
Quality = Annotated[str, Meta(extra_json_schema={"enum": ["synced", "rtc", "unsynced"]})]


class State(msgspec.Struct, frozen=True):
    """What the station is up to; the broker itself says `lost` of one that went without a word (its Will)."""

    state: Annotated[str, Meta(extra_json_schema={"enum": ["ready", "degraded", "stopped", "lost"]})]


class Info(msgspec.Struct, frozen=True, kw_only=True):
    """What the station says of itself. The last three stand only where the settings name a back office."""

    epoch: EpochName
    version: Annotated[str, Meta(description="Of the station's program.")]
    python: str
    settings: Annotated[str, Meta(description="A hash of the effective settings.")]
    duties: tuple[str, ...]
    schema: Annotated[int, Meta(description="The version that the leaves' `dataschema` ends in.")]
    key: Annotated[
        str,
        Meta(
            description="The verifier key of its checkpoints (C2SP signed-note).",
            extra_json_schema={"pattern": r"^[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$"},
        ),
    ]
    command_counter: Annotated[int, Meta(description="Of the last command to this station.")] | UnsetType = UNSET
    command_counter_all: Annotated[int, Meta(description="Of the last command to all stations.")] | UnsetType = UNSET
    challenge: Annotated[str, Meta(description="A word that proves a command's age.")] | UnsetType = UNSET


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the station fares, every minute; null where it cannot be known."""

    epoch: EpochName
    head: Annotated[int, Meta(description="The newest seq; -1 before the first event.")]
    acked: Annotated[int, Meta(description="The newest seq that every witness has cosigned.")]
    waiting: Annotated[int, Meta(description="head - acked.", extra_json_schema={"minimum": 0})]
    clock: Quality
    disk_free_bytes: int
    temperature_c: float | None
    undervoltage: bool | None
    uptime_s: int


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One live fault, for as long as it lives; its topic says which. An empty payload clears it."""

    times: Annotated[int, Meta(description="How often it was seen.")] | UnsetType = UNSET
    seq: Annotated[int, Meta(description="Of the last event that it concerned.")] | UnsetType = UNSET
    leaves: Annotated[int, Meta(description="How many events went as their hash.")] | UnsetType = UNSET
    reason: Annotated[str | int, Meta(description="Words, or the broker's reason code.")] | UnsetType = UNSET
    cure: Annotated[str, Meta(description="What to do about it.")]


class Withheld(msgspec.Struct, frozen=True):
    """Stands for a leaf that the broker refused, or that was pruned: a receiver counts the hash in its place."""

    epoch: Annotated[
        str,
        Meta(
            description="Empty where the leaf cannot be read.",
            extra_json_schema={"pattern": f"^({EPOCH_PATTERN})?$"},
        ),
    ]
    seq: Annotated[int, Meta(extra_json_schema={"minimum": 0})]
    hash: LeafHash


class Resend(msgspec.Struct, frozen=True):
    """Asks for the leaves `from` to `to`, both within, once more."""

    epoch: EpochName
    first: Annotated[int, Meta(extra_json_schema={"minimum": 0})] = msgspec.field(name="from")
    last: Annotated[int, Meta(extra_json_schema={"minimum": 0})] = msgspec.field(name="to")


class ReplyError(msgspec.Struct, frozen=True):
    """Why a command did nothing: a word for programs, and words for people."""

    code: str
    text: str


class CommandReply(msgspec.Struct, frozen=True):
    """What a command came to; `error` stands there only where `status` is `error`."""

    status: Annotated[str, Meta(extra_json_schema={"enum": ["ok", "error"]})]
    error: ReplyError | UnsetType = UNSET
    data: dict[str, Any] | UnsetType = UNSET


def as_json(message: msgspec.Struct) -> dict[str, Any]:
    """The JSON object that a message becomes, for whoever still adds to it; what is unset is left out."""
    found: dict[str, Any] = msgspec.to_builtins(message)
    return found
