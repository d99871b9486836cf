"""`station lock-safe`: whatever else is broken, the lock's line is driven secure."""

import json
import os
import subprocess
import sys
from errno import EBUSY
from pathlib import Path

import pytest

from station.door.lock_pins import NAME, PinLine, encode_lines, lock_lines, recall_lines
from station.door.lock_safe import lock_safe, main
from station.journal import durably

DOOR = 'kind = "gpio"\nlock_pin = 23\ncontact_pin = 17\ncontact = "closed-when-shut"\nlock = "fail-secure-strike"\n'
KEPT = [PinLine("lock", 12, 0, 4)]


class Bench:
    """A station's files, and the lines that were driven: chip, pin, level."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "station.toml"
        self.driven: list[tuple[int, int, int]] = []
        self.faults: dict[int, Exception] = {}
        self.write(f"[door]\n{DOOR}")

    def write(self, text: str, head: str = "[station]\n") -> None:
        self.path.write_text(f'{head}data_dir = "{self.folder}"\n{text}')

    def drive(self, chip: int, pin: int, level: int) -> None:
        self.driven.append((chip, pin, level))
        if pin in self.faults:
            raise self.faults[pin]

    def run(self) -> int:
        return lock_safe(str(self.path), self.drive)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr("drivers.gpio_safe.header_chip", lambda: 0)
    monkeypatch.setattr("station.door.lock_safe.DATA_DIR", str(tmp_path / "nothing"))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    return Bench(tmp_path)


def test_the_settings_pin_is_driven_low_and_it_is_said(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.run() == 0
    assert bench.driven == [(0, 23, 0)]
    assert capsys.readouterr().out == "lock-safe: lock on GPIO 23 of gpiochip0: driven low and let go: secured\n"


def test_the_lock_comes_before_the_siren_and_a_siren_may_be_silent_when_high(bench: Bench) -> None:
    bench.write(f'[door]\nsiren_pin = 25\nsiren = "sounds-when-low"\n{DOOR}')
    bench.faults[23] = RuntimeError("whatever")

    assert bench.run() == 4
    assert bench.driven == [(0, 23, 0), (0, 25, 1)]


@pytest.mark.parametrize(
    "broken",
    [
        "[door\n",
        "[door]\nlock_pin = 23\n[door]\n",
        "[door]\nkind = 7\n",
        "door = 3\n",
        "\x00",
        "[door]\nlock_pin = true\nkind = 'gpio'\n",
        "[door]\nlock_pin = '23'\nkind = 'gpio'\n",
        "[door]\nlock_pin = -1\nkind = 'gpio'\n",
        "a = " + "[" * 5000,
    ],
)
def test_broken_settings_leave_the_pins_of_the_last_good_start(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    remember(bench.folder, KEPT)
    monkeypatch.setenv("STATE_DIRECTORY", str(bench.folder))
    bench.path.write_text(broken)

    assert bench.run() == 0
    assert bench.driven == [(4, 12, 0)]


def test_settings_that_are_gone_leave_them_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    remember(bench.folder, KEPT)
    monkeypatch.setattr("station.door.lock_safe.DATA_DIR", str(bench.folder))
    bench.path.unlink()

    assert bench.run() == 0
    assert bench.driven == [(4, 12, 0)]


def test_settings_that_were_changed_meanwhile_count_as_well_as_what_was_driven(bench: Bench) -> None:
    remember(bench.folder, KEPT)

    assert bench.run() == 0
    assert sorted(bench.driven) == [(0, 23, 0), (4, 12, 0)]


def test_the_same_pin_is_driven_once(bench: Bench) -> None:
    remember(bench.folder, [PinLine("lock", 23, 0, 0)])

    assert bench.run() == 0
    assert bench.driven == [(0, 23, 0)]


def test_faults_elsewhere_in_the_settings_do_not_matter(bench: Bench) -> None:
    bench.write(f"[broker]\nhost = 7\n[nonsense]\n[door]\n{DOOR}", head="[station]\nduties = 3\n")

    assert bench.run() == 0
    assert bench.driven == [(0, 23, 0)]


def test_conf_d_is_read_after_the_file_and_a_broken_one_costs_the_others_nothing(bench: Bench) -> None:
    (bench.folder / "conf.d").mkdir()
    (bench.folder / "conf.d" / "10-broken.toml").write_text("[[[")
    (bench.folder / "conf.d" / "20-door.toml").write_text("[door]\nlock_pin = 24\n")

    assert bench.run() == 0
    assert bench.driven == [(0, 24, 0)]


@pytest.mark.parametrize("door", ["", '[door]\nkind = "none"\n', '[door]\nkind = "simulated"\n'])
def test_a_station_without_a_lock_on_pins_is_fine(bench: Bench, door: str, capsys: pytest.CaptureFixture[str]) -> None:
    bench.write(door)

    assert bench.run() == 0
    assert bench.driven == []
    assert capsys.readouterr().out == "lock-safe: this station has no lock on pins\n"


def test_mock_pins_are_no_pins(bench: Bench) -> None:
    bench.write(f"[door]\n{DOOR}", head='[station]\npins = "mock"\n')

    bench.run()
    assert bench.driven == []


def test_nothing_known_is_said_with_what_to_do(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.path.write_text("[door")

    assert bench.run() == 3
    told = capsys.readouterr().out
    assert "no pin of the lock is known" in told
    assert "cut the lock's power" in told


def test_a_running_station_is_named_as_who_holds_the_line(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    bench.faults[23] = OSError(EBUSY, "Device or resource busy")

    assert bench.run() == 4
    assert "stop the station first: systemctl stop station" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["-c"], ["--nonsense"], ["-c", "/nowhere/station.toml"], ["--config=x"]])
def test_whatever_the_arguments_are_the_lock_of_the_last_start_is_made_safe(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    remember(bench.folder, KEPT)
    monkeypatch.setenv("STATE_DIRECTORY", str(bench.folder))
    monkeypatch.setattr("drivers.gpio_safe.drive_and_let_go", bench.drive)
    monkeypatch.setattr("station.door.lock_safe.lock_safe", lambda path: lock_safe(path, bench.drive))

    assert main(arguments) == 0
    assert bench.driven == [(4, 12, 0)]


def remember(folder: Path, lines: list[PinLine]) -> None:
    """As a good start does."""
    durably.write_durably(folder / NAME, encode_lines(lines))


def test_what_is_remembered_is_recalled_and_replaced_whole(tmp_path: Path) -> None:
    lines = [PinLine("lock", 23, 0, 0), PinLine("siren", 25, 1, None)]
    remember(tmp_path, lines)
    assert recall_lines(str(tmp_path)) == lines
    remember(tmp_path, [])
    assert recall_lines(str(tmp_path)) == []
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "7",
        "[7]",
        "{}",
        '[{"name": "lock"}]',
        '[{"name": "lock", "pin": true, "safe": 0}]',
        '[{"name": "lock", "pin": 99, "safe": 0}]',
        '[{"name": "lock", "pin": 4, "safe": 2}]',
        '[{"name": "lock", "pin": 4, "safe": 0, "chip": "0"}]',
        '[{"name": "lock", "pin": 4, "safe": 0, "more": 0}]',
        "\x80",
    ],
)
def test_what_is_no_list_of_pins_is_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / NAME).write_text(content, encoding="latin-1")
    assert recall_lines(str(tmp_path)) == []


def test_the_lines_of_a_door_are_those_of_its_settings() -> None:
    door: dict[str, object] = {"kind": "gpio", "lock_pin": 23, "siren_pin": 25}
    assert lock_lines(door, 4) == [PinLine("lock", 23, 0, 4), PinLine("siren", 25, 0, 4)]
    assert lock_lines({**door, "siren": "sounds-when-low"})[1].safe == 1
    assert lock_lines({**door, "kind": "none"}) == []


def test_it_loads_nothing_that_could_be_broken(bench: Bench) -> None:
    """As systemd runs it: with an interpreter that knows no package at all."""
    bench.write('[door]\nkind = "none"\n')
    root = Path(__file__).parents[2]
    script = (
        "import runpy, sys; sys.argv = ['station', 'lock-safe', '-c', sys.argv[1]]\n"
        "try: runpy.run_module('station', run_name='__main__')\n"
        "finally: print(sorted(name for name in sys.modules if name.split('.')[0] in ('station', 'drivers')))"
    )
    command = [sys.executable, "-S", "-c", script, str(bench.path)]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=root,
        timeout=60,
        env={**os.environ, "PYTHONPATH": ""},
    )

    assert done.returncode == 0, done.stderr
    said, loaded = done.stdout.splitlines()
    assert said == "lock-safe: this station has no lock on pins"
    assert set(json.loads(loaded.replace("'", '"'))) == {
        "drivers",
        "drivers.gpio_safe",
        "station",
        "station.__main__",
        "station.door",
        "station.door.lock_pins",
        "station.door.lock_safe",
    } - ({"station.__main__"} if "station.__main__" not in loaded else set())


def test_it_stands_among_the_commands_with_its_example() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "station", "lock-safe", "--help"], capture_output=True, text=True, check=True, timeout=60
    )
    assert "Example: station lock-safe -c /etc/station/station.toml" in done.stdout


def test_systemd_runs_it_after_every_end_of_the_daemon() -> None:
    unit = (Path(__file__).parents[2] / "systemd" / "station.service").read_text()
    (line,) = [line for line in unit.splitlines() if line.startswith("ExecStopPost=")]

    command = "/opt/station/venv/bin/python -I -B -m station lock-safe -c /etc/station/station.toml"
    assert line == f"ExecStopPost=-+{command}"


def test_what_systemd_kept_is_made_safe_before_the_settings_are_read(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(bench.folder, KEPT)
    monkeypatch.setenv("STATE_DIRECTORY", str(bench.folder))
    driven_before = []

    def read(_: str) -> tuple[dict[str, object], str]:
        driven_before.extend(bench.driven)
        return {}, ""

    monkeypatch.setattr("station.door.lock_safe._readable_settings", read)
    assert bench.run() == 0
    assert driven_before == bench.driven == [(4, 12, 0)]
