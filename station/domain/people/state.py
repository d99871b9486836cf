"""The roster that is in force, and who somebody is by it; every duty reads it through the facts."""

from typing import cast

import msgspec
from msgspec.structs import replace

from station.domain.core.decider import Recorded
from station.domain.core.facts import Facts
from station.domain.people.actors import Actor
from station.domain.people.events import RosterLoaded
from station.domain.people.roster import Person, Roster


class People(msgspec.Struct, frozen=True):
    """The roster, and the SHA-256 of its document; None and empty while none was taken."""

    roster: Roster | None = None
    roster_document: str = ""


def evolve(people: People, recorded: Recorded) -> People:
    """The people after an event."""
    match recorded.event:
        case RosterLoaded(document=document):
            return replace(people, roster=recorded.document, roster_document=document)
        case _:
            return people


def people_of(facts: Facts) -> People:
    """The state of this room, which the facts carry for every other."""
    return cast(People, facts.people)


def known_badge(roster: Roster | None, badge: str, wall_ms: int) -> Person | str:
    """Whose badge this is, if they may act at all at this moment; else why not."""
    if roster is None:
        return "no_roster"
    found = roster.person_of(badge)
    if isinstance(found, str):
        return found
    return roster.barred(found, wall_ms) or found


def known_person(roster: Roster | None, person_id: str, wall_ms: int) -> Person | str:
    """The person of this id, if they may act at all at this moment; else why not."""
    if roster is None:
        return "no_roster"
    found = roster.by_id.get(person_id)
    if found is None:
        return "unknown"
    return roster.barred(found, wall_ms) or found


def actor_of(person: Person, role: str = "") -> Actor:
    """A person in this role, or in the first of theirs."""
    return Actor(person.id, role or person.roles[0])
