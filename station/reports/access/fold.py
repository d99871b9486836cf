"""Events in order -> the log. Pure; the entry's state is followed by the same code that the station decides with."""

from collections.abc import Iterable
from itertools import chain, islice

import msgspec

from station.domain.core.decider import Recorded
from station.domain.entry import evolve as entry_evolving
from station.domain.entry.duty import ENTRY
from station.domain.entry.state import Entry
from station.domain.lifecycle.events import EpochBegan, StationStarted, StationStopped
from station.domain.people.events import RosterLoaded
from station.domain.people.policy import Policy
from station.domain.people.roster import Roster
from station.reports.access.doorway import Doorway
from station.reports.access.gaps import Gaps
from station.reports.access.log import Happening, Log, Moment, PeopleInside, Stay
from station.reports.access.refusals import Refusals
from station.reports.access.scene import Scene
from station.reports.access.span import Span
from station.reports.access.visits import Visits

CONCERNS_ENTRY = frozenset({*ENTRY.owns, *ENTRY.hears})


class Origin(msgspec.Struct, frozen=True):
    """What the events are of: `/custody/<site>/<station>`, the epoch, and how far its newest checkpoint reaches.

    Where the first events were pruned, policy and roster are those of today: what named the ones before is gone.
    """

    source: str
    epoch: str
    checkpoint: int = 0
    root: str = ""
    policy: Policy | None = None
    roster: Roster | None = None


def log_of(recorded: Iterable[Recorded], origin: Origin, span: Span, made_ms: int) -> Log:
    """The log of these events, each with its roster; what falls out of the span is left out of all but `inside`."""
    events = iter(recorded)
    begun = list(islice(events, 2))  # a journal's own first event stands before the start that names its zone
    policies = [each.event.policy for each in begun if isinstance(each.event, StationStarted)]
    fold = _Fold(span, origin, origin.policy or next(filter(None, policies), Policy()))
    for each in chain(begun, events):
        fold.fold_event(each)
    return fold.finished_log(made_ms)


class _Fold:
    def __init__(self, span: Span, origin: Origin, policy: Policy) -> None:
        self._span, self._origin = span, origin
        self._entry, self._policy = Entry(policy=origin.policy), policy
        self._names = _names_by_id(origin.roster)
        self._first: Moment | None = None
        self._newest: Moment | None = None
        self._last: Moment | None = None
        self._is_stopped = False
        self._visits, self._refusals, self._doorway, self._gaps = Visits(), Refusals(), Doorway(), Gaps()

    def fold_event(self, recorded: Recorded) -> None:
        """Take in the next event, in the order of the record."""
        event, before = recorded.event, self._entry
        if isinstance(event, StationStarted) and event.policy:
            self._policy = event.policy
        if isinstance(event, RosterLoaded) and isinstance(recorded.document, Roster):
            self._names = _names_by_id(recorded.document)
        if isinstance(event, EpochBegan):
            self._entry = Entry()
        elif type(event) in CONCERNS_ENTRY:
            self._entry = entry_evolving.evolve(before, recorded)
        moment = self._moment_of(recorded)
        scene = Scene(moment, event, before, self._entry, self._names)
        for book in (self._visits, self._refusals, self._doorway, self._gaps):
            book.note_event(scene)
        self._is_stopped = isinstance(event, StationStopped)

    def _moment_of(self, recorded: Recorded) -> Moment:
        minutes = self._policy.offset_minutes(recorded.wall_ms)
        order = self._newest.order + 1 if self._newest else 0
        moment = Moment(recorded.seq, recorded.wall_ms, recorded.at, recorded.boot, recorded.clock, minutes, order)
        is_first, is_last = self._span.holds_moment(moment)
        if is_first and self._first is None:
            self._first = moment
        if is_last:
            self._last = moment
        self._newest = moment
        return moment

    def finished_log(self, made_ms: int) -> Log:
        origin, first, last = self._origin, self._first, self._last
        if not first or not last or last.order < first.order:
            first = last = None
        return Log(
            origin.source,
            origin.epoch,
            self._policy.timezone,
            self._entry.policy is not None,
            made_ms,
            first,
            last,
            self._newest,
            self._is_stopped,
            origin.checkpoint,
            origin.root,
            tuple(stay for stay in self._visits.all_stays() if first and last and _overlaps_span(stay, first, last)),
            _rows_within(self._refusals.rows, first, last),
            _rows_within(self._doorway.rows, first, last),
            _rows_within(self._gaps.gap_rows(), first, last),
            self._people_inside(),
        )

    def _people_inside(self) -> PeopleInside:
        entry = self._entry
        return PeopleInside(self._visits.stays_inside(), entry.unnamed, entry.uncertain, entry.is_estimate)


def _names_by_id(roster: Roster | None) -> dict[str, str]:
    return {person.id: person.name for person in roster.people} if roster else {}


def _overlaps_span(stay: Stay, first: Moment, last: Moment) -> bool:
    return stay.entered.order <= last.order and (stay.left is None or stay.left.order >= first.order)


def _rows_within(rows: Iterable[Happening], first: Moment | None, last: Moment | None) -> tuple[Happening, ...]:
    """Those of the span, and those that reach into it."""
    if not first or not last:
        return ()
    return tuple(row for row in rows if row.begin.order <= last.order and (row.end or row.begin).order >= first.order)
