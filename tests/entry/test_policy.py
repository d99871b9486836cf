"""The policy's own arithmetic: the hours of a local day, pairs of roles; and that all of it is written down."""

import msgspec
import pytest
from msgspec.structs import replace

from station.domain.people.policy import Policy

# Los Angeles: winter time until 2027-03-14T10:00:00Z, then summer time.
HOURS = Policy(timezone="America/Los_Angeles", offsets=((0, -480), (1_805_018_400_000, -420)))
WINTER_MIDNIGHT_MS = 1_800_000_000_000  # 2027-01-15T00:00 in Los Angeles
SUMMER_MIDNIGHT_MS = 1_805_094_000_000  # 2027-03-15T00:00 in Los Angeles


@pytest.mark.parametrize("midnight_ms", [WINTER_MIDNIGHT_MS, SUMMER_MIDNIGHT_MS])
@pytest.mark.parametrize(("minute", "is_open"), [(0, False), (419, False), (420, True), (1_349, True), (1_350, False)])
def test_the_hours_are_those_of_the_local_day(midnight_ms: int, minute: int, is_open: bool) -> None:
    assert HOURS.minute_of_day(midnight_ms + minute * 60_000) == minute
    assert HOURS.is_open_at(midnight_ms + minute * 60_000) is is_open


def test_a_moment_before_every_offset_is_utc() -> None:
    assert replace(HOURS, offsets=((10**15, 60),)).minute_of_day(60_000) == 1


def test_the_day_that_loses_an_hour_goes_from_two_to_three() -> None:
    change_ms = HOURS.offsets[1][0]
    assert (HOURS.minute_of_day(change_ms - 1), HOURS.minute_of_day(change_ms)) == (119, 180)


def test_a_pair_is_found_in_either_order_and_says_who_stands_for_what() -> None:
    policy = Policy(pairs=(("associate", "supervisor"),))
    assert policy.paired(("associate",), ("supervisor",)) == ("associate", "supervisor")
    assert policy.paired(("supervisor",), ("cook", "associate")) == ("supervisor", "associate")
    assert policy.paired(("associate",), ("associate",)) is None
    assert (policy.role_of(("cook", "supervisor")), policy.role_of(("cook",))) == ("supervisor", "")


def test_every_field_is_written_whatever_its_default() -> None:
    assert set(msgspec.json.decode(msgspec.json.encode(Policy()))) == set(Policy.__struct_fields__)
