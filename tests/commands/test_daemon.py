"""The daemon as systemd would run it: a serial scanner on a pty, a real broker, SIGTERM."""

import json
import os
import select
import signal
import subprocess
import sys
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.domain.identifiers import command_text
from tests.waiting import wait_for

SETTINGS = """
[station]
site = "greenleaf-414"
name = "vault-1"
duties = ["count"]
timezone = "America/Los_Angeles"
data_dir = "{directory}"

[[scanner]]
name = "pole"
kind = "serial"
port = "{port}"
answer = true
"""
PLAN = Path(__file__).parents[2] / "provisioning/examples/plan.json"
TAGS = [f"1A40603000000010000{number}" for number in (12345, 12346, 12347)]
ANSWER_WITHIN_S = 20.0


class Gun:
    """A serial scanner that waits for the station's answer, as an associate waits for the beep."""

    def __init__(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)

    def scan(self, text: str) -> bytes:
        os.write(self._master, text.encode() + b"\r")
        ready, _, _ = select.select([self._master], [], [], ANSWER_WITHIN_S)
        assert ready, f"no answer to {text}"
        return os.read(self._master, 16)

    def show(self, text: str) -> None:
        """Scan a card: it is answered by light and sound, not on the line."""
        os.write(self._master, text.encode() + b"\r")

    def close(self) -> None:
        os.close(self._master)
        os.close(self._slave)


class Station:
    """`station run` as a child, and the reading commands beside it."""

    def __init__(self, folder: Path, port: str) -> None:
        self.directory = folder / "station"
        self.settings = folder / "station.toml"
        self.settings.write_text(SETTINGS.format(directory=self.directory, port=port))
        self._child: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        self._child = subprocess.Popen([sys.executable, "-m", "station", "run", "-c", str(self.settings)])

    def start(self) -> None:
        self.launch()
        wait_for(lambda: "station.started" in self.types() and self.status()["running"])

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "station", *arguments], capture_output=True, text=True, check=False
        )

    def events(self) -> list[dict[str, object]]:
        shown = self.call("events", "--dir", str(self.directory), "--json")
        return [json.loads(line) for line in shown.stdout.splitlines()]

    def types(self) -> list[object]:
        return [event["type"] for event in self.events()]

    def status(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.call("status", "--dir", str(self.directory), "--json").stdout)
        return found

    def end(self, number: int) -> int:
        assert self._child is not None
        self._child.send_signal(number)
        code = self._child.wait(20)
        self._child = None
        return code

    def wait(self) -> int:
        """Until it ends by itself; the exit code."""
        assert self._child is not None
        code = self._child.wait(60)
        self._child = None
        return code

    def close(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()


@pytest.fixture
def gun() -> Iterator[Gun]:
    gun = Gun()
    yield gun
    gun.close()


@pytest.fixture
def station(tmp_path: Path, gun: Gun) -> Iterator[Station]:
    station = Station(tmp_path, gun.port)
    station.start()
    yield station
    station.close()


def test_a_guided_count_is_answered_recorded_and_outlives_a_power_cut(station: Station, gun: Gun) -> None:
    imported = station.call("import", "plan", str(PLAN), "-c", str(station.settings))
    assert imported.stdout == "plan P-2026-11-23-A version 1: 3 packages\n"
    gun.show(command_text("start-count"))
    gun.show(command_text("location", "Vault A"))
    assert [gun.scan(TAGS[0]), gun.scan(TAGS[0]), gun.scan("1A4060300000001000099999")] == [b"\a", b"\a\a", b"\x15"]

    assert station.end(signal.SIGKILL) == -signal.SIGKILL
    station.start()
    assert station.status()["counted"] == 1
    assert [gun.scan(TAGS[0]), gun.scan(TAGS[1])] == [b"\a\a", b"\a"]
    gun.show(command_text("seen"))
    gun.show(command_text("close"))
    wait_for(lambda: "count.closed" in station.types())
    assert station.end(signal.SIGTERM) == 0
    assert station.types()[-1] == "station.stopped"
    closed = next(event for event in station.events() if event["type"] == "count.closed")
    assert closed["data"] == {"session": "C000001", "packages": 2, "units": 0, "planned": 3, "refused": 1}
    assert station.call("verify", str(station.directory)).returncode == 0


def test_a_second_station_on_the_same_directory_is_refused(station: Station) -> None:
    second = station.call("run", "-c", str(station.settings))
    assert second.returncode == 1
    assert "a running station holds station.lock" in second.stderr


def test_a_start_after_a_kill_says_that_the_last_stop_was_not_in_order(station: Station) -> None:
    station.end(signal.SIGKILL)
    station.start()
    started = [event["data"]["clean"] for event in station.events() if event["type"] == "station.started"]  # type: ignore[index]
    assert started == [True, False]


def test_a_request_over_the_control_socket_that_is_none_is_answered(station: Station, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("[]")
    refused = station.call("import", "plan", str(bad), "-c", str(station.settings))
    assert (refused.returncode, refused.stderr) == (
        1,
        "bad.json: plan = []: must be one JSON object; export it again\n",
    )
