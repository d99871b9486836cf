"""A list of moves, from the card *move* to *close*."""

from decimal import Decimal

import pytest

from station.domain.holdings.folding import Holding
from station.domain.session.state import Phase
from tests.domain.tags import tag
from tests.session.play import SessionPlayer, at_work, go_on, moving

IN_HAND = """
    2.0 gun scans A -> session.scanned tag=A location=Vault | counted
        gun scans B -> session.scanned tag=B location=Vault | counted
"""
TO_THE_FLOOR = IN_HAND + (
    "3.0 gun card location Floor -> session.located location=Floor, move.recorded tag=A, move.recorded tag=B | noted"
)


def lying(player: SessionPlayer, letter: str) -> dict[str, Decimal | None]:
    """Where the station saw a package come to lie, and how much of it."""
    return {place: held.quantity for place, held in player.station.holdings.places(tag(letter)).items()}


def test_a_whole_list_of_two_places_and_two_more() -> None:
    player = moving(
        """
        2.0 gun scans A                 -> session.scanned tag=A location=Vault | counted
            gun scans B                 -> session.scanned tag=B location=Vault | counted
            gun card digit 1            -> session.keyed text=1 | noted
            gun card digit 2            -> session.keyed text=12 | noted
            gun card digit .            -> session.keyed text=12. | noted
            gun card digit 5            -> session.keyed text=12.5 | noted
            gun card enter              -> session.quantity tag=B quantity=12.5 source=gun | noted
            gun scans C                 -> session.scanned tag=C | counted
            keypad keys 3               -> session.quantity tag=C quantity=3 scanner=gun source=keypad | noted
        9.0 gun card location Floor     -> session.located location=Floor, move.recorded tag=A from_place=Vault \
to_place=Floor quantity=None corrects=None, move.recorded tag=B quantity=12.5, move.recorded tag=C quantity=3 | noted
            gun scans D                 -> session.scanned tag=D location=Floor | counted
            gun card location Dock      -> session.located, move.recorded tag=D from_place=Floor to_place=Dock | noted
            gun card close              -> session.closed packages=4 refused=0 | noted
        """
    )
    assert player.station.moves.phase is Phase.IDLE
    assert lying(player, "A") == {"Floor": None}
    assert lying(player, "B") == {"Floor": Decimal("12.5")}
    assert lying(player, "D") == {"Dock": None}


def test_the_next_list_has_the_next_number_and_nothing_of_the_one_before() -> None:
    player = moving(
        TO_THE_FLOOR
        + """
        4.0 gun card close -> session.closed packages=2 | noted
            gun card move  -> session.opened session=M000002 | noted
            gun card close -> session.closed packages=0 | noted
        """
    )
    assert player.station.moves.number == 2


def test_a_scan_before_a_location_is_refused_and_one_before_a_list_too() -> None:
    at_work(
        """
        1.0 gun scans A       -> scan.refused reason=no_session | refused
            gun card location Vault -> scan.refused reason=no_session | refused
            gun card move     -> session.opened | noted
            gun scans A       -> scan.refused reason=no_location | refused
            keypad keys 3     -> scan.refused reason=no_location | refused
            gun card move     -> scan.refused reason=already_open text=move | refused
        """
    )


def test_only_whole_packages_are_carried_each_once() -> None:
    moving(
        IN_HAND
        + """
        3.0 gun scans A   -> scan.refused reason=in_hand | refused
            gun scans C#3 -> scan.refused reason=whole_package | refused
        """
    )


def test_nothing_is_put_down_where_it_comes_from() -> None:
    player = moving(
        IN_HAND
        + """
        3.0 gun card location Vault -> scan.refused reason=same_place text=Vault | refused
            gun card location Floor -> session.located, move.recorded tag=A, move.recorded tag=B | noted
            gun card location Floor -> session.located | noted
        """
    )
    assert not player.station.moves.in_hand


def test_the_end_walks_through_what_is_still_open() -> None:
    moving(
        IN_HAND
        + """
        3.0 gun scans nonsense      -> scan.refused | refused
            gun card close          -> scan.refused reason=refusals_unseen | refused
            gun card seen           -> scan.refusals_seen times=2 | noted
            gun card close          -> scan.refused reason=not_put_down | refused
            gun card seen           -> scan.refusals_seen times=1 | noted
            gun card location Floor -> session.located, move.recorded, move.recorded | noted
            gun card close          -> session.closed packages=2 refused=3 | noted
        """
    )


# Numbers


@pytest.mark.parametrize(
    ("between", "why"),
    [
        ("gun card location Floor -> session.located, move.recorded, move.recorded | noted", "was put down"),
        ("gun scans A             -> scan.refused reason=in_hand | refused", "the scan after it was refused"),
        ("gun scans nonsense      -> scan.refused | refused", "the scan after it was no code"),
    ],
)
def test_a_number_belongs_to_the_last_scan_only_if_that_was_taken(between: str, why: str) -> None:
    for keyed in ("keypad keys 3", "gun card enter"):
        digits = "gun card digit 3 -> session.keyed text=3 | noted" if "enter" in keyed else ""
        moving(
            IN_HAND
            + f"""
            3.0 {between}
                {digits or "gun card test -> nothing | noted"}
                {keyed}     -> scan.refused reason=no_package text=3 | refused
            """
        )
        assert why


def test_another_scanners_refusal_takes_no_number_away_and_a_bad_number_neither() -> None:
    moving(
        IN_HAND
        + """
        3.0 pole scans A     -> scan.refused reason=in_hand | refused
            gun card enter   -> scan.refused reason=bad_quantity | refused
            keypad keys 0.00 -> scan.refused reason=bad_quantity | refused
            keypad keys 7    -> session.quantity tag=B quantity=7 | noted
            keypad keys 8    -> session.quantity tag=B quantity=8 | noted
        """
    )


def test_after_an_undo_a_number_waits_for_the_next_scan() -> None:
    moving(
        IN_HAND
        + """
        3.0 gun card undo -> session.undo_asked tag=B | noted
            gun card undo -> session.undone tag=B | noted
            keypad keys 7 -> scan.refused reason=no_package | refused
            gun scans B   -> session.scanned tag=B | counted
            keypad keys 7 -> session.quantity tag=B | noted
            gun card undo -> session.undo_asked tag=B | noted
            gun card undo -> session.undone tag=B | noted
            keypad keys 6 -> session.quantity tag=B quantity=6 | noted
        """
    )


def test_digits_can_be_cleared_and_the_next_scan_forgets_them() -> None:
    moving(
        IN_HAND
        + """
        3.0 gun card digit 3 -> session.keyed text=3 | noted
            gun card clear   -> session.keyed text= | noted
            gun card digit 4 -> session.keyed text=4 | noted
            gun scans C      -> session.scanned | counted
            gun card enter   -> scan.refused reason=bad_quantity | refused
        """
    )


# Undo


def test_an_undo_before_putting_down_lays_the_package_back() -> None:
    player = moving(
        IN_HAND
        + """
        3.0  gun card undo           -> session.undo_asked tag=B | noted
        14.0 gun card undo           -> session.undo_asked tag=B | noted
             gun card undo           -> session.undone tag=B | noted
             gun card location Floor -> session.located, move.recorded tag=A | noted
        """
    )
    assert lying(player, "B") == {}


def test_an_undo_of_a_quantity_leaves_the_whole_package_in_hand() -> None:
    moving(
        IN_HAND
        + """
        3.0 keypad keys 5           -> session.quantity tag=B quantity=5 | noted
            keypad keys 6           -> session.quantity tag=B quantity=6 | noted
            gun card undo           -> session.undo_asked tag=B | noted
            gun card undo           -> session.undone tag=B | noted
            gun card undo           -> session.undo_asked tag=B | noted
            gun card undo           -> session.undone tag=B | noted
            gun card location Floor -> session.located, move.recorded tag=A, move.recorded tag=B quantity=None | noted
        """
    )


def test_what_was_put_down_is_taken_back_by_a_move_of_its_own() -> None:
    player = moving(
        IN_HAND
        + """
        3.0 keypad keys 5           -> session.quantity tag=B quantity=5 | noted
            gun card location Floor -> session.located, move.recorded tag=A, move.recorded tag=B | noted
            gun card undo           -> session.undo_asked tag=B corrects=9 | noted
            gun card undo           -> session.undone tag=B corrects=9, move.recorded tag=B from_place=Floor \
to_place=Vault quantity=5 corrects=9 | noted
            gun card undo           -> session.undo_asked tag=A corrects=8 | noted
            gun card undo           -> session.undone tag=A corrects=8, move.recorded tag=A from_place=Floor \
to_place=Vault quantity=None corrects=8 | noted
            gun card undo           -> scan.refused reason=nothing_to_undo | refused
            gun card seen           -> scan.refusals_seen | noted
            gun card close          -> session.closed packages=0 | noted
        """
    )
    assert lying(player, "B") == {"Vault": Decimal(5)}
    assert lying(player, "A") == {"Vault": None}


def test_each_scanner_undoes_its_own_and_never_what_another_has_carried_on() -> None:
    moving(
        """
        2.0 gun scans A              -> session.scanned tag=A | counted
            pole card undo           -> scan.refused reason=nothing_to_undo | refused
            gun card location Floor  -> session.located, move.recorded tag=A | noted
            pole scans A             -> session.scanned tag=A location=Floor | counted
            gun card undo            -> scan.refused reason=carried_on | refused
            pole card location Dock  -> session.located, move.recorded tag=A from_place=Floor to_place=Dock | noted
            gun card undo            -> scan.refused reason=carried_on | refused
            pole card undo           -> session.undo_asked tag=A | noted
            pole card undo           -> session.undone, move.recorded from_place=Dock to_place=Floor | noted
            gun card undo            -> session.undo_asked tag=A | noted
            gun card undo            -> session.undone, move.recorded from_place=Floor to_place=Vault | noted
        """
    )


def test_one_scanner_takes_back_step_by_step_what_it_carried_on_itself() -> None:
    player = moving(
        """
        2.0 gun scans A             -> session.scanned | counted
            gun card location Floor -> session.located, move.recorded | noted
            gun scans A             -> session.scanned | counted
            gun card location Dock  -> session.located, move.recorded from_place=Floor to_place=Dock | noted
            gun card undo           -> session.undo_asked | noted
            gun card undo           -> session.undone, move.recorded from_place=Dock to_place=Floor | noted
            gun card undo           -> session.undo_asked | noted
            gun card undo           -> session.undone, move.recorded from_place=Floor to_place=Vault | noted
        """
    )
    assert player.station.holdings.at(tag("A"), "Vault") == Holding(None)


def test_abandoning_keeps_what_was_put_down() -> None:
    player = moving(
        TO_THE_FLOOR
        + """
        4.0 gun scans C      -> session.scanned tag=C | counted
            gun card abandon -> session.abandoned reason=card | noted
            gun card move    -> session.opened session=M000002 | noted
        """
    )
    assert lying(player, "A") == {"Floor": None}
    assert lying(player, "C") == {}


def test_moves_touch_no_count() -> None:
    player = moving(TO_THE_FLOOR)
    assert not player.station.count.packages


def test_a_number_finds_no_package_that_another_scanner_has_put_down() -> None:
    moving(
        IN_HAND
        + """
        3.0 pole card location Floor -> session.located, move.recorded, move.recorded | noted
            keypad keys 3            -> scan.refused reason=no_package | refused
            gun scans A              -> session.scanned | counted
            gun card location Dock   -> session.located, move.recorded | noted
            gun scans B              -> session.scanned | counted
            pole card location Vault -> session.located, move.recorded tag=B | noted
            keypad keys 3            -> scan.refused reason=no_package | refused
        """
    )


def test_a_location_card_ends_the_wait_for_a_number_even_with_empty_hands() -> None:
    player = moving("2.0 gun scans A -> session.scanned | counted\n gun card undo -> session.undo_asked | noted")
    assert list(player.station.moves.awaits_number) == ["gun"]
    go_on(player, "3.0 gun card location Floor -> session.located, move.recorded | noted")
    assert list(player.station.moves.awaits_number) == []


def test_after_an_undo_the_keypad_is_for_the_scanner_whose_scan_is_then_the_newest() -> None:
    moving(
        """
        2.0 pole scans A  -> session.scanned tag=A | counted
            gun scans B   -> session.scanned tag=B | counted
            gun card undo -> session.undo_asked tag=B | noted
            gun card undo -> session.undone tag=B | noted
            keypad keys 5 -> session.quantity tag=A scanner=pole quantity=5 | noted
        """
    )
