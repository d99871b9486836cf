"""Taking a roster in: one way, whether it came by a command, over the control socket or from a file."""

import hashlib

from msgspec.structs import replace

from station.domain.core.decider import Document, Loaded
from station.domain.core.facts import Facts
from station.domain.people.events import RosterLoaded
from station.domain.people.roster import Roster
from station.domain.people.rules import faults
from station.domain.people.state import People


def take_roster(people: People, facts: Facts, roster: Roster, raw: bytes, by: str) -> Loaded | str:
    """Take a roster whole, or say every fault of it, one a line; `by` is who brought it."""
    if found := faults(roster, people.roster, facts.policy, facts.trusted_ms):
        return "\n".join(found)
    sha256 = hashlib.sha256(raw).hexdigest()
    event = RosterLoaded(roster.roster, len(roster.people), sha256, by, roster.not_after)
    badges = sum(len(person.badges) for person in roster.people)
    text = f"roster {roster.roster}: {len(roster.people)} people, {badges} badges, until {roster.not_after}"
    return Loaded(event, Document(sha256, raw, roster), text)


def held_roster(people: People) -> str:
    """The document of the roster in force."""
    return people.roster_document


def put_back_roster(people: People, roster: Roster) -> People:
    """The state of a snapshot with its roster again."""
    return replace(people, roster=roster)
