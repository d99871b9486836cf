"""The Merkle tree of RFC 6962, section 2.1, over the leaves as stored."""

import hashlib


def leaf_hash(leaf: bytes) -> bytes:
    """`SHA-256(0x00 || leaf)`, 32 bytes."""
    return hashlib.sha256(b"\x00" + leaf).digest()
