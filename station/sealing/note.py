"""Signed notes (C2SP signed-note, v1.0.0): text with Ed25519 signatures below it, and the keys as text.

A note is refused for one line that is broken, whoever wrote it, and for one bad signature of a known key;
signatures of unknown keys are ignored. Every signature of a known key is verified, repeated ones too.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 1
COSIGNATURE = 4
ALGORITHMS = {ED25519: "1 (Ed25519)", COSIGNATURE: "4 (cosignature/v1)"}
NOTE_BYTES_MAX = 1024 * 1024
SIGNATURES_MAX = 100
NAME_BYTES_MAX = 255
KEY_TEXT_MAX = 4096
KEY_BYTES = 32
KEY_ID_BYTES = 4
PRIVATE = "PRIVATE+KEY+"

_P = 2**255 - 19
# The y of the eight points whose order divides 8 (RFC 8032, section 5.1): every signature can be made for them.
_Y_OF_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER = frozenset((0, 1, _P - 1, _Y_OF_ORDER_8, _P - _Y_OF_ORDER_8))
_CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f]")
# Of a name: no Unicode space, plus, control character or half of a surrogate pair.
_NAME = r"(?P<name>[^\s+\x00-\x1f\ud800-\udfff]+)"
_BASE64 = r"(?P<base64>[A-Za-z0-9+/]+={0,2})"
_NAMED = re.compile(_NAME)
_KEY = re.compile(rf"{_NAME}\+(?P<key_id>[0-9a-f]{{8}})\+{_BASE64}")
_LINE = re.compile(f"— {_NAME} {_BASE64}")


class NoteRefused(ValueError):
    """A note that is malformed or not signed as it should be; the text says which part."""


class KeyRefused(NoteRefused):
    """Text that is no key, or a key of the wrong type; the text never shows a private key."""


class SignatureLine(NamedTuple):
    """One line below a note, not verified."""

    name: str
    key_id: bytes
    signature: bytes


def strict_base64(text: str) -> bytes:
    """Decode standard base64 in its one canonical form (RFC 4648, sections 3.5 and 4); raise ValueError otherwise."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from None
    if base64.b64encode(raw) != text.encode("ascii"):
        raise ValueError("not base64 in its canonical form")
    return raw


def key_id_of(name: str, algorithm: int, public: bytes) -> bytes:
    """The four bytes that stand for a key in a signature line."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:KEY_ID_BYTES]


def _check_key(name: str, algorithm: int, key: bytes) -> None:
    if not _NAMED.fullmatch(name) or len(name.encode()) > NAME_BYTES_MAX:
        raise KeyRefused(f"key name {name[:40]!r}: must be 1 to {NAME_BYTES_MAX} bytes of UTF-8 without spaces and '+'")
    if algorithm not in ALGORITHMS:
        raise KeyRefused(f"key {name}: type {algorithm}; must be {' or '.join(ALGORITHMS.values())}")
    if len(key) != KEY_BYTES:
        raise KeyRefused(f"key {name}: {len(key)} bytes; an Ed25519 key has {KEY_BYTES}")


def _check_point(name: str, public: bytes) -> None:
    """Refuse what OpenSSL takes and RFC 8032 (5.1.3) does not, and keys for which anybody can sign."""
    y = int.from_bytes(public, "little") & (2**255 - 1)
    if y >= _P or y in _SMALL_ORDER:
        raise KeyRefused(f"key {name}: of small order, or no point in its one form; anybody could sign for it")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under a name, for one type of signature."""

    name: str
    algorithm: int
    public: bytes

    def __post_init__(self) -> None:
        """Raise KeyRefused for a name, a type or a key that no note can have."""
        _check_key(self.name, self.algorithm, self.public)
        _check_point(self.name, self.public)

    def __str__(self) -> str:
        """`<name>+<8 hex>+<base64(type byte || key)>`, what `parse` reads."""
        return _key_text(self.name, self.key_id, self.algorithm, self.public)

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """The inverse of `str`; raise KeyRefused for any other text."""
        name, key_id, algorithm, public = _key_parts(text, "verifier key", "<name>+<8 hex>+<base64>")
        return _check_key_id(cls(name, algorithm, public), key_id)

    @property
    def key_id(self) -> bytes:
        """The four bytes that stand for it in a signature line."""
        return key_id_of(self.name, self.algorithm, self.public)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of type byte and key, for people to compare: 16 groups of 4 hex digits."""
        digest = hashlib.sha256(bytes([self.algorithm]) + self.public).hexdigest()
        return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Tell whether these 64 bytes are this key's Ed25519 signature (RFC 8032) of the message."""
        try:
            _public(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


_public = lru_cache(maxsize=64)(Ed25519PublicKey.from_public_bytes)  # reading a key takes as long as using it


class SigningKey:
    """A private key under a name. Neither `str` nor `repr` shows it; only `encode_private` does."""

    __slots__ = ("_private", "verifier")

    def __init__(self, name: str, algorithm: int, seed: bytes) -> None:
        """`seed` is the 32 bytes that RFC 8032 calls the private key; raise KeyRefused for what is no key."""
        _check_key(name, algorithm, seed)
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = VerifierKey(name, algorithm, self._private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"<SigningKey {self.name}+{self.verifier.key_id.hex()}>"

    @property
    def name(self) -> str:
        """The name that stands in its signature lines."""
        return self.verifier.name

    @property
    def algorithm(self) -> int:
        """ED25519 or COSIGNATURE."""
        return self.verifier.algorithm

    @classmethod
    def generate(cls, name: str, algorithm: int = ED25519) -> "SigningKey":
        """A new key of the system's randomness."""
        return cls(name, algorithm, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "SigningKey":
        """The inverse of `encode_private`; raise KeyRefused for any other text, without showing it."""
        if not text.startswith(PRIVATE):
            raise KeyRefused(f"signing key: it does not begin with {PRIVATE}; give the text that made the key")
        name, key_id, algorithm, seed = _key_parts(
            text.removeprefix(PRIVATE), "signing key", f"{PRIVATE}<name>+<8 hex>+<base64>"
        )
        key = cls(name, algorithm, seed)
        _check_key_id(key.verifier, key_id)
        return key

    def encode_private(self) -> str:
        """`PRIVATE+KEY+<name>+<8 hex>+<base64(type byte || seed)>`, as Go's sumdb/note has it. A secret."""
        key = self.verifier
        return PRIVATE + _key_text(key.name, key.key_id, key.algorithm, self._private.private_bytes_raw())

    def signature(self, message: bytes) -> bytes:
        """The 64 bytes of Ed25519 (RFC 8032) over exactly this message."""
        return self._private.sign(message)


def _key_text(name: str, key_id: bytes, algorithm: int, key: bytes) -> str:
    return f"{name}+{key_id.hex()}+{base64.b64encode(bytes([algorithm]) + key).decode('ascii')}"


def _key_parts(text: str, where: str, form: str) -> tuple[str, bytes, int, bytes]:
    """Name, key ID, type and key; what was found is not told, since it may be a secret."""
    found = _KEY.fullmatch(text) if len(text) <= KEY_TEXT_MAX else None
    if not found:
        raise KeyRefused(f"{where}: not of the form {form}; copy the whole line without blanks")
    try:
        material = strict_base64(found["base64"])
    except ValueError:
        raise KeyRefused(f"{where}: its last part is not base64; copy the whole line") from None
    return found["name"], bytes.fromhex(found["key_id"]), material[0], material[1:]


def _check_key_id(key: VerifierKey, key_id: bytes) -> VerifierKey:
    if key.key_id != key_id:
        raise KeyRefused(
            f"key {key.name}: its ID is {key_id.hex()}, that of its name and key is {key.key_id.hex()}; copy it again"
        )
    return key


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """The text of a note, and the known keys that signed it, in the order of their lines."""

    text: bytes
    signed_by: tuple[VerifierKey, ...]


def sign(text: bytes, *keys: SigningKey) -> bytes:
    """The note: the text, and one signature of each key; raise NoteRefused for a text that no note can have."""
    if not keys:
        raise KeyRefused("sign: no key; a note has at least one signature")
    for key in keys:
        _check_signs_notes(key.verifier)
    _check_text(text)
    return with_signatures(text + b"\n", *((key.verifier, key.signature(text)) for key in keys))


def with_signatures(note: bytes, *signatures: tuple[VerifierKey, bytes]) -> bytes:
    """The note, or a text and its blank line, with more signature lines; raise NoteRefused where it grows too large."""
    lines = (SignatureLine(key.name, key.key_id, signature) for key, signature in signatures)
    note += join_note(b"", lines)[1:]
    split_note(note)
    return note


def join_note(text: bytes, lines: Iterable[SignatureLine]) -> bytes:
    """The inverse of `split_note`: the text, a blank line, and these signature lines."""
    below = (f"— {line.name} {base64.b64encode(line.key_id + line.signature).decode('ascii')}\n" for line in lines)
    return text + b"\n" + "".join(below).encode()


def open_note(note: bytes, keys: Iterable[VerifierKey]) -> OpenedNote:
    """The text and who of `keys` (all ED25519) signed it; raise NoteRefused unless it is signed by at least one."""
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in keys:
        _check_signs_notes(key)
        if known.setdefault((key.name, key.key_id), key) != key:
            raise KeyRefused(f"key {key.name}: two keys with the ID {key.key_id.hex()}; keep one of them")
    text, lines = split_note(note)
    signed: dict[VerifierKey, None] = {}
    for line in lines:
        signer = known.get((line.name, line.key_id))
        if signer is None:
            continue
        if not signer.verifies(text, line.signature):
            raise NoteRefused(f"note: the signature of {signer.name}+{signer.key_id.hex()} is not of this text")
        signed[signer] = None
    if not signed:
        raise NoteRefused(f"note: no signature of {_key_names(known.values())}; signed by {_signer_names(lines[:4])}")
    return OpenedNote(text, tuple(signed))


def split_note(note: bytes) -> tuple[bytes, tuple[SignatureLine, ...]]:
    """The text of a note and its signature lines, none of them verified; raise NoteRefused for a malformed one."""
    _check_text(note)
    end = note.rfind(b"\n\n")
    if end < 0:
        raise NoteRefused("note: no blank line; one stands between the text and its signatures")
    lines = note[end + 2 : -1].decode().split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise NoteRefused(f"note: {len(lines)} signature lines; at most {SIGNATURES_MAX}")
    return note[: end + 1], tuple(_signature_line(line) for line in lines)


def _signature_line(line: str) -> SignatureLine:
    found = _LINE.fullmatch(line)
    try:
        raw = strict_base64(found["base64"]) if found else b""
    except ValueError:
        raw = b""
    if not found or len(raw) <= KEY_ID_BYTES:
        raise NoteRefused(f"note: signature line {line[:80]!r}; must be '— <key name> <base64>'")
    return SignatureLine(found["name"], raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def _check_text(text: bytes) -> None:
    """What holds for a text and for the note around it."""
    if len(text) > NOTE_BYTES_MAX:
        raise NoteRefused(f"note: {len(text)} bytes; at most {NOTE_BYTES_MAX}")
    if not text.endswith(b"\n"):
        raise NoteRefused("note: it does not end in a newline; text and note both do")
    if control := _CONTROL.search(text):
        raise NoteRefused(f"note: control character {control[0]!r} at byte {control.start()}; only newline is allowed")
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise NoteRefused(f"note: byte {error.start} is not UTF-8; a note is text") from None


def _check_signs_notes(key: VerifierKey) -> None:
    if key.algorithm != ED25519:
        raise KeyRefused(f"key {key.name}: type {ALGORITHMS[key.algorithm]}; to sign notes it is {ALGORITHMS[ED25519]}")


def _key_names(keys: Iterable[VerifierKey]) -> str:
    return ", ".join(f"{key.name}+{key.key_id.hex()}" for key in keys) or "any key, since none is known"


def _signer_names(lines: Iterable[SignatureLine]) -> str:
    return ", ".join(f"{line.name[:80]}+{line.key_id.hex()}" for line in lines)
