"""Bundles: what is in them, and that one changed byte is named."""

import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from station.errors import IntegrityError, StationError, UsageError
from station.evidence.bundle import verifier_source
from station.evidence.exports import Selection
from station.evidence.standalone import verify as inspector
from station.evidence.trust import Trust
from station.sealing.checkpoint import Checkpoint, cosign
from tests.evidence.bundles import FINGERPRINT, SEED, WITNESS, Files, made_of
from tests.evidence.journals import AT_S, AUDITOR, STATION, Made
from tests.journal.rows import tag
from tests.journal_files import corrupt_leaf

# -- what is in it --


def test_it_holds_the_leaves_byte_for_byte_and_is_the_same_every_time(made: Made, raw: bytes, files: Files) -> None:
    assert [files[f"events/{seq:012d}.json"] for seq in range(3, 8)] == [row[1] for row in made.rows[3:8]]
    assert sorted(files) == sorted(zipfile.ZipFile(io.BytesIO(raw)).namelist())
    assert zipfile.ZipFile(io.BytesIO(raw)).testzip() is None
    assert files["verify.py"] == verifier_source()
    assert made_of(made, Selection("3", "7")) == raw


def test_what_holds_is_told_with_all_that_is_known(files: Files) -> None:
    report = inspector.check(files, FINGERPRINT, (WITNESS,))

    assert (report.checkpoint.size, report.is_confirmed, report.witnessed) == (50, True, [("office", AT_S)])
    assert report.events[0] == (3, "2026-11-18T11:06:40.003Z", "count.located", "C000001")
    assert "none between them is left out" in "\n".join(inspector.account(report))


def test_the_fingerprint_may_be_written_as_people_write_it(files: Files) -> None:
    written = FINGERPRINT.upper().replace(" ", " - ", 3)

    assert inspector.check(files, written).is_confirmed


@pytest.mark.parametrize("selection", [Selection(subject=tag(4)), Selection("0", "0"), Selection(), Selection("49")])
def test_any_selection_is_proved(made: Made, selection: Selection) -> None:
    report = inspector.check(inspector.read_zip(made_of(made, selection)), FINGERPRINT)

    assert report.events


def test_without_an_end_it_ends_with_what_a_checkpoint_covers_and_with_one_it_says_what_does_not(made: Made) -> None:
    report = inspector.check(inspector.read_zip(made_of(made, Selection())))
    assert [seq for seq, *_ in report.events] == list(range(50))

    with pytest.raises(StationError, match="event 52: no checkpoint covers it yet; the newest covers up to 49"):
        made_of(made, Selection("40", "52"))


def test_a_cosigned_checkpoint_is_taken_before_a_newer_one_and_every_witness_of_it(tmp_path: Path) -> None:
    made = Made(tmp_path / "station", behind=2)
    more = cosign(made.sealed[2][1], AUDITOR, AT_S + 1)
    connection = __import__("sqlite3").connect(made.path)
    with connection:
        connection.execute("INSERT INTO cosigned VALUES ('auditor', 30, ?)", (more,))
    connection.close()

    early = inspector.read_zip(made_of(made, Selection("3", "7")))["checkpoint.txt"].decode()
    late = inspector.read_zip(made_of(made, Selection("3", "35")))["checkpoint.txt"].decode()

    assert [line.split()[1] for line in early.splitlines()[4:]] == ["auditor", STATION.name, "office"] or [
        line.split()[1] for line in early.splitlines()[4:]
    ] == [STATION.name, "auditor", "office"]
    assert late.splitlines()[1] == "50"


def test_nothing_is_taken_from_a_journal_that_does_not_hold(tmp_path: Path) -> None:
    made = Made(tmp_path / "station")
    corrupt_leaf(made.path, seq=5)

    with pytest.raises(IntegrityError, match="event 5: its bytes are not those that were hashed; nothing is taken"):
        made_of(made, Selection("3", "4"))


def test_without_a_key_that_signed_it_no_bundle_is_made(made: Made) -> None:
    with pytest.raises(UsageError, match="the station's key is not known here; give it by --key"):
        made_of(made, Selection("3", "7"), Trust())


def test_the_key_never_stands_in_it(tmp_path: Path) -> None:
    made = Made(tmp_path / "station")
    made.leave_key()
    raw = made_of(made, Selection("3", "7"), Trust())

    assert b"PRIVATE" not in raw
    assert bytes(range(32)) not in raw
    assert STATION.encode_private().rpartition("+")[2].encode() not in raw


def test_the_page_shows_what_cannot_be_seen_as_its_number(made: Made) -> None:
    from station.evidence.page import record_page
    from station.sealing.note import VerifierKey

    leaf = json.loads(made.rows[5][1])
    leaf["data"]["location"] = "<script>\u202eA\u0007"
    shown = record_page(
        made.witnessed,
        Checkpoint("custody/greenleaf-414/vault-1/e", 50, bytes(32)),
        VerifierKey.parse(str(STATION.verifier)),
        [(5, json.dumps(leaf).encode())],
        "",
    )

    assert "&lt;script&gt;\\u202eA\\u0007" in shown
    assert "<script" not in shown


# -- one byte --


def starts(files: Files) -> list[tuple[int, str]]:
    """Where each file's part of the zip ends."""
    ends, at = [], 0
    for name in sorted(files):
        at += 30 + len(name) + len(files[name])
        ends.append((at, name))
    return ends


def told(raw: bytes) -> str:
    try:
        inspector.check(inspector.read_zip(raw))
    except inspector.Fault as fault:
        return str(fault)
    return ""


def test_one_byte_changed_anywhere_is_named(raw: bytes, files: Files) -> None:
    """Every byte of the proof and around it; of the long texts for people, every ninth.

    Either the file is named in which it lies, or the place, to within the header of a file.
    """
    chance = random.Random(SEED)
    ends = starts(files)
    texts = {"verify.py", "index.html", "README.txt"}
    for at in range(len(raw)):
        name = next((name for end, name in ends if at < end), "")
        if name in texts and at % 9:
            continue
        changed = bytearray(raw)
        changed[at] ^= chance.randrange(1, 256)
        fault = told(bytes(changed))
        place = re.search(r"zip: from byte (\d+) of", fault)
        is_placed = place is not None and at - 30 <= int(place[1]) <= at
        assert (name and name in fault) or is_placed, f"byte {at} of {name or 'the directory'}: {fault}"


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (lambda raw: raw + b"\0", "zip: from byte "),
        (lambda raw: b"\0" + raw, "is missing"),
        (lambda raw: raw[:-1], "zip: from byte "),
        (lambda raw: raw[:-22], "zip: from byte "),
        (lambda raw: raw[:20], "is missing"),
        (lambda _: b"", "is missing"),
        (lambda raw: raw[:-2] + b"\x05\0notes", "zip: from byte "),
        (lambda raw: raw[: raw.index(b"PK\x01\x02")] + raw, "(again)': does not belong here"),
    ],
)
def test_what_stands_around_or_is_cut_off_is_refused(raw: bytes, harm: Callable[[bytes], bytes], fault: str) -> None:
    assert fault in told(harm(raw))


def test_the_same_files_zipped_by_another_program_are_refused(files: Files) -> None:
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as other:
        for name, content in files.items():
            other.writestr(name, content)

    assert told(again.getvalue())


def test_a_zip_of_more_files_than_a_zip_can_count_is_refused() -> None:
    many = b"".join(b"PK\x03\x04" + bytes(22) + b"\x01\0\0\0" + bytes([97 + number % 26]) for number in range(70_000))

    assert "zip: from byte " in told(many)
