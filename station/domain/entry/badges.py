"""Badges at the three sides of the door: outside asks to enter, inside says who leaves, the desk says who is there."""

from station.domain.core.decider import Decision
from station.domain.core.effects import Answer, Verdict
from station.domain.entry import occupancy
from station.domain.entry import pins as entry_pins
from station.domain.entry.door import doubt, note_empty
from station.domain.entry.events import (
    EntryDenied,
    EntryEvent,
    EntryExited,
    EntryFirstBadge,
    EntryGranted,
    EntryHeldOpen,
    EntryIdentified,
    EntryJoined,
    EntryLone,
    EntryThrottled,
    with_occupancy,
)
from station.domain.entry.evolve import FAILED
from station.domain.entry.facts import EntryFacts, EventChain
from station.domain.entry.state import Entry, Waiting
from station.domain.people.actors import Actor
from station.domain.people.inputs import BadgePresented, PinKeyed
from station.domain.people.roster import Person, Roster
from station.domain.people.state import actor_of, known_badge


def decide_badge(facts: EntryFacts, shown: BadgePresented) -> Decision:
    """A badge was shown at one of the readers."""
    if shown.side == "inside":
        return _leave(facts, shown)
    if facts.entry.tries_at(shown.source).until > facts.at:
        return _deny(facts, shown, "throttled")
    found = known(facts, shown.badge)
    if isinstance(found, str) and shown.side == "desk" and facts.is_clock_behind:
        # What a wrong clock once proved must not shut the vault for ever: a supervisor may still say who they are.
        found = _supervisor_now(facts, shown.badge) or found
    if isinstance(found, str):
        return _deny(facts, shown, found)
    return _identify(facts, shown, found) if shown.side == "desk" else _enter(facts, shown, found)


def decide_pin(facts: EntryFacts, keyed: PinKeyed) -> Decision:
    """A PIN was keyed: with the right one the badge counts as if it were shown at this moment."""
    wait = facts.entry.pin_wait
    if wait is None or not entry_pins.is_asked(facts, keyed):
        return entry_pins.turn_away(keyed.source, "pin_unasked")
    shown = BadgePresented(wait.source, keyed.at, "outside", wait.badge)
    if not entry_pins.is_proof(keyed):
        return _deny(facts, shown, "wrong_pin")
    found = known(facts, wait.badge)
    return _deny(facts, shown, found) if isinstance(found, str) else _enter(facts, shown, found, is_proven=True)


def known(facts: EntryFacts, badge: str) -> Person | str:
    """Whose badge this is, if they may enter at all at this moment; else why not."""
    return known_badge(facts.roster, badge, facts.wall_ms)


def _supervisor_now(facts: EntryFacts, badge: str) -> Person | None:
    """The supervisor whose badge this is, if it is good at the moment that the clock itself says."""
    found = known_badge(facts.roster, badge, facts.clock_ms)
    if isinstance(found, str) or not set(found.roles) & set(facts.policy.supervisors):
        return None
    return found


def _deny(facts: EntryFacts, shown: BadgePresented, reason: str, actors: tuple[Actor, ...] = ()) -> Decision:
    chain = EventChain(facts)
    owner = facts.roster.by_badge.get(shown.badge) if facts.roster else None
    actors = actors or ((actor_of(owner),) if owner else ())
    denied = EntryDenied(actors, (shown.badge,), reason=reason, source=shown.source, side=shown.side)
    chain.add(denied)
    moments = chain.facts.entry.tries_at(shown.source).moments
    if reason in FAILED and len(moments) >= facts.policy.tries_max:
        until = facts.at + facts.policy.throttle_ms
        chain.add(EntryThrottled(source=shown.source, tries=len(moments), until=until))
    return chain.answer(shown.source, Verdict.DENIED)


# Outside


def _enter(facts: EntryFacts, shown: BadgePresented, person: Person, *, is_proven: bool = False) -> Decision:
    if reason := _barred(facts, person):
        return _deny(facts, shown, reason, (actor_of(person),))
    entry = facts.entry
    actors, badges = _shown_before(entry)
    if is_same_person(actors, person):
        return _deny(facts, shown, "same_badge" if shown.badge in badges else "same_person", (actor_of(person),))
    if entry_pins.is_needed(facts.policy, person) and not is_proven:
        return _deny(facts, shown, "keypad_lost") if entry.is_keypad_lost else entry_pins.ask(facts, shown, person)
    if entry.waiting:
        return _second(facts, shown, person, entry.waiting)
    if role := _role_alone(facts, person):
        return _let_in(facts, shown, (actor_of(person, role),), (shown.badge,))
    return _first(facts, shown, person)


def _shown_before(entry: Entry) -> tuple[tuple[Actor, ...], tuple[str, ...]]:
    """Who has shown a badge for this opening, and which."""
    actors, badges = (entry.grant.actors, entry.grant.badges) if entry.grant else ((), ())
    if entry.waiting:
        return (*actors, entry.waiting.actor), (*badges, entry.waiting.badge)
    return actors, badges


def is_same_person(actors: tuple[Actor, ...], person: Person) -> bool:
    """Whether this is one of those who have shown a badge already."""
    return any(actor.id == person.id for actor in actors)


def _barred(facts: EntryFacts, person: Person) -> str:
    """Why nobody, or not this person, enters now; empty where they may."""
    door, entry = facts.door, facts.entry
    if facts.is_locked_down:
        return "lockdown"
    if door.is_fire:
        return "emergency"
    if door.is_lock_lost or not door.is_known:
        return "lock_lost" if door.is_lock_lost else "door_lost"
    if door.restless:
        return "restless"
    if not facts.policy.is_open_at(facts.wall_ms):
        return "off_hours"
    if not facts.policy.role_of(person.roles):
        return "role"
    actor = actor_of(person)
    is_inside = occupancy.found(entry.inside, actor, "") is not None
    return "anti_passback" if is_inside and facts.policy.has_inside_reader else ""


def _role_alone(facts: EntryFacts, person: Person) -> str:
    """The role in which one badge is enough: without the two-person rule, or together with those who are there."""
    policy, entry = facts.policy, facts.entry
    if policy.people == 1:
        return policy.role_of(person.roles)
    if entry.grant:
        return _beside(facts, entry.grant.actors, person)
    if policy.join_people == 1 and policy.has_inside_reader:
        return _beside(facts, surely_inside(facts), person)
    return ""


def surely_inside(facts: EntryFacts) -> tuple[Actor, ...]:
    """Those beside whom one more may be let in; nobody while somebody may be on the way out."""
    entry = facts.entry
    return () if is_in_doubt(facts) else tuple(each.actor for each in entry.inside if each.actor.id in entry.sure)


def is_in_doubt(facts: EntryFacts) -> bool:
    """Whether somebody may be leaving, or have left, of whom nobody knows yet."""
    entry, door = facts.entry, facts.door
    is_leaving = bool(entry.badge_at or entry.exit_at) or door.rex_until >= facts.at
    return bool(entry.uncertain or door.forced_at) or is_leaving


def _beside(facts: EntryFacts, actors: tuple[Actor, ...], person: Person) -> str:
    """The role in which they may stand beside one of these people; empty where in none."""
    for actor in actors:
        if pair := facts.policy.paired(roles_of(facts.roster, actor), person.roles):
            return pair[1]
    return ""


def roles_of(roster: Roster | None, actor: Actor) -> tuple[str, ...]:
    """The roles that a person has now; none once the roster knows them no more."""
    person = roster.by_id.get(actor.id) if roster else None
    return person.roles if person else ()


def _first(facts: EntryFacts, shown: BadgePresented, person: Person) -> Decision:
    role = facts.policy.role_of(person.roles)
    until = facts.at + facts.policy.second_badge_ms
    first = EntryFirstBadge((actor_of(person, role),), (shown.badge,), source=shown.source, until=until)
    return Decision((first,), (Answer(shown.source, Verdict.BADGE_NEEDED),))


def _second(facts: EntryFacts, shown: BadgePresented, person: Person, waiting: Waiting) -> Decision:
    pair = facts.policy.paired(roles_of(facts.roster, waiting.actor), person.roles)
    first = facts.roster.by_id.get(waiting.actor.id) if facts.roster else None
    if pair is None or first is None or (facts.roster and facts.roster.barred(first, facts.wall_ms)):
        return _deny(facts, shown, "pair", (waiting.actor, actor_of(person)))
    actors = (Actor(waiting.actor.id, pair[0]), actor_of(person, pair[1]))
    return _let_in(facts, shown, actors, (waiting.badge, shown.badge), waiting.visitors)


def _let_in(
    facts: EntryFacts, shown: BadgePresented, actors: tuple[Actor, ...], badges: tuple[str, ...], visitors: int = 0
) -> Decision:
    entry = facts.entry
    chain = EventChain(facts)
    is_joined = entry.grant is not None or entry.people > 0
    event = EntryJoined if is_joined else EntryGranted
    chain.add(
        event(
            actors,
            badges,
            source=shown.source,
            roster=facts.roster.roster if facts.roster else 0,
            until=facts.at + facts.policy.release_ms,
            visitors=visitors,
            is_open=facts.door.is_open,
        )
    )
    if not facts.door.is_open:
        chain.release()
    return chain.answer(shown.source, Verdict.GRANTED)


# Inside


def _leave(facts: EntryFacts, shown: BadgePresented) -> Decision:
    """An exit badge: whoever the roster or the list of those inside knows by it leaves, and may always."""
    actor = _leaver(facts, shown.badge)
    if actor is None:
        reason = "unknown" if facts.roster else "no_roster"
        return _deny(facts, shown, reason)
    entry = facts.entry
    person = occupancy.found(entry.inside, actor, shown.badge)
    is_again = any(leaving.id == actor.id and leaving.until >= facts.at for leaving in entry.leaving)
    if person is None and is_again:
        return _again(facts, shown, actor)
    chain = EventChain(facts)
    before = entry.people
    _exit(chain, shown, actor, person.visitors if person else 0)
    if person is None and entry.unnamed == 0:
        doubt(chain, "not_entered")
    note_lone(chain, before)
    note_empty(chain)
    return chain.answer(shown.source, Verdict.NOTED)


def _again(facts: EntryFacts, shown: BadgePresented, actor: Actor) -> Decision:
    """The same exit badge once more: the same exit, and told only where it changes who acts or who is surely there."""
    entry = facts.entry
    is_other = entry.identified is None or entry.identified.actor.id != actor.id
    events: tuple[EntryEvent, ...] = ()
    if entry.sure or is_other:
        until = facts.at + facts.policy.supervisor_ms
        events = (EntryIdentified((actor,), (shown.badge,), source=shown.source, until=until, side=shown.side),)
    return Decision(events, (Answer(shown.source, Verdict.NOTED),))


def _leaver(facts: EntryFacts, badge: str) -> Actor | None:
    for person in facts.entry.inside:
        if person.badge == badge:
            return person.actor
    found = facts.roster.by_badge.get(badge) if facts.roster else None
    return actor_of(found) if found else None


def _exit(chain: EventChain, shown: BadgePresented, actor: Actor, visitors: int) -> None:
    facts = chain.facts
    entry = facts.entry
    exited = EntryExited(
        (actor,),
        (shown.badge,),
        source=shown.source,
        occupancy=0,
        until=facts.at + facts.policy.exit_window_ms,
        is_open=facts.door.is_open or entry.badge_at > 0,
        visitors=visitors,
    )
    after = facts.after(exited).entry
    chain.add(with_occupancy(exited, after.occupancy, after.is_estimate))


def note_lone(chain: EventChain, before: int) -> None:
    """One person stays behind alone, where two must be together; `before` is how many people were inside."""
    facts = chain.facts
    entry = facts.entry
    if facts.policy.people == 2 and before > 1 and entry.people == 1 and not facts.door.is_fire:
        actors = tuple(each.actor for each in entry.inside)
        badges = tuple(each.badge for each in entry.inside)
        chain.add(EntryLone(actors, badges, until=facts.at + facts.policy.lone_grace_ms))


# The desk


def _identify(facts: EntryFacts, shown: BadgePresented, person: Person) -> Decision:
    """A supervisor's badge holds an open door open; any other says who is there."""
    policy, door = facts.policy, facts.door
    role = next((role for role in person.roles if role in policy.supervisors), "")
    about = ((actor_of(person, role),), (shown.badge,))
    is_calm = door.is_open and not door.forced and not door.forced_at
    if role and is_calm:
        until = facts.at + policy.held_open_ms
        event: EntryEvent = EntryHeldOpen(*about, minutes=policy.held_open_ms // 60_000, until=until)
    else:
        event = EntryIdentified(*about, source=shown.source, until=facts.at + policy.supervisor_ms)
    return Decision((event,), (Answer(shown.source, Verdict.NOTED),))
