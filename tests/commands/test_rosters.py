"""`station import roster` and `station roster show`, with the station stopped and running."""

import json
from pathlib import Path

import pytest

from tests.commands.test_commands import call
from tests.programs import Station
from tests.waiting import wait_for

SETTINGS = """
[station]
site = "greenleaf-414"
name = "vault-1"
duties = ["entry"]
timezone = "America/Los_Angeles"
data_dir = "{folder}/station"
site_key_file = "{folder}/site.key"

[door]
kind = "simulated"

[[badge_reader]]
name = "outside"
side = "outside"
kind = "simulated"
"""
ROSTER = Path(__file__).parents[2] / "provisioning/examples/roster.json"
TAKEN = "roster 3: 2 people, 2 badges, until 2099-12-31T00:00:00Z\n"
SECRETS = ("26:12:3456", "26:12:3457", "482913")


@pytest.fixture
def settings(tmp_path: Path) -> str:
    (tmp_path / "site.key").write_text("07" * 32)
    (tmp_path / "site.key").chmod(0o600)
    path = tmp_path / "station.toml"
    path.write_text(SETTINGS.format(folder=tmp_path))
    return str(path)


def journal_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("journal.db*"))


def test_the_example_is_imported_with_the_station_stopped_and_sealed(settings: str, tmp_path: Path) -> None:
    imported = call("import", "roster", str(ROSTER), "-c", settings)
    assert (imported.exit_code, imported.stdout) == (0, TAKEN)
    kept = journal_bytes(tmp_path / "station")
    assert b"scrypt:16384:8:1:" in kept
    assert not any(secret.encode() in kept for secret in SECRETS)
    shown = call("events", "-c", settings, "--type", "roster.loaded", "--json")
    assert json.loads(shown.stdout)["data"]["by"]


def test_a_running_station_takes_it_over_its_socket_and_logs_no_number(settings: str, tmp_path: Path) -> None:
    station = Station(tmp_path, "/dev/null")
    station.settings.write_text(SETTINGS.format(folder=tmp_path))
    station.start()
    imported = station.call("import", "roster", str(ROSTER), "-c", settings)
    again = station.call("import", "roster", str(ROSTER), "-c", settings)
    station.end(15)
    assert (imported.returncode, imported.stdout) == (0, TAKEN)
    assert (again.returncode, "must be above 3" in again.stderr) == (1, True)
    assert not any(secret.encode() in journal_bytes(station.directory) for secret in SECRETS)
    wait_for(lambda: station.types().count("roster.loaded") == 1)


def test_every_fault_of_a_roster_is_told_and_nothing_of_it_taken(settings: str, tmp_path: Path) -> None:
    roster = json.loads(ROSTER.read_text())
    roster["people"][0] |= {"roles": ["boss"], "badges": ["26:12:3457"], "not_after": "2020-01-01T00:00:00Z"}
    roster["people"][1]["roles"] = ["associate"]
    roster["made_at"] = "2026-11-01T00:00:00Z"
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(roster))
    refused = call("import", "roster", str(path), "-c", settings)
    assert refused.exit_code == 1
    assert [line.split(" = ")[0].split(": ")[1] for line in refused.stderr.splitlines()] == [
        "people[1].badges[0]",
        "people[0].not_after",
        "people[0].roles[0]",
        "people",
    ]
    assert all(line.startswith("bad.json: ") and "must " in line for line in refused.stderr.splitlines())
    assert not any(secret in refused.stderr for secret in SECRETS)
    assert "roster.loaded" not in call("events", "-c", settings).stdout


def test_without_the_sites_key_nothing_is_imported(settings: str, tmp_path: Path) -> None:
    (tmp_path / "site.key").unlink()
    refused = call("import", "roster", str(ROSTER), "-c", settings)
    assert (refused.exit_code, "site_key_file" in refused.stderr) == (4, True)
    assert not (tmp_path / "station").exists()


def test_a_roster_is_shown_without_what_stands_for_badges_and_pins(settings: str) -> None:
    call("import", "roster", str(ROSTER), "-c", settings)
    shown = call("roster", "show", "-c", settings)
    assert shown.exit_code == 0
    assert shown.stdout.splitlines() == [
        "roster 3, until 2099-12-31T00:00:00Z; 0 badges revoked",
        "ana  Ana R.  associate   1 badge",
        "sam  Sam T.  supervisor  1 badge, PIN, until 2099-12-01T00:00:00Z",
    ]
    found = json.loads(call("roster", "show", "-c", settings, "--json").stdout)
    assert found["people"][1] == {
        "id": "sam",
        "name": "Sam T.",
        "roles": ["supervisor"],
        "badges": 1,
        "pin": True,
        "not_after": "2099-12-01T00:00:00Z",
        "offline": False,
    }
    assert (found["roster"], found["is_stale"], found["revoked"]) == (3, False, 0)


def test_a_stale_roster_says_so_and_none_is_none(settings: str, monkeypatch: pytest.MonkeyPatch) -> None:
    call("import", "plan", str(ROSTER.parent / "plan.json"), "-c", settings)
    assert call("roster", "show", "-c", settings).stdout.startswith("no roster is loaded: nobody enters; ")
    assert call("roster", "show", "-c", settings, "--json").stdout == "null\n"
    call("import", "roster", str(ROSTER), "-c", settings)
    monkeypatch.setattr("time.time_ns", lambda: 4_200_000_000 * 1_000_000_000)
    assert "STALE" in call("roster", "show", "-c", settings).stdout
