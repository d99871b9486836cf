"""What the screen says of a session, whichever duty it is of: what to do next, and the digits that are keyed."""

from station.domain.core.facts import Facts
from station.domain.core.view import Phrase
from station.domain.session.deciding import IDLE_MS, IDLE_WARNING_MS, UNDO_WITHIN_MS, needs_owner
from station.domain.session.events import UndoAsked
from station.domain.session.state import Phase, Session

TAG_CHARS_SHOWN = 6
"""Of a tag only the last so many characters are shown."""


def tag_end(tag: str) -> str:
    """What of a tag is shown."""
    return tag[-TAG_CHARS_SHOWN:]


def keyed_digits(session: Session, facts: Facts) -> str:
    """The digits waiting for enter: of the scanner that the newest event is about; where that is none, of any."""
    scanner = getattr(facts.newest, "scanner", "")
    if scanner:
        return session.keyed.get(scanner) or ""
    return next((text for _, text in sorted(session.keyed.items()) if text), "")


def fact_of(session: Session, facts: Facts, progress: Phrase) -> Phrase:
    """The large fact: paused, the digits that are keyed, or how far the work has come."""
    if session.phase is Phase.PAUSED:
        return Phrase("paused")
    if keyed := keyed_digits(session, facts):
        return Phrase("keyed", (keyed,))
    return progress


def instruction_of(session: Session, facts: Facts, next_step: Phrase) -> Phrase:
    """What to do: `next_step` where nothing that all sessions share comes before it."""
    newest = facts.newest
    if session.phase is Phase.PAUSED:
        return Phrase("show_badge" if needs_owner(session) else "scan_resume")
    if session.badges == "awaited" and not session.actors:
        return Phrase("show_badge")
    if session.signed:
        return Phrase("second_signs")
    if not session.location:
        return Phrase("scan_location")
    # Later than that a second undo card only shows the line again.
    if isinstance(newest, UndoAsked) and facts.at - facts.newest_at <= UNDO_WITHIN_MS:
        return Phrase("scan_undo_again")
    if keyed_digits(session, facts):
        return Phrase("scan_enter")
    if facts.unseen and facts.is_refused:
        return Phrase("scan_seen")
    return next_step


def warning_of(session: Session, facts: Facts) -> Phrase | None:
    """In the last minute before an untouched session is paused: how many seconds are left."""
    if session.phase is not Phase.OPEN:
        return None
    left_ms = session.active_at + IDLE_MS - facts.at
    return Phrase("pauses_in", (str(-(-left_ms // 1_000)),)) if 0 < left_ms <= IDLE_WARNING_MS else None
