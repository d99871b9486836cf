"""What a station has come to by its events: everything that they leave, and how each of them changes it."""

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap

from station.domain.commands import checking as commands
from station.domain.commands.checking import Counters
from station.domain.commands.events import (
    CommandAccepted,
    LockdownCleared,
    LockdownSet,
    MessageReceived,
    MessageSeen,
    RemoteEvent,
)
from station.domain.core.decider import Recorded
from station.domain.core.event import Event
from station.domain.count import state as count_state
from station.domain.count.events import CountClosed, CountException, CountKeyed, CountScanned, PlanLoaded
from station.domain.count.plan import Plan
from station.domain.count.state import Count
from station.domain.entry import evolve as entry_evolving
from station.domain.entry.events import EntryEvent
from station.domain.entry.state import Entry
from station.domain.lifecycle.events import (
    ClockMoved,
    JournalPruned,
    KeyRotated,
    SourceCameBack,
    SourceWentAway,
    StationStarted,
    StationStopped,
)
from station.domain.people.events import RosterLoaded
from station.domain.people.roster import Roster
from station.domain.session.events import RefusalsSeen, ScanRefused

_NOT_SHOWN_AS_NEWEST = (RemoteEvent, EntryEvent)


class Station(msgspec.Struct, frozen=True):
    """Everything that the events so far came to.

    `seq`, `at`, `boot` are the newest event's; `offset_ms` and `quality` make wall time of monotonic time;
    `unseen` counts refusals that nobody has looked at; `newest` is the event that a screen speaks of: never one of a
    command, for whoever scans must not lose the answer to it. `newest_entry` is the newest of the door's, which came at
    `entry_at`; `proven_ms` the wall time of the newest event under a clock that could be trusted. Of the events below
    `pruned_below` only hashes are kept; `keys` are the verifier keys of the checkpoints, the present one last.
    """

    seq: int = -1
    at: int = 0
    wall_ms: int = 0
    boot: str = ""
    offset_ms: int = 0
    quality: str = "unsynced"
    settings: str = ""
    is_stopped: bool = True
    plan: Plan | None = None
    plan_document: str = ""
    count: Count = Count()
    unseen: int = 0
    lost: "HashTrieMap[str, str]" = HashTrieMap()
    newest: Event | None = None
    pruned_below: int = 0
    keys: tuple[str, ...] = ()
    counters: Counters = Counters()
    roster: Roster | None = None
    roster_document: str = ""
    message: MessageReceived | None = None
    lockdown: LockdownSet | None = None
    entry: Entry = Entry()
    proven_ms: int = 0
    newest_entry: EntryEvent | None = None
    entry_at: int = 0


INITIAL = Station()


def trusted_ms(station: Station, at: int) -> int | None:
    """UTC milliseconds since 1970 at this monotonic moment; None where the clock is not to be trusted."""
    return None if station.quality == "unsynced" else at + station.offset_ms


def evolve(station: Station, recorded: Recorded) -> Station:
    """The state after an event. The only way in which a state changes; unknown events change only the position."""
    event = recorded.event
    count = count_state.evolve(station.count, recorded, station.plan)
    moved = replace(
        station,
        seq=recorded.seq,
        at=recorded.at,
        wall_ms=recorded.wall_ms,
        boot=recorded.boot,
        count=count,
        newest=station.newest if isinstance(event, _NOT_SHOWN_AS_NEWEST) else event,
        is_stopped=False,
        proven_ms=station.proven_ms if recorded.clock == "unsynced" else recorded.wall_ms,
    )
    if event.CONCERNS_ENTRY:
        moved = _evolve_entry(moved, recorded)
    match event:
        case CountScanned() | CountKeyed():
            return moved
        case ScanRefused(times=times):
            return replace(moved, unseen=station.unseen + times)
        case CountException(reason="unknown"):
            return replace(moved, unseen=station.unseen + 1)
        case RefusalsSeen():
            return replace(moved, unseen=0)
        case CountClosed() if _is_same(station.count.plan, station.plan):
            return replace(moved, plan=None, plan_document="")
        case _:
            return _evolve_own(moved, recorded)


def _evolve_entry(moved: Station, recorded: Recorded) -> Station:
    entry = entry_evolving.evolve(moved.entry, recorded)
    if not isinstance(recorded.event, EntryEvent):
        return replace(moved, entry=entry)
    return replace(moved, entry=entry, newest_entry=recorded.event, entry_at=recorded.at)


def _is_same(counted: Plan | None, loaded: Plan | None) -> bool:
    """Whether the plan that a count was opened with is still the one that is loaded."""
    if counted is None or loaded is None:
        return False
    return (counted.plan, counted.version) == (loaded.plan, loaded.version)


def _with_key(keys: tuple[str, ...], key: str) -> tuple[str, ...]:
    """The keys of this journal's checkpoints, the present one last."""
    return (*(each for each in keys if each != key), key) if key else keys


def _evolve_own(moved: Station, recorded: Recorded) -> Station:
    match recorded.event:
        case PlanLoaded(document=document):
            return replace(moved, plan=recorded.document, plan_document=document)
        case StationStarted() as started:
            return replace(
                moved,
                settings=started.settings,
                offset_ms=started.offset_ms,
                quality=started.quality,
                lost=HashTrieMap(),
                keys=_with_key(moved.keys, started.key),
            )
        case ClockMoved(offset_ms=offset_ms, quality=quality):
            return replace(moved, offset_ms=offset_ms, quality=quality)
        case SourceWentAway(source=source, reason=reason):
            return replace(moved, lost=moved.lost.insert(source, reason))
        case SourceCameBack(source=source):
            return replace(moved, lost=moved.lost.discard(source))
        case StationStopped():
            return replace(moved, is_stopped=True)
        case KeyRotated(key=key):
            return replace(moved, keys=_with_key(moved.keys, key))
        case JournalPruned(below=below):
            return replace(moved, pruned_below=below)
        case RemoteEvent() | RosterLoaded():
            return _evolve_remote(moved, recorded)
        case _:
            return moved


def _evolve_remote(moved: Station, recorded: Recorded) -> Station:
    match recorded.event:
        case CommandAccepted() as accepted:
            return replace(moved, counters=commands.evolve(moved.counters, accepted))
        case RosterLoaded(document=document):
            return replace(moved, roster=recorded.document, roster_document=document)
        case MessageReceived() as message:
            return replace(moved, message=message)
        case MessageSeen():
            return replace(moved, message=None)
        case LockdownSet() as lockdown:
            return replace(moved, lockdown=lockdown)
        case LockdownCleared():
            return replace(moved, lockdown=None)
        case _:
            return moved
