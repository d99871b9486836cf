"""The door's policy out of the settings, with the table of the zone's changes that the domain computes hours from."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from station.config.door import GpioDoor, SimulatedDoor
from station.config.structs import Settings
from station.domain.people.policy import Policy

YEARS = 10
EARLIEST_MS = 1_793_491_200_000
"""2026-11-01: a clock that shows less is wrong, and will be set while this policy is in force."""
DAY_S = 86_400


def policy_of(settings: Settings, wall_ms: int) -> Policy | None:
    """The policy that is in force from `wall_ms` (UTC) on; None where "entry" is no duty of the station."""
    door, entry = settings.door, settings.entry
    if "entry" not in settings.station.duties or not isinstance(door, GpioDoor | SimulatedDoor):
        return None
    opens, shuts = (int(time[:2]) * 60 + int(time[3:]) for time in entry.hours.split("-"))
    return Policy(
        people=entry.people,
        pairs=entry.pairs,
        opens=opens,
        shuts=shuts,
        timezone=settings.station.timezone,
        offsets=offsets_of(settings.station.timezone, wall_ms),
        has_inside_reader=any(reader.side == "inside" for reader in settings.badge_readers),
        pin_keypad=next((keypad.name for keypad in settings.keypads if keypad.side == "outside"), ""),
        pin_ms=entry.pin_s * 1000,
        second_badge_ms=entry.second_badge_s * 1000,
        other_roles=entry.other_roles,
        lone_grace_ms=entry.lone_grace_s * 1000,
        release_ms=door.release_ms,
        rex_window_ms=door.rex_window_ms,
        held_warn_ms=door.held_warn_s * 1000,
        held_alarm_ms=door.held_alarm_s * 1000,
    )


def offsets_of(timezone: str, wall_ms: int) -> tuple[tuple[int, int], ...]:
    """From which moments on (UTC ms) so many minutes stand between UTC and the zone's time, for ten years.

    The first stands from the beginning of time: a clock may be set back before `wall_ms`.
    """
    zone = ZoneInfo(timezone)
    return tuple(_zone_changes(zone, max(wall_ms, EARLIEST_MS) // 1000 - 366 * DAY_S))


def _zone_changes(zone: ZoneInfo, first_s: int) -> Iterator[tuple[int, int]]:
    known = _minutes_at(zone, first_s)
    yield 0, known
    for day_s in range(first_s, first_s + (YEARS + 1) * 366 * DAY_S, DAY_S):
        if (minutes := _minutes_at(zone, day_s + DAY_S)) != known:
            yield _change_s(zone, day_s, day_s + DAY_S) * 1000, minutes
            known = minutes


def _change_s(zone: ZoneInfo, before_s: int, after_s: int) -> int:
    """The first second of the new offset; one change lies between the two."""
    old = _minutes_at(zone, before_s)
    while after_s - before_s > 1:
        middle_s = (before_s + after_s) // 2
        before_s, after_s = (middle_s, after_s) if _minutes_at(zone, middle_s) == old else (before_s, middle_s)
    return after_s


def _minutes_at(zone: ZoneInfo, at_s: int) -> int:
    moment = datetime.fromtimestamp(at_s, UTC)
    return int((moment.astimezone(zone).utcoffset() or timedelta()).total_seconds() // 60)
