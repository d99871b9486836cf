"""What is wrong at the door, as the back office is told of it, and what to do about each."""

from collections.abc import Iterator

from station.domain.core.duty import Alarm
from station.domain.core.facts import Facts
from station.domain.entry.state import Entry
from station.domain.people.state import people_of

PEOPLE_NAMED_MAX = 8
CURES = {
    "door/forced": "Look who is inside; a supervisor shows a badge at the desk, then scans the card explain.",
    "door/unstable": "The door flaps: shut it, look at its contact; a supervisor then explains it as a forced door.",
    "door/restless": "An input of the door never rests: look at its switch and cable; nobody is let in meanwhile.",
    "door/held": "Shut the door; for a delivery a supervisor shows a badge at the desk.",
    "door/tampered": "Look at the station's case and cables; somebody has opened them.",
    "entry/lone": "Somebody is in the vault alone: they leave, or two others join them.",
    "entry/uncertain": "Nobody knows who is inside: a supervisor counts heads, then a desk badge, card head-count.",
    "entry/same_person": "One person tried to enter as two: ask them; a supervisor's badge at the desk clears this.",
    "entry/revoked": "Somebody inside may not enter any more: ask them to leave.",
    "roster/none": "Nobody may enter: import a roster.",
    "roster/old": "No newer roster came for a day: check the link, or import one.",
    "roster/expired": "Only the roster's offline list may enter: import a newer one.",
}


def alarms(entry: Entry, facts: Facts) -> Iterator[Alarm]:
    """Every live fault of the entry."""
    if entry.policy is not None:
        for name, reason in _found(entry, facts):
            yield Alarm(name, CURES[name], reason)


def _found(entry: Entry, facts: Facts) -> Iterator[tuple[str, str]]:
    door, roster = entry.door, people_of(facts).roster
    if door.forced:
        yield "door/forced", ""
    if door.is_unstable:
        yield "door/unstable", ""
    if door.restless:
        yield "door/restless", ", ".join(door.restless)
    if door.held == "alarm":
        yield "door/held", ""
    if door.is_tampered:
        yield "door/tampered", ""
    if entry.is_lone_alarm:
        yield "entry/lone", ""
    if entry.uncertain:
        yield "entry/uncertain", entry.uncertain
    if entry.same_person:
        yield "entry/same_person", entry.same_person
    known = roster.by_id if roster else {}
    if gone := [person.actor.id for person in entry.inside if person.actor.id not in known]:
        yield "entry/revoked", ", ".join(gone[:PEOPLE_NAMED_MAX])
    if roster is None:
        yield "roster/none", ""
    elif entry.roster_stale:
        yield f"roster/{entry.roster_stale}", ""
