"""Placing files and telling the system: once each, again after a change, made up for when cut short."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
set -eu
checkout={checkout}; settings={place}/etc/station.toml; program_place={place}/venv
. {root}/provisioning/lib/say.sh; . {root}/provisioning/lib/place.sh
applied={place}/applied
install() {{ command install -m 644 "${{@: -2}}"; }}
running_systemd() {{ {running}; }}
systemctl() {{ echo "systemctl $*" >>{place}/told; [ ! -e "{place}/$1.fails" ]; }}
udevadm() {{ echo "udevadm $*" >>{place}/told; }}
{lines}
"""
PLACE_ALL = "place_file unit {place}/etc/unit; place_settings ''; apply_changes"


class Pi:
    """A place for the installed files; its systemctl and udevadm write down what they are told."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.checkout = place / "checkout"
        (self.checkout / "provisioning/examples").mkdir(parents=True)
        (self.checkout / "provisioning/examples/station.toml").write_text("example\n", encoding="utf-8")
        (self.checkout / "unit").write_text("one\n", encoding="utf-8")
        (place / "venv").mkdir()
        (place / "venv/.installed").write_text("key\n", encoding="utf-8")
        self.running = True

    def run(self, lines: str = PLACE_ALL) -> str:
        """Run the lines; what was said, with the exit code where it is not 0."""
        script = SCRIPT.format(
            checkout=self.checkout,
            place=self.place,
            root=ROOT,
            running="true" if self.running else "false",
            lines=lines.format(place=self.place),
        )
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)
        return done.stderr + (f"exit code {done.returncode}" if done.returncode else "")

    def told(self) -> list[str]:
        """What the system was told since the last call."""
        path = self.place / "told"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        path.write_text("", encoding="utf-8")
        return lines


@pytest.fixture
def pi(tmp_path: Path) -> Pi:
    """A machine with systemd running and nothing installed."""
    return Pi(tmp_path)


def test_a_first_run_places_everything_and_starts_the_station(pi: Pi) -> None:
    said = pi.run()

    assert said.splitlines()[-1] == "installed, 3 changes"
    assert (pi.place / "etc/unit").read_text(encoding="utf-8") == "one\n"
    assert (pi.place / "etc/station.toml").read_text(encoding="utf-8") == "example\n"
    told = pi.told()
    assert told.index("systemctl daemon-reload") < told.index("systemctl restart station.service")
    assert "udevadm control --reload" in told


def test_a_second_run_changes_nothing_and_says_so(pi: Pi) -> None:
    pi.run()
    pi.told()

    said = pi.run()

    assert said == "nothing changed: the station was already installed from exactly this\n"
    assert pi.told() == [
        "systemctl is-enabled --quiet station.service",
        "systemctl is-active --quiet station.service",
    ]


@pytest.mark.parametrize("changed", ["checkout/unit", "etc/station.toml", "venv/.installed"])
def test_a_change_of_unit_settings_or_program_restarts_the_station(pi: Pi, changed: str) -> None:
    pi.run()
    pi.told()
    (pi.place / changed).write_text("another\n", encoding="utf-8")

    pi.run()

    assert "systemctl restart station.service" in pi.told()


def test_settings_that_are_there_are_kept(pi: Pi) -> None:
    (pi.place / "etc").mkdir()
    (pi.place / "etc/station.toml").write_text("the site's own\n", encoding="utf-8")

    pi.run()

    assert (pi.place / "etc/station.toml").read_text(encoding="utf-8") == "the site's own\n"


def test_settings_that_are_named_take_the_place_of_others(pi: Pi) -> None:
    pi.run()
    (pi.place / "mine.toml").write_text("mine\n", encoding="utf-8")

    pi.run("place_settings {place}/mine.toml")

    assert (pi.place / "etc/station.toml").read_text(encoding="utf-8") == "mine\n"


def test_with_neither_settings_nor_an_example_it_says_how_to_name_some(pi: Pi) -> None:
    (pi.checkout / "provisioning/examples/station.toml").unlink()

    assert "missing; name settings with --config FILE" in pi.run()


def test_a_run_that_was_cut_short_before_the_restart_is_made_up_for(pi: Pi) -> None:
    pi.run("place_file unit {place}/etc/unit; exit 1")

    said = pi.run()

    assert "changed: station.service: restarted" in said
    assert "systemctl daemon-reload" in pi.told()


def test_a_station_that_does_not_start_is_tried_again_next_time(pi: Pi) -> None:
    (pi.place / "restart.fails").touch()
    first = pi.run()
    (pi.place / "restart.fails").unlink()
    pi.told()

    pi.run()

    assert "station.service: did not start; see: journalctl -u station -n 50" in first
    assert first.endswith("exit code 1")
    assert "systemctl restart station.service" in pi.told()


def test_a_stopped_station_is_started_though_nothing_changed(pi: Pi) -> None:
    pi.run()
    (pi.place / "is-active.fails").touch()

    assert pi.run().splitlines() == ["changed: station.service: started", "installed, 1 changes"]


def test_where_systemd_does_not_run_the_unit_is_only_enabled(pi: Pi) -> None:
    pi.running = False
    (pi.place / "is-enabled.fails").touch()

    pi.run()

    assert pi.told() == [
        "systemctl is-enabled --quiet station.service",
        "systemctl enable --quiet station.service",
    ]


def test_a_reader_of_a_placed_file_never_sees_half_of_it(pi: Pi) -> None:
    pi.run()
    before = (pi.place / "etc/unit").stat().st_ino
    (pi.checkout / "unit").write_text("two\n", encoding="utf-8")

    pi.run()

    assert (pi.place / "etc/unit").stat().st_ino != before
    assert sorted(path.name for path in (pi.place / "etc").iterdir()) == ["station.toml", "unit"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--frobnicate"], "--frobnicate: unknown; allowed: --config FILE, --offline WHEELHOUSE"),
        (["--config"], "--config : must be a path that exists"),
        (["--offline", "/nowhere/at/all"], "--offline /nowhere/at/all: must be a path that exists"),
        ([], "needs root; type: sudo"),
    ],
)
def test_a_wrong_call_says_what_is_right(tmp_path: Path, arguments: list[str], said: str) -> None:
    identity = tmp_path / "id"
    identity.write_text("#!/bin/sh\necho 1000\n", encoding="utf-8")
    identity.chmod(0o755)

    done = subprocess.run(
        [ROOT / "provisioning/install", *arguments],
        capture_output=True,
        text=True,
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert said in done.stderr
