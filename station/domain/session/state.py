"""What every session is, and how the events that all of them share change it. What grows is kept in persistent maps."""

from enum import StrEnum
from typing import TypeVar

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap, HashTrieSet, List

from station.domain.core.decider import Recorded
from station.domain.lifecycle.events import StationStarted
from station.domain.people.actors import Actor, Actors
from station.domain.session.events import (
    Keyed,
    Located,
    Paused,
    RefusalsSeen,
    Resumed,
    ScanRefused,
    SessionHandedOver,
    SessionIdentified,
    SessionSigned,
    UndoAsked,
    Undone,
)
from station.domain.session.lines import Line, UndoShown, newest_scanner


class Phase(StrEnum):
    """Where a session stands."""

    IDLE = "idle"
    OPEN = "open"
    PAUSED = "paused"


class Identified(msgspec.Struct, frozen=True):
    """Who showed a badge or a card last in this session, for what they do next before `until` (monotonic ms)."""

    actor: Actor
    until: int
    by: str


class Session(msgspec.Struct, frozen=True):
    """What stands of one duty's sessions: of the one that is open, and how many there were.

    `number` counts the sessions of this epoch; `session` is the id of the newest. Maps are by scanner: its `lines`
    (newest first), the digits `keyed` so far, the undo that was shown. `newest_scanner` is whose scan is the newest
    that is not reversed; `awaits_number` are the scanners whose last scan was taken, so that a number may follow it.
    `refused` counts refusals since it was opened; `active_at` is when somebody was last at work (monotonic ms), 0 while
    none is open; `paused_seq` is the event by which it was paused last, `paused_by` why. `actors` are whose work it is,
    `badges` how they are known; `signed` are those who have sworn to it.
    """

    phase: Phase = Phase.IDLE
    number: int = 0
    session: str = ""
    location: str = ""
    lines: "HashTrieMap[str, List[Line]]" = HashTrieMap()
    undo_asked: "HashTrieMap[str, UndoShown]" = HashTrieMap()
    keyed: "HashTrieMap[str, str]" = HashTrieMap()
    newest_scanner: str = ""
    awaits_number: "HashTrieSet[str]" = HashTrieSet()
    refused: int = 0
    active_at: int = 0
    paused_seq: int = -1
    paused_by: str = ""
    actors: Actors = ()
    badges: str = ""
    identified: Identified | None = None
    signed: Actors = ()

    def newest_line(self, scanner: str) -> Line | None:
        """The newest line of this scanner that is not reversed."""
        lines = self.lines.get(scanner)
        return next(iter(lines), None) if lines else None

    def with_line(self, scanner: str, line: Line) -> "HashTrieMap[str, List[Line]]":
        """The lines, and this one as the newest of the scanner."""
        return self.lines.insert(scanner, (self.lines.get(scanner) or List()).push_front(line))


SessionState = TypeVar("SessionState", bound=Session)

HEARD = (StationStarted, ScanRefused, RefusalsSeen)
"""Events of others that change every session."""


def hear(session: SessionState, recorded: Recorded) -> SessionState:
    """The session after one of `HEARD`."""
    match recorded.event:
        case StationStarted():
            return touched(replace(session, undo_asked=HashTrieMap(), identified=None), recorded.at)
        case ScanRefused(scanner=scanner, reason=reason, times=times):
            awaits = session.awaits_number if reason == "bad_quantity" else session.awaits_number.discard(scanner)
            return touched(replace(session, refused=session.refused + times, awaits_number=awaits), recorded.at)
        case _:
            return touched(session, recorded.at)


def is_at_rest(session: Session) -> bool:
    """Whether none is open or paused."""
    return session.phase is Phase.IDLE


def touched(session: SessionState, at: int) -> SessionState:
    """Somebody was at work at this moment."""
    return session if session.phase is Phase.IDLE else replace(session, active_at=at)


def evolve(session: SessionState, recorded: Recorded) -> SessionState:
    """The session after an event of its own in one of the shapes that all sessions share; others leave it as it is."""
    match recorded.event:
        case UndoAsked(scanner=scanner, corrects=seq):
            return replace(session, undo_asked=session.undo_asked.insert(scanner, UndoShown(seq, recorded.at)))
        case Undone() as undone:
            return _undone(session, undone)
        case Keyed(scanner=scanner, text=text):
            return replace(session, keyed=session.keyed.insert(scanner, text))
        case Located(location=location, scanner=scanner):
            return replace(session, location=location, awaits_number=session.awaits_number.discard(scanner))
        case Paused(reason=reason):
            return replace(session, phase=Phase.PAUSED, paused_seq=recorded.seq, paused_by=reason)
        case Resumed():
            return replace(session, phase=Phase.OPEN)
        case _:
            return _with_people(session, recorded)


def _with_people(session: SessionState, recorded: Recorded) -> SessionState:
    match recorded.event:
        case SessionIdentified(actors=actors, until=until, by=by):
            return replace(session, actors=session.actors or actors, identified=Identified(actors[0], until, by))
        case SessionHandedOver(actors=actors):
            return replace(session, actors=actors, identified=None)
        case SessionSigned(actors=actors):
            return replace(session, signed=(*session.signed, *actors), identified=None)
        case _:
            return session


def line_undone(session: Session, undone: Undone) -> Line | None:
    """The line that the event reverses; None where it is not the newest of its scanner, and so none."""
    line = session.newest_line(undone.scanner)
    return line if line is not None and line.seq == undone.corrects else None


def _undone(session: SessionState, undone: Undone) -> SessionState:
    line, lines = line_undone(session, undone), session.lines.get(undone.scanner)
    if line is None or lines is None:
        return session
    left = session.lines.insert(undone.scanner, lines.drop_first())
    if line.is_quantity:
        return replace(session, lines=left)
    awaits = session.awaits_number.discard(undone.scanner)
    return replace(session, lines=left, newest_scanner=newest_scanner(left), awaits_number=awaits)
