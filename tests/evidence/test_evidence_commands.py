"""`station verify`, `export` and `checkpoint` as a person calls them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from station.cli import main
from station.evidence.standalone import verify as inspector
from tests.evidence.journals import OFFICE, STATION, THIEF, Made
from tests.journal.rows import tag
from tests.journal_files import corrupt_leaf


@pytest.fixture
def made(tmp_path: Path) -> Made:
    made = Made(tmp_path / "station")
    made.leave_key()
    return made


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def test_a_bundle_is_written_and_verified_with_the_keys_from_elsewhere(made: Made, tmp_path: Path) -> None:
    written = call("export", "--dir", made.directory, "--from", "3", "--to", "7", "-o", tmp_path / "b.zip")
    assert (written.exit_code, written.stdout) == (0, f"{tmp_path}/b.zip: 5 events, from 3 to 7\n")

    keys = ("--key", STATION.verifier.fingerprint, "--witness", str(OFFICE.verifier))
    held = call("verify", tmp_path / "b.zip", *keys)
    assert held.exit_code == 0
    assert f"key confirmed: {STATION.verifier.fingerprint}" in held.stdout
    assert "KEY NOT CONFIRMED" in call("verify", tmp_path / "b.zip").stdout
    other = call("verify", tmp_path / "b.zip", "--key", THIEF.verifier.fingerprint)
    assert (other.exit_code, "key.txt: its fingerprint is" in other.stdout) == (6, True)


def test_lines_are_written_and_verified_against_a_witness(made: Made, tmp_path: Path) -> None:
    (tmp_path / "office.txt").write_bytes(made.witnessed)
    assert call("export", "--dir", made.directory, "--format", "jsonl", "-o", tmp_path / "e.jsonl").exit_code == 0
    assert (tmp_path / "e.jsonl").read_bytes().splitlines() == [row[1] for row in made.rows]

    held = call("verify", tmp_path / "e.jsonl", "--checkpoint", tmp_path / "office.txt")
    assert (held.exit_code, held.stdout.splitlines()[0]) == (
        0,
        f"export: epoch {made.epoch}: 53 events, chain verified",
    )


def test_one_package_alone(made: Made, tmp_path: Path) -> None:
    assert call("export", "--dir", made.directory, "--subject", tag(3), "-o", tmp_path / "b.zip").exit_code == 0
    events = inspector.check(inspector.read_bundle(tmp_path / "b.zip")).events
    assert [(seq, subject) for seq, _, _, subject in events] == [(7, tag(3))]


@pytest.mark.parametrize(
    ("options", "exit_code", "text"),
    [
        (("--format", "csv"), 2, "--format csv: must be one of jsonl, bundle; csv, html and epcis come later"),
        (("--from", "soon"), 2, "--from soon: must be a seq"),
        (("--subject", "nobody"), 2, "no such events are here"),
        (("--to", "52"), 1, "no checkpoint covers it yet"),
        (("--key", "nonsense"), 2, "--key: verifier key: not of the form"),
        (("--key", THIEF.verifier.fingerprint), 6, "that is not the one given"),
    ],
)
def test_what_cannot_be_exported_is_said_and_no_file_is_left(
    made: Made, tmp_path: Path, options: tuple[str, ...], exit_code: int, text: str
) -> None:
    refused = call("export", "--dir", made.directory, *options, "-o", tmp_path / "out")

    assert (refused.exit_code, text in refused.stderr) == (exit_code, True), refused.stderr
    assert not (tmp_path / "out").exists()


def test_the_sheet_fits_the_paper_and_its_three_lines_verify_the_journal(made: Made, tmp_path: Path) -> None:
    sheet = call("checkpoint", "--dir", made.directory).stdout
    printed = sheet.splitlines()
    assert max(map(len, printed)) <= 80
    assert len(printed) <= 50
    assert sum(line.startswith("Name ___") for line in printed) == 2
    assert " ".join(" ".join(printed).split()).count(STATION.verifier.fingerprint) == 1

    (tmp_path / "paper.txt").write_text("\n".join(printed[2:5]) + "\n")
    held = call("verify", made.path, "--checkpoint", tmp_path / "paper.txt")
    assert (held.exit_code, "the checkpoint in paper.txt holds" in held.stdout) == (0, True)


def test_the_sheet_as_json_has_the_note_and_the_key(made: Made) -> None:
    told = json.loads(call("checkpoint", "--dir", made.directory, "--json").stdout)

    assert (told["size"], told["fingerprint"]) == (50, STATION.verifier.fingerprint)
    assert inspector.parse_checkpoint(told["note"].encode()).size == 50
    assert inspector.parse_key(told["key"], 1).fingerprint() == told["fingerprint"]


def test_no_sheet_of_a_journal_that_does_not_hold_or_has_no_checkpoint(made: Made, tmp_path: Path) -> None:
    corrupt_leaf(made.path, seq=5)
    refused = call("checkpoint", "--dir", made.directory)
    assert (refused.exit_code, "event 5: its bytes are not those" in refused.stderr) == (6, True)

    young = Made(tmp_path / "young", count=10)
    assert call("checkpoint", "--dir", young.directory).exit_code == 2
    assert "the station's key is not known here" in call("checkpoint", "--dir", young.directory).stderr


def test_what_verify_found_as_json(made: Made) -> None:
    told = json.loads(call("verify", made.path, "--key", str(STATION.verifier), "--json").stdout)

    assert (told["events"], told["sealed"], told["is_key_confirmed"], told["fault"]) == (53, 50, True, "")
    assert told["witnessed"] == [{"witness": "office", "size": 50, "at_s": 0}]
