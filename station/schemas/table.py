"""The topics of a station, a row each: who sends what, how. `station.relay.topics` makes the same names."""

import msgspec

from station.relay.outgoing import JSON_TYPE, LEAF_TYPE, NOTE_TYPE

BASE = "custody/v1/{site}/{station}"
EVERY_STATION = "custody/v1/{site}/all"
SEND, RECEIVE = "send", "receive"
CHUNK_TYPE = "application/octet-stream"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One topic; `action` is what the station does there, `message` the schema's name, empty for bytes of any kind.

    A row without a message, of `LEAF_TYPE`, is that of all events.
    """

    name: str
    address: str
    action: str
    what: str
    qos: int = 1
    is_retained: bool = False
    content_type: str = JSON_TYPE
    message: str = ""
    is_answered: bool = False


def _own_row(name: str, action: str, what: str, rest: str = "", **more: str | int | bool) -> Row:
    settings = {"message": name} | more
    return Row(name=name, address=f"{BASE}/{name}{rest}", action=action, what=what, **settings)  # type: ignore[arg-type]


ROWS = (
    _own_row("state", SEND, "Told when it changes; the Will says lost.", is_retained=True),
    _own_row("info", SEND, "What the station is: key, epoch, versions.", is_retained=True),
    _own_row("health", SEND, "How it fares, every 60 s.", qos=0),
    _own_row(
        "alert",
        SEND,
        "One live fault and its cure; an empty payload clears it.",
        "/{code}/{instance}",
        is_retained=True,
    ),
    _own_row(
        "event",
        SEND,
        "The leaf of each event, byte for byte as it was signed.",
        "/{type}",
        content_type=LEAF_TYPE,
        message="",
    ),
    _own_row(
        "checkpoint", SEND, "Each checkpoint, right after its last leaf.", is_retained=True, content_type=NOTE_TYPE
    ),
    _own_row("withheld", SEND, "The hash of a leaf that does not travel."),
    _own_row(
        "ack",
        RECEIVE,
        "The newest checkpoint that a witness cosigned.",
        "/{witness}",
        is_retained=True,
        content_type=NOTE_TYPE,
    ),
    _own_row("resend", RECEIVE, "Leaves that a receiver misses; rate-limited."),
    _own_row(
        "command",
        RECEIVE,
        f"A signed command to this station, its response topic {BASE}/reply/{{caller}}.",
        "/{verb}",
        content_type=NOTE_TYPE,
        is_answered=True,
    ),
    Row(
        name="command-to-all",
        address=f"{EVERY_STATION}/command/{{verb}}",
        action=RECEIVE,
        what=f"A signed command to every station of the site, its response topic {EVERY_STATION}/reply/{{caller}}; each"
        " station answers below its own reply/.",
        content_type=NOTE_TYPE,
        message="command",
        is_answered=True,
    ),
    _own_row(
        "chunk",
        RECEIVE,
        "A piece of a command's body that is too large for it.",
        "/{sha256}",
        content_type=CHUNK_TYPE,
        message="",
    ),
    _own_row("reply", SEND, "What a command came to.", "/{caller}"),
)
