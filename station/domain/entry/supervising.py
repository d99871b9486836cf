"""Cards for the vault: a supervisor explains, holds open, counts heads, swears to the clock; an escort brings visitors.

`head-count` without a number says that those who are presumed inside are.

Who acts is whoever showed their badge at the desk or inside directly before, within half a minute: one badge, one card,
for the scanner knows nobody, and whoever stands outside may be at it.
"""

import re

from station.domain.core.decider import Decision
from station.domain.core.effects import Answer, Verdict
from station.domain.entry.badges import note_lone, roles_of
from station.domain.entry.cards import Card
from station.domain.entry.door import note_empty
from station.domain.entry.events import DoorExplained, EntryEmpty, EntryHeadCounted, EntryHeldOpen, EntryVisitor
from station.domain.entry.facts import EntryFacts, EventChain
from station.domain.identifiers import CommandCard
from station.domain.lifecycle.events import ClockSworn
from station.domain.people.actors import Actor
from station.domain.session.refusing import refuse

HELD_OPEN_MINUTES_MAX = 60


def decide_card(facts: EntryFacts, scanner: str, card: CommandCard) -> Decision:
    """One of the cards of the entry was scanned."""
    if card.verb == Card.VISITOR:
        return _visitor(facts, scanner, card)
    supervisor = _supervisor(facts)
    if supervisor is None:
        return refuse(scanner, "no_supervisor", card.verb)
    about = ((supervisor[0],), (supervisor[1],))
    chain = EventChain(facts)
    match card.verb:
        case Card.EXPLAIN:
            if not facts.door.forced and not facts.door.is_unstable:
                return refuse(scanner, "nothing_to_explain", card.argument)
            opening, times = facts.door.forced_opening, facts.door.forced
            reason = card.argument or "unsaid"
            chain.add(DoorExplained(*about, reason=reason, opening=opening, times=times))
        case Card.CLOCK:
            if not facts.is_clock_behind:
                return refuse(scanner, "clock_not_behind", card.argument)
            chain.add(ClockSworn(*about, wall_ms=facts.clock_ms, proven_ms=facts.wall_ms))
        case Card.HOLD_OPEN:
            minutes = _number(card.argument, facts.policy.held_open_ms // 60_000)
            if minutes not in range(1, HELD_OPEN_MINUTES_MAX + 1):
                return refuse(scanner, "bad_quantity", card.argument)
            chain.add(EntryHeldOpen(*about, minutes=minutes, until=facts.at + minutes * 60_000))
        case _:
            people = _number(card.argument, facts.entry.occupancy)
            if people < 0:
                return refuse(scanner, "bad_quantity", card.argument)
            _count_heads(chain, about, people)
    return chain.answer(scanner, Verdict.NOTED)


def _number(text: str, otherwise: int) -> int:
    """One or two ASCII digits as a number; `otherwise` where there is no text, -1 for any other."""
    if not text:
        return otherwise
    return int(text) if re.fullmatch("[0-9]{1,2}", text, re.ASCII) else -1


def _supervisor(facts: EntryFacts) -> tuple[Actor, str] | None:
    """The supervisor whose badge came directly before, in that role, and the badge."""
    known = facts.entry.identified
    if known is None or known.until < facts.at:
        return None
    roles = roles_of(facts.roster, known.actor)
    role = next((role for role in facts.policy.supervisors if role in roles), None)
    return (Actor(known.actor.id, role), known.badge) if role else None


def _count_heads(chain: EventChain, about: tuple[tuple[Actor, ...], tuple[str, ...]], people: int) -> None:
    presumed = chain.facts.entry.occupancy
    chain.add(EntryHeadCounted(*about, people=people, presumed=presumed))
    if people == 0 and not chain.facts.door.is_open:
        chain.add(EntryEmpty())
    note_lone(chain, before=2)
    note_empty(chain)


def _visitor(facts: EntryFacts, scanner: str, card: CommandCard) -> Decision:
    """One more visitor for whoever showed the first badge of this opening."""
    entry = facts.entry
    held = entry.waiting or entry.grant
    if held is None:
        return refuse(scanner, "no_escort", card.verb)
    if held.visitors >= facts.policy.visitors_max:
        return refuse(scanner, "visitors_max", card.verb)
    escort = (entry.waiting.actor, entry.waiting.badge) if entry.waiting else _first_of(facts)
    visitor = EntryVisitor((escort[0],), (escort[1],), visitors=held.visitors + 1)
    return Decision((visitor,), (Answer(scanner, Verdict.NOTED),))


def _first_of(facts: EntryFacts) -> tuple[Actor, str]:
    grant = facts.entry.grant
    assert grant is not None
    return grant.actors[0], grant.badges[0]
