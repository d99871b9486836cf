"""The verifier's own Ed25519: RFC 8032's vectors, and agreement with `cryptography` on sound signatures and others."""

import random

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from station.evidence.standalone.verify import BASE, L, P, decoded, ed25519_holds, encoded, times

SEED = 20261123
# RFC 8032, section 7.1: public key, message, signature.
VECTORS = {
    "TEST 1": (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
        "655141438e7a100b",
    ),
    "TEST 2": (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
        "b00d291612bb0c00",
    ),
    "TEST 3": (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d"
        "c027beceea1ec40a",
    ),
    "TEST SHA(abc)": (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e"
        "2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17a"
        "d9bef1177331a704",
    ),
}
IDENTITY = (1).to_bytes(32, "little")


def theirs(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def torsion() -> list[bytes]:
    """The eight points of small order, by clearing the large order of points."""
    found: set[bytes] = set()
    number = 0
    while len(found) < 8:
        number += 1
        point = decoded(number.to_bytes(32, "little"))
        if point:
            found.add(encoded(times(L, point)))
    return sorted(found)


@pytest.mark.parametrize("name", VECTORS)
def test_the_vectors_of_rfc_8032_hold_and_none_with_another_message(name: str) -> None:
    public, message, signature = (bytes.fromhex(text) for text in VECTORS[name])

    assert theirs(public, message, signature)
    assert ed25519_holds(public, message, signature)
    assert not ed25519_holds(public, message + b"\0", signature)


def test_it_agrees_with_cryptography_on_sound_and_on_corrupted_signatures() -> None:
    chance = random.Random(SEED)
    held = 0
    for _ in range(150):
        key = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        public, message = key.public_key().public_bytes_raw(), chance.randbytes(chance.randrange(60))
        signature = bytearray(key.sign(message))
        if chance.random() < 0.7:
            signature[chance.randrange(64)] ^= 1 << chance.randrange(8)
        found = ed25519_holds(public, message, bytes(signature))
        held += found
        assert found == theirs(public, message, bytes(signature))
    assert 20 < held < 80


def test_a_number_of_l_or_above_is_refused_though_the_equation_holds() -> None:
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public, signature = key.public_key().public_bytes_raw(), key.sign(b"message")
    s = int.from_bytes(signature[32:], "little")
    assert ed25519_holds(public, b"message", signature)

    for other in (s + L, s + 2 * L):
        malleated = signature[:32] + other.to_bytes(32, "little")
        assert not ed25519_holds(public, b"message", malleated)
        assert not theirs(public, b"message", malleated)


def test_an_encoding_that_is_not_the_canonical_one_is_no_point() -> None:
    for y in (P, P + 1, P + 18):
        assert decoded(y.to_bytes(32, "little")) is None
    assert decoded((1 | 1 << 255).to_bytes(32, "little")) is None  # x is zero, and its sign set
    assert decoded((2).to_bytes(32, "little")) is None  # y is no point's
    assert decoded(bytes(31)) is None
    assert decoded(encoded(BASE)) is not None


def test_a_key_of_small_order_signs_nothing_here_though_it_would_elsewhere() -> None:
    points = torsion()
    assert len(points) == 8
    assert IDENTITY in points
    signature = IDENTITY + bytes(32)
    assert theirs(IDENTITY, b"any message", signature)

    accepted = [ed25519_holds(point, bytes([number]), signature) for point in points for number in range(8)]

    assert not any(accepted)


def test_it_is_never_laxer_than_cryptography_on_keys_and_points_made_to_confuse() -> None:
    chance = random.Random(SEED)
    odd = [*torsion(), *((P + each).to_bytes(32, "little") for each in range(19)), bytes(32), b"\xff" * 32]
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    sound = key.public_key().public_bytes_raw()
    for _ in range(300):
        public = chance.choice([*odd, sound])
        r = chance.choice([*odd, key.sign(b"m")[:32]])
        s = chance.choice([0, 1, L - 1, L, L + 1, 2**255 - 1, int.from_bytes(key.sign(b"m")[32:], "little")])
        signature = r + s.to_bytes(32, "little")
        assert not ed25519_holds(public, b"m", signature) or theirs(public, b"m", signature)


@pytest.mark.parametrize("length", [0, 32, 63, 65, 128])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    public, message, signature = (bytes.fromhex(text) for text in VECTORS["TEST 1"])

    assert not ed25519_holds(public, message, (signature * 2)[:length])
