"""What is expected stands in a slot of its own, which a room never sees and a guided count alone shows."""

from station.domain.core.conditions import Conditions
from station.domain.core.decider import Recorded
from station.domain.core.event import Event
from station.domain.count.book import Expected, kept_books, read_plan
from station.domain.count.events import CountAbandoned, CountClosed, CountOpened, PlanLoaded
from station.domain.count.reconcile import expected_shown
from station.domain.station.viewing import view
from tests.domain.play import play
from tests.domain.tags import tag
from tests.snapshots import through_snapshot

RAW = b"""{"plan": "P-1", "version": 1, "kind": "guided", "location": "Vault A", "packages": [
  {"tag": "1A4060300000001000012345", "item": "Live Resin 1 g", "pos": "7181.25", "metrc": "7182.5"}]}"""
TAG = "1A4060300000001000012345"
SECRETS = ("7181.25", "7182.5")


def after(books: object, event: Event, document: object = None) -> object:
    return kept_books(books, Recorded(0, 0, 0, "", "synced", event, document))


def loaded() -> object:
    return after(None, PlanLoaded("P-1", 1, 1, "", "root"), read_plan(RAW))


def opened() -> object:
    return after(loaded(), CountOpened("C000001", "guided", "P-1", 1, 1))


def test_only_a_guided_count_shows_what_is_expected() -> None:
    assert expected_shown("guided", opened(), TAG) == Expected("7181.25", "7182.5")
    assert expected_shown("blind", opened(), TAG) is None
    assert expected_shown("sealed", opened(), TAG) is None
    assert expected_shown("free", opened(), TAG) is None
    assert expected_shown("guided", opened(), TAG[::-1]) is None


def test_nothing_is_expected_before_a_plan_nor_in_a_count_without_one() -> None:
    assert expected_shown("guided", None, TAG) is None
    assert expected_shown("guided", loaded(), TAG) is None
    assert expected_shown("guided", after(loaded(), CountOpened("C000001", "free")), TAG) is None


def test_a_count_that_is_over_leaves_its_book_only_for_a_plan_that_is_still_loaded() -> None:
    closed = after(opened(), CountClosed("C000001", 1, 0))
    assert expected_shown("guided", after(closed, CountOpened("C000002", "guided", "P-1", 1, 1)), TAG) is None
    abandoned = after(opened(), CountAbandoned("C000001", "card"))
    again = after(abandoned, CountOpened("C000002", "guided", "P-1", 1, 1))
    assert expected_shown("guided", again, TAG) is not None


def test_no_plan_that_a_room_or_a_screen_sees_holds_what_is_expected() -> None:
    document = read_plan(RAW)
    assert not any(secret in repr(document.plan) for secret in SECRETS)
    station = play("1.0 plan P-1 1 A -> plan.loaded | reply").station
    assert not any(hasattr(package, "pos") for package in station.count.loaded.packages)  # type: ignore[union-attr]
    assert not any(secret in repr(view(station, Conditions(), 2_000)) for secret in SECRETS)


def test_a_start_from_a_snapshot_puts_the_book_back() -> None:
    player = play("1.0 plan P-1 1 A -> plan.loaded | reply")
    again = through_snapshot(player.station, player.stamping.documents)
    books = after(again.books, CountOpened("C000001", "guided", "P-1", 1, 1))
    assert expected_shown("guided", books, tag("A")) == Expected()
