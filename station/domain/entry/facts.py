"""What a decision about the entry may build upon, and how one is put together from events that build on each other."""

import msgspec
from msgspec.structs import replace

from station.domain.core.decider import Decision, Recorded
from station.domain.core.effects import Answer, Effect, ReleaseLock, Verdict
from station.domain.core.event import Event
from station.domain.core.facts import Facts
from station.domain.entry.evolve import evolve
from station.domain.entry.state import Door, Entry
from station.domain.people.policy import Policy
from station.domain.people.roster import Roster
from station.domain.people.state import people_of

NO_POLICY = Policy()


class EntryFacts(msgspec.Struct, frozen=True):
    """The entry before an input; `at` is the moment, `wall_ms` UTC milliseconds since 1970; `seq` comes next.

    `clock_ms` is what the clock itself says, which may lie before `wall_ms`: before what was proven.
    """

    entry: Entry
    policy: Policy
    roster: Roster | None
    is_locked_down: bool
    at: int
    wall_ms: int
    seq: int = 0
    clock_ms: int = 0

    @property
    def is_clock_behind(self) -> bool:
        """Whether the clock stands before a moment that was proven."""
        return self.clock_ms < self.wall_ms

    @property
    def door(self) -> Door:
        return self.entry.door

    def after(self, event: Event) -> "EntryFacts":
        """The facts as they are once the event is recorded."""
        recorded = Recorded(self.seq, self.at, self.wall_ms, "", "", event)
        return replace(self, entry=evolve(self.entry, recorded), seq=self.seq + 1)


def entry_facts(entry: Entry, facts: Facts) -> EntryFacts:
    """What the entry decides upon, out of what every room may know."""
    policy, roster = entry.policy or NO_POLICY, people_of(facts).roster
    clock_ms = facts.at + facts.offset_ms
    return EntryFacts(entry, policy, roster, facts.is_locked_down, facts.at, facts.wall_ms, facts.seq, clock_ms)


class EventChain:
    """Events decided one after the other, each upon the state after those before it.

    That state is a preview, a value that is thrown away: what counts is what the loop evolves from the events.
    """

    def __init__(self, facts: EntryFacts) -> None:
        self.facts = facts
        self.events: list[Event] = []
        self.effects: list[Effect] = []

    def add(self, event: Event) -> None:
        """The next event."""
        self.events.append(event)
        self.facts = self.facts.after(event)

    def answer(self, source: str, verdict: Verdict) -> Decision:
        """All of it, and how whoever stands at the reader is answered."""
        self.effects.append(Answer(source, verdict))
        return self.decision()

    def release(self) -> None:
        """Let the people in whom the newest grant is for."""
        assert self.facts.entry.grant is not None
        self.effects.append(ReleaseLock(self.facts.entry.grant.until_at))

    def decision(self) -> Decision:
        return Decision(tuple(self.events), tuple(self.effects))
