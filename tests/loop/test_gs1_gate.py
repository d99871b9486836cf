"""The gate before the inbox: the first GS1 code waits for its library, and nobody else does."""

import threading

import pytest

from station.domain.core.inputs import BarcodeScanned, Input, SourceLost
from station.spine.gs1_gate import HELD_MAX, Gs1Gate
from station.spine.inbox import Inbox, Message
from tests.waiting import wait_for

GTIN = b"0107032069804988"
TAG = b"1A4060300000001000000001"


class Loading:
    """A library that is loaded when the test says so, or breaks."""

    def __init__(self) -> None:
        self.times, self.error = 0, ""
        self.may_end = threading.Event()

    def __call__(self) -> None:
        self.times += 1
        self.may_end.wait(30)
        if self.error:
            raise ImportError(self.error)


class Gated:
    """A gate, its inbox, and the sources that were told that a scan is refused."""

    def __init__(self, scans_max: int = 1_000) -> None:
        self.inbox, self.load = Inbox(scans_max), Loading()
        self.refused: list[str] = []
        self.gate = Gs1Gate(self.inbox, self.refused.append, self.load)

    def scan(self, line: bytes, source: str = "gun") -> bool:
        return self.gate.offer(scanned(line, source))

    def passed(self, count: int) -> list[Message]:
        """The next inputs, once so many have come through."""
        taken: list[Message] = []

        def are_there() -> bool:
            taken.extend(self.inbox.take_messages(0))
            return len(taken) >= count

        wait_for(are_there)
        return taken


def scanned(line: bytes, source: str = "gun") -> Input:
    return BarcodeScanned(source, 7, line)


@pytest.fixture
def gated() -> Gated:
    return Gated()


def test_what_is_no_gs1_passes_and_loads_nothing(gated: Gated) -> None:
    assert gated.scan(TAG)
    assert gated.inbox.take_messages(0) == [scanned(TAG)]
    assert gated.load.times == 0


def test_the_first_gs1_code_waits_and_its_offer_does_not(gated: Gated) -> None:
    assert gated.scan(GTIN)
    assert gated.inbox.take_messages(0) == []
    gated.load.may_end.set()
    assert gated.passed(1) == [scanned(GTIN)]


def test_another_source_passes_meanwhile(gated: Gated) -> None:
    gated.scan(GTIN)
    gated.scan(TAG, "other")
    assert gated.inbox.take_messages(0) == [scanned(TAG, "other")]
    gated.load.may_end.set()


def test_nothing_of_the_same_source_overtakes_the_held_scan(gated: Gated) -> None:
    gated.scan(GTIN)
    gated.scan(TAG)
    gated.gate.offer(SourceLost("gun", 7, "unplugged"))
    assert gated.inbox.take_messages(0) == []
    gated.load.may_end.set()
    assert gated.passed(3) == [scanned(GTIN), scanned(TAG), SourceLost("gun", 7, "unplugged")]


def test_two_guns_wait_for_one_loading_and_later_codes_for_none(gated: Gated) -> None:
    gated.scan(GTIN)
    gated.scan(GTIN, "other")
    gated.load.may_end.set()
    assert gated.passed(2) == [scanned(GTIN), scanned(GTIN, "other")]
    wait_for(lambda: gated.gate._is_loaded)
    gated.scan(GTIN)
    assert gated.inbox.take_messages(0) == [scanned(GTIN)]
    assert gated.load.times == 1


def test_a_disk_that_stalls_fills_the_gate_and_further_scans_are_refused(gated: Gated) -> None:
    assert all(gated.scan(GTIN) for _ in range(HELD_MAX))
    assert not gated.scan(GTIN)
    assert gated.gate.offer(SourceLost("gun", 7, "unplugged")), "a fact is never refused"
    assert [each.times for each in gated.inbox.take_refusals(7)] == [1]  # type: ignore[attr-defined]
    gated.load.may_end.set()
    assert len(gated.passed(HELD_MAX + 1)) == HELD_MAX + 1


def test_a_held_scan_for_which_the_inbox_has_no_room_is_refused() -> None:
    gated = Gated(scans_max=0)
    gated.scan(GTIN)
    gated.load.may_end.set()
    wait_for(lambda: gated.refused == ["gun"])


def test_a_library_that_does_not_load_costs_its_codes_and_not_the_station(gated: Gated) -> None:
    gated.load.error = "no module named biip"
    gated.scan(GTIN)
    gated.scan(TAG)
    gated.load.may_end.set()
    assert gated.passed(1) == [scanned(TAG)]
    assert gated.refused == ["gun"]

    wait_for(lambda: not gated.gate._held)
    gated.load.error = ""
    gated.scan(GTIN)
    assert gated.passed(1) == [scanned(GTIN)]
    assert gated.load.times == 2
