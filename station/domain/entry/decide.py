"""The vault's entry as one table: badges, the door, who is inside. Composes what `door` and `badges` decide.

`due` is the only timer. What has a level (the lock, the siren) follows from the states before and after.
"""

from station.domain.core.decider import NOTHING, Decision
from station.domain.core.effects import Answer, Verdict
from station.domain.core.facts import Facts
from station.domain.core.inputs import Input, NumberKeyed
from station.domain.entry import supervising
from station.domain.entry.badges import decide_badge, decide_pin
from station.domain.entry.door import decide_fire, decide_forced, decide_held, decide_moved, decide_rex, decide_tamper
from station.domain.entry.events import (
    DoorClosed,
    DoorOpened,
    EntryDenied,
    EntryLoneAlarm,
    EntryNotUsed,
    EntryUncertain,
    RosterStale,
)
from station.domain.entry.facts import EntryFacts, EventChain, entry_facts
from station.domain.entry.inputs import (
    LOCK,
    DoorMoved,
    FireChanged,
    LockFailed,
    LockWorks,
    RexPressed,
    TamperChanged,
)
from station.domain.entry.pins import drop_pin, turn_away
from station.domain.entry.state import Entry
from station.domain.identifiers import CommandCard
from station.domain.lifecycle.events import SourceCameBack, SourceWentAway, system_text
from station.domain.people.inputs import BadgePresented, BadgeSpoiled, PinKeyed
from station.domain.session.refusing import refuse


def due(entry: Entry, offset_ms: int | None) -> int | None:
    """The earliest moment at which something must be decided; `offset_ms` is None where wall time proves nothing."""
    first = _first(entry, offset_ms)
    return first[0] if first else None


def _first(entry: Entry, offset_ms: int | None) -> tuple[int, str] | None:
    """The earliest deadline and what it is about."""
    first = entry.deadline
    if offset_ms is None or not entry.stale_wall_ms:
        return first
    stale = (max(1, entry.stale_wall_ms - offset_ms), "roster")
    return min(first, stale) if first else stale


def decide_deadline(entry: Entry, facts: Facts, reached: object) -> Decision:
    """`due` has come: its event moves it."""
    del reached
    first = _first(entry, facts.offset_ms if facts.trusted_ms is not None else None)
    return _decide_ended(entry_facts(entry, facts), first[1]) if first else NOTHING


def _decide_ended(facts: EntryFacts, about: str) -> Decision:
    entry = facts.entry
    match about:
        case "forced":
            return decide_forced(facts)
        case "held":
            return decide_held(facts)
        case "lone":
            actors = tuple(each.actor for each in entry.inside)
            return Decision((EntryLoneAlarm(actors, tuple(each.badge for each in entry.inside)),))
        case "badge":
            return _uncertain(entry, "exit_without_badge")
        case "exit":
            return _uncertain(entry, "exit_not_used")
        case "waiting" | "pin" as ended:
            chain = EventChain(facts)
            if ended == "pin":
                drop_pin(chain, "no_pin")
            else:
                drop_waiting(chain)
            return chain.decision()
        case "grant":
            assert entry.grant is not None
            return Decision((EntryNotUsed(entry.grant.actors, entry.grant.badges, reason="time"),))
        case _:
            return _stale(facts)


def _uncertain(entry: Entry, reason: str) -> Decision:
    return Decision((EntryUncertain(reason=reason, occupancy=entry.occupancy),))


def drop_waiting(chain: EventChain) -> None:
    """The second badge did not come in time."""
    waiting = chain.facts.entry.waiting
    if waiting:
        chain.add(EntryDenied((waiting.actor,), (waiting.badge,), reason="no_second_badge"))


def _stale(facts: EntryFacts) -> Decision:
    version = facts.roster.roster if facts.roster else 0
    is_expired = facts.wall_ms > facts.entry.roster_not_after_ms
    return Decision((RosterStale(version=version, reason="expired" if is_expired else "old"),))


def decide(entry: Entry, facts: Facts, input: Input) -> Decision:
    """What an input about the door, or a badge that no session takes, comes to."""
    if entry.policy is None:
        return decide_without_policy(entry, input)
    return _decide(entry_facts(entry, facts), input)


def _decide(facts: EntryFacts, input: Input) -> Decision:
    match input:
        case BadgePresented():
            return decide_badge(facts, input)
        case BadgeSpoiled():
            return spoiled(input, input.reason)
        case PinKeyed():
            return decide_pin(facts, input)
        case DoorMoved(is_open=is_open):
            return decide_moved(facts, is_open)
        case RexPressed():
            return decide_rex(facts)
        case FireChanged(is_active=is_active):
            return decide_fire(facts, is_active)
        case TamperChanged(is_open=is_open):
            return decide_tamper(facts, is_open)
        case _:
            return NOTHING


def decide_lock(entry: Entry, facts: Facts, input: LockFailed | LockWorks) -> Decision:
    """The lock is a source like any other: it is lost, and found again."""
    del entry
    is_lost = LOCK in facts.lost
    if isinstance(input, LockFailed):
        return NOTHING if is_lost else Decision((SourceWentAway(LOCK, system_text(input.reason)),))
    return Decision((SourceCameBack(LOCK),)) if is_lost else NOTHING


def turn_number_away(entry: Entry, facts: Facts, keyed: NumberKeyed) -> Decision | None:
    """Digits of the keypad for PINs that came as a number: they are not to be written down."""
    del facts
    if entry.policy is not None and keyed.source == entry.policy.pin_keypad:
        return turn_away(keyed.source, "pin_unasked")
    return None


def decide_card(entry: Entry, facts: Facts, scanner: str, card: CommandCard) -> Decision:
    """One of the entry's cards."""
    if entry.policy is None:
        return refuse(scanner, "not_served", card.verb)
    return supervising.decide_card(entry_facts(entry, facts), scanner, card)


def spoiled(shown: BadgeSpoiled | BadgePresented, reason: str) -> Decision:
    """A read that opens nothing, whoever it was."""
    badges = (shown.badge,) if isinstance(shown, BadgePresented) else ()
    denied = EntryDenied((), badges, reason=reason, source=shown.source, side=shown.side)
    return Decision((denied,), (Answer(shown.source, Verdict.DENIED),))


def decide_without_policy(entry: Entry, input: Input) -> Decision:
    """A station without entry: a badge opens nothing; a door that is fitted is recorded, and judged by nobody."""
    match input:
        case BadgePresented() | BadgeSpoiled():
            return spoiled(input, "not_served")
        case PinKeyed(source=source):
            return turn_away(source, "not_served")
        case DoorMoved(is_open=is_open) if not entry.door.is_known or is_open != entry.door.is_open:
            return Decision((DoorOpened(by="unjudged") if is_open else DoorClosed(),))
        case _:
            return NOTHING
