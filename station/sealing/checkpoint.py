"""Checkpoints (C2SP tlog-checkpoint, v1.0.0) and cosignatures on them (C2SP tlog-cosignature, v1.0.1, Ed25519)."""

import base64
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from station.sealing.merkle import HASH_BYTES, SIZE_MAX
from station.sealing.note import (
    ALGORITHMS,
    COSIGNATURE,
    NOTE_BYTES_MAX,
    KeyRefused,
    NoteRefused,
    SigningKey,
    VerifierKey,
    open_note,
    sign,
    split_note,
    strict_base64,
    with_signatures,
)

TIME_MAX = 2**63 - 1

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_LINE = re.compile(r"[^\x00-\x1f\ud800-\udfff]+")
_TIME = struct.Struct(">Q")


class CheckpointRefused(NoteRefused):
    """A text that is no checkpoint; the error's text says which line."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A statement about a log: its first `size` leaves have this root (RFC 6962)."""

    origin: str
    size: int
    root: bytes
    extension: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise CheckpointRefused for what no checkpoint can hold."""
        for line in (self.origin, *self.extension):
            if not _LINE.fullmatch(line):
                raise CheckpointRefused(f"checkpoint: line {line[:80]!r}; must be text and not be empty")
        if not 0 <= self.size <= SIZE_MAX:
            raise CheckpointRefused(f"checkpoint: size {self.size}; it is between 0 and {SIZE_MAX}")
        if len(self.root) != HASH_BYTES:
            raise CheckpointRefused(f"checkpoint: a root of {len(self.root)} bytes; it has {HASH_BYTES}")

    def text(self) -> bytes:
        """The text that is signed; `parse` reads it."""
        root = base64.b64encode(self.root).decode("ascii")
        return "".join(f"{line}\n" for line in (self.origin, self.size, root, *self.extension)).encode()

    @classmethod
    def parse(cls, text: bytes) -> "Checkpoint":
        """The inverse of `text`; raise CheckpointRefused for any other bytes."""
        lines = _text_lines(text)
        if len(lines) < 3:
            raise CheckpointRefused(f"checkpoint: {len(lines)} lines; at least origin, size and root")
        origin, size, root, *extension = lines
        if not _SIZE.fullmatch(size):
            raise CheckpointRefused(f"checkpoint: size {size[:40]!r}; must be decimal without leading zeroes")
        try:
            raw = strict_base64(root)
        except ValueError:
            raise CheckpointRefused(f"checkpoint: root {root[:80]!r}; must be base64 of {HASH_BYTES} bytes") from None
        return cls(origin, int(size), raw, tuple(extension))


def _text_lines(text: bytes) -> list[str]:
    if len(text) > NOTE_BYTES_MAX:
        raise CheckpointRefused(f"checkpoint: {len(text)} bytes; at most {NOTE_BYTES_MAX}")
    if not text.endswith(b"\n"):
        raise CheckpointRefused("checkpoint: its last line does not end; each ends in a newline")
    try:
        return text[:-1].decode().split("\n")
    except UnicodeDecodeError as error:
        raise CheckpointRefused(f"checkpoint: byte {error.start} is not UTF-8; a checkpoint is text") from None


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> bytes:
    """The checkpoint as a note of one signature."""
    return sign(checkpoint.text(), key)


def open_checkpoint(note: bytes, keys: Iterable[VerifierKey]) -> Checkpoint:
    """The checkpoint that at least one of `keys` signed; raise NoteRefused otherwise."""
    return Checkpoint.parse(open_note(note, keys).text)


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A checkpoint that a witness found consistent with all it saw before, in seconds since 1970."""

    checkpoint: Checkpoint
    at_s: int


def cosign(note: bytes, key: SigningKey, at_s: int) -> bytes:
    """The same note with a cosignature as one more line; `at_s` is seconds since 1970.

    The key is of the type COSIGNATURE. Who calls has verified the log's own signature and the consistency proof.
    """
    _check_cosigns(key.verifier)
    if not 0 <= at_s <= TIME_MAX:
        raise NoteRefused(f"cosignature: time {at_s}; it is between 0 and {TIME_MAX}")
    text, _ = split_note(note)
    Checkpoint.parse(text)
    return with_signatures(note, (key.verifier, _TIME.pack(at_s) + key.signature(_cosigned_message(text, at_s))))


def open_cosigned(note: bytes, key: VerifierKey) -> Cosigned:
    """What the witness with this key stated; raise NoteRefused without a cosignature of it, or with a bad one.

    Only that key's lines are verified, each of them; the time is that of the newest.
    """
    _check_cosigns(key)
    text, lines = split_note(note)
    mine = [line.signature for line in lines if (line.name, line.key_id) == (key.name, key.key_id)]
    if not mine:
        raise NoteRefused(f"cosignature: none of {key.name}+{key.key_id.hex()} on this checkpoint")
    return Cosigned(Checkpoint.parse(text), max(_cosigned_at(text, signature, key) for signature in mine))


def _cosigned_at(text: bytes, signature: bytes, key: VerifierKey) -> int:
    if len(signature) > _TIME.size:
        (at_s,) = _TIME.unpack_from(signature)
        if at_s <= TIME_MAX and key.verifies(_cosigned_message(text, at_s), signature[_TIME.size :]):
            return int(at_s)
    raise NoteRefused(f"cosignature: that of {key.name}+{key.key_id.hex()} is not of this checkpoint")


def _cosigned_message(text: bytes, at_s: int) -> bytes:
    return f"cosignature/v1\ntime {at_s}\n".encode("ascii") + text


def _check_cosigns(key: VerifierKey) -> None:
    if key.algorithm != COSIGNATURE:
        raise KeyRefused(f"key {key.name}: type {ALGORITHMS[key.algorithm]}; to cosign it is {ALGORITHMS[COSIGNATURE]}")
