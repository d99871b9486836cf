"""What lies where, folded from movements."""

from decimal import Decimal

import pytest

from station.domain.core.movement import Movement
from station.domain.holdings.folding import Holding, Holdings, folded

OUTSIDE = ""


def move(quantity: str | None, from_place: str, to_place: str, unit: str = "ea", state: str = "") -> Movement:
    return Movement("A", None if quantity is None else Decimal(quantity), unit, from_place, to_place, state)


def lying(*movements: Movement) -> dict[str, Decimal | None]:
    return {place: held.quantity for place, held in folded(Holdings(), movements).places("A").items()}


@pytest.mark.parametrize(
    ("movements", "expected"),
    [
        ([], {}),
        ([move("5", OUTSIDE, "Vault")], {"Vault": Decimal(5)}),
        ([move("5", OUTSIDE, "Vault"), move("2", "Vault", "Floor")], {"Vault": Decimal(3), "Floor": Decimal(2)}),
        ([move("5", OUTSIDE, "Vault"), move("5", "Vault", "Floor")], {"Floor": Decimal(5)}),
        ([move("5", OUTSIDE, "Vault"), move(None, "Vault", "Floor")], {"Floor": Decimal(5)}),
        ([move(None, "Vault", "Floor")], {"Floor": None}),
        ([move(None, "Vault", "Floor"), move("2", "Floor", "Dock")], {"Floor": None, "Dock": Decimal(2)}),
        ([move("2", "Vault", "Floor"), move(None, "Vault", "Floor")], {"Floor": None}),
        ([move("5", OUTSIDE, "Vault"), move("5", "Vault", OUTSIDE)], {}),
    ],
)
def test_what_lies_where(movements: list[Movement], expected: dict[str, Decimal | None]) -> None:
    assert lying(*movements) == expected


def test_more_taken_than_was_seen_to_come_stands_below_zero_until_it_comes_back() -> None:
    taken = [move("5", OUTSIDE, "Vault"), move("8", "Vault", "Floor")]
    assert lying(*taken) == {"Vault": Decimal(-3), "Floor": Decimal(8)}
    assert lying(*taken, move("3", "Floor", "Vault")) == {"Floor": Decimal(5)}


def test_a_package_of_which_nothing_lies_anywhere_does_not_stand_there() -> None:
    holdings = folded(Holdings(), [move("5", OUTSIDE, "Vault"), move(None, "Vault", OUTSIDE)])
    assert holdings == Holdings()
    assert holdings.at("A", "Vault") is None


def test_the_unit_and_the_state_go_along() -> None:
    held = [move("5", OUTSIDE, "Vault", "g", "hold"), move("2", "Vault", "Floor", unit="")]
    holdings = folded(Holdings(), held)
    assert holdings.at("A", "Floor") == Holding(Decimal(2), "g", "hold")
    assert holdings.at("A", "Vault") == Holding(Decimal(3), "g", "hold")
    released = folded(holdings, [move(None, "Floor", "Dock", unit="", state="sellable")])
    assert released.at("A", "Dock") == Holding(Decimal(2), "g", "sellable")
