"""What stands of a list of moves: a session, what is in hand, and what was put down."""

from decimal import Decimal

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap, List

from station.domain.core.decider import Recorded
from station.domain.core.movement import Movement
from station.domain.moves.events import MoveRecorded
from station.domain.session import state as sessions
from station.domain.session.events import (
    SessionAbandoned,
    SessionClosed,
    SessionEvent,
    SessionOpened,
    SessionQuantity,
    SessionScanned,
    SessionUndone,
)
from station.domain.session.lines import Line
from station.domain.session.state import Phase, Session, touched

NAME = "moves"


class InHand(msgspec.Struct, frozen=True):
    """A package that was picked up at `place`; its quantity by the seq of the line that says it, none for the whole."""

    place: str
    quantities: "HashTrieMap[int, str]" = HashTrieMap()

    @property
    def quantity(self) -> str | None:
        """The newest quantity that is not reversed; None for the whole package."""
        return self.quantities[max(self.quantities)] if self.quantities else None


class Moves(Session, frozen=True):
    """`in_hand` by tag; `put_down` by the seq of the move; `leaf_hashes` of the session's events, the newest first."""

    in_hand: "HashTrieMap[str, InHand]" = HashTrieMap()
    put_down: "HashTrieMap[int, MoveRecorded]" = HashTrieMap()
    leaf_hashes: "List[bytes]" = List()

    def is_newest_of_package(self, seq: int) -> bool:
        """Whether the package of this move still lies where the move put it down."""
        tag = self.put_down[seq].tag
        return tag not in self.in_hand and all(later <= seq for later, move in self.put_down.items() if move.tag == tag)


def evolve(moves: Moves, recorded: Recorded) -> Moves:
    """The list of moves after an event."""
    match recorded.event:
        case SessionOpened(duty=duty) as opened if duty == NAME:
            return _sworn(_opened(moves, recorded, opened), recorded)
        case SessionEvent(session=session) if session == moves.session and moves.phase is not Phase.IDLE:
            if isinstance(recorded.event, SessionClosed | SessionAbandoned):
                return Moves(number=moves.number, session=moves.session)
            return touched(_sworn(_after(moves, recorded), recorded), recorded.at)
        case SessionEvent():
            return moves
        case _:
            return sessions.hear(moves, recorded)


def _opened(moves: Moves, recorded: Recorded, opened: SessionOpened) -> Moves:
    return Moves(
        phase=Phase.OPEN,
        number=moves.number + 1,
        session=opened.session,
        badges=opened.badges,
        active_at=recorded.at,
    )


def _sworn(moves: Moves, recorded: Recorded) -> Moves:
    """What both signatures are given for: every event before the first of them."""
    if moves.signed:
        return moves
    return replace(moves, leaf_hashes=moves.leaf_hashes.push_front(recorded.leaf_hash))


def _after(moves: Moves, recorded: Recorded) -> Moves:
    match recorded.event:
        case SessionScanned() as scanned:
            return _picked_up(moves, recorded.seq, scanned)
        case SessionQuantity() as keyed:
            return _quantity(moves, recorded.seq, keyed)
        case SessionUndone() as undone:
            return sessions.evolve(_undone(moves, undone), recorded)
        case MoveRecorded() as move:
            return _put_down(moves, recorded.seq, move)
        case _:
            return sessions.evolve(moves, recorded)


def _picked_up(moves: Moves, seq: int, scanned: SessionScanned) -> Moves:
    return replace(
        moves,
        in_hand=moves.in_hand.insert(scanned.tag, InHand(scanned.location)),
        lines=moves.with_line(scanned.scanner, Line(seq, scanned.tag)),
        keyed=moves.keyed.discard(scanned.scanner),
        newest_scanner=scanned.scanner,
        awaits_number=moves.awaits_number.insert(scanned.scanner),
    )


def _quantity(moves: Moves, seq: int, keyed: SessionQuantity) -> Moves:
    held = moves.in_hand[keyed.tag]
    held = replace(held, quantities=held.quantities.insert(seq, keyed.quantity))
    return replace(
        moves,
        in_hand=moves.in_hand.insert(keyed.tag, held),
        lines=moves.with_line(keyed.scanner, Line(seq, keyed.tag, is_quantity=True)),
        keyed=moves.keyed.discard(keyed.scanner),
    )


def _undone(moves: Moves, undone: SessionUndone) -> Moves:
    """What is in hand without the line that is reversed; a move that was put down is taken back by one of its own."""
    line = sessions.line_undone(moves, undone)
    held = moves.in_hand.get(line.tag) if line else None
    if line is None or held is None or line.seq in moves.put_down:
        return moves
    if line.is_quantity:
        left = replace(held, quantities=held.quantities.discard(line.seq))
        return replace(moves, in_hand=moves.in_hand.insert(line.tag, left))
    return replace(moves, in_hand=moves.in_hand.discard(line.tag))


def _put_down(moves: Moves, seq: int, move: MoveRecorded) -> Moves:
    """From the hand to its place: its lines are one line now, that of the move. One that takes another back is none."""
    if move.corrects is not None:
        return replace(moves, put_down=moves.put_down.discard(move.corrects))
    lines = moves.lines
    for scanner, kept in moves.lines.items():
        left = [line for line in kept if line.tag != move.tag or line.seq in moves.put_down]
        lines = lines.insert(scanner, List(left))
    mine = (lines.get(move.scanner) or List()).push_front(Line(seq, move.tag))
    return replace(
        moves,
        in_hand=moves.in_hand.discard(move.tag),
        lines=lines.insert(move.scanner, mine),
        put_down=moves.put_down.insert(seq, move),
    )


def movements(recorded: Recorded) -> tuple[Movement, ...]:
    """What an event of moves did to stock."""
    event = recorded.event
    if not isinstance(event, MoveRecorded):
        return ()
    quantity = None if event.quantity is None else Decimal(event.quantity)
    return (Movement(event.tag, quantity, event.unit, event.from_place, event.to_place),)
