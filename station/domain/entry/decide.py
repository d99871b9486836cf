"""The vault's entry as one table: badges, the door, who is inside. Composes what `door` and `badges` decide.

`due` is the only timer. What has a level (the lock, the siren) follows from the states before and after.
"""

from msgspec.structs import replace

from station.domain.commands.events import LockdownSet
from station.domain.core.decider import NOTHING, Decision
from station.domain.core.effects import Answer, Effect, SecureLock, Siren, Verdict
from station.domain.core.event import Event
from station.domain.core.inputs import EntryInput
from station.domain.entry import inputs
from station.domain.entry.badges import decide_badge, decide_pin, note_lone
from station.domain.entry.door import (
    decide_fire,
    decide_forced,
    decide_held,
    decide_moved,
    decide_rex,
    decide_tamper,
    doubt,
    drop_pending,
)
from station.domain.entry.events import (
    DoorClosed,
    DoorForced,
    DoorOpened,
    EntryDenied,
    EntryLoneAlarm,
    EntryNotUsed,
    EntryRevoked,
    EntryUncertain,
    RosterStale,
)
from station.domain.entry.facts import Course, Facts
from station.domain.entry.inputs import DoorMoved, FireChanged, RexPressed, TamperChanged
from station.domain.entry.pins import drop_pin, turn_away
from station.domain.entry.state import Entry
from station.domain.lifecycle.events import SourceWentAway, StationStarted, StationStopped
from station.domain.people.events import RosterLoaded
from station.domain.people.inputs import BadgePresented, BadgeSpoiled, PinKeyed


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


def decide_deadline(facts: Facts, offset_ms: int | None) -> Decision:
    """`due` has come: its event moves it."""
    first = _first(facts.entry, offset_ms)
    if first is None:
        return NOTHING
    entry = facts.entry
    match first[1]:
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
            course = Course(facts)
            if ended == "pin":
                drop_pin(course, "no_pin")
            else:
                drop_waiting(course)
            return course.decision()
        case "grant":
            assert entry.grant is not None
            return Decision((EntryNotUsed(entry.grant.actors, entry.grant.badges, reason="time"),))
        case _:
            return _stale(facts)


def _uncertain(entry: Entry, reason: str) -> Decision:
    return Decision((EntryUncertain(reason=reason, occupancy=entry.occupancy),))


def drop_waiting(course: Course) -> None:
    """The second badge did not come in time."""
    waiting = course.facts.entry.waiting
    if waiting:
        course.add(EntryDenied((waiting.actor,), (waiting.badge,), reason="no_second_badge"))


def _stale(facts: Facts) -> Decision:
    version = facts.roster.roster if facts.roster else 0
    is_expired = facts.wall_ms > facts.entry.roster_not_after_ms
    return Decision((RosterStale(version=version, reason="expired" if is_expired else "old"),))


def decide(facts: Facts, input: EntryInput) -> Decision:
    """What an input about the door comes to."""
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


def spoiled(shown: BadgeSpoiled | BadgePresented, reason: str) -> Decision:
    """A read that opens nothing, whoever it was."""
    badges = (shown.badge,) if isinstance(shown, BadgePresented) else ()
    denied = EntryDenied((), badges, reason=reason, source=shown.source, side=shown.side)
    return Decision((denied,), (Answer(shown.source, Verdict.DENIED),))


def decide_without_policy(entry: Entry, input: EntryInput) -> Decision:
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


# What follows from events that others decided


def followed(facts: Facts, events: tuple[Event, ...]) -> Decision:
    """These events and what they mean for the entry; the lock and the siren as they are to be after them."""
    course = Course(facts)
    for event in events:
        course.add(event)
        _follow(course, event, facts)
    return Decision(tuple(course.events), levels(facts.entry, course.facts.entry, course.events))


def is_concerned(events: tuple[Event, ...]) -> bool:
    """Whether the entry may have to follow one of these."""
    return any(event.CONCERNS_ENTRY for event in events)


def _follow(course: Course, event: Event, before: Facts) -> None:
    match event:
        case StationStarted(policy=policy):
            course.facts = replace(course.facts, policy=policy or before.policy)
            _settle(course, before.entry)
        case LockdownSet():
            course.facts = replace(course.facts, is_locked_down=True)
            drop_pending(course, "lockdown")
        case SourceWentAway(source=inputs.DOOR | inputs.LOCK):
            drop_pending(course, "lost")
            if event.source == inputs.DOOR:
                _lose_door(course, before.entry)
        case SourceWentAway(source=source):
            _lose_pin(course, source)
        case RosterLoaded():
            _withdraw(course)


def _lose_door(course: Course, before: Entry) -> None:
    """Nobody knows what the door does now: what was in doubt is taken for the worst."""
    if before.door.forced_at:
        course.add(DoorForced(opening=before.door.opening, reason="lost"))
    if before.door.is_open or before.occupancy or before.door.forced_at:
        doubt(course, "door_lost")


def _lose_pin(course: Course, source: str) -> None:
    """A PIN is awaited between a reader and a keypad; without either nobody knows who stands there."""
    wait = course.facts.entry.pin_wait
    if wait and source in (course.facts.policy.pin_keypad, wait.source):
        drop_pin(course, "reader_lost" if source == wait.source else "keypad_lost")


def _withdraw(course: Course) -> None:
    """People whom the new roster does not know: an alert where they are inside, no way in where they wait."""
    roster = course.facts.roster
    known = roster.by_id if roster else {}
    entry = course.facts.entry
    gone = [each for each in entry.inside if each.actor.id not in known]
    if gone:
        course.add(EntryRevoked(tuple(each.actor for each in gone), tuple(each.badge for each in gone)))
    waits = [wait.badge for wait in (entry.waiting, entry.pin_wait) if wait]
    pending = (*(entry.grant.badges if entry.grant else ()), *waits)
    if roster is None or any(isinstance(roster.person_of(badge), str) for badge in pending):
        drop_pending(course, "withdrawn")
    drop_pin(course, "new_roster")  # it may hold another PIN than the one that is compared at this moment


def _settle(course: Course, before: Entry) -> None:
    """What cannot outlive a start; `before` is the entry as the last run left it."""
    if course.facts.entry.policy is None and before.policy is None:
        return
    drop_pending(_told_of(course, before), "restart")
    if before.door.forced_at:
        course.add(DoorForced(opening=before.door.opening, reason="restart"))
    if before.door.is_open or before.occupancy or before.is_occupied or before.door.forced_at:
        doubt(course, "restart")
    if not course.facts.entry.is_lone_alarm:
        note_lone(course, before=2)


def _told_of(course: Course, before: Entry) -> Course:
    """The same, where those whom the last run waited for are still to be told of."""
    entry = replace(course.facts.entry, waiting=before.waiting, grant=before.grant, pin_wait=before.pin_wait)
    course.facts = replace(course.facts, entry=entry)
    return course


def _is_end(event: Event) -> bool:
    """Whether nothing watches the door after it, or nothing moves the lock."""
    match event:
        case StationStopped() | SourceWentAway(source=inputs.DOOR | inputs.LOCK):
            return True
    return False


def levels(before: Entry, after: Entry, events: list[Event]) -> tuple[Effect, ...]:
    """The lock and the siren where they must change, and at a start and a stop whatever they were."""
    is_anew = any(isinstance(event, StationStarted) for event in events)
    is_over = any(_is_end(event) for event in events)
    found: list[Effect] = []
    if after.policy and (is_anew or is_over or (before.grant and not after.grant)):
        found.append(SecureLock())
    if after.policy and (is_anew or before.is_alarming != after.is_alarming):
        found.append(Siren(after.is_alarming))
    return tuple(found)
