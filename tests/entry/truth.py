"""What no station knows: who is truly inside, and what time has been proven, told the slow and obvious way."""

from collections.abc import Sequence
from random import Random

from station.domain.core.decider import Recorded
from station.domain.documents.values import moment_ms
from station.domain.lifecycle.events import ClockSworn
from station.domain.people.events import RosterLoaded


class Truth:
    """Who is inside. Whoever is may leave by any door that opens; of those let in one at least walks in."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.inside: set[str] = set()

    def walk_out(self) -> None:
        """The door stands open: all leave by it, or some, or nobody."""
        share = self.random.choice((0, 0, 0.5, 1, 1))
        self.inside = {person for person in sorted(self.inside) if self.random.random() >= share}

    def walk_in(self, people: Sequence[str]) -> None:
        """It was opened for these people."""
        self.inside |= set(self.random.sample(sorted(people), self.random.randint(1, len(people))))


class Clock:
    """Only a clock that is synchronised proves a time, and a supervisor's word takes it back."""

    def __init__(self) -> None:
        self.offset_ms = self.proven_ms = self.not_after_ms = 0
        self.quality = "unsynced"

    def says(self, offset_ms: int, quality: str) -> None:
        """What the clock says from now on, and of itself."""
        self.offset_ms, self.quality = offset_ms, quality

    def take(self, recorded: Recorded) -> None:
        """The next event; a roster says until when it is good."""
        match recorded.event:
            case RosterLoaded(not_after=not_after):
                self.not_after_ms = int(moment_ms(not_after))
            case ClockSworn(wall_ms=wall_ms):
                self.proven_ms = wall_ms
        if self.quality == "synced":
            self.proven_ms = recorded.wall_ms

    def wall_ms(self, at: int) -> int:
        """The time at this moment, never before what was proven."""
        wall_ms = at + self.offset_ms
        return wall_ms if self.quality == "synced" else max(wall_ms, self.proven_ms)
