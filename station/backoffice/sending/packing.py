"""From a file to a signed command and its chunks. Pure but for the key of a roster, which is handed in."""

import hashlib
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from station.domain.commands.bodies import BodyFaults
from station.domain.commands.verbs import BODY_BYTES_MAX, CHUNK_BYTES, Chunked, Command, Verb
from station.domain.documents.faults import DocumentFaults
from station.domain.documents.json_files import without_mark
from station.domain.station.bodies import KNOWN, SERVED, read_body
from station.errors import StationError, UsageError
from station.sealing.note import SigningKey, sign


class FileRefused(StationError):
    """The file cannot be a body of this verb; nothing was sent."""


class Packed(NamedTuple):
    """One signed command, and the chunks of its body by their names; none where the body stands in the note."""

    note: bytes
    chunks: list[tuple[str, bytes]]


def body_of(verb: str, raw: bytes, seal_roster: Callable[[bytes], bytes]) -> bytes:
    """Return the body that a file comes to, on one line.

    Raise `FileRefused` with every fault of the file, `UsageError` for an unknown verb.
    """
    if verb not in KNOWN:
        raise UsageError(f"verb {verb!r}: must be one of {', '.join(sorted(KNOWN))}")
    try:
        body = msgspec.json.format(seal_roster(raw) if verb == Verb.ROSTER else without_mark(raw), indent=-1)
        if not isinstance(msgspec.json.decode(body), dict):
            raise FileRefused(f"{verb}: must be one JSON object; export it again")
        if verb in SERVED:
            read_body(verb, body)
    except (DocumentFaults, BodyFaults) as faults:
        raise FileRefused(str(faults)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FileRefused(f"{verb}: {error}; must be one JSON object in UTF-8; export it again") from None
    if len(body) > BODY_BYTES_MAX:
        raise FileRefused(f"{verb}: {len(body)} bytes; at most {BODY_BYTES_MAX}; split it")
    return body


def pack_command(command: Command, body: bytes, key: SigningKey) -> Packed:
    """Sign the command with this body, or with the hashes of its chunks."""
    if len(body) <= CHUNK_BYTES:
        return Packed(_sign_command(msgspec.structs.replace(command, body=msgspec.Raw(body)), key), [])
    pieces = [body[at : at + CHUNK_BYTES] for at in range(0, len(body), CHUNK_BYTES)]
    chunks = [(hashlib.sha256(piece).hexdigest(), piece) for piece in pieces]
    about = Chunked(hashlib.sha256(body).hexdigest(), len(body), tuple(name for name, _ in chunks))
    return Packed(_sign_command(msgspec.structs.replace(command, chunked=about), key), chunks)


def _sign_command(command: Command, key: SigningKey) -> bytes:
    return sign(msgspec.json.encode(command) + b"\n", key)
