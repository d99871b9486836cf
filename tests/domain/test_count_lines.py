"""Quantities and undo: what stands on a line of a count, and how a line is reversed."""

import pytest

from station.domain.core.decider import Recorded
from station.domain.count.events import CountUndone
from station.domain.station.state import Station, evolve
from tests.domain.play import play
from tests.domain.tags import tag

OPENED = """
    1.0 gun card start-count     -> count.opened | noted
        gun card location Shelf  -> count.located | noted
"""
SCANNED = OPENED + "2.0 gun scans A -> count.scanned tag=A | counted\n"


def quantity_of(station: Station, letter: str) -> str:
    return station.count.package(tag(letter)).quantity


# -- quantities by cards --


def test_digit_cards_gather_until_enter_gives_them_to_the_last_package() -> None:
    station = play(
        SCANNED
        + """
            gun card digit 1 -> count.keyed scanner=gun text=1 | noted
            gun card digit 2 -> count.keyed text=12 | noted
            gun card digit . -> count.keyed text=12. | noted
            gun card digit 5 -> count.keyed text=12.5 | noted
            gun card enter   -> count.quantity tag=A quantity=12.5 unit= scanner=gun source=gun | noted
            gun card enter   -> scan.refused reason=bad_quantity text= | refused
    """
    ).station
    assert quantity_of(station, "A") == "12.5"


def test_the_unit_of_a_quantity_is_the_plans() -> None:
    play("""
        1.0 plan P-1 1 A             -> plan.loaded | reply
            gun card start-count     -> count.opened | noted
            gun card location Shelf  -> count.located | noted
            gun scans A              -> count.scanned | counted
            gun card digit 3         -> count.keyed | noted
            gun card enter           -> count.quantity unit=ea quantity=3 | noted
    """)


def test_clear_and_the_next_package_drop_the_digits() -> None:
    play(
        SCANNED
        + """
            gun card digit 1 -> count.keyed text=1 | noted
            gun card clear   -> count.keyed text= | noted
            gun card digit 2 -> count.keyed text=2 | noted
            gun scans B      -> count.scanned tag=B | counted
            gun card digit 3 -> count.keyed text=3 | noted
            gun card enter   -> count.quantity tag=B quantity=3 | noted
    """
    )


def test_each_scanner_has_digits_and_a_last_package_of_its_own() -> None:
    station = play(
        SCANNED
        + """
            pole scans B      -> count.scanned tag=B | counted
            gun card digit 1  -> count.keyed scanner=gun text=1 | noted
            pole card digit 2 -> count.keyed scanner=pole text=2 | noted
            pole card enter   -> count.quantity tag=B quantity=2 | noted
            gun card enter    -> count.quantity tag=A quantity=1 | noted
    """
    ).station
    assert (quantity_of(station, "A"), quantity_of(station, "B")) == ("1", "2")


def test_digits_end_at_twelve_characters_and_one_point() -> None:
    digits = "".join(f"gun card digit {digit} -> count.keyed | noted\n" for digit in "1.0000000000")
    play(
        SCANNED
        + digits
        + """
            gun card digit 5 -> scan.refused reason=bad_quantity text=1.00000000005 | refused
            gun card clear   -> count.keyed | noted
            gun card digit . -> count.keyed text=. | noted
            gun card digit . -> scan.refused reason=bad_quantity text=.. | refused
            gun card enter   -> scan.refused reason=bad_quantity text=. | refused
    """
    )


def test_a_quantity_needs_a_package_of_that_scanner() -> None:
    play(
        OPENED
        + """
            keypad keys 5     -> scan.refused reason=no_package text=5 | refused
            gun scans A       -> count.scanned | counted
            pole card digit 5 -> count.keyed | noted
            pole card enter   -> scan.refused reason=no_package scanner=pole text=5 | refused
    """
    )


# -- quantities by keypad --


@pytest.mark.parametrize(
    ("keyed", "quantity"),
    [
        ("12", "12"),
        ("3.5", "3.5"),
        (".5", "0.5"),
        ("7.", "7"),
        ("007", "7"),
        ("0", "0"),
        ("0.50", "0.50"),
        ("1000000", "1000000"),
        ("0.0000000001", "0.0000000001"),
        ("1000000.00000", "1000000.00000"),
    ],
)
def test_a_keyed_quantity_is_an_exact_decimal_plainly_written(keyed: str, quantity: str) -> None:
    play(SCANNED + f"keypad keys {keyed} -> count.quantity tag=A quantity={quantity} scanner=gun source=keypad | noted")


@pytest.mark.parametrize(
    "keyed", ["1000000.1", "1000001", "999999999999", ".", "", "1..2", "-1", "1e3", "A", "٣", "1 2"]
)
def test_what_is_no_quantity_is_refused(keyed: str) -> None:
    escaped = keyed.encode().decode("latin-1")
    play(SCANNED + f"keypad keys {escaped} -> scan.refused reason=bad_quantity scanner=keypad | refused")


def test_a_bare_number_from_a_scanner_is_no_quantity() -> None:
    play(SCANNED + "gun scans 12 -> scan.refused reason=not_a_code text=12 | refused")


def test_the_keypad_is_for_the_package_scanned_last_by_whichever_scanner() -> None:
    station = play(
        SCANNED
        + """
            pole scans B   -> count.scanned tag=B | counted
            keypad keys 5  -> count.quantity tag=B quantity=5 scanner=pole source=keypad | noted
            keypad keys 6  -> count.quantity tag=B quantity=6 | noted
            gun scans B    -> count.exception reason=duplicate | already
            keypad keys 7  -> count.quantity tag=B quantity=7 | noted
            gun scans C    -> count.scanned tag=C | counted
            keypad keys 8  -> count.quantity tag=C quantity=8 scanner=gun | noted
    """
    ).station
    assert [quantity_of(station, letter) for letter in "ABC"] == ["", "7", "8"]


def test_after_an_undo_the_keypad_is_for_the_package_scanned_last_of_those_that_stand() -> None:
    play(
        OPENED
        + """
        2.0 pole scans A    -> count.scanned | counted
            gun scans B     -> count.scanned | counted
            pole scans C    -> count.scanned | counted
            pole card undo  -> count.undo_asked tag=C | noted
            pole card undo  -> count.undone tag=C | noted
            keypad keys 5   -> count.quantity tag=B scanner=gun | noted
            gun card undo   -> count.undo_asked tag=B | noted
            gun card undo   -> count.undone tag=B | noted
            keypad keys 6   -> count.quantity tag=B quantity=6 | noted
            gun card undo   -> count.undo_asked | noted
            gun card undo   -> count.undone | noted
            gun card undo   -> count.undo_asked | noted
            gun card undo   -> count.undone tag=B | noted
            keypad keys 7   -> count.quantity tag=A scanner=pole | noted
    """
    )


def test_a_quantity_keyed_by_cards_is_no_newer_scan() -> None:
    play(
        OPENED
        + """
        2.0 gun scans A      -> count.scanned | counted
            pole scans B     -> count.scanned | counted
            gun card digit 4 -> count.keyed | noted
            gun card enter   -> count.quantity tag=A | noted
            pole scans C     -> count.scanned | counted
            pole card undo   -> count.undo_asked tag=C | noted
            pole card undo   -> count.undone tag=C | noted
            keypad keys 5    -> count.quantity tag=B scanner=pole | noted
    """
    )


def test_a_quantity_may_be_keyed_for_a_package_of_which_units_were_seen() -> None:
    station = play(
        OPENED + "gun scans A#3 -> count.scanned | counted\nkeypad keys 9 -> count.quantity tag=A | noted"
    ).station
    assert (quantity_of(station, "A"), station.count.units) == ("9", 1)


# -- undo --


def test_undo_shows_the_line_first_and_a_second_card_reverses_it() -> None:
    station = play(
        SCANNED
        + """
        3.0  gun card undo -> count.undo_asked tag=A corrects=3 scanner=gun unit_index=None | noted
        13.0 gun card undo -> count.undone tag=A corrects=3 scanner=gun | noted
             gun scans A   -> count.scanned tag=A | counted
    """
    ).station
    assert len(station.count.packages) == 1


def test_after_ten_seconds_undo_only_shows_the_line_again() -> None:
    station = play(
        SCANNED
        + """
        3.0    gun card undo -> count.undo_asked corrects=3 | noted
        13.001 gun card undo -> count.undo_asked corrects=3 | noted
        23.0   gun card undo -> count.undone corrects=3 | noted
    """
    ).station
    assert not station.count.packages


def test_what_one_scanner_was_shown_another_does_not_reverse() -> None:
    play(
        SCANNED
        + """
        3.0 pole card undo -> scan.refused reason=nothing_to_undo scanner=pole text=undo | refused
            pole scans B   -> count.scanned | counted
            gun card undo  -> count.undo_asked tag=A corrects=3 | noted
            pole card undo -> count.undo_asked tag=B corrects=5 | noted
            pole card undo -> count.undone tag=B corrects=5 | noted
            gun card undo  -> count.undone tag=A corrects=3 | noted
    """
    )


def test_a_new_line_is_shown_before_it_is_reversed() -> None:
    play(
        SCANNED
        + """
        3.0 gun card undo -> count.undo_asked corrects=3 | noted
            gun scans B   -> count.scanned tag=B | counted
            gun card undo -> count.undo_asked tag=B corrects=5 | noted
            gun card undo -> count.undone tag=B corrects=5 | noted
    """
    )


def test_undo_goes_back_line_by_line_and_each_is_shown() -> None:
    station = play(
        SCANNED
        + """
            gun scans B#1 -> count.scanned tag=B unit_index=1 | counted
            gun scans B#2 -> count.scanned tag=B unit_index=2 | counted
        3.0 gun card undo -> count.undo_asked unit_index=2 corrects=5 | noted
            gun card undo -> count.undone unit_index=2 corrects=5 | noted
            gun card undo -> count.undo_asked unit_index=1 corrects=4 | noted
            gun card undo -> count.undone unit_index=1 corrects=4 | noted
            gun card undo -> count.undo_asked tag=A corrects=3 | noted
            gun card undo -> count.undone tag=A corrects=3 | noted
            gun card undo -> scan.refused reason=nothing_to_undo | refused
    """
    ).station
    assert (len(station.count.packages), station.count.units) == (0, 0)


def test_undo_of_one_unit_leaves_the_others_and_the_whole() -> None:
    station = play(
        SCANNED
        + """
            gun scans A#1 -> count.scanned | counted
            gun scans A#2 -> count.scanned | counted
            gun card undo -> count.undo_asked | noted
            gun card undo -> count.undone unit_index=2 | noted
            gun scans A#2 -> count.scanned unit_index=2 | counted
            gun scans A#1 -> count.exception reason=duplicate | already
    """
    ).station
    assert station.count.units == 2
    assert station.count.package(tag("A")).whole


def test_undo_of_a_quantity_restores_the_one_before() -> None:
    player = play(
        SCANNED
        + """
            keypad keys 5    -> count.quantity quantity=5 | noted
            gun card digit 7 -> count.keyed | noted
            gun card enter   -> count.quantity quantity=7 | noted
            gun card undo    -> count.undo_asked tag=A | noted
            gun card undo    -> count.undone | noted
    """
    )
    assert quantity_of(player.station, "A") == "5"
    player.play_line(90, "gun card undo -> count.undo_asked corrects=4 | noted")
    player.play_line(91, "gun card undo -> count.undone corrects=4 | noted")
    assert quantity_of(player.station, "A") == ""
    assert player.station.count.package(tag("A")).whole


def test_two_scanners_quantities_of_one_package_are_undone_apart() -> None:
    player = play(
        SCANNED
        + """
            keypad keys 5  -> count.quantity tag=A quantity=5 scanner=gun | noted
            pole scans A#1 -> count.scanned tag=A | counted
            keypad keys 7  -> count.quantity tag=A quantity=7 scanner=pole | noted
            gun card undo  -> count.undo_asked tag=A corrects=4 | noted
            gun card undo  -> count.undone tag=A corrects=4 | noted
    """
    )
    assert quantity_of(player.station, "A") == "7"
    player.play_line(90, "gun card undo -> count.undo_asked tag=A corrects=3 | noted")
    player.play_line(91, "gun card undo -> count.undone tag=A corrects=3 | noted")
    assert quantity_of(player.station, "A") == "7"
    player.play_line(92, "pole card undo -> count.undo_asked corrects=6 | noted")
    player.play_line(93, "pole card undo -> count.undone corrects=6 | noted")
    assert quantity_of(player.station, "A") == ""


def test_an_exception_is_no_line() -> None:
    play(
        SCANNED
        + """
            gun scans A    -> count.exception reason=duplicate | already
            gun scans junk -> scan.refused | refused
            gun card undo  -> count.undo_asked corrects=3 | noted
            gun scans A    -> count.exception reason=duplicate | already
            gun card undo  -> count.undone corrects=3 | noted
    """
    )


def test_what_was_shown_before_a_power_cut_is_shown_again() -> None:
    play(
        SCANNED
        + """
        3.0 gun card undo -> count.undo_asked corrects=3 | noted
        2.5 start         -> station.started
        3.1 gun card undo -> count.undo_asked corrects=3 | noted
            gun card undo -> count.undone corrects=3 | noted
    """
    )


def test_the_lines_of_a_closed_count_are_not_undone() -> None:
    play(
        SCANNED
        + """
            gun card close       -> count.closed packages=1 | noted
            gun card start-count -> count.opened | noted
            gun card undo        -> scan.refused reason=nothing_to_undo | refused
    """
    )


@pytest.mark.parametrize("corrects", [2, 3, 5])
def test_an_undo_of_any_other_line_than_the_newest_changes_no_line(corrects: int) -> None:
    station = play(SCANNED + "gun scans B -> count.scanned | counted").station
    undone = CountUndone("C000001", tag("A"), "gun", corrects)
    after = evolve(station, Recorded(5, station.at, station.wall_ms, "boot-1", "synced", undone))
    assert after.count == station.count
