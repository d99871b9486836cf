"""Moves: card *move*, a location, packages (a number, or the whole), the location where they are put down, *close*.

What is in hand is put down by the next location card. What was put down is taken back by *undo*, as every line is.
"""

from station.domain.core.decider import Decision
from station.domain.core.effects import Answer, Verdict
from station.domain.core.event import Event
from station.domain.core.facts import Facts
from station.domain.identifiers import CommandCard, Digits, PackageTag, RetailUnit
from station.domain.moves.events import MoveRecorded
from station.domain.moves.state import NAME, Moves
from station.domain.people.inputs import BadgePresented
from station.domain.session import deciding, handover, signing
from station.domain.session.cards import Card
from station.domain.session.deciding import SESSION_NAMES
from station.domain.session.events import (
    SessionClosed,
    SessionLocated,
    SessionOpened,
    SessionQuantity,
    SessionScanned,
    UndoAsked,
    Undone,
)
from station.domain.session.keying import quantity_of
from station.domain.session.refusing import answered, refuse

MOVE = "move"


def decide_deadline(moves: Moves, facts: Facts, reached: object) -> Decision:
    """`due` has come."""
    del facts, reached
    return deciding.decide_idle(moves, SESSION_NAMES)


def decide_start(moves: Moves, facts: Facts, scanner: str, card: CommandCard) -> Decision:
    """The card *move*: whose work it is, a badge at the desk says next, where there is a reader."""
    if refused := deciding.decide_start(moves, facts, scanner, card.verb):
        return refused
    badges = "awaited" if "desk" in facts.readers else "not_fitted"
    return answered(SessionOpened(deciding.next_id(moves, "M"), NAME, badges), scanner)


def decide_code(moves: Moves, facts: Facts, scanner: str, code: PackageTag | RetailUnit) -> Decision:
    """A package is picked up."""
    del facts
    if reason := deciding.not_workable(moves):
        return refuse(scanner, reason, code.tag)
    if isinstance(code, RetailUnit):
        return refuse(scanner, "whole_package", code.tag)
    if code.tag in moves.in_hand:
        return refuse(scanner, "in_hand", code.tag)
    return answered(SessionScanned(moves.session, code.tag, scanner, moves.location), scanner, Verdict.COUNTED)


def decide_number(moves: Moves, facts: Facts, source: str, code: Digits) -> Decision:
    """A number was keyed whole on a keypad: it is for the package that was scanned last, by whichever scanner."""
    del facts
    if reason := deciding.not_workable(moves):
        return refuse(source, reason, code.text)
    return _enter(moves, moves.newest_scanner, source, code.text)


def decide_badge(moves: Moves, facts: Facts, shown: BadgePresented) -> Decision | None:
    """A badge at the desk: whose work it is, who takes it over, who signs it."""
    return handover.decide_badge(moves, facts, shown)


def decide_card(moves: Moves, facts: Facts, scanner: str, card: CommandCard) -> Decision:
    """A card that all sessions share."""
    if card.verb == Card.PERSON:
        return handover.decide_person(moves, facts, scanner, card.argument)
    decided = deciding.decide_card(moves, SESSION_NAMES, facts, scanner, card)
    if decided is not None:
        return _taking_back(moves, scanner, decided)
    match card.verb:
        case Card.LOCATION:
            return _locate(moves, scanner, card.argument)
        case Card.ENTER:
            return _enter(moves, scanner, scanner, moves.keyed.get(scanner) or "")
        case Card.CLOSE:
            return _end(moves, facts, scanner, card.verb) or _close(moves, scanner)
        case Card.SIGN:
            return _end(moves, facts, scanner, card.verb) or _sign(moves, facts, scanner)
        case _:
            return refuse(scanner, "not_served", card.verb)


def _locate(moves: Moves, scanner: str, location: str) -> Decision:
    """The next place: what is in hand from another one is put down there."""
    events: list[Event] = [SessionLocated(moves.session, location, scanner)]
    for tag, held in sorted(moves.in_hand.items()):
        if held.place == location:
            return refuse(scanner, "same_place", location)
        events.append(MoveRecorded(moves.session, tag, scanner, held.place, location, held.quantity))
    return Decision(tuple(events), (Answer(scanner, Verdict.NOTED),))


def _enter(moves: Moves, scanner: str, source: str, text: str) -> Decision:
    line = moves.newest_line(scanner)
    if line is None or line.tag not in moves.in_hand or scanner not in moves.awaits_number:
        return refuse(source, "no_package", text)
    quantity = quantity_of(text)
    if quantity is None or not quantity.strip("0."):
        return refuse(source, "bad_quantity", text)
    return answered(SessionQuantity(moves.session, line.tag, scanner, quantity, "", source), source)


def _taking_back(moves: Moves, scanner: str, decided: Decision) -> Decision:
    """An undo of a line that was put down: the package goes back to where it came from, by a move of its own.

    Where another scanner has carried it on meanwhile, that one's line is the first to be undone.
    """
    undo = decided.events[0]
    if not isinstance(undo, UndoAsked | Undone) or (put_down := moves.put_down.get(undo.corrects)) is None:
        return decided
    if not moves.is_newest_of_package(undo.corrects):
        return refuse(scanner, "carried_on", undo.tag)
    if isinstance(undo, UndoAsked):
        return decided
    back = MoveRecorded(
        moves.session,
        put_down.tag,
        put_down.scanner,
        put_down.to_place,
        put_down.from_place,
        put_down.quantity,
        put_down.unit,
        corrects=undo.corrects,
    )
    return Decision((undo, back), decided.effects)


def _end(moves: Moves, facts: Facts, scanner: str, verb: str) -> Decision | None:
    """What is still open before the end: refusals, then packages that are in hand."""
    return deciding.walk_through(facts, scanner, verb, (("not_put_down", tag) for tag in sorted(moves.in_hand)))


def _close(moves: Moves, scanner: str) -> Decision:
    return answered(SessionClosed(moves.session, len(moves.put_down), moves.refused), scanner)


def _sign(moves: Moves, facts: Facts, scanner: str) -> Decision:
    """After the second signature the list closes by itself."""
    decided = signing.decide_sign(moves, facts, scanner, reversed(list(moves.leaf_hashes)))
    if not signing.is_last_signature(moves, decided):
        return decided
    closed = SessionClosed(moves.session, len(moves.put_down), moves.refused)
    return Decision((*decided.events, closed), decided.effects)
