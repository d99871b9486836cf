"""A plan whose time is over opens no count; a clock that is not to be trusted does not say so."""

import msgspec
import pytest

from station.domain.core.inputs import BarcodeScanned
from station.domain.count import plan as plans
from station.domain.count.events import CountOpened
from station.domain.count.inputs import PlanOffered
from station.domain.documents.faults import DocumentFaults
from station.domain.identifiers import command_text
from station.domain.lifecycle.inputs import Started
from station.domain.session.events import ScanRefused
from tests.domain.play import OFFSET_MS, plan_bytes
from tests.domain.stamping import Stamping

NOT_AFTER = "2027-01-15T08:00:10Z"
"""Ten seconds after the tests' clock reads zero."""
START = command_text("start-count").encode()


def plan_until(not_after: str) -> bytes:
    return msgspec.json.encode(msgspec.json.decode(plan_bytes("P-1", 1, "AB")) | {"not_after": not_after})


def loaded(quality: str, not_after: str = NOT_AFTER) -> Stamping:
    stamping = Stamping()
    stamping.put(Started(0, "boot-1", OFFSET_MS, quality, "1.0", "settings"))
    raw = plan_until(not_after)
    stamping.put(PlanOffered(100, plans.parse(raw), raw, "ana", 1))
    return stamping


@pytest.mark.parametrize("quality", ["synced", "rtc"])
def test_a_plan_opens_until_its_last_moment_and_not_after_it(quality: str) -> None:
    events, _ = loaded(quality).put(BarcodeScanned("gun", 10_000, START))
    assert isinstance(events[0], CountOpened)
    events, _ = loaded(quality).put(BarcodeScanned("gun", 10_001, START))
    assert events == [ScanRefused("gun", "plan_stale", "P-1")]


def test_a_stale_plan_does_not_keep_anyone_from_a_free_count() -> None:
    events, _ = loaded("synced").put(BarcodeScanned("gun", 60_000, command_text("start-count", "free").encode()))
    assert isinstance(events[0], CountOpened)


def test_with_a_clock_that_is_not_to_be_trusted_no_plan_is_stale() -> None:
    events, _ = loaded("unsynced").put(BarcodeScanned("gun", 60_000, START))
    assert isinstance(events[0], CountOpened)


def test_a_stored_plan_is_read_whatever_rules_came_later() -> None:
    raw = plan_until("some day").replace(b'"kind":"guided"', b'"kind":"a kind of later","more":1')
    assert plans.stored(raw).kind == "a kind of later"
    with pytest.raises(DocumentFaults):
        plans.parse(raw)
