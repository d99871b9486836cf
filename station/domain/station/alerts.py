"""State and conditions -> alerts and health: what a back office is told of a station, apart from its events."""

from collections.abc import Iterator
from typing import Any

from station.domain.core.conditions import Conditions
from station.domain.station.messages import Alert, as_json
from station.domain.station.state import Station

CURES = {
    "disk_full": "Free space on the station's disk; recording resumes by itself.",
    "disk_read_only": "The SD card has turned read-only: replace it; what was accepted is kept.",
    "disk_error": "The SD card fails: replace it; what was accepted is kept.",
    "disk_corrupt": "The journal is set aside at the next start; keep the card for the inspector.",
    "disk_stalled": "The SD card is very slow: replace it soon.",
    "source": "Plug the device in again, or check its cable and settings.",
    "withheld": "The broker refuses these events: compare its ACL and max_packet_size with provisioning/mosquitto.",
    "door/forced": "Look who is inside; a supervisor shows a badge at the desk, then scans the card explain.",
    "door/held": "Shut the door; for a delivery a supervisor shows a badge at the desk.",
    "door/tampered": "Look at the station's case and cables; somebody has opened them.",
    "entry/lone": "Somebody is in the vault alone: they leave, or another person joins them.",
    "entry/uncertain": "Nobody knows who is inside: a supervisor counts heads and scans the card head-count.",
    "entry/same_person": "One person tried to enter as two: ask them; a supervisor's badge at the desk clears this.",
    "entry/revoked": "Somebody inside may not enter any more: ask them to leave.",
    "roster/none": "Nobody may enter: import a roster.",
    "roster/old": "No newer roster came for a day: check the link, or import one.",
    "roster/expired": "Only the roster's offline list may enter: import a newer one.",
    "clock": "The clock is not synchronised: check the network and its time server.",
}


def alerts(station: Station, conditions: Conditions) -> dict[str, dict[str, Any]]:
    """Every live fault as `code/instance` -> what it is, and its cure."""
    found: dict[str, dict[str, Any]] = {}
    if conditions.storage:
        found[f"storage/{conditions.storage}"] = as_json(Alert(cure=CURES[conditions.storage]))
    for source, reason in station.lost.items():
        found[f"source/{source}"] = as_json(Alert(reason=reason, cure=CURES["source"]))
    if conditions.withheld:
        found["withheld/relay"] = as_json(Alert(leaves=conditions.withheld, cure=CURES["withheld"]))
    if station.quality == "unsynced":
        found["clock/unsynced"] = as_json(Alert(cure=CURES["clock"]))
    for name, reason in _entry_alerts(station):
        found[name] = as_json(Alert(reason=reason, cure=CURES[name]) if reason else Alert(cure=CURES[name]))
    return found


def _entry_alerts(station: Station) -> Iterator[tuple[str, str]]:
    """What is wrong at the door, and a word about it."""
    entry, door = station.entry, station.entry.door
    if entry.policy is None:
        return
    if door.forced:
        yield "door/forced", ""
    if door.held == "alarm":
        yield "door/held", ""
    if door.is_tampered:
        yield "door/tampered", ""
    if entry.is_lone_alarm:
        yield "entry/lone", ""
    if entry.uncertain:
        yield "entry/uncertain", entry.uncertain
    if entry.same_person:
        yield "entry/same_person", entry.same_person
    known = station.roster.by_id if station.roster else {}
    if gone := [person.actor.id for person in entry.inside if person.actor.id not in known]:
        yield "entry/revoked", ", ".join(gone[:8])
    if station.roster is None:
        yield "roster/none", ""
    elif entry.roster_stale:
        yield f"roster/{entry.roster_stale}", ""


def state_word(station: Station, conditions: Conditions) -> str:
    """`ready`, or `degraded` while anything keeps the station from its work."""
    return "degraded" if conditions.storage or station.lost else "ready"


def health(station: Station, conditions: Conditions) -> dict[str, Any]:
    """The fields of `Health` that the events and conditions know; the caller adds what only the machine knows."""
    return {
        "head": station.seq,
        "acked": conditions.acked,
        "waiting": max(0, station.seq - conditions.acked),
        "clock": station.quality,
    }
