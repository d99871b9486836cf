"""What may not wait for the disk while commits fail: securing the lock and the siren.

Facts that came meanwhile are kept, to be decided again once the disk is back. Until then they are decided here too, on
a state that goes on from the durable one and is never recorded, for what is urgent about them and nothing else.
"""

from station.domain.core.effects import Effect
from station.domain.core.inputs import DeadlineReached, Input
from station.domain.lifecycle.inputs import Started
from station.domain.station import deadlines
from station.domain.station import decide as deciding
from station.domain.station.recording import record
from station.domain.station.state import Station, evolve


class Preview:
    """Begins anew with every commit that failed: what is durable may have moved."""

    def __init__(self, durable: Station) -> None:
        self._station = durable

    @property
    def due_at(self) -> int | None:
        """When `urgent_until` has something to say, monotonic ms; None while nothing is awaited."""
        return deadlines.due(self._station)

    def urgent_of(self, input: Input) -> list[Effect]:
        """The urgent effects of a fact, and of what was due before it; a start settles what was due itself."""
        due = [] if isinstance(input, Started) else self.urgent_until(getattr(input, "at", self._station.at))
        return [*due, *self._decide_urgent(input)]

    def urgent_until(self, until: int) -> list[Effect]:
        """The urgent effects of what was due until this moment."""
        found: list[Effect] = []
        for _ in range(deadlines.DEADLINES_MAX):
            moment = self.due_at
            if moment is None or moment > until:
                break
            found += self._decide_urgent(DeadlineReached(moment))
        return found

    def _decide_urgent(self, input: Input) -> list[Effect]:
        decision = deciding.decide(self._station, input)
        document = decision.document.value if decision.document else None
        for event in decision.events:
            at = max(self._station.at, getattr(input, "at", 0))
            self._station = evolve(self._station, record(self._station, event, input, at, document))
        return [effect for effect in decision.effects if effect.urgent]
