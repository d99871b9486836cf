"""The leaf: the exact bytes of one event, a CloudEvents 1.0 JSON object; stored, hashed and published as they are."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from station.domain.core.decider import Recorded
from station.domain.core.event import SCHEMA_VERSION, Event
from station.domain.station.duties import EVENTS

LEAF_BYTES_MAX = 32 * 1024
SEQ_DIGITS = 12
UNIX = datetime(1970, 1, 1, tzinfo=UTC)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)

EPOCH_PATTERN = "[0-9]{8}T[0-9]{6}Z-[0-9a-f]{4}"

# What `extra_json_schema` says stands in the published schemas (`station.schemas`) and checks nothing here.
EpochName = Annotated[str, Meta(extra_json_schema={"pattern": f"^{EPOCH_PATTERN}$"})]
Text = Annotated[str, Meta(extra_json_schema={"minLength": 1})]


class Leaf(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """CloudEvents attributes are `[a-z0-9]`, and its integers 32 bits wide, hence the digits as strings."""

    specversion: Annotated[str, Meta(extra_json_schema={"const": "1.0"})]
    id: Annotated[str, Meta(extra_json_schema={"pattern": f"^{EPOCH_PATTERN}-[0-9]+$"})]
    source: Annotated[str, Meta(extra_json_schema={"pattern": "^/custody/[^/]+/[^/]+$"})]
    type: str
    subject: Annotated[Text, Meta(description="The tag, session or id that it is about, where there is one.")] = ""
    time: Annotated[str, Meta(extra_json_schema={"format": "date-time", "pattern": f"^{TIME.pattern}$"})]
    dataschema: str
    sequence: Annotated[
        str,
        Meta(
            description="The seq, from 0 in each epoch; zero-padded.",
            extra_json_schema={"pattern": f"^[0-9]{{{SEQ_DIGITS},18}}$"},
        ),
    ]
    epoch: EpochName
    boot: Annotated[Text, Meta(description="The kernel's random id of its boot.")]
    monotonicms: Annotated[
        str,
        Meta(description="Milliseconds since that boot.", extra_json_schema={"pattern": f"^{NUMBER.pattern}$"}),
    ]
    clock: Annotated[str, Meta(extra_json_schema={"enum": ["synced", "rtc", "unsynced"]})]
    data: Any


class Unknown(Event, frozen=True):
    """An event of a type that this release does not know; it is kept, and changes nothing."""


class LeafFault(ValueError):
    """Bytes that are no leaf; the text says which part."""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Leaf)


def rfc3339(wall_ms: int) -> str:
    """UTC milliseconds since 1970 as `2026-11-23T14:04:05.123Z`."""
    # In whole milliseconds: a float of seconds loses the last one of them in some moments.
    return f"{_second(wall_ms // 1000)}.{wall_ms % 1000:03d}Z"


@lru_cache(maxsize=4)  # the next scan is often of the same second
def _second(wall_s: int) -> str:
    return (UNIX + timedelta(seconds=wall_s)).isoformat()[:19]


def wall_ms_of(time: str) -> int:
    """The inverse of `rfc3339`; raise ValueError for any other text."""
    if not TIME.fullmatch(time):
        raise ValueError(f"time = {time[:40]!r}: must be UTC such as 2026-11-23T14:04:05.123Z")
    return (datetime.fromisoformat(time) - UNIX) // timedelta(milliseconds=1)


def encode(recorded: Recorded, source: str, epoch: str) -> bytes:
    """The leaf of one event; `source` is `/custody/<site>/<station>`."""
    event = recorded.event
    return _encoder.encode(
        Leaf(
            specversion="1.0",
            id=f"{epoch}-{recorded.seq}",
            source=source,
            type=event.TYPE,
            subject=event.subject(),
            time=rfc3339(recorded.wall_ms),
            dataschema=f"urn:custody-station:{event.TYPE}:{SCHEMA_VERSION}",
            sequence=f"{recorded.seq:0{SEQ_DIGITS}d}",
            epoch=epoch,
            boot=recorded.boot,
            monotonicms=str(recorded.at),
            clock=recorded.clock,
            data=event,
        )
    )


def decode(leaf: bytes, leaf_hash: bytes = b"") -> Recorded:
    """Read a leaf back, whose hash is `leaf_hash`; an unknown type becomes `Unknown`.

    Raise `LeafFault` for anything that is no leaf.
    """
    try:
        found = _decoder.decode(leaf)
        event_type = EVENTS.get(found.type)
        event = msgspec.convert(found.data, event_type) if event_type else Unknown()
        at = _number("monotonicms", found.monotonicms)
        wall_ms = wall_ms_of(found.time)
        seq = _number("sequence", found.sequence)
        return Recorded(seq, at, wall_ms, found.boot, found.clock, event, None, leaf_hash)
    # RecursionError: so many brackets that the decoder gives up.
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise LeafFault(f"leaf: {error}; must be a CloudEvents object of this station") from None


def _number(name: str, text: str) -> int:
    if not NUMBER.fullmatch(text):
        raise ValueError(f"{name} = {text[:40]!r}: must be digits")
    return int(text)
