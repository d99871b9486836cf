"""The words of commands: what a signed note of the back office says, and why one is refused.

The note's text is one JSON object, `Command`, and a newline. A body that is larger than a packet travels as the
hashes of its chunks, under the same signature.
"""

from enum import StrEnum
from typing import Annotated

import msgspec

EVERY_STATION = "all"
TEXT_BYTES_MAX = 64 * 1024
"""Of a whole note: more is refused unread."""
BODY_BYTES_MAX = 32 * 1024 * 1024
CHUNK_BYTES = 48 * 1024
"""Of each chunk but the last, and of a body that still travels in its command."""
CHUNKS_MAX = 700
"""Their hashes have to stand in `TEXT_BYTES_MAX`."""
COUNTER_MAX = 2**53 - 1
"""What every JSON reader can hold exactly."""

Sha256 = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Reason(StrEnum):
    """Why a command was refused. The names stand in `command.refused` events and in replies: add, never rename."""

    TOO_LARGE = "too_large"
    BAD_REPLY_TOPIC = "bad_reply_topic"
    BAD_SIGNATURE = "bad_signature"
    TOO_DEEP = "too_deep"
    NOT_JSON = "not_json"
    BAD_BODY = "bad_body"
    WRONG_TOPIC = "wrong_topic"
    OTHER_STATION = "other_station"
    OTHER_EPOCH = "other_epoch"
    REPLAYED = "replayed"
    EXPIRED = "expired"
    CLOCK_UNSYNCED = "clock_unsynced"
    UNKNOWN_VERB = "unknown_verb"
    NOT_SERVED = "not_served"


class Verb(StrEnum):
    """Every verb of the contract, served or not; kinds of documents add theirs. There is none that unlocks."""

    PLAN = "plan"
    MANIFEST = "manifest"
    ROSTER = "roster"
    BOOK = "book"
    SALES = "sales"
    TICKET = "ticket"
    HOLD = "hold"
    COMPARE = "compare"
    ECHO = "echo"
    LOCKDOWN = "lockdown"
    MESSAGE = "message"
    UPDATE = "update"
    PING = "ping"


VERBS = frozenset(verb.value for verb in Verb)


NO_BODY = msgspec.Raw(b"null")


class Chunked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body that travels in chunks: SHA-256 of the whole and of each chunk, in order, as lower-case hex."""

    document: Sha256
    bytes: Annotated[int, msgspec.Meta(ge=1, le=BODY_BYTES_MAX)]
    chunks: Annotated[tuple[Sha256, ...], msgspec.Meta(min_length=1, max_length=CHUNKS_MAX)]


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One command as it is signed. A field that this release does not know refuses it: it may restrict.

    To `all` stations of the site there is no epoch. `challenges` are the words that stations showed in their `info`
    when the command was made: the proof of its age for a station whose clock proves nothing.
    """

    verb: Word
    site: Word
    station: Word
    counter: Annotated[int, msgspec.Meta(ge=1, le=COUNTER_MAX)]
    not_after: Word
    epoch: Annotated[str, msgspec.Meta(max_length=64)] = ""
    challenges: Annotated[tuple[Word, ...], msgspec.Meta(max_length=500)] = ()
    body: msgspec.Raw = NO_BODY
    chunked: Chunked | None = None


class Here(msgspec.Struct, frozen=True):
    """Which station this is, and the epoch of its journal."""

    site: str
    station: str
    epoch: str


class ReplyTo(msgspec.Struct, frozen=True):
    """Where a caller waits for the reply: a topic below the station's own `reply/`."""

    topic: str
    correlation: bytes | None = None

    @property
    def caller(self) -> str:
        """The last level of the topic."""
        return self.topic.rpartition("/")[2]


class MessageBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`message`: a text for the screen until somebody has seen it, or until `not_after` (else the command's)."""

    text: str
    not_after: str = ""


class LockdownBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`lockdown`: sets or clears it, and says why."""

    set: bool
    reason: str = ""
