"""What the screen says of a state and its conditions."""

import pytest
from msgspec.structs import replace
from rpds import HashTrieMap

from station.domain.core.conditions import Conditions, Link
from station.domain.core.event import Event
from station.domain.core.view import Phrase, Tone, View
from station.domain.count.events import (
    CountAbandoned,
    CountClosed,
    CountException,
    CountKeyed,
    CountLocated,
    CountOpened,
    CountPaused,
    CountQuantity,
    CountResumed,
    CountScanned,
    CountUndoAsked,
    CountUndone,
    PlanLoaded,
)
from station.domain.count.plan import Plan, PlanPackage
from station.domain.count.state import Count, Package
from station.domain.entry.state import Door, Entry
from station.domain.lifecycle.events import ClockMoved, SourceWentAway
from station.domain.lifecycle.state import Lifecycle
from station.domain.people.policy import Policy
from station.domain.session.events import RefusalsSeen, ScanRefused
from station.domain.session.refusing import Latched
from station.domain.session.state import Phase
from station.domain.station.state import Station
from station.domain.station.viewing import view

TAG = "1A4060300000001000012345"
PLAN = Plan(
    plan="P-1",
    version=1,
    kind="guided",
    location="Vault A",
    packages=(PlanPackage(TAG, "Live Resin 1 g"), PlanPackage(TAG[::-1], "Cart 1 g")),
)
ABOUT = ("C000001", TAG, "gun")
COUNT = Count(Phase.OPEN, 1, "C000001", location="Shelf 1")
IDLE = Station(seq=7, at=1_000, boot="b", quality="synced")
OPEN = replace(IDLE, count=COUNT)


def shown(station: Station, newest: Event | None = None, now: int = 1_000) -> View:
    return view(replace(station, newest=newest) if newest else station, Conditions(), now)


def with_keyed(**keyed: str) -> Station:
    return replace(OPEN, count=replace(COUNT, keyed=HashTrieMap(keyed)))


# -- the picture as a whole --


def test_before_the_first_event_the_station_is_starting() -> None:
    screen = shown(Station())
    assert (screen.tone, screen.fact, screen.instruction) == (Tone.CALM, Phrase("starting"), None)


def test_what_is_not_recorded_is_said_before_all_else_with_its_reason() -> None:
    screen = view(replace(OPEN, newest=CountScanned(*ABOUT, "Shelf 1")), Conditions(storage="disk_full"), 0)
    assert screen.tone is Tone.NOT_RECORDING
    assert screen.fact == Phrase("not_recording")
    assert screen.detail == Phrase("disk_full")
    assert screen.instruction == Phrase("recording_resumes")


def test_a_stopped_station_says_so_and_asks_for_nothing() -> None:
    screen = view(OPEN, Conditions(is_stopped=True), 0)
    assert (screen.tone, screen.fact) == (Tone.STOPPED, Phrase("stopped"))
    assert (screen.detail, screen.instruction) == (None, None)


def test_a_station_that_could_not_record_is_never_shown_as_safe_to_unplug() -> None:
    assert view(OPEN, Conditions(storage="disk_error", is_stopped=True), 0).tone is Tone.NOT_RECORDING


# -- the status bar --


def test_the_status_bar_says_duty_link_waiting_and_refusals() -> None:
    screen = view(replace(OPEN, session=Latched(3)), Conditions(link=Link.DOWN, acked=4), 0)
    assert (screen.duty, screen.link, screen.waiting, screen.refused) == ("count", Link.DOWN, 3, 3)


@pytest.mark.parametrize(("seq", "sent", "waiting"), [(-1, -1, 0), (0, -1, 1), (7, 7, 0), (7, 9, 0), (213, -1, 214)])
def test_waiting_is_how_many_events_are_not_sent_and_never_below_zero(seq: int, sent: int, waiting: int) -> None:
    assert view(replace(IDLE, seq=seq), Conditions(acked=sent), 0).waiting == waiting


@pytest.mark.parametrize(
    ("now", "minute_ms"), [(0, 1_800_000_000_000), (59_999, 1_800_000_000_000), (60_000, 1_800_000_060_000)]
)
def test_the_clock_is_cut_to_the_minute(now: int, minute_ms: int) -> None:
    assert shown(replace(IDLE, offset_ms=1_800_000_000_000), now=now).minute_ms == minute_ms


@pytest.mark.parametrize(("quality", "is_shown"), [("synced", True), ("rtc", True), ("unsynced", False)])
def test_a_clock_that_nothing_set_is_not_shown(quality: str, is_shown: bool) -> None:
    assert (shown(replace(IDLE, quality=quality)).minute_ms is not None) is is_shown


# -- the one large fact --


def test_idle_is_ready_and_asks_for_the_start_card() -> None:
    screen = shown(IDLE)
    assert (screen.fact, screen.detail, screen.instruction) == (Phrase("ready"), None, Phrase("scan_start"))


def test_a_guided_count_shows_seen_of_planned() -> None:
    count = replace(COUNT, plan=PLAN, packages=HashTrieMap({TAG: Package(whole=True)}))
    assert shown(replace(OPEN, count=count)).fact == Phrase("progress", ("1", "2"))


def test_a_free_count_shows_how_many_packages_were_counted() -> None:
    assert shown(OPEN).fact == Phrase("counted", ("0",))
    count = replace(COUNT, packages=HashTrieMap({TAG: Package(whole=True)}))
    assert shown(replace(OPEN, count=count)).fact == Phrase("counted", ("1",))


def test_a_paused_count_says_how_to_go_on() -> None:
    screen = shown(replace(OPEN, count=replace(COUNT, phase=Phase.PAUSED)), CountPaused("C000001", "idle"))
    assert (screen.fact, screen.instruction) == (Phrase("paused"), Phrase("scan_resume"))


def test_keyed_digits_are_the_fact_until_they_are_entered() -> None:
    screen = shown(with_keyed(gun="12"), CountKeyed("C000001", "gun", "12"))
    assert (screen.fact, screen.instruction) == (Phrase("keyed", ("12",)), Phrase("scan_enter"))


def test_digits_that_one_scanner_left_standing_do_not_hide_what_another_scans() -> None:
    screen = shown(with_keyed(gun="12"), CountScanned("C000001", TAG, "pole", "Shelf 1"))
    assert (screen.fact, screen.instruction) == (Phrase("counted", ("0",)), Phrase("scan_package"))


def test_standing_digits_are_shown_when_the_newest_event_is_of_no_scanner() -> None:
    screen = shown(with_keyed(pole="7", gun="", radio="8"), CountResumed("C000001"))
    assert screen.fact == Phrase("keyed", ("7",))


# -- the newest event: tone and detail --

DETAILS = [
    (CountScanned(*ABOUT, "Shelf 1"), Tone.ACCEPTED, Phrase("scanned", ("012345",))),
    (CountScanned(*ABOUT, "Shelf 1", 0), Tone.ACCEPTED, Phrase("unit", ("012345", "0"))),
    (CountException(*ABOUT, "Shelf 1", "duplicate"), Tone.ALREADY, Phrase("already", ("012345",))),
    (CountException(*ABOUT, "Shelf 1", "unknown", 3), Tone.REFUSED, Phrase("unknown", ("012345",))),
    (ScanRefused("gun", "no_location", TAG), Tone.REFUSED, Phrase("refused_no_location")),
    (CountLocated("C000001", "Shelf 1", "gun"), Tone.CALM, Phrase("located", ("Shelf 1",))),
    (CountQuantity(*ABOUT, "12", "ea", "gun"), Tone.CALM, Phrase("quantity", ("012345", "12", "ea"))),
    (CountUndoAsked(*ABOUT, 4), Tone.CALM, Phrase("undo_asked", ("012345",))),
    (CountUndone(*ABOUT, 4), Tone.CALM, Phrase("undone", ("012345",))),
    (CountOpened("C000001", "free"), Tone.CALM, Phrase("opened", ("C000001",))),
    (CountOpened("C000001", "guided", "P-1"), Tone.CALM, Phrase("opened", ("P-1",))),
    (CountResumed("C000001"), Tone.CALM, Phrase("resumed")),
    (CountPaused("C000001", "idle"), Tone.CALM, None),
    (RefusalsSeen(2, "gun"), Tone.CALM, None),
    (SourceWentAway("gun", "gone"), Tone.CALM, Phrase("source_lost", ("gun",))),
    (ClockMoved(5, 5, "synced"), Tone.CALM, None),
]


@pytest.mark.parametrize(("newest", "tone", "detail"), DETAILS, ids=lambda value: type(value).__name__)
def test_tone_and_detail_come_from_the_newest_event(newest: Event, tone: Tone, detail: Phrase | None) -> None:
    screen = shown(OPEN, newest)
    assert (screen.tone, screen.detail) == (tone, detail)


@pytest.mark.parametrize(
    ("newest", "detail"),
    [
        (PlanLoaded("P-1", 1, 2, "00", "uid 0"), Phrase("plan_loaded", ("P-1",))),
        (CountClosed("C000001", 41, 0), Phrase("closed", ("41",))),
        (CountAbandoned("C000001", "card"), Phrase("abandoned")),
        (ScanRefused("gun", "no_session", TAG), Phrase("refused_no_session")),
    ],
)
def test_an_idle_station_tells_what_happened_last(newest: Event, detail: Phrase) -> None:
    screen = shown(IDLE, newest)
    assert (screen.detail, screen.instruction) == (detail, Phrase("scan_start"))


def test_a_lost_source_is_shown_when_nothing_newer_matters() -> None:
    station = replace(OPEN, lifecycle=Lifecycle(lost=HashTrieMap({"pole": "gone", "gun": "gone"})))
    assert shown(station, CountScanned(*ABOUT, "Shelf 1")).detail == Phrase("scanned", ("012345",))
    assert shown(station, ClockMoved(5, 5, "synced")).detail == Phrase("source_lost", ("gun",))
    assert shown(station, SourceWentAway("pole", "gone")).detail == Phrase("source_lost", ("pole",))


# -- the one instruction --


def test_without_a_location_its_card_comes_first_whatever_else_happened() -> None:
    station = replace(OPEN, session=Latched(1), count=replace(COUNT, location=""))
    assert shown(station, ScanRefused("gun", "no_location")).instruction == Phrase("scan_location")


def test_undo_is_asked_for_again_only_while_a_second_card_would_undo() -> None:
    station = replace(with_keyed(gun="1"), newest=CountUndoAsked(*ABOUT, 4))
    assert shown(station, now=11_000).instruction == Phrase("scan_undo_again")
    assert shown(station, now=11_001).instruction == Phrase("scan_enter")


def test_refusals_ask_to_be_seen_as_long_as_the_newest_event_is_one() -> None:
    station = replace(OPEN, session=Latched(1))
    assert shown(station, CountException(*ABOUT, "Shelf 1", "unknown")).instruction == Phrase("scan_seen")
    assert shown(station, CountScanned(*ABOUT, "Shelf 1")).instruction == Phrase("scan_package")
    assert shown(OPEN, ScanRefused("gun", "empty")).instruction == Phrase("scan_package")


def test_no_event_shows_more_of_a_tag_than_its_last_six_characters() -> None:
    for newest, _, _ in DETAILS:
        detail = shown(OPEN, newest).detail
        assert detail is None or not any(TAG[-7:] in text for text in detail.args)


# -- duties that the settings name, or do not name any more --


@pytest.mark.parametrize(
    ("duties", "forced", "fact"),
    [
        (("entry", "count"), 1, "forced"),
        (("entry", "count"), 0, "no_roster"),
        ((), 1, "forced"),
        (("count",), 1, "ready"),
        (("count",), 0, "ready"),
    ],
)
def test_a_duty_that_the_settings_do_not_name_shows_no_picture(duties: tuple[str, ...], forced: int, fact: str) -> None:
    entry = Entry(policy=Policy(), door=Door(forced=forced))
    assert shown(replace(IDLE, lifecycle=Lifecycle(duties=duties), entry=entry)).fact == Phrase(fact)
