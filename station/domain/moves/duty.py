"""The row of moves."""

from station.domain.core.duty import CardKind, Duty, Phrases, Said, SessionRules
from station.domain.moves.decide import (
    MOVE,
    decide_badge,
    decide_card,
    decide_code,
    decide_deadline,
    decide_number,
    decide_start,
)
from station.domain.moves.events import MoveRecorded
from station.domain.moves.state import NAME, Moves, evolve, movements
from station.domain.moves.viewing import describe, detail, picture, verdict
from station.domain.session.deciding import due
from station.domain.session.events import OWN_EVENTS
from station.domain.session.state import HEARD, is_at_rest

PHRASES = Phrases(
    duty=Said("Moves", "Mover"),
    facts={"in_hand": Said("In hand: {0}", "En mano: {0}"), "put_down": Said("Moved: {0}", "Movidos: {0}")},
    details={
        "moved": Said("..{0} to {1}", "..{0} a {1}"),
        "taken_back": Said("..{0} taken back", "..{0} devuelto"),
        "refused_whole_package": Said("Scan the package", "Lea el paquete"),
        "refused_in_hand": Said("Already in hand", "Ya en mano"),
        "refused_carried_on": Said("Carried on since", "Ya se movió de ahí"),
        "refused_same_place": Said("It comes from there", "Viene de ahí"),
        "refused_not_put_down": Said("Still in hand", "Sigue en mano"),
    },
    instructions={"scan_package_or_place": Said("Package, or location", "Paquete o ubicación")},
)

MOVES = Duty(
    name=NAME,
    setting="stock",
    initial=Moves(),
    owns=(MoveRecorded,),
    hears=(*HEARD, *OWN_EVENTS),
    evolve=evolve,
    cards=(CardKind(verb=MOVE, title=Said("Move packages", "Mover paquetes")),),
    decide_card=decide_start,
    session=SessionRules(
        decide_card=decide_card,
        decide_code=decide_code,
        decide_number=decide_number,
        decide_badge=decide_badge,
        picture=picture,
    ),
    due=due,
    decide_deadline=decide_deadline,
    is_at_rest=is_at_rest,
    phrases=PHRASES,
    verdict=verdict,
    describe=describe,
    detail=detail,
    moving=(MoveRecorded,),
    movements=movements,
)
