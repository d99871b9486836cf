"""Bundles: what is in them, and that one changed byte is named, by the verifier within and by a bare python3."""

import ast
import hashlib
import io
import json
import random
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from station.errors import IntegrityError, StationError, UsageError
from station.evidence.bundle import bundle, verifier
from station.evidence.exports import Held, Selection
from station.evidence.standalone import verify as inspector
from station.evidence.trust import Trust
from station.evidence.verify import verify
from station.journal.reader import Reader
from station.sealing.checkpoint import Checkpoint, cosign, sign_checkpoint
from station.sealing.merkle import ProofRefused, check_inclusion, inclusion_proofs, leaf_hash, root_of
from tests.evidence.journals import AT_S, AUDITOR, OFFICE, STATION, THIEF, Made
from tests.journal.rows import tag
from tests.journal_files import corrupt_leaf

SEED = 20261123
WITNESS = inspector.Key(OFFICE.verifier.name, 4, OFFICE.verifier.public)
FINGERPRINT = STATION.verifier.fingerprint
Files = dict[str, bytes]


def made_of(made: Made, selection: Selection, trust: Trust | None = None) -> bytes:
    reader = Reader.at(made.path)
    try:
        return bundle(Held(made.directory, trust or Trust(STATION.verifier), reader), selection)[0]
    finally:
        reader.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def raw(made: Made) -> bytes:
    """A bundle of five events."""
    return made_of(made, Selection("3", "7"))


@pytest.fixture
def files(raw: bytes) -> Files:
    return inspector.read_zip(raw)


def refusal(files: Files, fingerprint: str = "", witnesses: tuple[inspector.Key, ...] = ()) -> str:
    """Why a bundle of these files does not hold, with a contents.txt that fits them; empty where it holds."""
    files["contents.txt"] = inspector.contents_text(files)
    try:
        inspector.check(inspector.read_zip(inspector.zip_bytes(files)), fingerprint, witnesses)
    except inspector.Fault as fault:
        return str(fault)
    return ""


# -- what is in it --


def test_it_holds_the_leaves_byte_for_byte_and_is_the_same_every_time(made: Made, raw: bytes, files: Files) -> None:
    assert [files[f"events/{seq:012d}.json"] for seq in range(3, 8)] == [row[1] for row in made.rows[3:8]]
    assert sorted(files) == sorted(zipfile.ZipFile(io.BytesIO(raw)).namelist())
    assert zipfile.ZipFile(io.BytesIO(raw)).testzip() is None
    assert files["verify.py"] == verifier()
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
    assert STATION.encoded().rpartition("+")[2].encode() not in raw


def test_the_page_shows_what_cannot_be_seen_as_its_number(made: Made) -> None:
    from station.evidence.page import page
    from station.sealing.note import VerifierKey

    leaf = json.loads(made.rows[5][1])
    leaf["data"]["location"] = "<script>\u202eA\u0007"
    shown = page(
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


# -- somebody who makes contents.txt fit --


def test_an_event_that_was_changed_is_named_though_contents_fit(files: Files) -> None:
    name = "events/000000000005.json"
    files[name] = files[name].replace(b"Vault A", b"Vault B")

    assert refusal(files) == f"{name}: is not the event that the checkpoint covers"


def test_events_exchanged_left_out_or_added_are_named(files: Files) -> None:
    five, six = "events/000000000005.json", "events/000000000006.json"
    exchanged = {**files, five: files[six], six: files[five]}
    assert refusal(exchanged).startswith(five)
    without = {name: content for name, content in files.items() if name != six}
    assert refusal(without) == "proofs.json: proves events that are not there: [6]"
    added = {**files, "events/000000000009.json": files[six]}
    assert refusal(added).startswith("events/000000000009.json: its proof is too short")
    assert refusal({**files, "events/000000000099.json": files[six]}).endswith("that the checkpoint covers")


def test_an_event_left_out_with_its_proof_makes_a_selection_that_says_so(files: Files) -> None:
    del files["events/000000000005.json"]
    proofs = json.loads(files["proofs.json"])
    del proofs["proofs"]["5"]
    files["proofs.json"] = json.dumps(proofs).encode()
    files["contents.txt"] = inspector.contents_text(files)

    account = "\n".join(inspector.account(inspector.check(files)))
    assert "a selection: others between them are not in this bundle" in account


@pytest.mark.parametrize(("was", "becomes"), [(b'"000000000005"', b'"000000000006"'), (b"/vault-1", b"/vault-2")])
def test_an_event_that_says_it_stands_elsewhere_is_named_though_a_thief_of_the_key_signed_it(
    files: Files, made: Made, was: bytes, becomes: bytes
) -> None:
    leaves = [row[1] for row in made.rows[:50]]
    leaves[5] = leaves[5].replace(was, becomes)
    hashes = [leaf_hash(leaf) for leaf in leaves]
    text = Checkpoint(f"custody/greenleaf-414/vault-1/{made.epoch}", 50, root_of(hashes))
    proofs = {"5": [each.hex() for each in inclusion_proofs(hashes, [5])[0]]}
    kept = {name: content for name, content in files.items() if not name.startswith("events/")}
    kept |= {"events/000000000005.json": leaves[5], "checkpoint.txt": sign_checkpoint(text, STATION)}
    kept["proofs.json"] = json.dumps({"size": 50, "proofs": proofs}).encode()

    assert refusal(kept).startswith("events/000000000005.json: says that it is ")


def forged(files: Files, made: Made) -> Files:
    """The whole bundle made anew by a thief with a key of his own, under the station's name."""
    hashes = [leaf_hash(row[1].replace(b"Vault A", b"Vault B")) for row in made.rows[:50]]
    events = {seq: made.rows[seq][1].replace(b"Vault A", b"Vault B") for seq in range(3, 8)}
    note = sign_checkpoint(Checkpoint(f"custody/greenleaf-414/vault-1/{made.epoch}", 50, root_of(hashes)), THIEF)
    proofs = dict(zip(map(str, events), inclusion_proofs(hashes, list(events)), strict=True))
    told = {"size": 50, "proofs": {seq: [each.hex() for each in proof] for seq, proof in proofs.items()}}
    return {
        **files,
        **{f"events/{seq:012d}.json": leaf for seq, leaf in events.items()},
        "checkpoint.txt": note,
        "key.txt": f"{THIEF.verifier}\n".encode(),
        "proofs.json": json.dumps(told).encode(),
    }


def test_a_forger_is_told_by_the_paper_and_without_it_nothing_is_called_confirmed(files: Files, made: Made) -> None:
    bundle = forged(files, made)

    assert refusal(bundle, FINGERPRINT).startswith("key.txt: its fingerprint is ")
    assert refusal(bundle, "", (WITNESS,)) == "checkpoint.txt: is not signed by office"
    assert refusal(bundle) == ""
    account = "\n".join(inspector.account(inspector.check(bundle)))
    assert "KEY NOT CONFIRMED: anybody can make a bundle" in account
    assert "confirmed: " not in account


def test_another_key_beside_a_checkpoint_of_the_stations_is_refused(files: Files) -> None:
    files["key.txt"] = f"{THIEF.verifier}\n".encode()

    assert refusal(files) == f"checkpoint.txt: is not signed by {STATION.name}"


def test_a_signature_or_a_cosignature_of_something_else_is_refused(files: Files) -> None:
    text, _, lines = files["checkpoint.txt"].partition(b"\n\n")
    other = text.replace(b"\n50\n", b"\n51\n") + b"\n\n" + lines
    assert refusal({**files, "checkpoint.txt": other}) == f"checkpoint.txt: the signature of {STATION.name} is wrong"

    resigned = sign_checkpoint(Checkpoint.parse(text + b"\n"), STATION)
    wrong = resigned + lines.split(b"\n")[1] + b"\n"
    assert refusal({**files, "checkpoint.txt": wrong}, "", (WITNESS,)) == ""
    moved = bytearray(cosign(resigned, OFFICE, AT_S))
    later = cosign(resigned, OFFICE, AT_S + 1)
    assert len(moved) == len(later)
    spoiled = bytes(moved).replace(bytes(moved).split(b"\xe2\x80\x94 office ")[1][:16], later.split(b"office ")[1][:16])
    assert refusal({**files, "checkpoint.txt": spoiled}, "", (WITNESS,)) == (
        "checkpoint.txt: the signature of office is wrong"
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("proofs.json", b"[" * 100_000),
        ("proofs.json", b"{}"),
        ("proofs.json", b'{"size": 50, "proofs": {"3": 7}}'),
        ("proofs.json", b'{"size": 49, "proofs": {}}'),
        ("proofs.json", b"\xff"),
        ("key.txt", b""),
        ("key.txt", b"\xff\xfe\n"),
        ("key.txt", b"a+b+c\n"),
        ("key.txt", f"{OFFICE.verifier}\n".encode()),
        ("checkpoint.txt", b""),
        ("checkpoint.txt", b"a\n50\nb\n\n"),
        ("checkpoint.txt", b"\xff\n"),
    ],
)
def test_a_file_that_is_nothing_is_named(files: Files, name: str, content: bytes) -> None:
    assert refusal({**files, name: content}).startswith(name)


def test_a_file_that_does_not_belong_there_or_is_missing_is_named(files: Files) -> None:
    assert refusal({**files, "events/../x": b""}) == "'events/../x': does not belong here"
    assert refusal({**files, "events/1.json": b""}) == "'events/1.json': does not belong here"
    del files["README.txt"]
    assert refusal(files) == "README.txt: is missing"


def test_a_proof_is_taken_by_it_just_where_the_stations_own_check_takes_it() -> None:
    chance = random.Random(SEED)
    leaves = [bytes([number]) for number in range(40)]
    hashes = [leaf_hash(leaf) for leaf in leaves]
    for size in range(1, 40):
        root = root_of(hashes[:size])
        for index, proof in enumerate(inclusion_proofs(hashes[:size], range(size))):
            tried = (
                [*proof] if chance.random() < 0.5 else [*proof, *chance.choices(hashes, k=chance.randrange(2))][::-1]
            )
            at, of = chance.choice([(index, size), (index + 1, size), (index, size + 1), (index, max(size - 1, 1))])
            assert holds(leaves[index], at, of, tried, root) == station_holds(hashes[index], at, of, tried, root)


def holds(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    try:
        return inspector.root_by_proof(leaf, index, size, proof) == root
    except inspector.Fault:
        return False


def station_holds(hash: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    try:
        check_inclusion(hash, index, size, proof, root)
    except ProofRefused:
        return False
    return True


# -- with a bare python3 and nothing installed --


def bare(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The verifier from the bundle, without site packages, environment or the source tree."""
    command = [sys.executable, "-I", "-S", "verify.py", *arguments]
    return subprocess.run(command, cwd=cwd, env={}, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def desk(tmp_path: Path, raw: bytes) -> Path:
    """An inspector's folder: the bundle, and the verifier out of it."""
    (tmp_path / "bundle.zip").write_bytes(raw)
    (tmp_path / "verify.py").write_bytes(inspector.read_zip(raw)["verify.py"])
    return tmp_path


def test_a_bare_python_checks_a_bundle(desk: Path) -> None:
    loud = bare(desk, "bundle.zip")
    assert (loud.returncode, loud.stderr) == (0, "")
    assert "KEY NOT CONFIRMED" in loud.stdout
    assert "NONE CHECKED" in loud.stdout

    sure = bare(desk, "bundle.zip", "--fingerprint", FINGERPRINT, "--witness", str(OFFICE.verifier), "--events")
    assert sure.returncode == 0
    assert "witness    office cosigned the checkpoint at 2026-11-18T11:08:20Z" in sure.stdout
    assert f"key        confirmed: {FINGERPRINT}" in sure.stdout
    assert "3 2026-11-18T11:06:40.003Z count.located C000001" in sure.stdout


def test_a_bare_python_refuses_a_changed_byte_and_a_foreign_fingerprint(desk: Path, raw: bytes) -> None:
    chance = random.Random(SEED)
    for _ in range(12):
        changed = bytearray(raw)
        changed[chance.randrange(len(raw))] ^= 1
        (desk / "changed.zip").write_bytes(changed)
        found = bare(desk, "changed.zip")
        assert (found.returncode, found.stderr, found.stdout[:7]) == (6, "", "FAULT: ")
    other = bare(desk, "bundle.zip", "--fingerprint", THIEF.verifier.fingerprint)
    assert (other.returncode, "key.txt: its fingerprint is" in other.stdout) == (6, True)
    assert bare(desk, "nothing.zip").returncode == 6
    assert bare(desk, "bundle.zip", "--witness", "office").returncode == 6


def test_an_unpacked_bundle_is_checked_in_its_place(desk: Path, raw: bytes) -> None:
    folder = desk / "unpacked"
    zipfile.ZipFile(io.BytesIO(raw)).extractall(folder)
    assert bare(folder).returncode == 0

    (folder / "index.html").write_text("another page")
    changed = bare(folder)
    assert "FAULT: index.html: its bytes are not those in contents.txt" in changed.stdout
    shutil.copy(folder / "key.txt", folder / "copy.txt")
    assert "'copy.txt': does not belong here" in bare(folder).stdout


def test_sha256sum_knows_the_contents_too(files: Files) -> None:
    for line in files["contents.txt"].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == digest


def test_station_verify_says_the_same(desk: Path, raw: bytes) -> None:
    held = verify(desk / "bundle.zip", Trust(STATION.verifier, "", (OFFICE.verifier,)))
    assert (held.fault, held.events, held.sealed, held.is_key_confirmed) == ("", 5, 50, True)
    (desk / "bundle.zip").write_bytes(raw[:-1])
    assert verify(desk / "bundle.zip").fault.startswith("zip: from byte ")


def test_the_verifier_is_short_and_needs_the_standard_library_alone() -> None:
    tree = ast.parse(verifier())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names
    assert len(verifier().splitlines()) <= 400


def test_a_zip_of_more_files_than_a_zip_can_count_is_refused() -> None:
    many = b"".join(b"PK\x03\x04" + bytes(22) + b"\x01\0\0\0" + bytes([97 + number % 26]) for number in range(70_000))

    assert "zip: from byte " in told(many)


def test_a_key_with_another_keys_id_and_a_checkpoint_of_another_station_are_refused(files: Files) -> None:
    name, _, material = str(STATION.verifier).split("+", 2)
    assert refusal({**files, "key.txt": f"{name}+00000000+{material}\n".encode()}).startswith("key.txt: ")

    note = sign_checkpoint(Checkpoint("custody/greenleaf-414/vault-2/epoch", 50, bytes(32)), STATION)
    assert refusal({**files, "checkpoint.txt": note}).startswith("checkpoint.txt: is of 'custody/greenleaf-414/vault-2")


def test_an_unpacked_bundle_with_a_link_or_a_folder_of_its_own_is_refused(tmp_path: Path, raw: bytes) -> None:
    zipfile.ZipFile(io.BytesIO(raw)).extractall(tmp_path)
    inspector.read_bundle(tmp_path)
    (tmp_path / "more").mkdir()
    with pytest.raises(inspector.Fault, match="'more': is not a file of a bundle"):
        inspector.read_bundle(tmp_path)
    (tmp_path / "more").rmdir()
    (tmp_path / "key.txt").rename(tmp_path.parent / "elsewhere.txt")
    (tmp_path / "key.txt").symlink_to(tmp_path.parent / "elsewhere.txt")
    with pytest.raises(inspector.Fault, match=r"'key\.txt': is not a file of a bundle"):
        inspector.read_bundle(tmp_path)
