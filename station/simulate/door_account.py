"""What a journal says of the door: who came in, and whether each opening has exactly one event that explains it."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from station.domain.core.decider import Recorded
from station.domain.entry import inputs
from station.domain.entry.events import (
    DoorExplained,
    DoorForced,
    DoorHeld,
    DoorOpened,
    DoorTampered,
    DoorUnstable,
    EgressRex,
    EntryGranted,
    EntryLoneAlarm,
)
from station.domain.lifecycle.events import SourceWentAway


class Account(msgspec.Struct, frozen=True):
    """`entries` let `people` in; of all `openings` `forced` were forced; a supervisor told why of `explained` of these.

    `unexplained` openings have no event that explains them, or more than one.
    """

    entries: int = 0
    people: int = 0
    openings: int = 0
    forced: int = 0
    explained: int = 0
    unexplained: int = 0
    alarms: int = 0

    @property
    def summary_line(self) -> str:
        """`14 entries of 28 people, 31 openings, each explained (1 forced, 1 told by a supervisor)`."""
        whether = f"{self.unexplained} NOT EXPLAINED" if self.unexplained else "each explained"
        forced = f" ({self.forced} forced, {self.explained} told by a supervisor)" if self.forced else ""
        return f"{self.entries} entries of {self.people} people, {self.openings} openings, {whether}{forced}"


def account_of(events: Iterable[Recorded]) -> Account:
    """Add up the events of one journal, in their order."""
    reasons: Counter[int] = Counter()
    openings: list[int] = []
    found = Account()
    for recorded in events:
        match recorded.event:
            case DoorOpened(by=by) as opened:
                openings.append(recorded.seq)
                reasons[recorded.seq] += by != "unknown"
                found = _with_admitted(found, opened)
            case EntryGranted(is_open=True) as granted:
                found = _with_admitted(found, granted)
            case EgressRex(opening=opening) if opening >= 0:
                reasons[opening] += 1
            case DoorForced(opening=opening):
                reasons[opening] += 1
                found = msgspec.structs.replace(found, forced=found.forced + 1)
            case DoorExplained(times=times, actors=actors) if actors:
                found = msgspec.structs.replace(found, explained=found.explained + times)
        found = msgspec.structs.replace(found, alarms=found.alarms + is_alarm(recorded.event))
    unexplained = sum(reasons[seq] != 1 for seq in openings)
    return msgspec.structs.replace(found, openings=len(openings), unexplained=unexplained)


def is_alarm(event: object) -> bool:
    """Whether the siren sounds from this event on."""
    match event:
        case DoorForced() | DoorUnstable() | DoorHeld(level="alarm") | EntryLoneAlarm() | DoorTampered(is_open=True):
            return True
        case SourceWentAway(source=source, reason=inputs.RESTLESS):
            return source in inputs.INPUTS
        case _:
            return False


def _with_admitted(found: Account, event: DoorOpened | EntryGranted) -> Account:
    if not event.actors:
        return found
    people = found.people + len(event.actors) + event.visitors
    return msgspec.structs.replace(found, entries=found.entries + 1, people=people)
