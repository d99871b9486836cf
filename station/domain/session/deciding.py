"""What the shared cards, and a keyed number, come to in a session. A duty adds what is its own.

A session that is paused or not open takes nothing but what opens it again; what is refused blocks nothing.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from station.domain.core.decider import Decision
from station.domain.core.event import Event
from station.domain.core.facts import Facts
from station.domain.identifiers import CommandCard
from station.domain.session.cards import Card
from station.domain.session.events import (
    SessionAbandoned,
    SessionKeyed,
    SessionLocated,
    SessionPaused,
    SessionResumed,
    SessionUndoAsked,
    SessionUndone,
)
from station.domain.session.keying import with_digit
from station.domain.session.refusing import answered, refuse
from station.domain.session.state import Phase, Session

IDLE_MS = 15 * 60_000
IDLE_WARNING_MS = 60_000
UNDO_WITHIN_MS = 10_000
_EDITS = frozenset({Card.LOCATION, Card.UNDO, Card.DIGIT, Card.CLEAR, Card.ENTER})
"""Cards that change what a session holds."""


class Names(NamedTuple):
    """The events by which a duty's session speaks, each in the shape that `session.events` gives it."""

    located: Callable[[str, str, str], Event] = SessionLocated
    keyed: Callable[[str, str, str], Event] = SessionKeyed
    undo_asked: Callable[[str, str, str, int, int | None], Event] = SessionUndoAsked
    undone: Callable[[str, str, str, int, int | None], Event] = SessionUndone
    paused: Callable[[str, str], Event] = SessionPaused
    resumed: Callable[[str], Event] = SessionResumed
    abandoned: Callable[[str, str], Event] = SessionAbandoned


SESSION_NAMES = Names()


def due(session: Session, offset_ms: int | None) -> int | None:
    """The moment at which an open session that nobody touches is paused (monotonic ms); wall time has no say."""
    del offset_ms
    return session.active_at + IDLE_MS if session.phase is Phase.OPEN else None


def decide_idle(session: Session, names: Names) -> Decision:
    """`due` has come."""
    return Decision((names.paused(session.session, "idle"),))


def decide_start(session: Session, facts: Facts, scanner: str, verb: str) -> Decision | None:
    """Why no session of this duty may begin now; None where one may."""
    if session.phase is not Phase.IDLE:
        return refuse(scanner, "already_open", verb)
    return refuse(scanner, "floor_taken", facts.floor) if facts.floor else None


def next_id(session: Session, letter: str) -> str:
    """The id of the session that begins next: the duty's letter and six digits, one series an epoch."""
    return f"{letter}{session.number + 1:06d}"


def not_workable(session: Session) -> str:
    """Why a package or a number can not be taken now; empty where it can."""
    if session.phase is Phase.IDLE:
        return "no_session"
    if session.phase is Phase.PAUSED:
        return "paused"
    return _not_editable(session) or ("" if session.location else "no_location")


def needs_owner(session: Session) -> bool:
    """Whether a session that is paused was left lying: it goes on by its owner's badge or by handover, by no card."""
    return session.paused_by == "idle" and bool(session.actors)


def _not_editable(session: Session) -> str:
    """Why nothing of the session may change: nobody has said whose it is, or somebody has sworn to it."""
    if session.badges == "awaited" and not session.actors:
        return "no_badge"
    return "signed" if session.signed else ""


def decide_card(session: Session, names: Names, facts: Facts, scanner: str, card: CommandCard) -> Decision | None:
    """What one of the shared cards comes to; None for what the duty itself must say: location, enter, close, sign."""
    match card.verb, session.phase:
        case _, Phase.IDLE:
            return refuse(scanner, "no_session", card.verb)
        case Card.RESUME, Phase.PAUSED:
            return _resume(session, names, facts, scanner)
        case Card.ABANDON, _:
            return answered(names.abandoned(session.session, "card"), scanner)
        case _, Phase.PAUSED:
            return refuse(scanner, "paused", card.verb)
        case Card.PAUSE, _:
            return answered(names.paused(session.session, "card"), scanner)
        case Card.RESUME, _:
            return refuse(scanner, "already_open", card.verb)
        case verb, _ if verb in _EDITS and (reason := _not_editable(session)):
            return refuse(scanner, reason, card.argument or verb)
        case Card.UNDO, _:
            return undo(session, names, scanner, facts.at)
        case Card.DIGIT, _:
            return _digit(session, names, scanner, card.argument)
        case Card.CLEAR, _:
            return answered(names.keyed(session.session, scanner, ""), scanner)
        case _:
            return None


def locate(session: Session, names: Names, scanner: str, location: str) -> Decision:
    """A location's card: the work goes on there."""
    return answered(names.located(session.session, location, scanner), scanner)


def _resume(session: Session, names: Names, facts: Facts, scanner: str) -> Decision:
    """The card takes up what a card paused."""
    if facts.floor:
        return refuse(scanner, "floor_taken", facts.floor)
    if needs_owner(session):
        return refuse(scanner, "no_badge", Card.RESUME)
    return answered(names.resumed(session.session), scanner)


def undo(session: Session, names: Names, scanner: str, at: int) -> Decision:
    """The card *undo*: it shows the newest line of that scanner first; once more within ten seconds reverses it."""
    line = session.newest_line(scanner)
    if line is None:
        return refuse(scanner, "nothing_to_undo", Card.UNDO)
    asked = session.undo_asked.get(scanner)
    about = (session.session, line.tag, scanner, line.seq, line.unit_index)
    is_again = asked is not None and asked.seq == line.seq and at - asked.at <= UNDO_WITHIN_MS
    return answered((names.undone if is_again else names.undo_asked)(*about), scanner)


def _digit(session: Session, names: Names, scanner: str, digit: str) -> Decision:
    text = session.keyed.get(scanner) or ""
    longer = with_digit(text, digit)
    if longer is None:
        return refuse(scanner, "bad_quantity", text + digit)
    return answered(names.keyed(session.session, scanner, longer), scanner)


def walk_through(facts: Facts, scanner: str, verb: str, open_ends: Iterable[tuple[str, str]] = ()) -> Decision | None:
    """What is still open before the end, the first of it: refusals that nobody has seen, then what the duty names.

    `open_ends` are pairs of a reason and what it is about. None where nothing is open.
    """
    if facts.unseen:
        return refuse(scanner, "refusals_unseen", verb)
    first = next(iter(open_ends), None)
    return refuse(scanner, *first) if first else None
