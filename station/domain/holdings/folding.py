"""Holdings: what lies where, by what the station itself has seen move."""

from collections.abc import Iterable
from decimal import Decimal

import msgspec
from rpds import HashTrieMap

from station.domain.core.movement import Movement


class Holding(msgspec.Struct, frozen=True):
    """So much of one package at one place, in `unit`; None is some, nobody has said how much.

    `state` is what it is there, such as `hold`; empty where nothing was said of it.
    """

    quantity: Decimal | None
    unit: str = ""
    state: str = ""


NOTHING_HELD: "HashTrieMap[str, Holding]" = HashTrieMap()


class Holdings(msgspec.Struct, frozen=True):
    """By package, by place. What never moved before this station's eyes does not stand here."""

    by_tag: "HashTrieMap[str, HashTrieMap[str, Holding]]" = HashTrieMap()

    def places(self, tag: str) -> "HashTrieMap[str, Holding]":
        """Where the package lies, and how much of it."""
        return self.by_tag.get(tag) or NOTHING_HELD

    def at(self, tag: str, place: str) -> Holding | None:
        """What of the package lies at this place; None where nothing is known to."""
        return self.places(tag).get(place)


def folded(holdings: Holdings, movements: Iterable[Movement]) -> Holdings:
    """The holdings after these movements, in their order."""
    for movement in movements:
        holdings = _moved(holdings, movement)
    return holdings


def _moved(holdings: Holdings, movement: Movement) -> Holdings:
    places = holdings.places(movement.tag)
    held = places.get(movement.from_place)
    places = _taken(places, movement, held)
    if movement.to_place:
        places = _put(places, movement, held)
    if not places:
        return Holdings(holdings.by_tag.discard(movement.tag))
    return Holdings(holdings.by_tag.insert(movement.tag, places))


def _taken(
    places: "HashTrieMap[str, Holding]", movement: Movement, held: Holding | None
) -> "HashTrieMap[str, Holding]":
    """The whole leaves nothing; of an unknown amount some may be left; an amount below zero stands as it is."""
    if held is None:
        return places
    if movement.quantity is None or held.quantity == movement.quantity:
        return places.remove(movement.from_place)
    left = None if held.quantity is None else held.quantity - movement.quantity
    return places.insert(movement.from_place, Holding(left, held.unit, held.state))


def _put(places: "HashTrieMap[str, Holding]", movement: Movement, held: Holding | None) -> "HashTrieMap[str, Holding]":
    came = movement.quantity if movement.quantity is not None or held is None else held.quantity
    there = places.get(movement.to_place) or Holding(Decimal(0))
    quantity = None if came is None or there.quantity is None else there.quantity + came
    if quantity == 0:
        return places.discard(movement.to_place)
    unit = movement.unit or (held.unit if held else "") or there.unit
    state = movement.state or (held.state if held else "") or there.state
    return places.insert(movement.to_place, Holding(quantity, unit, state))
