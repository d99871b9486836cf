"""The `station` command as a person calls it: what it prints, and its exit code."""

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from station.cli import main
from station.importing import command
from station.journal.reader import Reader
from tests.journal_files import change, corrupt_leaf

SETTINGS = """
[station]
site = "greenleaf-414"
name = "vault-1"
duties = ["count"]
timezone = "America/Los_Angeles"
data_dir = "{directory}"
"""
FIVE_MISTAKES = """
[station]
site = "greenleaf-414"
nmae = "vault-1"
duties = ["counting"]
timezone = "America/Los_Angles"

[[scanner]]
name = "pole"
kind = "serial"
port = "/dev/station/scanner0"
baud = 9601

[broker]
host = "broker.example"
port = 99999
"""
PLAN = Path(__file__).parents[2] / "provisioning/examples/plan.json"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "station"


@pytest.fixture
def settings(tmp_path: Path, directory: Path) -> str:
    path = tmp_path / "station.toml"
    path.write_text(SETTINGS.format(directory=directory))
    return str(path)


@pytest.fixture
def recorded(settings: str, directory: Path) -> Path:
    """A stopped station with one imported plan."""
    assert call("import", "plan", str(PLAN), "-c", settings).exit_code == 0
    return directory


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_config_check_shows_five_mistakes_at_once(tmp_path: Path) -> None:
    path = tmp_path / "station.toml"
    path.write_text(FIVE_MISTAKES)
    checked = call("config", "check", str(path))
    assert checked.exit_code == 3
    lines = checked.stderr.splitlines()
    assert [line.split(":")[0] for line in lines[:-1]] == [
        "station.toml [station] nmae",
        'station.toml [station] duties = "counting"',
        'station.toml [station] timezone = "America/Los_Angles"',
        "station.toml [[scanner]] 1 baud = 9601",
        "station.toml [broker] port = 99999",
    ]
    assert "did you mean name" in lines[0]
    assert lines[-1] == "5 faults."


def test_config_show_prints_what_loads_to_the_same_settings(settings: str, tmp_path: Path) -> None:
    shown = call("config", "show", settings)
    (tmp_path / "again.toml").write_text(shown.stdout)
    assert call("config", "check", str(tmp_path / "again.toml")).exit_code == 0
    assert call("config", "show", str(tmp_path / "again.toml")).stdout == shown.stdout


def test_a_plan_is_imported_with_the_station_stopped_and_says_so_in_its_events(settings: str, directory: Path) -> None:
    imported = call("import", "plan", str(PLAN), "-c", settings)
    assert (imported.exit_code, imported.stdout) == (0, "plan P-2026-11-23-A version 1: 3 packages\n")
    leaves = [json.loads(line) for line in call("events", "--dir", str(directory), "--json").stdout.splitlines()]
    types = [leaf["type"] for leaf in leaves]
    assert types == ["epoch.began", "station.started", "plan.loaded", "station.stopped"]
    assert leaves[2]["subject"] == "P-2026-11-23-A"
    assert leaves[2]["data"]["by"]


def test_the_same_plan_again_is_refused_and_the_one_that_is_loaded_named(settings: str, recorded: Path) -> None:
    again = call("import", "plan", str(PLAN), "-c", settings)
    assert again.exit_code == 1
    assert "plan.json: plan P-2026-11-23-A version = 1: must be above 1, which is loaded" in again.stderr
    assert json.loads(call("status", "--dir", str(recorded), "--json").stdout)["plan"] == "P-2026-11-23-A"


def test_every_fault_of_a_plan_is_told_and_nothing_of_it_taken(settings: str, directory: Path, tmp_path: Path) -> None:
    plan = msgspec.json.decode(PLAN.read_bytes())
    plan["packages"][0]["tag"] = "1A4"
    plan["packages"][1]["pos"] = 40
    plan["version"] = 0
    path = tmp_path / "bad.json"
    path.write_bytes(msgspec.json.encode(plan))
    refused = call("import", "plan", str(path), "-c", settings)
    assert refused.exit_code == 1
    assert [line.split(" = ")[0] for line in refused.stderr.splitlines()] == [
        "bad.json: version",
        "bad.json: packages[0].tag",
        "bad.json: packages[1].pos",
    ]
    assert not (directory / "journal.db").exists()


def test_a_plan_that_is_no_utf8_is_refused_by_its_place(settings: str, tmp_path: Path) -> None:
    path = tmp_path / "latin.json"
    path.write_bytes(b'{"plan": "\xe9"}')
    refused = call("import", "plan", str(path), "-c", settings)
    assert (refused.exit_code, refused.stderr) == (
        1,
        "latin.json: byte 10 is no UTF-8; must be UTF-8; export it again\n",
    )


def test_a_byte_order_mark_before_a_plan_is_skipped(settings: str, tmp_path: Path) -> None:
    path = tmp_path / "marked.json"
    path.write_bytes(b"\xef\xbb\xbf" + PLAN.read_bytes())
    taken = call("import", "plan", str(path), "-c", settings)
    assert (taken.exit_code, taken.stdout) == (0, "plan P-2026-11-23-A version 1: 3 packages\n")


def test_a_file_is_read_no_further_than_a_document_may_be_long(
    settings: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "BYTES_MAX", 10)
    path = tmp_path / "long.json"
    path.write_bytes(b" " * 11)
    refused = call("import", "plan", str(path), "-c", settings)
    assert (refused.exit_code, refused.stderr) == (1, "long.json: is longer than 10 bytes; must not be; split it\n")


def test_events_are_the_leaves_byte_for_byte(recorded: Path) -> None:
    printed = call("events", "--dir", str(recorded), "--json").stdout_bytes.splitlines()
    reader = Reader.open_at(recorded / "journal.db")
    assert printed == [leaf for _, leaf in reader.leaves(0)]
    reader.close()


def test_events_are_chosen_by_place_type_and_subject(recorded: Path) -> None:
    def types(*arguments: str) -> list[str]:
        shown = call("events", "--dir", str(recorded), *arguments).stdout
        return [line.split()[2] for line in shown.splitlines()]

    assert types("--since", "2") == ["plan.loaded", "station.stopped"]
    assert types("--type", "plan.loaded") == ["plan.loaded"]
    assert types("--subject", "P-2026-11-23-A") == ["plan.loaded"]
    assert types("--subject", "somebody-else") == []


def test_verify_holds_for_what_was_written_and_names_the_first_event_that_was_changed(recorded: Path) -> None:
    held = call("verify", str(recorded))
    assert held.exit_code == 0
    assert ": 4 events, chain verified\n" in held.stdout
    corrupt_leaf(recorded / "journal.db", seq=2)
    changed = call("verify", str(recorded))
    assert changed.exit_code == 6
    assert "2 events hold, then event 2: its bytes are not those that were hashed" in changed.stdout
    assert json.loads(call("verify", str(recorded), "--json").stdout)["events"] == 2


@pytest.mark.parametrize("damage", [b"no database at all", b"SQLite format 3\0" + b"\xff" * 5000])
def test_verify_says_of_a_file_that_is_no_journal_that_it_holds_nothing(recorded: Path, damage: bytes) -> None:
    (recorded / "journal.db").write_bytes(damage)
    found = call("verify", str(recorded / "journal.db"))
    assert found.exit_code == 6
    assert "0 events hold, then file is not a database" in found.stdout


def test_verify_names_an_event_whose_bytes_became_text(recorded: Path) -> None:
    change(recorded / "journal.db", "UPDATE event SET leaf = CAST(leaf AS TEXT) WHERE seq = 1")
    found = call("verify", str(recorded))
    assert (found.exit_code, "event 1: its leaf and its hash must be bytes" in found.stdout) == (6, True)


def test_status_of_a_changed_journal_is_no_status(recorded: Path) -> None:
    corrupt_leaf(recorded / "journal.db", seq=1)
    status = call("status", "--dir", str(recorded))
    assert status.exit_code == 6
    assert "run: station verify" in status.stderr


def test_events_of_a_file_that_is_no_journal_are_none(recorded: Path) -> None:
    (recorded / "journal.db").write_bytes(b"no database at all")
    events = call("events", "--dir", str(recorded))
    assert (events.exit_code, events.stdout) == (6, "")
    assert "file is not a database; must be as written; run: station verify" in events.stderr


def test_a_directory_without_a_journal_is_named(tmp_path: Path) -> None:
    status = call("status", "--dir", str(tmp_path))
    assert status.exit_code == 2
    assert "has no journal.db" in status.stderr


def test_cards_as_json_name_verb_and_text() -> None:
    found = json.loads(call("cards", "--json", "--locations", "Vault A, Vault B,").stdout)
    assert {"verb": "undo", "text": "CS1/undo/Z3"} in found
    assert [card["name"] for card in found if card["verb"] == "location"] == ["Vault A", "Vault B"]


def test_cards_go_to_a_file_as_a_page(tmp_path: Path) -> None:
    assert call("cards", "-o", str(tmp_path / "cards.html")).exit_code == 0
    assert "<svg" in (tmp_path / "cards.html").read_text()


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_help_with_an_example(command: str) -> None:
    found = main.commands[command]
    texts = (
        [found.help or ""] if not hasattr(found, "commands") else [each.help or "" for each in found.commands.values()]
    )
    assert all("Example: station " in text for text in texts)
