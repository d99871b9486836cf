"""What the log says of a station that goes wrong: once when it begins, with the cure, and once when it ends."""

from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from station.domain.core.inputs import SourceFound
from station.domain.station.alerts import CURES
from station.spine.alert_log import AlertLog
from tests.loop.stage import Stage


class Watched:
    """A station, its log of alerts, and the lines that were written."""

    def __init__(self, lines: list[MutableMapping[str, Any]]) -> None:
        self.stage, self.lines, self._alerts = Stage(), lines, AlertLog()
        self.stage.start()

    def look(self) -> list[MutableMapping[str, Any]]:
        """The lines that one look adds."""
        before = len(self.lines)
        self._alerts.log_changes(self.stage.loop.durable, self.stage.loop.conditions)
        return self.lines[before:]


@pytest.fixture
def watched() -> Iterator[Watched]:
    with capture_logs() as lines:
        yield Watched(lines)


def test_a_healthy_station_says_nothing(watched: Watched) -> None:
    assert watched.look() == []


def test_a_lost_source_is_in_the_log_once_with_its_reason_and_cure_until_it_is_found(watched: Watched) -> None:
    watched.stage.lose("gun")
    watched.stage.commit()
    lost = {"source": "gun", "alert": "source/gun", "reason": "unplugged", "cure": CURES["source"]}
    assert watched.look() == [{"event": "source.lost", "log_level": "warning", **lost}]
    assert watched.look() == []

    watched.stage.step(SourceFound("gun", watched.stage.now + 1))
    watched.stage.commit()
    found = {"source": "gun", "alert": "source/gun"}
    assert watched.look() == [{"event": "source.found", "log_level": "info", **found}]


def test_a_source_that_is_not_yet_durably_lost_is_not_in_the_log(watched: Watched) -> None:
    watched.stage.lose("gun")
    assert watched.look() == []


def test_an_alert_of_the_conditions_begins_and_ends(watched: Watched) -> None:
    watched.stage.scan("no code")
    watched.stage.fail()
    storage = {"alert": "storage/disk_error", "cure": CURES["disk_error"]}
    assert watched.look() == [{"event": "alert begins", "log_level": "warning", **storage}]
    assert watched.look() == []


def test_what_ends_is_said_without_a_broker_and_without_a_cure(watched: Watched) -> None:
    conditions = replace(watched.stage.loop.conditions, withheld=3)
    log, station = AlertLog(), watched.stage.loop.durable
    log.log_changes(station, conditions)
    log.log_changes(station, replace(conditions, withheld=4))
    log.log_changes(station, replace(conditions, withheld=0))
    begun = {"alert": "withheld/relay", "leaves": 3, "cure": CURES["withheld"]}
    assert watched.lines == [
        {"event": "alert begins", "log_level": "warning", **begun},
        {"event": "alert ends", "log_level": "info", "alert": "withheld/relay"},
    ]


def test_a_new_start_says_what_is_still_wrong(watched: Watched) -> None:
    watched.stage.lose("gun")
    watched.stage.commit()
    watched.look()
    AlertLog().log_changes(watched.stage.loop.durable, watched.stage.loop.conditions)
    assert [line["event"] for line in watched.lines] == ["source.lost", "source.lost"]
