"""Checkpoints and cosignatures: the published form, what is refused, and who may sign what."""

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.sealing.checkpoint import (
    Checkpoint,
    CheckpointRefused,
    Cosigned,
    cosign,
    open_checkpoint,
    open_cosigned,
    sign_checkpoint,
)
from station.sealing.merkle import EMPTY_ROOT, SIZE_MAX
from station.sealing.note import COSIGNATURE, KeyRefused, NoteRefused, SigningKey, VerifierKey, sign, split_note
from tests.sealing.published import SPEC_COSIGNED

STATION = SigningKey("custody/dock/1", 1, bytes(32))
WITNESS = SigningKey("witness.example/w1", COSIGNATURE, bytes(31) + b"\x01")
OTHER = SigningKey("witness.example/w2", COSIGNATURE, bytes(31) + b"\x02")
ORIGIN = "custody/dock/1/20261123T140405Z-7f3a"
CHECKPOINT = Checkpoint(ORIGIN, 7, EMPTY_ROOT)
NOTE = sign_checkpoint(CHECKPOINT, STATION)
AT_S = 1_764_000_000
COSIGNED = cosign(NOTE, WITNESS, AT_S)
LINE = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=[chr(code) for code in range(32)]), min_size=1
)
CHECKPOINTS = st.builds(
    Checkpoint,
    LINE,
    st.integers(0, SIZE_MAX),
    st.binary(min_size=32, max_size=32),
    st.lists(LINE, max_size=3).map(tuple),
)


def test_the_example_of_the_specification_is_read_and_written_again() -> None:
    text, lines = split_note(SPEC_COSIGNED)
    checkpoint = Checkpoint.parse(text)

    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.root.hex().startswith("0ac5186a9186")
    assert checkpoint.text() == text
    assert [line.name for line in lines] == ["example.com/behind-the-sofa", "witness.example.com/w1"]
    assert struct.unpack_from(">Q", lines[1].signature) == (1679315147,)
    assert [len(line.signature) for line in lines] == [64, 72]


def test_the_text_is_three_lines() -> None:
    assert CHECKPOINT.text() == f"{ORIGIN}\n7\n{base64.b64encode(EMPTY_ROOT).decode()}\n".encode()


@given(CHECKPOINTS)
def test_a_checkpoint_is_read_back(checkpoint: Checkpoint) -> None:
    assert Checkpoint.parse(checkpoint.text()) == checkpoint
    assert open_checkpoint(sign_checkpoint(checkpoint, STATION), [STATION.verifier]) == checkpoint


@given(CHECKPOINTS, st.integers(0, 2**63 - 1))
def test_a_cosigned_checkpoint_is_read_back(checkpoint: Checkpoint, at_s: int) -> None:
    note = cosign(sign_checkpoint(checkpoint, STATION), WITNESS, at_s)

    assert open_cosigned(note, WITNESS.verifier) == Cosigned(checkpoint, at_s)
    assert open_checkpoint(note, [STATION.verifier]) == checkpoint


ROOT = base64.b64encode(EMPTY_ROOT).decode()


@pytest.mark.parametrize("size", ["0", "1", "9223372036854775807"])
def test_a_size_is_decimal(size: str) -> None:
    assert Checkpoint.parse(f"o\n{size}\n{ROOT}\n".encode()).size == int(size)


@pytest.mark.parametrize(
    "size",
    [
        "",
        "00",
        "01",
        "-1",
        "+1",
        "1.0",
        "1e3",
        "0x1",
        " 1",
        "1 ",
        "1_0",
        "\u0661",
        "９",
        "9223372036854775808",
        "1" * 5000,
    ],
)
def test_any_other_size_is_refused(size: str) -> None:
    with pytest.raises(CheckpointRefused, match=r"checkpoint: (size|line)"):
        Checkpoint.parse(f"o\n{size}\n{ROOT}\n".encode())


@pytest.mark.parametrize(
    "root",
    [
        "",
        ROOT[:-1],
        ROOT + "=",
        ROOT[:-2] + "V=",
        ROOT[:-4],
        ROOT[:-1] + "A",
        ROOT.replace("+", "-"),
        ROOT + " ",
        "é" * 44,
    ],
)
def test_any_other_root_is_refused(root: str) -> None:
    with pytest.raises(CheckpointRefused, match="root"):
        Checkpoint.parse(f"o\n1\n{root}\n".encode())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        b"o\n1\n",
        f"\n1\n{ROOT}\n".encode(),
        f"o\n1\n{ROOT}".encode(),
        f"o\n1\n{ROOT}\n\n".encode(),
        f"o\n1\n{ROOT}\n\nextension\n".encode(),
        f"o\n1\n{ROOT}\nexten\tsion\n".encode(),
        f"o\r\n1\r\n{ROOT}\r\n".encode(),
        f"o\x00\n1\n{ROOT}\n".encode(),
        b"\xff" + f"o\n1\n{ROOT}\n".encode(),
        b"x" * 1024 * 1024 + f"\n1\n{ROOT}\n".encode(),
    ],
)
def test_any_other_text_is_refused(text: bytes) -> None:
    with pytest.raises(CheckpointRefused, match=r"^checkpoint: "):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    ("origin", "size", "root", "extension"),
    [
        ("", 1, EMPTY_ROOT, ()),
        ("two\nlines", 1, EMPTY_ROOT, ()),
        ("half \ud800", 1, EMPTY_ROOT, ()),
        ("o", -1, EMPTY_ROOT, ()),
        ("o", 2**63, EMPTY_ROOT, ()),
        ("o", 1, EMPTY_ROOT[:-1], ()),
        ("o", 1, EMPTY_ROOT, ("",)),
        ("o", 1, EMPTY_ROOT, ("a\nb",)),
    ],
)
def test_no_checkpoint_is_made_that_could_not_be_read(
    origin: str, size: int, root: bytes, extension: tuple[str, ...]
) -> None:
    with pytest.raises(CheckpointRefused):
        Checkpoint(origin, size, root, extension)


def test_a_signed_text_that_is_no_checkpoint_is_refused() -> None:
    note = sign(b'{"verb": "ping"}\n', STATION)

    with pytest.raises(CheckpointRefused, match="1 lines; at least origin, size and root"):
        open_checkpoint(note, [STATION.verifier])
    with pytest.raises(CheckpointRefused):
        cosign(note, WITNESS, AT_S)


def test_a_checkpoint_of_another_key_is_refused() -> None:
    stranger = SigningKey.generate("custody/dock/1")
    with pytest.raises(NoteRefused, match="no signature of"):
        open_checkpoint(NOTE, [stranger.verifier])


def test_cosigning_adds_one_line_and_changes_none() -> None:
    assert COSIGNED.startswith(NOTE)
    assert COSIGNED.count(b"\n") == NOTE.count(b"\n") + 1
    signature = split_note(COSIGNED)[1][1].signature
    message = b"cosignature/v1\ntime 1764000000\n" + CHECKPOINT.text()
    assert signature == struct.pack(">Q", AT_S) + WITNESS.signature(message)


def test_each_witness_is_read_for_itself() -> None:
    note = cosign(COSIGNED, OTHER, AT_S + 5)

    assert open_cosigned(note, WITNESS.verifier).at_s == AT_S
    assert open_cosigned(note, OTHER.verifier).at_s == AT_S + 5
    with pytest.raises(NoteRefused, match=r"cosignature: none of witness.example/w2\+"):
        open_cosigned(COSIGNED, OTHER.verifier)


def test_the_newest_of_one_witness_counts() -> None:
    for first, second in ((AT_S, AT_S + 5), (AT_S + 5, AT_S)):
        note = cosign(cosign(NOTE, WITNESS, first), WITNESS, second)
        assert open_cosigned(note, WITNESS.verifier).at_s == AT_S + 5


def test_a_broken_cosignature_beside_a_good_one_refuses_both() -> None:
    forged = COSIGNED.rpartition(b"\n\n")[2].splitlines(keepends=True)[1]
    other_time = cosign(NOTE, WITNESS, AT_S + 1)
    assert open_cosigned(other_time + forged, WITNESS.verifier).at_s == AT_S + 1
    broken = _line(WITNESS.verifier, struct.pack(">Q", AT_S + 2) + split_note(COSIGNED)[1][1].signature[8:])
    with pytest.raises(NoteRefused, match="is not of this checkpoint"):
        open_cosigned(COSIGNED + broken, WITNESS.verifier)


def _line(key: VerifierKey, signature: bytes) -> bytes:
    return f"— {key.name} {base64.b64encode(key.key_id + signature).decode()}\n".encode()


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(WITNESS.signature(CHECKPOINT.text()), id="of the text alone"),
        pytest.param(b"", id="none"),
        pytest.param(bytes(1), id="a byte"),
        pytest.param(bytes(8), id="time alone"),
        pytest.param(struct.pack(">Q", AT_S) + bytes(64), id="zeroes"),
        pytest.param(
            struct.pack(">Q", 2**63) + WITNESS.signature(b"cosignature/v1\ntime %d\n" % 2**63 + CHECKPOINT.text()),
            id="time of 64 bits",
        ),
        pytest.param(
            struct.pack(">Q", AT_S) + OTHER.signature(b"cosignature/v1\ntime %d\n" % AT_S + CHECKPOINT.text()),
            id="of another witness",
        ),
    ],
)
def test_bytes_that_are_no_cosignature_are_refused(signature: bytes) -> None:
    with pytest.raises(NoteRefused):
        open_cosigned(NOTE + _line(WITNESS.verifier, signature), WITNESS.verifier)


def test_no_cosignature_is_moved_to_another_checkpoint() -> None:
    other = sign_checkpoint(Checkpoint(ORIGIN, 8, EMPTY_ROOT), STATION)
    moved = COSIGNED.rpartition(b"\n\n")[2].splitlines(keepends=True)[1]
    with pytest.raises(NoteRefused, match="is not of this checkpoint"):
        open_cosigned(other + moved, WITNESS.verifier)


def test_no_changed_byte_of_the_text_or_its_line_leaves_it_cosigned() -> None:
    theirs = len(CHECKPOINT.text()) + 1
    mine = len(NOTE)
    for at in [*range(theirs), *range(mine, len(COSIGNED))]:
        changed = COSIGNED[:at] + bytes([COSIGNED[at] ^ 1]) + COSIGNED[at + 1 :]
        with pytest.raises(NoteRefused):
            open_cosigned(changed, WITNESS.verifier)


def test_the_lines_of_others_are_not_the_witnesss_matter() -> None:
    broken = COSIGNED.replace(NOTE[-20:-10], NOTE[-20:-10].swapcase(), 1)

    assert broken != COSIGNED
    assert open_cosigned(broken, WITNESS.verifier).checkpoint == CHECKPOINT
    with pytest.raises(NoteRefused):
        open_checkpoint(broken, [STATION.verifier])


@pytest.mark.parametrize("at_s", [-1, 2**63])
def test_a_time_out_of_bounds_is_not_cosigned(at_s: int) -> None:
    with pytest.raises(NoteRefused, match=f"time {at_s}; it is between 0 and"):
        cosign(NOTE, WITNESS, at_s)


def test_a_note_of_100_lines_takes_no_cosignature_more() -> None:
    full = NOTE + NOTE.rpartition(b"\n\n")[2] * 99
    with pytest.raises(NoteRefused, match="101 signature lines; at most 100"):
        cosign(full, WITNESS, AT_S)


def test_each_type_of_key_does_its_own_work_only() -> None:
    with pytest.raises(KeyRefused, match="to sign notes it is 1"):
        sign_checkpoint(CHECKPOINT, WITNESS)
    with pytest.raises(KeyRefused, match="to sign notes it is 1"):
        open_checkpoint(COSIGNED, [STATION.verifier, WITNESS.verifier])
    with pytest.raises(KeyRefused, match="to cosign it is 4"):
        cosign(NOTE, STATION, AT_S)
    with pytest.raises(KeyRefused, match="to cosign it is 4"):
        open_cosigned(COSIGNED, STATION.verifier)


def test_a_refused_checkpoint_is_a_refused_note() -> None:
    assert issubclass(CheckpointRefused, NoteRefused)


@given(st.one_of(st.binary(), LINE.map(str.encode)), st.integers(0, 2**64 - 1))
def test_any_bytes_are_a_checkpoint_or_refused(raw: bytes, number: int) -> None:
    text = b"o\n%d\n" % number + base64.b64encode(EMPTY_ROOT) + b"\n" + raw
    for attempt in (raw, text, text + b"\n"):
        try:
            checkpoint = Checkpoint.parse(attempt)
        except CheckpointRefused:
            continue
        assert checkpoint.text() == attempt
