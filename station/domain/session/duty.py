"""The row of what sessions share: their events, their cards, and the refusals that are latched on the screen."""

from station.domain.core.decider import Decision
from station.domain.core.duty import Duty
from station.domain.core.effects import Verdict
from station.domain.core.facts import Facts
from station.domain.core.inputs import ScansOverflowed, ScanSpoiled
from station.domain.core.view import Phrase
from station.domain.identifiers import CommandCard, clip
from station.domain.session import summary
from station.domain.session.cards import CARDS, NOT_SERVED, Card
from station.domain.session.events import (
    OWN_EVENTS,
    RefusalsSeen,
    ScanRefused,
    SessionAbandoned,
    SessionClosed,
    SessionHandedOver,
    SessionIdentified,
    SessionOpened,
    SessionResumed,
    SessionScanned,
    SessionSigned,
)
from station.domain.session.phrases import PHRASES
from station.domain.session.refusing import Latched, evolve, noted, refuse, see
from station.domain.session.signing import shown_digest
from station.domain.session.viewing import tag_end

WITHOUT_SESSION = NOT_SERVED | {Card.TEST, Card.SEEN}
"""Cards that no session is asked about."""


def decide_card(latched: Latched, facts: Facts, scanner: str, card: CommandCard) -> Decision:
    """A card of `WITHOUT_SESSION`."""
    del latched
    match card.verb:
        case Card.TEST:
            return noted(scanner)
        case Card.SEEN:
            return see(facts, scanner)
        case verb:
            return refuse(scanner, "not_served", verb)


def _decide_spoiled(latched: Latched, facts: Facts, spoiled: ScanSpoiled) -> Decision:
    del latched, facts
    return refuse(spoiled.source, spoiled.reason, clip(spoiled.line))


def _decide_overflow(latched: Latched, facts: Facts, overflowed: ScansOverflowed) -> Decision:
    del latched, facts
    return Decision((ScanRefused(overflowed.source, overflowed.reason, times=overflowed.times),))


def verdict(event: object) -> Verdict | None:
    """What the scan that an event is about came to."""
    match event:
        case SessionScanned():
            return Verdict.COUNTED
        case ScanRefused():
            return Verdict.REFUSED
        case _:
            return Verdict.NOTED


def describe(event: object) -> str:
    """What stands after the event's type."""
    match event:
        case ScanRefused(reason=reason, text=text):
            return f"{reason}: {text}" if text else reason
        case RefusalsSeen(times=times):
            return f"{times}"
        case SessionOpened(session=session, duty=duty):
            return f"{session} {duty}"
        case SessionIdentified(actors=actors) | SessionHandedOver(actors=actors) | SessionSigned(actors=actors):
            return ", ".join(actor.id for actor in actors)
        case SessionAbandoned(reason=reason):
            return reason
        case _:
            return summary.describe(event)


def detail(event: object) -> Phrase | None:
    """What the screen says of an event."""
    match event:
        case ScanRefused(reason="floor_taken", text=text):
            return Phrase("refused_floor_taken", (text,))
        case ScanRefused(reason=reason):
            return Phrase(f"refused_{reason}")
        case SessionScanned(tag=tag, unit_index=None):
            return Phrase("picked_up", (tag_end(tag),))
        case SessionIdentified(actors=actors):
            return Phrase("identified_in", (actors[0].id,))
        case SessionHandedOver(actors=actors):
            return Phrase("handed_over", (actors[0].id,))
        case SessionSigned(actors=actors, digest=digest):
            return Phrase("signed_by", (shown_digest(digest), actors[0].id))
        case _:
            return _of_life(event) or summary.detail(event)


def _of_life(event: object) -> Phrase | None:
    match event:
        case SessionOpened(session=session):
            return Phrase("list_opened", (session,))
        case SessionResumed():
            return Phrase("goes_on")
        case SessionClosed(packages=packages):
            return Phrase("list_closed", (str(packages),))
        case SessionAbandoned():
            return Phrase("given_up")
        case _:
            return None


SESSION = Duty(
    name="session",
    initial=Latched(),
    owns=(ScanRefused, RefusalsSeen, *OWN_EVENTS),
    evolve=evolve,
    decides={ScanSpoiled: _decide_spoiled, ScansOverflowed: _decide_overflow},
    cards=CARDS,
    decide_card=decide_card,
    verdict=verdict,
    describe=describe,
    detail=detail,
    phrases=PHRASES,
)
