"""The daemon as systemd would run it: a serial scanner on a pty, a real broker, SIGTERM."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.domain.identifiers import command_text
from tests.programs import EXAMPLES, Gun, Station
from tests.waiting import wait_for

PLAN = EXAMPLES / "plan.json"
TAGS = [f"1A40603000000010000{number}" for number in (12345, 12346, 12347)]


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
