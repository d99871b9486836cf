"""From settings to the policy, and from a zone's name to the table of its changes."""

import random
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from station.config.load import load
from station.config.structs import Settings
from station.domain.people.policy import Policy
from station.door.policy import offsets_of, policy_of

NOW_MS = 1_795_471_380_000
TEXT = """
[station]
site = "greenleaf-414"
name = "vault-1"
duties = ["{duty}"]
timezone = "America/Los_Angeles"
[door]
kind = "simulated"
release_ms = 4000
held_warn_s = 20
[entry]
hours = "06:30-21:15"
second_badge_s = 9
[[badge_reader]]
name = "outside"
side = "outside"
kind = "simulated"
"""


def settings(tmp_path: Path, duty: str = "entry", more: str = "") -> Settings:
    path = tmp_path / "station.toml"
    path.write_text(TEXT.format(duty=duty) + more)
    return load(path)


def test_a_station_without_entry_has_no_policy(tmp_path: Path) -> None:
    assert policy_of(settings(tmp_path, "count"), NOW_MS) is None


def test_the_settings_are_the_policy(tmp_path: Path) -> None:
    policy = policy_of(settings(tmp_path), NOW_MS)
    assert policy is not None
    assert (policy.opens, policy.shuts, policy.second_badge_ms) == (390, 1275, 9_000)
    assert (policy.release_ms, policy.held_warn_ms, policy.held_alarm_ms) == (4_000, 20_000, 60_000)
    assert not policy.has_inside_reader
    assert not policy.pin_keypad
    inside = '[[badge_reader]]\nname = "in"\nside = "inside"\nkind = "simulated"\n'
    found = policy_of(settings(tmp_path, more=inside), NOW_MS)
    assert found is not None
    assert found.has_inside_reader


def test_the_keypad_outside_is_for_pins_and_no_other_is(tmp_path: Path) -> None:
    keypads = "".join(
        f'[[keypad]]\nname = "{name}"\nkind = "simulated"\n{side}'
        for name, side in (("pad", ""), ("pins", 'side = "outside"\n'))
    )
    policy = policy_of(settings(tmp_path, more=keypads), NOW_MS)
    assert policy is not None
    assert (policy.pin_keypad, policy.pin_ms) == ("pins", 15_000)


@pytest.mark.parametrize(
    "timezone", ["America/Los_Angeles", "America/Phoenix", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]
)
def test_local_time_is_that_of_the_zone_for_ten_years(timezone: str) -> None:
    policy = Policy(timezone=timezone, offsets=offsets_of(timezone, NOW_MS))
    chance = random.Random(timezone)
    changes = [since for since, _ in policy.offsets if since]
    moments = [NOW_MS + chance.randrange(10 * 365 * 86_400_000) for _ in range(2_000)]
    for moment in [*moments, *changes, *(change - 1 for change in changes)]:
        local = datetime.fromtimestamp(moment // 1000, UTC).astimezone(ZoneInfo(timezone))
        assert policy.minute_of_day(moment) == local.hour * 60 + local.minute
    assert len(policy.offsets) < 30
