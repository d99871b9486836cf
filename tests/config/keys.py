"""Verifier keys for tests, built from the form of C2SP signed-note."""

import base64
import hashlib


def verifier_key(name: str, signature_type: int = 1, fill: int = 7) -> str:
    """A key of 32 equal bytes with its right key id."""
    key = bytes([signature_type]) + bytes([fill]) * 32
    key_id = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
    return f"{name}+{key_id}+{base64.b64encode(key).decode()}"
