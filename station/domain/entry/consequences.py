"""What events entail for the entry, whoever decided them; and the lock and the siren as they are to be after them."""

from msgspec.structs import replace

from station.domain.commands.events import LockdownSet
from station.domain.core.decider import Decision
from station.domain.core.effects import Effect, SecureLock, Siren
from station.domain.core.event import Event
from station.domain.core.facts import Facts
from station.domain.entry import inputs
from station.domain.entry.badges import note_lone
from station.domain.entry.door import doubt, drop_pending
from station.domain.entry.events import DoorForced, EntryRevoked
from station.domain.entry.facts import EntryFacts, EventChain, entry_facts
from station.domain.entry.pins import drop_pin
from station.domain.entry.state import Entry
from station.domain.lifecycle.events import SourceWentAway, StationStarted, StationStopped
from station.domain.people.events import RosterLoaded
from station.domain.people.roster import Roster


def consequences(entry: Entry, facts: Facts, decision: Decision) -> Decision:
    """These events and what they mean for the entry, and what is to be done at once about the lock and the siren."""
    before = entry_facts(entry, facts)
    if decision.document is not None and isinstance(decision.document.value, Roster):
        before = replace(before, roster=decision.document.value)
    chain = EventChain(before)
    for event in decision.events:
        chain.add(event)
        _follow(chain, event, before)
    effects = lock_and_siren(before.entry, chain.facts.entry, chain.events)
    return replace(decision, events=tuple(chain.events), effects=effects + decision.effects)


def _follow(chain: EventChain, event: Event, before: EntryFacts) -> None:
    match event:
        case StationStarted(policy=policy):
            chain.facts = replace(chain.facts, policy=policy or before.policy)
            _settle(chain, before.entry)
        case LockdownSet():
            chain.facts = replace(chain.facts, is_locked_down=True)
            drop_pending(chain, "lockdown")
        case SourceWentAway(source=inputs.DOOR | inputs.LOCK):
            drop_pending(chain, "lost")
            if event.source == inputs.DOOR:
                _lose_door(chain, before.entry)
        case SourceWentAway(source=source, reason=inputs.RESTLESS) if source in inputs.INPUTS:
            drop_pending(chain, "lost")
        case SourceWentAway(source=source):
            _lose_pin(chain, source)
        case RosterLoaded():
            _withdraw(chain)


def _lose_door(chain: EventChain, before: Entry) -> None:
    """Nobody knows what the door does now: what was in doubt is taken for the worst."""
    if before.door.forced_at:
        chain.add(DoorForced(opening=before.door.opening, reason="lost"))
    if before.door.is_open or before.occupancy or before.door.forced_at:
        doubt(chain, "door_lost")


def _lose_pin(chain: EventChain, source: str) -> None:
    """A PIN is awaited between a reader and a keypad; without either nobody knows who stands there."""
    wait = chain.facts.entry.pin_wait
    if wait and source in (chain.facts.policy.pin_keypad, wait.source):
        drop_pin(chain, "reader_lost" if source == wait.source else "keypad_lost")


def _withdraw(chain: EventChain) -> None:
    """People whom the new roster does not know: an alert where they are inside, no way in where they wait."""
    roster = chain.facts.roster
    known = roster.by_id if roster else {}
    entry = chain.facts.entry
    gone = [each for each in entry.inside if each.actor.id not in known]
    if gone:
        chain.add(EntryRevoked(tuple(each.actor for each in gone), tuple(each.badge for each in gone)))
    waits = [wait.badge for wait in (entry.waiting, entry.pin_wait) if wait]
    pending = (*(entry.grant.badges if entry.grant else ()), *waits)
    if roster is None or any(isinstance(roster.person_of(badge), str) for badge in pending):
        drop_pending(chain, "withdrawn")
    drop_pin(chain, "new_roster")  # it may hold another PIN than the one that is compared at this moment


def _settle(chain: EventChain, before: Entry) -> None:
    """What cannot outlive a start; `before` is the entry as the last run left it."""
    if chain.facts.entry.policy is None and before.policy is None:
        return
    drop_pending(_told_of(chain, before), "restart")
    if before.door.forced_at:
        chain.add(DoorForced(opening=before.door.opening, reason="restart"))
    if before.door.is_open or before.occupancy or before.is_occupied or before.door.forced_at:
        doubt(chain, "restart")
    if not chain.facts.entry.is_lone_alarm:
        note_lone(chain, before=2)


def _told_of(chain: EventChain, before: Entry) -> EventChain:
    """The same, where those whom the last run waited for are still to be told of."""
    entry = replace(chain.facts.entry, waiting=before.waiting, grant=before.grant, pin_wait=before.pin_wait)
    chain.facts = replace(chain.facts, entry=entry)
    return chain


def _is_end(event: Event) -> bool:
    """Whether nothing watches the door after it, or nothing moves the lock."""
    match event:
        case StationStopped() | SourceWentAway(source=inputs.DOOR | inputs.LOCK):
            return True
    return False


def lock_and_siren(before: Entry, after: Entry, events: list[Event]) -> tuple[Effect, ...]:
    """The lock and the siren where they must change, and at a start and a stop whatever they were."""
    is_anew = any(isinstance(event, StationStarted) for event in events)
    is_over = any(_is_end(event) for event in events)
    found: list[Effect] = []
    if after.policy and (is_anew or is_over or (before.grant and not after.grant)):
        found.append(SecureLock())
    if after.policy and (is_anew or before.is_alarming != after.is_alarming):
        found.append(Siren(after.is_alarming))
    return tuple(found)
