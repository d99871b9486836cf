"""Scans that are refused: aloud, recorded, and latched on the screen until somebody has seen them.

A gun's own beep says nothing, so what was refused stays there with what it was and where.
"""

import msgspec
from msgspec.structs import replace
from rpds import List

from station.domain.core.decider import Decision, Recorded
from station.domain.core.duty import Refusal
from station.domain.core.effects import Answer, Verdict
from station.domain.core.event import Event
from station.domain.core.facts import Facts
from station.domain.session.events import RefusalsSeen, ScanRefused

LATCHED_MAX = 50


class Latched(msgspec.Struct, frozen=True):
    """The refusals that nobody has seen yet: how many, and of the newest ones what each was and at which scanner."""

    unseen: int = 0
    newest: "List[Refusal]" = List()


def refuse(scanner: str, reason: str, text: str) -> Decision:
    """Refuse a scan aloud, and record that it was."""
    # A word of an enumeration as the plain text that a replay has.
    return answered(ScanRefused(scanner, str(reason), str(text)), scanner, Verdict.REFUSED)


def answered(event: Event, scanner: str, verdict: Verdict = Verdict.NOTED) -> Decision:
    """One event, and how whoever stands at the scanner is answered."""
    return Decision((event,), (Answer(scanner, verdict),))


def noted(scanner: str) -> Decision:
    """Nothing to record, and no fault."""
    return Decision(effects=(Answer(scanner, Verdict.NOTED),))


def see(facts: Facts, scanner: str) -> Decision:
    """The card *seen*: the refusals were looked at."""
    return answered(RefusalsSeen(facts.unseen, scanner), scanner) if facts.unseen else noted(scanner)


def latch(latched: Latched, refusal: Refusal) -> Latched:
    """One more that nobody has seen."""
    newest = List(list(latched.newest.push_front(refusal))[:LATCHED_MAX])
    return Latched(latched.unseen + refusal.times, newest)


def evolve(latched: Latched, recorded: Recorded) -> Latched:
    """The latched refusals after an event; those of the duties are latched by the centre, which asks their rows."""
    match recorded.event:
        case ScanRefused() as refused:
            return latch(latched, Refusal(refused.scanner, refused.reason, refused.text, refused.times))
        case RefusalsSeen():
            return replace(latched, unseen=0, newest=List())
        case _:
            return latched
