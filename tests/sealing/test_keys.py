"""Keys as text: read back, every mangling refused, and a private key in no message."""

import base64
import copy
import pickle
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.sealing.note import (
    COSIGNATURE,
    ED25519,
    KeyRefused,
    NoteRefused,
    SigningKey,
    VerifierKey,
    key_id_of,
    strict_base64,
)
from tests.sealing.published import GO_KEY, GO_OTHER_KEY, GO_PRIVATE, SPEC_KEY

# What a name may be made of, Unicode and all.
NAME = st.text(st.characters(exclude_categories=["Cs", "Zs", "Zl", "Zp", "Cc"], exclude_characters="+"), min_size=1)
SHORT_NAME = NAME.filter(lambda name: len(name.encode()) <= 255)
SEED = st.binary(min_size=32, max_size=32)
ALGORITHM = st.sampled_from([ED25519, COSIGNATURE])


@pytest.mark.parametrize("text", [SPEC_KEY, GO_KEY, GO_OTHER_KEY])
def test_a_published_key_is_read_and_written_again(text: str) -> None:
    assert str(VerifierKey.parse(text)) == text


def test_the_private_key_of_go_has_the_public_key_of_go() -> None:
    key = SigningKey.parse(GO_PRIVATE)

    assert str(key.verifier) == GO_KEY
    assert key.encode_private() == GO_PRIVATE
    assert (key.name, key.algorithm) == ("PeterNeumann", ED25519)


@given(SHORT_NAME, ALGORITHM, SEED)
def test_a_key_is_read_back_from_its_text(name: str, algorithm: int, seed: bytes) -> None:
    key = SigningKey(name, algorithm, seed)

    assert SigningKey.parse(key.encode_private()).encode_private() == key.encode_private()
    assert VerifierKey.parse(str(key.verifier)) == key.verifier


def test_two_generated_keys_differ_and_sign_for_themselves() -> None:
    one, other = SigningKey.generate("custody/dock/1"), SigningKey.generate("custody/dock/1")

    assert one.verifier != other.verifier
    assert one.verifier.verifies(b"text", one.signature(b"text"))
    assert not other.verifier.verifies(b"text", one.signature(b"text"))
    assert not one.verifier.verifies(b"other", one.signature(b"text"))
    assert not one.verifier.verifies(b"text", one.signature(b"text")[:-1])


def test_the_id_is_the_beginning_of_the_hash_that_the_specification_names() -> None:
    key = VerifierKey.parse(GO_KEY)

    assert key.key_id == sha256(b"PeterNeumann\n\x01" + key.public).digest()[:4]
    assert key.key_id == key_id_of("PeterNeumann", ED25519, key.public)
    assert VerifierKey(key.name, COSIGNATURE, key.public).key_id != key.key_id


def test_a_fingerprint_is_compared_in_groups_of_four() -> None:
    key = VerifierKey.parse(GO_KEY)

    assert key.fingerprint == ("dca0 235f 866e b8d2 9160 92f4 d814 8074 a952 8f76 30f1 b95e 2898 1572 a480 9507")
    assert key.fingerprint.replace(" ", "") == sha256(b"\x01" + key.public).hexdigest()
    assert VerifierKey("another", key.algorithm, key.public).fingerprint == key.fingerprint


def test_no_part_of_a_key_and_no_other_letter_in_it_is_a_key() -> None:
    for text, parse in ((GO_KEY, VerifierKey.parse), (GO_PRIVATE, SigningKey.parse)):
        parts = {text[start:end] for start in range(len(text) + 1) for end in range(start, len(text) + 1)} - {text}
        changed = {text[:at] + chr(ord(text[at]) + 1) + text[at + 1 :] for at in range(len(text))}
        for wrong in parts | changed:
            with pytest.raises(KeyRefused):
                parse(wrong)


@pytest.mark.parametrize(
    "text",
    [
        GO_KEY + "\n",
        " " + GO_KEY,
        GO_KEY.replace("c74f20a3", "C74F20A3"),
        GO_KEY.replace("c74f20a3", "c74f20a"),
        GO_KEY.replace("PeterNeumann", "Peter Neumann"),
        GO_KEY.replace("PeterNeumann", "Peter\u00a0Neumann"),
        GO_KEY.replace("PeterNeumann", "Peter\ud800Neumann"),
        GO_KEY.replace("PeterNeumann", "P" * 5000),
        GO_PRIVATE,
        "++",
        "",
    ],
)
def test_text_of_another_form_is_no_verifier_key(text: str) -> None:
    with pytest.raises(KeyRefused, match="verifier key: not of the form"):
        VerifierKey.parse(text)


@pytest.mark.parametrize("algorithm", [0, 2, 5, 6, 255])
def test_another_type_is_refused_by_its_number(algorithm: int) -> None:
    public = bytes(32)
    material = base64.b64encode(bytes([algorithm]) + public).decode()
    with pytest.raises(KeyRefused, match=f"type {algorithm}; must be 1 .Ed25519. or 4 .cosignature/v1."):
        VerifierKey.parse(f"a+{key_id_of('a', algorithm, public).hex()}+{material}")


def test_a_witness_key_of_ml_dsa_is_refused_as_that() -> None:
    public = bytes(1312)
    material = base64.b64encode(b"\x06" + public).decode()
    with pytest.raises(KeyRefused, match="key w: type 6; must be 1"):
        VerifierKey.parse(f"w+{key_id_of('w', 6, public).hex()}+{material}")


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    public = bytes(length)
    material = base64.b64encode(b"\x01" + public).decode()
    with pytest.raises(KeyRefused, match=f"{length} bytes; an Ed25519 key has 32"):
        VerifierKey.parse(f"a+{key_id_of('a', ED25519, public).hex()}+{material}")
    with pytest.raises(KeyRefused, match=f"{length} bytes"):
        SigningKey("a", ED25519, public)


@pytest.mark.parametrize(
    "name",
    ["", "a b", "a+b", "a\nb", "a\x00b", "a\x1fb", "a\u2003b", "a\u3000b", "a\x85b", "\ud800", "a" * 256, "é" * 128],
)
def test_a_name_that_no_line_could_hold_is_refused(name: str) -> None:
    with pytest.raises(KeyRefused, match="key name"):
        SigningKey.generate(name)


@pytest.mark.parametrize("name", ["a" * 255, "é" * 127, "custody/dock/1", "—"])
def test_a_name_of_any_other_text_is_taken(name: str) -> None:
    assert VerifierKey.parse(str(SigningKey.generate(name).verifier)).name == name


def test_a_wrong_id_is_told_with_the_right_one() -> None:
    with pytest.raises(KeyRefused, match="its ID is c74f20a4, that of its name and key is c74f20a3"):
        VerifierKey.parse(GO_KEY.replace("c74f20a3", "c74f20a4"))


def test_a_private_key_shows_itself_to_nobody() -> None:
    key = SigningKey.parse(GO_PRIVATE)
    secret = GO_PRIVATE.rpartition("+")[2]

    for shown in (str(key), repr(key), f"{key}", f"{[key]}"):
        assert shown.strip("[]") == "<SigningKey PeterNeumann+c74f20a3>"
    for wrong in (GO_PRIVATE[:-1], GO_PRIVATE + "=", GO_PRIVATE.replace("c74f", "c740"), GO_PRIVATE + "\n", secret):
        with pytest.raises(KeyRefused) as refusal:
            SigningKey.parse(wrong)
        assert secret[:20] not in str(refusal.value)
        assert refusal.value.__suppress_context__ or refusal.value.__context__ is None
    with pytest.raises(KeyRefused) as refusal:
        VerifierKey.parse(GO_PRIVATE)
    assert secret[:20] not in str(refusal.value)


def test_a_private_key_is_in_no_pickle() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(SigningKey.parse(GO_PRIVATE))


def test_a_copied_key_is_the_same_key() -> None:
    key = SigningKey.parse(GO_PRIVATE)

    assert copy.copy(key).encode_private() == GO_PRIVATE


def test_a_refused_key_is_a_refused_note() -> None:
    assert issubclass(KeyRefused, NoteRefused)
    assert issubclass(NoteRefused, ValueError)


@given(st.binary(max_size=80))
def test_base64_has_one_form(raw: bytes) -> None:
    assert strict_base64(base64.b64encode(raw).decode()) == raw


@pytest.mark.parametrize(
    "text", ["A", "AA", "AA=", "AB==", "AAB=", "AA==\n", "A A=", "AA==AA==", "AA-_", "====", "ÄÄ==", "AA==="]
)
def test_base64_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64|ASCII"):
        strict_base64(text)
