"""The station's verifier and the stand-alone one take and refuse the same keys and notes."""

import base64

import pytest

from station.evidence.standalone import verify
from station.sealing.checkpoint import Checkpoint, sign_checkpoint
from station.sealing.note import ED25519, KeyRefused, NoteRefused, SigningKey, VerifierKey, key_id_of, open_note

NAME = "custody/greenleaf-414/vault-1"
KEY = SigningKey(NAME, ED25519, b"s" * 32)
NOTE = sign_checkpoint(Checkpoint(f"{NAME}/e", 1, b"r" * 32), KEY)
Y_SIGN = 1 << 255


def small_order_ys() -> list[int]:
    """All encodings of points of small order, also those that are not the one form: by trying y below and above p."""
    base = [0, 1, verify.P - 1]
    for number in range(1, 400):
        point = verify.decoded(number.to_bytes(32, "little"))
        if point is not None:
            cleared = verify.times(verify.L, point)
            base.append(int.from_bytes(verify.encoded(cleared), "little") & (Y_SIGN - 1))
    ys = set(base)
    return sorted(ys | {y + verify.P for y in ys if y + verify.P < Y_SIGN})


def key_text(y: int) -> str:
    public = y.to_bytes(32, "little")
    raw = base64.b64encode(bytes([ED25519]) + public).decode()
    return f"{NAME}+{key_id_of(NAME, ED25519, public).hex()}+{raw}"


@pytest.mark.parametrize("sign", [0, Y_SIGN])
def test_keys_of_small_order_are_refused_by_both(sign: int) -> None:
    """A signature for such a key can be made by anybody, over anything."""
    ys = small_order_ys()
    assert len(ys) >= 7
    for y in ys:
        with pytest.raises(KeyRefused, match="small order"):
            VerifierKey.parse(key_text(y | sign))
        with pytest.raises(verify.Fault, match="Ed25519 key"):
            verify.parse_key(key_text(y | sign), ED25519)


def test_a_sound_key_is_taken_by_both() -> None:
    text = str(KEY.verifier)
    assert verify.parse_key(text, ED25519).public == VerifierKey.parse(text).public


def junk(count: int) -> bytes:
    raw = (base64.b64encode(number.to_bytes(4, "big") + bytes(64)).decode() for number in range(count))
    return "".join(f"— junk {each}\n" for each in raw).encode()


@pytest.mark.parametrize("lines", [65, 100])
def test_notes_of_up_to_a_hundred_signature_lines_are_read_by_both(lines: int) -> None:
    note = NOTE + junk(lines - 1)
    assert open_note(note, [KEY.verifier]).signed_by == (KEY.verifier,)
    assert verify.signatures_by(verify.parse_checkpoint(note), verify.parse_key(str(KEY.verifier), ED25519))


def test_one_more_is_refused_by_both() -> None:
    note = NOTE + junk(100)
    with pytest.raises(NoteRefused, match="101 signature lines; at most 100"):
        open_note(note, [KEY.verifier])
    with pytest.raises(verify.Fault, match="no signed checkpoint"):
        verify.parse_checkpoint(note)
