"""Notes signed and opened: the published ones, who signed, and every way to be malformed."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.sealing.note import (
    COSIGNATURE,
    NOTE_BYTES_MAX,
    KeyRefused,
    NoteRefused,
    OpenedNote,
    SigningKey,
    VerifierKey,
    open_note,
    sign,
    split_note,
    with_signatures,
)
from tests.sealing.published import (
    GO_KEY,
    GO_LINE,
    GO_OTHER_KEY,
    GO_OTHER_LINE,
    GO_PRIVATE,
    GO_TEXT,
    SPEC_KEY,
    SPEC_NOTE,
)

PETER, ENOCH = VerifierKey.parse(GO_KEY), VerifierKey.parse(GO_OTHER_KEY)
NOTE = GO_TEXT + b"\n" + GO_LINE
BOTH = NOTE + GO_OTHER_LINE
KEYS = [SigningKey("custody/dock/1", 1, bytes(31) + bytes([number])) for number in range(3)]
# Same length and form, another signature.
BROKEN_LINE = GO_LINE.replace(b"x08go/ZJkuBS", b"x08go/ZJkuBT")
BROKEN_OTHER_LINE = GO_OTHER_LINE.replace(b"rwz+eBzmZa0S", b"rwz+eBzmZa0T")
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=[chr(code) for code in range(32)])).map(
    lambda text: (text + "\n").encode()
)


def test_the_example_of_the_specification_opens() -> None:
    key = VerifierKey.parse(SPEC_KEY)

    assert open_note(SPEC_NOTE, [key]) == OpenedNote(b"This is an example message.\n", (key,))


def test_signing_gives_the_note_that_go_gives() -> None:
    assert sign(GO_TEXT, SigningKey.parse(GO_PRIVATE)) == NOTE


def test_who_signed_stands_in_the_order_of_the_lines() -> None:
    assert open_note(NOTE, [PETER]).signed_by == (PETER,)
    assert open_note(BOTH, [ENOCH, PETER]) == OpenedNote(GO_TEXT, (PETER, ENOCH))
    assert open_note(BOTH, iter([ENOCH])).signed_by == (ENOCH,)


def test_who_signed_twice_is_named_once() -> None:
    assert open_note(BOTH + GO_LINE, [PETER, ENOCH]).signed_by == (PETER, ENOCH)


def test_without_a_known_signature_the_note_is_refused_and_the_signers_are_named() -> None:
    with pytest.raises(NoteRefused, match=r"no signature of EnochRoot\+af0cfe78; signed by PeterNeumann\+c74f20a3"):
        open_note(NOTE, [ENOCH])
    with pytest.raises(NoteRefused, match="no signature of any key"):
        open_note(NOTE, [])


def test_a_broken_signature_of_an_unknown_key_is_ignored() -> None:
    assert open_note(NOTE + BROKEN_OTHER_LINE, [PETER]).signed_by == (PETER,)


@pytest.mark.parametrize(
    "lines", [BROKEN_LINE, GO_OTHER_LINE + BROKEN_LINE, GO_LINE + BROKEN_LINE, BROKEN_LINE + GO_LINE]
)
def test_a_broken_signature_of_a_known_key_refuses_the_note(lines: bytes) -> None:
    with pytest.raises(NoteRefused, match=r"the signature of PeterNeumann\+c74f20a3 is not of this text"):
        open_note(GO_TEXT + b"\n" + lines, [PETER, ENOCH])


def test_a_signature_of_another_length_by_a_known_key_refuses_the_note() -> None:
    longer = GO_LINE.replace(b"x08go/ZJ", b"x08go/ZJAAAA")
    with pytest.raises(NoteRefused, match="is not of this text"):
        open_note(GO_TEXT + b"\n" + longer, [PETER])


def test_a_name_or_an_id_alone_makes_no_known_key() -> None:
    renamed = BROKEN_LINE.replace(b"PeterNeumann", b"PeterNeuman")
    same_name = GO_OTHER_LINE.replace(b"EnochRoot", b"PeterNeumann")

    assert open_note(NOTE + renamed + same_name, [PETER]).signed_by == (PETER,)


def test_two_keys_of_one_name_and_id_are_refused_but_the_same_key_twice_is_not() -> None:
    assert open_note(NOTE, [PETER, PETER]).signed_by == (PETER,)
    with pytest.raises(KeyRefused, match="two keys with the ID 947b1f96"):
        open_note(NOTE, _colliding())


def _colliding() -> list[VerifierKey]:
    """Two made-up keys whose four bytes of ID agree, found among the first 72,703 numbers."""
    return [VerifierKey("k", 1, sha256(b"%d" % number).digest()) for number in (61126, 72702)]


@pytest.mark.parametrize(
    "note",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\n\n", id="no line"),
        pytest.param(GO_TEXT, id="text alone"),
        pytest.param(GO_TEXT + b"\n", id="no signature"),
        pytest.param(GO_TEXT + GO_LINE, id="no blank line"),
        pytest.param(NOTE[:-1], id="no newline at the end"),
        pytest.param(NOTE + b"\n", id="blank line at the end"),
        pytest.param(b"\x01" + NOTE, id="control character"),
        pytest.param(NOTE.replace(b"\n", b"\r\n"), id="carriage returns"),
        pytest.param(NOTE.replace(b" ", b"\t"), id="tabs"),
        pytest.param(b"\xff" + NOTE, id="not UTF-8"),
        pytest.param(NOTE + b"\xed\xa0\x80 a AAAAAAAA\n", id="surrogate"),
        pytest.param(NOTE + b"Unexpected line.\n", id="other line"),
        pytest.param(NOTE + "— Bad Name AAAAAAAA\n".encode(), id="space in a name"),
        pytest.param(NOTE + "— Bad\u00a0Name AAAAAAAA\n".encode(), id="no-break space in a name"),
        pytest.param(NOTE + "— Bad+Name AAAAAAAA\n".encode(), id="plus in a name"),
        pytest.param(NOTE + "—  AAAAAAAA\n".encode(), id="no name"),
        pytest.param(NOTE + "— name \n".encode(), id="no base64"),
        pytest.param(NOTE + "— name AAAAAAAA \n".encode(), id="space at the end"),
        pytest.param(NOTE + "— name AAAAAAA\n".encode(), id="padding left out"),
        pytest.param(NOTE + "— name AAAAAAB=\n".encode(), id="bits in the padding"),
        pytest.param(NOTE + "— name AAAA-AAA\n".encode(), id="other alphabet"),
        pytest.param(NOTE + "— name AAAAAA==\n".encode(), id="ID without signature"),
        pytest.param(NOTE + b"- name AAAAAAAA\n", id="hyphen"),
    ],
)
def test_a_malformed_note_is_refused_whoever_wrote_the_broken_part(note: bytes) -> None:
    with pytest.raises(NoteRefused, match=r"^note: "):
        open_note(note, [PETER, ENOCH])


def test_100_lines_are_read_and_101_are_not() -> None:
    assert open_note(GO_TEXT + b"\n" + GO_LINE * 100, [PETER]).signed_by == (PETER,)
    with pytest.raises(NoteRefused, match="101 signature lines; at most 100"):
        open_note(GO_TEXT + b"\n" + GO_LINE * 101, [PETER])
    with pytest.raises(NoteRefused, match="101 signature lines"):
        sign(GO_TEXT, *[KEYS[0]] * 101)


def test_a_mebibyte_is_read_and_signed_and_a_byte_more_is_not() -> None:
    rest = len(sign(b"\n", KEYS[0])) - 1
    largest = b"x" * (NOTE_BYTES_MAX - rest - 1) + b"\n"
    note = sign(largest, KEYS[0])

    assert len(note) == NOTE_BYTES_MAX
    assert open_note(note, [KEYS[0].verifier]).text == largest
    with pytest.raises(NoteRefused, match="1048577 bytes; at most 1048576"):
        open_note(b"x" + note, [KEYS[0].verifier])
    with pytest.raises(NoteRefused, match="1048577 bytes; at most 1048576"):
        sign(b"x" + largest, KEYS[0])


@pytest.mark.parametrize("text", [b"", b"no newline", b"a\x00\n", b"a\tb\n", b"a\r\n", b"\xff\n", b"\x1b[2J\n"])
def test_a_text_that_no_note_can_have_is_not_signed(text: bytes) -> None:
    with pytest.raises(NoteRefused):
        sign(text, KEYS[0])


def test_no_text_passes_its_last_line_off_as_a_signature() -> None:
    with pytest.raises(NoteRefused, match="does not end in a newline"):
        sign(b"text\n\n" + GO_LINE[:-1], KEYS[0])


def test_signatures_without_a_text_are_no_note() -> None:
    of_nothing = b"\n" + with_signatures(b"\n\n", (KEYS[0].verifier, KEYS[0].signature(b"")))[2:]
    with pytest.raises(NoteRefused, match="no blank line"):
        open_note(of_nothing, [KEYS[0].verifier])


def test_nobody_signs_nothing() -> None:
    with pytest.raises(KeyRefused, match="no key"):
        sign(GO_TEXT)


def test_a_cosigners_key_neither_signs_nor_opens_a_note() -> None:
    witness = SigningKey.generate("witness", COSIGNATURE)
    with pytest.raises(KeyRefused, match=r"type 4 .cosignature/v1.; to sign notes it is 1 .Ed25519."):
        sign(GO_TEXT, KEYS[0], witness)
    with pytest.raises(KeyRefused, match="key witness: type 4"):
        open_note(NOTE, [PETER, witness.verifier])


@given(TEXT, st.sets(st.integers(0, 2), min_size=1))
def test_what_is_signed_opens_with_the_same_text(text: bytes, signers: set[int]) -> None:
    keys = [KEYS[number] for number in sorted(signers)]
    note = sign(text, *keys)

    assert open_note(note, [key.verifier for key in KEYS]) == OpenedNote(text, tuple(key.verifier for key in keys))
    assert split_note(note)[0] == text


@given(TEXT)
def test_a_note_within_a_note_is_text(text: bytes) -> None:
    inner = sign(text, KEYS[0])
    outer = sign(inner, KEYS[1])

    assert open_note(outer, [KEYS[1].verifier]).text == inner
    with pytest.raises(NoteRefused, match="no signature of"):
        open_note(outer, [KEYS[0].verifier])


def test_no_changed_byte_leaves_a_note_signed() -> None:
    for at in range(len(NOTE)):
        for changed in {NOTE[at] ^ 1 << bit for bit in range(8)}:
            with pytest.raises(NoteRefused):
                open_note(NOTE[:at] + bytes([changed]) + NOTE[at + 1 :], [PETER])


@given(
    st.one_of(
        st.binary(), st.binary().map(lambda lines: BOTH + lines), st.integers(0, len(BOTH)).map(lambda end: BOTH[:end])
    )
)
def test_any_bytes_are_opened_or_refused(note: bytes) -> None:
    try:
        opened = open_note(note, [PETER])
    except NoteRefused:
        return
    assert opened == OpenedNote(GO_TEXT, (PETER,))
