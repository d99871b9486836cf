"""The `backoffice` command beside a database that a receiver wrote."""

import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from station.backoffice import settings
from station.backoffice.cli import main
from station.backoffice.trust import approvals
from station.backoffice.wiring import take_approvals
from station.sealing.note import SigningKey, VerifierKey
from tests.backoffice.test_settings import TEXT
from tests.backoffice.world import EPOCH, VAULT, WITNESS, FakeStation, Office


class Desk:
    """A folder with settings, keys and a database in which the vault said something."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = folder / "backoffice.toml"
        self.settings.write_text(TEXT.replace("/abs/c.key", "c.key"))
        (folder / "here").mkdir()
        key = folder / "w.key"
        key.touch(0o600)
        key.write_text(WITNESS.encode_private())
        self.database = folder / "here" / "backoffice.db"
        self.vault = FakeStation()
        self.office = Office(self.database)

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, [words[0], "-c", str(self.settings), *words[1:]])

    def change(self, sql: str, *values: object) -> None:
        """Change the database behind the receiver's back."""
        self.office.store.close()
        with sqlite3.connect(self.database) as database:
            database.execute("DROP TRIGGER IF EXISTS leaf_refuses_update")
            database.execute("DROP TRIGGER IF EXISTS leaf_refuses_delete")
            database.execute(sql, values)
        database.close()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.vault.write(20)
    made.vault.write(1, "door.forced")
    made.office.take(made.vault.info(), *made.vault.events(), made.vault.checkpoint(10), made.vault.checkpoint(21))
    return made


def test_init_makes_both_keys_and_prints_what_a_station_needs(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (tmp_path / "w.key").unlink()
    first = desk.run("init")
    assert first.exit_code == 0, first.output
    assert "PRIVATE" not in first.output
    assert (tmp_path / "c.key").stat().st_mode & 0o777 == 0o600
    assert first.stderr.count("made ") == 3
    again = desk.run("init")
    assert (again.stdout, again.stderr) == (first.stdout, "")
    keys = [VerifierKey.parse(line.split('"')[1]) for line in first.stdout.splitlines() if "key = " in line]
    assert [(key.name, key.algorithm) for key in keys] == [
        ("greenleaf-414-commands", 1),
        ("greenleaf-414-backoffice", 4),
    ]


@pytest.mark.parametrize("by", ["key", "fingerprint"])
def test_an_approved_key_reaches_the_receiver(desk: Desk, by: str) -> None:
    assert "NOT APPROVED" in desk.run("stations").output
    key = desk.vault.key.verifier
    assert desk.run("approve", VAULT, str(key) if by == "key" else key.fingerprint.upper()).exit_code == 0

    office = settings.load_settings(str(desk.settings)).backoffice
    (publication,) = take_approvals(office, desk.office.receiver)

    assert publication.topic.endswith(f"/ack/{WITNESS.name}")
    assert list(approvals.waiting_approvals(office.approvals_dir)) == []
    assert "NOT APPROVED" not in desk.run("stations").output


def test_a_key_of_another_or_a_wrong_fingerprint_is_not_approved(desk: Desk) -> None:
    other = SigningKey.generate("custody/greenleaf-414/dock-1").verifier
    assert desk.run("approve", VAULT, str(other)).exit_code == 2
    assert desk.run("approve", VAULT, other.fingerprint).exit_code == 2
    assert desk.run("approve", VAULT, desk.vault.key.verifier.fingerprint[:9]).exit_code == 2
    assert list(approvals.waiting_approvals(settings.load_settings(str(desk.settings)).backoffice.approvals_dir)) == []


def test_rubbish_among_the_approvals_is_removed(desk: Desk) -> None:
    office = settings.load_settings(str(desk.settings)).backoffice
    office.approvals_dir.mkdir()
    (office.approvals_dir / "x.approval").write_text("{")
    approvals.leave_approval(office.approvals_dir, approvals.Approval("dock-1", str(desk.vault.key.verifier)))
    assert take_approvals(office, desk.office.receiver) == []
    assert list(office.approvals_dir.iterdir()) == []


def test_stations_shows_heads_gaps_and_alarms(desk: Desk) -> None:
    desk.office.approve(desk.vault)
    desk.vault.write(5)
    desk.office.take(
        desk.vault.event(23), (desk.vault.event(3)[0], desk.vault.leaf(3, tag="other")), desk.vault.health()
    )

    (found,) = json.loads(desk.run("stations", "--json").output)

    (epoch,) = found["epochs"]
    assert (found["station"], found["key"], found["is_approved"]) == (VAULT, desk.vault.key.verifier.fingerprint, True)
    assert (epoch["head"], epoch["contiguous"], epoch["acked"]) == (25, 20, 20)
    assert epoch["missing"] == [[21, 22], [24, 25]]
    assert (found["alarms"][0]["kind"], found["alarms"][0]["seq"]) == ("conflict", 3)
    text = desk.run("stations").output
    assert "MISSING 21..22, 24..25" in text
    assert "ALARM conflict (1x)" in text
    assert "first differing event 3" in text


def test_events_are_told_byte_for_byte_and_chosen(desk: Desk) -> None:
    whole = desk.run("events", VAULT, "--json").output.encode().splitlines()
    assert whole == desk.vault.leaves
    assert desk.run("events", VAULT, "--type", "door.forced").output.split()[:2] == [EPOCH, "20"]
    assert len(desk.run("events", VAULT, "--since", "15").output.splitlines()) == 6
    unknown = desk.run("events", "dock-1")
    assert (unknown.exit_code, "must be one of vault-1" in unknown.output) == (2, True)


def test_verify_says_that_all_holds(desk: Desk) -> None:
    desk.office.approve(desk.vault)
    found = desk.run("verify")
    assert (found.exit_code, found.output) == (0, f"{VAULT} {EPOCH}: 21 events, 2 checkpoints: all of it holds\n")
    assert json.loads(desk.run("verify", VAULT, "--json").output)["fault"] == ""


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE leaf SET leaf = CAST(replace(CAST(leaf AS TEXT), '1A4', '1A5') AS BLOB) WHERE seq = 7", "event 7"),
        ("UPDATE leaf SET hash = zeroblob(32) WHERE seq = 7", "event 7"),
        ("UPDATE leaf SET leaf = NULL, hash = zeroblob(32) WHERE seq = 7", "events 0..9"),
        ("UPDATE leaf SET leaf = NULL, hash = zeroblob(32) WHERE seq = 17", "events 10..20"),
        ("DELETE FROM leaf WHERE seq = 7", "event 7"),
        ("DELETE FROM leaf WHERE seq = 20", "event 20"),
        ("DELETE FROM checkpoint WHERE size = 21", "checkpoint 21"),
        ("UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 10) WHERE size = 21", "checkpoint 21"),
        ("DELETE FROM approved", "no signature"),
        ("UPDATE cosignature SET note = (SELECT note FROM checkpoint WHERE size = 21)", "cosignature: none"),
    ],
)
def test_verify_names_the_first_fault(desk: Desk, sql: str, said: str) -> None:
    desk.office.approve(desk.vault)
    desk.change(sql)
    found = desk.run("verify")
    assert found.exit_code == 6
    assert said in found.output


def test_verify_finds_two_leaves_exchanged_with_their_hashes(desk: Desk) -> None:
    desk.office.approve(desk.vault)
    for change in ("UPDATE leaf SET seq = 99 WHERE seq = 3", "UPDATE leaf SET seq = 3 WHERE seq = 4"):
        desk.change(change)
    desk.change("UPDATE leaf SET seq = 4 WHERE seq = 99")
    assert "event 3" in desk.run("verify").output


def test_a_database_that_is_none_and_one_that_is_not_there(desk: Desk) -> None:
    desk.office.store.close()
    desk.database.write_bytes(b"no database at all" * 100)
    assert desk.run("verify").exit_code == 6
    desk.database.unlink()
    missing = desk.run("stations")
    assert (missing.exit_code, "is not there" in missing.output) == (2, True)
