"""A station without its loop: decides, stamps, encodes and evolves as the loop does, with nothing outside."""

from msgspec.structs import replace

from station.domain.core.decider import Decision, Recorded
from station.domain.core.effects import Effect
from station.domain.core.event import Event
from station.domain.core.inputs import DeadlineReached, Input
from station.domain.lifecycle.inputs import Started
from station.domain.station.deadlines import due
from station.domain.station.decide import decide
from station.domain.station.duties import DOCUMENT_OF
from station.domain.station.leaf import LEAF_BYTES_MAX, decode, encode
from station.domain.station.recording import record
from station.domain.station.state import INITIAL, Station, evolve
from station.sealing.merkle import leaf_hash

SOURCE, EPOCH = "/custody/greenleaf-414/vault-1", "20261123T140405Z-7f3a"

EVENTS_MAX = 1_000


class Stamping:
    """The rule of time: deadlines before an input's moment fire first, and `now` never goes back within a boot."""

    def __init__(self) -> None:
        self.station: Station = INITIAL
        self.now = 0
        self.leaves: list[bytes] = []
        self.recorded: list[Recorded] = []
        self.documents: dict[str, bytes] = {}

    def put(self, input: Input) -> tuple[list[Event], list[Effect]]:
        """Decide an input and the deadlines before it; answer the events and effects in order."""
        if isinstance(input, Started):
            self.now = input.at  # another boot's moments mean nothing in this one
            return self._decide(input)
        events, effects = self.wait(max(self.now, getattr(input, "at", 0)))
        more_events, more_effects = self._decide(input)
        return events + more_events, effects + more_effects

    def wait(self, until: int) -> tuple[list[Event], list[Effect]]:
        """Let time go on to `until`."""
        events: list[Event] = []
        effects: list[Effect] = []
        while (moment := due(self.station)) is not None and moment <= until:
            more_events, more_effects = self._decide(DeadlineReached(moment))
            assert more_events, f"the deadline at {moment} ms does not move"
            assert len(events) < EVENTS_MAX, f"deadlines without end, the last at {moment} ms"
            events += more_events
            effects += more_effects
        self.now = until
        return events, effects

    def _decide(self, input: Input) -> tuple[list[Event], list[Effect]]:
        self.now = max(self.now, getattr(input, "at", 0))
        decision = decide(self.station, input)
        if decision.document:
            self.documents[decision.document.sha256] = decision.document.raw
        for event in decision.events:
            self._record(event, input, decision)
        return list(decision.events), list(decision.effects)

    def _record(self, event: Event, input: Input, decision: Decision) -> None:
        station = self.station
        document = decision.document.value if decision.document else None
        recorded = record(station, event, input, self.now, document)
        leaf = encode(recorded, SOURCE, EPOCH)
        recorded = replace(recorded, leaf_hash=leaf_hash(leaf))
        assert len(leaf) <= LEAF_BYTES_MAX, f"{len(leaf)} bytes: {leaf[:200]!r}"
        self.leaves.append(leaf)
        self.recorded.append(recorded)
        self.station = evolve(station, recorded)

    def replayed(self) -> Station:
        """The state that the leaves alone come to, as after a power cut."""
        station = INITIAL
        for leaf in self.leaves:
            station = evolve(station, with_document(decode(leaf, leaf_hash(leaf)), self.documents))
        return station


def with_document(recorded: Recorded, documents: dict[str, bytes]) -> Recorded:
    """The event with the plan or roster that it names read again."""
    kind = DOCUMENT_OF.get(type(recorded.event))
    if kind is None:
        return recorded
    return replace(recorded, document=kind.read(documents[getattr(recorded.event, "document", "")]))
