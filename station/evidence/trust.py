"""What whoever checks knows from elsewhere: keys from paper, checkpoints from a witness. Never from what is checked."""

import re
from pathlib import Path

import msgspec

from station.errors import UsageError
from station.sealing.note import COSIGNATURE, ED25519, NoteRefused, VerifierKey

FINGERPRINT = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Outside(msgspec.Struct, frozen=True):
    """A checkpoint that came by another way; `name` is its file."""

    name: str
    note: bytes


class Trust(msgspec.Struct, frozen=True):
    """The station's key or its fingerprint (64 hex digits), witnesses' keys, and checkpoints from outside."""

    key: VerifierKey | None = None
    fingerprint: str = ""
    witnesses: tuple[VerifierKey, ...] = ()
    outside: tuple[Outside, ...] = ()

    @property
    def wanted_fingerprint(self) -> str:
        """The fingerprint that the station's key must have; empty where nobody said."""
        return fingerprint_digits(self.key.fingerprint) if self.key else self.fingerprint


def fingerprint_digits(fingerprint: str) -> str:
    """A fingerprint without what people write between its digits."""
    return re.sub(r"[\s:-]", "", fingerprint).lower()


def trust_of(key: str | None, witnesses: tuple[str, ...] = (), checkpoints: tuple[Path, ...] = ()) -> Trust:
    """Read what a command was given; each key is a text or the name of a file. Raise `UsageError`."""
    station, fingerprint = _station_key(key) if key else (None, "")
    known = tuple(_read_key("--witness", text, COSIGNATURE) for text in witnesses)
    outside = tuple(Outside(path.name, path.read_bytes()) for path in checkpoints)
    return Trust(station, fingerprint, known, outside)


def _station_key(text: str) -> tuple[VerifierKey | None, str]:
    found = _text_or_file(text)
    if FINGERPRINT.fullmatch(fingerprint_digits(found)):
        return None, fingerprint_digits(found)
    return _read_key("--key", text, ED25519), ""


def _read_key(option: str, text: str, algorithm: int) -> VerifierKey:
    try:
        key = VerifierKey.parse(_text_or_file(text))
    except NoteRefused as refused:
        raise UsageError(f"{option}: {refused}") from None
    if key.algorithm != algorithm:
        raise UsageError(f"{option} {key.name}: is a key of type {key.algorithm}; must be of type {algorithm}")
    return key


def _text_or_file(text: str) -> str:
    """The text, or that of the file of this name."""
    try:
        return Path(text).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return text.strip()
