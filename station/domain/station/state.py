"""What a station has come to by its events: the state of every room, and how an event changes them."""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace
from rpds import HashTrieMap

from station.domain.core.decider import Recorded
from station.domain.core.duty import Refusal
from station.domain.core.event import Event
from station.domain.core.facts import Facts
from station.domain.core.movement import Movement
from station.domain.holdings.folding import Holdings, folded
from station.domain.lifecycle.events import ClockMoved, ClockSworn, StationStarted
from station.domain.session.refusing import latch
from station.domain.session.state import Phase
from station.domain.station.duties import ROWS, SESSIONS, Rooms


class Newest(msgspec.Struct, frozen=True):
    """The newest event of a room, and when it came (monotonic ms)."""

    event: Event
    at: int


class Station(Rooms, frozen=True):
    """Everything that the events so far came to: the state of each room, and what belongs to none.

    `seq`, `at`, `wall_ms`, `boot` are the newest event's; `offset_ms` and `quality` make wall time of monotonic time;
    `proven_ms` is the wall time of the newest event under a clock that was synchronised: nothing else proves a time.
    `newest` is the event that a screen speaks of: never one of a room whose row says otherwise, of which `newest_own`
    keeps the newest by the room's name. `holdings` is what lies where; `books` is the slot of what is expected, opaque
    to every room.
    """

    seq: int = -1
    at: int = 0
    wall_ms: int = 0
    boot: str = ""
    offset_ms: int = 0
    quality: str = "unsynced"
    proven_ms: int = 0
    newest: Event | None = None
    newest_own: "HashTrieMap[str, Newest]" = HashTrieMap()
    holdings: Holdings = Holdings()
    books: object = None


INITIAL = Station()
LEFT_OUT = frozenset({"newest", "newest_own", "books"})
"""What a snapshot does not keep of a station's own: what was on the screen, and books, which documents hold."""


_IS_CLOCK = (StationStarted, ClockMoved)


class _Hearing(msgspec.Struct, frozen=True):
    """What an event of one type changes, worked out of the table once."""

    evolve: tuple[tuple[str, Callable[[Any, Recorded], Any]], ...]
    refusal: Callable[[Any], Refusal | None] | None = None
    movements: Callable[[Recorded], tuple[Movement, ...]] | None = None
    kept_books: Callable[[object, Recorded], object] | None = None
    not_shown: str = ""
    is_rare: bool = False


def _hearing(event: type[Event]) -> _Hearing:
    owner = next(row for row in ROWS if event in row.owns)
    heard = tuple((row.name, row.evolve) for row in ROWS if event in row.owns or event in row.hears)
    not_shown = "" if owner.is_shown_as_newest else owner.name
    is_rare = event in (ClockSworn, *_IS_CLOCK, *owner.latching, *owner.moving, *owner.booking)
    return _Hearing(heard, owner.refusal, owner.movements, owner.kept_books, not_shown, is_rare)


_HEARING = {event: _hearing(event) for row in ROWS for event in row.owns}
_UNHEARD = _Hearing(())
_SESSIONS = tuple(row.name for row in SESSIONS)
_GROWING = tuple((row.name, row.is_at_rest) for row in ROWS if row.is_at_rest is not None)


def evolve(station: Station, recorded: Recorded) -> Station:
    """The state after an event. The only way in which a state changes; unknown events change only the position."""
    event = recorded.event
    hearing = _HEARING.get(type(event), _UNHEARD)
    changes: dict[str, Any] = {}
    for name, change in hearing.evolve:
        changes[name] = change(getattr(station, name), recorded)
    if hearing.not_shown:
        changes["newest_own"] = station.newest_own.insert(hearing.not_shown, Newest(event, recorded.at))
    else:
        changes["newest"] = event
    if recorded.clock == "synced":  # any other clock, a year ahead once, would shut the door for that year
        changes["proven_ms"] = recorded.wall_ms
    if hearing.is_rare:
        changes |= _rare_changes(station, recorded, hearing)
    return replace(station, seq=recorded.seq, at=recorded.at, wall_ms=recorded.wall_ms, boot=recorded.boot, **changes)


def _rare_changes(station: Station, recorded: Recorded, hearing: _Hearing) -> dict[str, Any]:
    """What few events change beside their rooms: the clock, the refusals that are latched, what lies where."""
    event, changes = recorded.event, dict[str, Any]()
    if isinstance(event, _IS_CLOCK):
        changes["offset_ms"], changes["quality"] = event.offset_ms, event.quality
    if isinstance(event, ClockSworn):
        changes["proven_ms"] = event.wall_ms
    if hearing.refusal is not None and (refusal := hearing.refusal(event)):
        changes["session"] = latch(station.session, refusal)
    if hearing.movements is not None and (moved := hearing.movements(recorded)):
        changes["holdings"] = folded(station.holdings, moved)
    if hearing.kept_books is not None:
        changes["books"] = hearing.kept_books(station.books, recorded)
    return changes


def quality_at(station: Station, wall_ms: int, quality: str) -> str:
    """What a clock is worth that says this moment (UTC milliseconds since 1970), and this of itself.

    One that stands before a moment that was proven is `unsynced`, unless it is synchronised: a hardware clock without
    its battery says a time, and it is wrong.
    """
    return "unsynced" if quality != "synced" and wall_ms < station.proven_ms else quality


def quality_now(station: Station) -> str:
    """What the station's clock was worth at its newest event."""
    return quality_at(station, station.at + station.offset_ms, station.quality)


def trusted_offset_ms(station: Station) -> int | None:
    """What makes UTC milliseconds since 1970 of monotonic ones; None where the clock is not to be trusted."""
    return None if quality_now(station) == "unsynced" else station.offset_ms


def is_at_rest(station: Station) -> bool:
    """Whether no room has anything open that grows."""
    return all(is_at_rest(getattr(station, name)) for name, is_at_rest in _GROWING)


def is_release_wanted(station: Station) -> bool:
    """Whether a release of the lock that was decided earlier may still happen."""
    return any(row.wants_release is not None and row.wants_release(getattr(station, row.name)) for row in ROWS)


def with_floor(station: Station) -> str:
    """The duty whose session has the floor: the one that is open. Empty where none is."""
    for name in _SESSIONS:
        if getattr(station, name).phase is Phase.OPEN:
            return name
    return ""


def facts_at(station: Station, at: int, offset_ms: int, quality: str) -> Facts:
    """What every room may know at a moment (monotonic ms) under a clock that says this quality of itself.

    Where that is not synchronised, time does not go back behind what was proven.
    """
    wall_ms = at + offset_ms
    is_trusted = quality_at(station, wall_ms, quality) != "unsynced"
    floor, lifecycle = with_floor(station), station.lifecycle
    return Facts(
        at,
        wall_ms if is_trusted else max(wall_ms, station.proven_ms),
        wall_ms if is_trusted else None,
        offset_ms,
        quality,
        station.wall_ms,
        station.seq + 1,
        floor,
        not floor and is_at_rest(station),
        lifecycle.duties,
        lifecycle.readers,
        lifecycle.policy,
        station.people,
        lifecycle.lost,
        station.session.unseen,
        station.commands.lockdown is not None,
        station.newest,
        station.at,
    )
