"""State and conditions -> alerts and health: what a back office is told of a station, apart from its events."""

from collections.abc import Iterator
from typing import Any

from station.domain.core.conditions import Conditions
from station.domain.core.duty import Alarm
from station.domain.station.duties import ROWS
from station.domain.station.messages import Alert, as_json
from station.domain.station.state import Station, facts_at, quality_now

CURES = {
    "disk_full": "Free space on the station's disk; recording resumes by itself.",
    "disk_read_only": "The SD card has turned read-only: replace it; what was accepted is kept.",
    "disk_error": "The SD card fails: replace it; what was accepted is kept.",
    "disk_corrupt": "The journal is set aside at the next start; keep the card for the inspector.",
    "disk_stalled": "The SD card is very slow: replace it soon.",
    "source": "Plug the device in again, or check its cable and settings.",
    "withheld": "The broker refuses these events: compare its ACL and max_packet_size with provisioning/mosquitto.",
    "clock": "The clock is not synchronised: check the network and its time server.",
}


def alerts(station: Station, conditions: Conditions) -> dict[str, dict[str, Any]]:
    """Every live fault as `code/instance` -> what it is, and its cure."""
    found: dict[str, dict[str, Any]] = {}
    if conditions.storage:
        found[f"storage/{conditions.storage}"] = as_json(Alert(cure=CURES[conditions.storage]))
    for source, reason in station.lifecycle.lost.items():
        found[f"source/{source}"] = as_json(Alert(reason=reason, cure=CURES["source"]))
    if conditions.withheld:
        found["withheld/relay"] = as_json(Alert(leaves=conditions.withheld, cure=CURES["withheld"]))
    if quality_now(station) == "unsynced":
        found["clock/unsynced"] = as_json(Alert(cure=CURES["clock"]))
    for alarm in _alarms(station):
        found[alarm.name] = as_json(
            Alert(reason=alarm.reason, cure=alarm.cure) if alarm.reason else Alert(cure=alarm.cure)
        )
    return found


def _alarms(station: Station) -> Iterator[Alarm]:
    """What the rooms say is wrong."""
    facts = facts_at(station, station.at, station.offset_ms, station.quality)
    for row in ROWS:
        if row.alarms is not None:
            yield from row.alarms(getattr(station, row.name), facts)


def state_word(station: Station, conditions: Conditions) -> str:
    """`ready`, or `degraded` while anything keeps the station from its work."""
    return "degraded" if conditions.storage or station.lifecycle.lost else "ready"


def health(station: Station, conditions: Conditions) -> dict[str, Any]:
    """The fields of `Health` that the events and conditions know; the caller adds what only the machine knows."""
    return {
        "head": station.seq,
        "acked": conditions.acked,
        "waiting": max(0, station.seq - conditions.acked),
        "clock": quality_now(station),
    }
