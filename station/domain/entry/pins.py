"""PINs at the outside reader: whose is awaited and until when.

The digits never come here: a source compares them with the verifier of whoever is awaited and tells how it went.
"""

from typing import NamedTuple

from station.domain.core.decider import Decision
from station.domain.core.effects import Answer, Verdict
from station.domain.entry.events import EntryDenied, EntryPinAwaited
from station.domain.entry.facts import EntryFacts, EventChain
from station.domain.entry.state import Entry
from station.domain.people.inputs import BadgePresented, PinKeyed
from station.domain.people.policy import Policy
from station.domain.people.roster import Person, Roster
from station.domain.people.state import actor_of


class Awaited(NamedTuple):
    """The id of the person whose PIN is awaited, and its verifier (see `roster`)."""

    person: str
    verifier: str


def awaited(entry: Entry, roster: Roster | None) -> Awaited | None:
    """What a keyed PIN is to be compared with at this moment; None where nobody's is awaited."""
    person = roster.by_id.get(entry.pin_wait.actor.id) if entry.pin_wait and roster else None
    return Awaited(person.id, person.pin) if person and person.pin else None


def is_needed(policy: Policy, person: Person) -> bool:
    """Whether this person's badge counts only with their PIN. Without a keypad it counts alone."""
    return bool(policy.pin_keypad and person.pin)


def is_asked(facts: EntryFacts, keyed: PinKeyed) -> bool:
    """Whether it is the PIN of the one who is awaited, keyed since they are: an earlier wait is another one."""
    wait = facts.entry.pin_wait
    return wait is not None and keyed.person == wait.actor.id and keyed.at >= wait.since


def is_proof(keyed: PinKeyed) -> bool:
    """Whether it was the right PIN."""
    return keyed.is_right


def turn_away(keyed_at: str, reason: str) -> Decision:
    """What was keyed opens nothing and is nobody's try."""
    return Decision((EntryDenied(reason=reason, source=keyed_at, side="outside"),), (Answer(keyed_at, Verdict.DENIED),))


def ask(facts: EntryFacts, shown: BadgePresented, person: Person) -> Decision:
    """Await the PIN of this person; one is awaited at a time, so that it is plain who keys."""
    chain = EventChain(facts)
    if facts.entry.pin_wait and facts.entry.pin_wait.actor.id != person.id:
        drop_pin(chain, "no_pin")
    until = facts.at + facts.policy.pin_ms
    chain.add(EntryPinAwaited((actor_of(person),), (shown.badge,), source=shown.source, until=until))
    return chain.answer(shown.source, Verdict.PIN_NEEDED)


def drop_pin(chain: EventChain, reason: str) -> None:
    """Nobody's PIN is awaited any more."""
    if wait := chain.facts.entry.pin_wait:
        denied = EntryDenied((wait.actor,), (wait.badge,), reason=reason, source=wait.source, side="outside")
        chain.add(denied)
