"""Events of the vault's entry: badges, door, occupancy. A person is an id and a role here, a badge its HMAC.

Moments (`until`, names that end in `_at`) are monotonic milliseconds of this boot; 0 where there is none.
"""

from typing import ClassVar, TypeVar

import msgspec
from msgspec.structs import replace

from station.domain.core.event import Event
from station.domain.people.actors import Actors


class EntryEvent(Event, frozen=True):
    """Base of the events of entry and door."""

    SEALED_AT_ONCE: ClassVar[bool] = True


class PersonEvent(EntryEvent, frozen=True):
    """Base of the events about people; `badges` are the HMACs of the badges by which they were known."""

    actors: Actors = ()
    badges: tuple[str, ...] = ()

    def subject(self) -> str:
        return self.actors[0].id if len(self.actors) == 1 else ""


class EntryFirstBadge(PersonEvent, frozen=True, kw_only=True):
    """The first of two; the second must come before `until`."""

    TYPE: ClassVar[str] = "entry.first_badge"
    source: str
    until: int


class EntryPinAwaited(PersonEvent, frozen=True, kw_only=True):
    """The badge counts once its owner has keyed their PIN, before `until`; the newest of these is in force."""

    TYPE: ClassVar[str] = "entry.pin_awaited"
    source: str
    until: int


class EntryGranted(PersonEvent, frozen=True, kw_only=True):
    """The door is released for these people until `until`; `roster` is the version that allowed it.

    With `is_open` the door stands open anyway: nothing is released, and they count as inside at once.
    """

    TYPE: ClassVar[str] = "entry.granted"
    source: str
    roster: int
    until: int
    visitors: int = 0
    is_open: bool = False


class EntryJoined(EntryGranted, frozen=True, kw_only=True):
    """The door is released for people who join others: those inside, or those it is released for already.

    `actors` are the ones who join.
    """

    TYPE: ClassVar[str] = "entry.joined"


class EntryDenied(PersonEvent, frozen=True, kw_only=True):
    """A badge that opened nothing, or the first of two whose second never came; `side` is where the reader hangs."""

    TYPE: ClassVar[str] = "entry.denied"
    reason: str
    source: str = ""
    side: str = ""


class EntryThrottled(EntryEvent, frozen=True, kw_only=True):
    """Too many failed tries at one reader: it takes no badge before `until`."""

    TYPE: ClassVar[str] = "entry.throttled"
    source: str
    tries: int
    until: int

    def subject(self) -> str:
        return self.source


class EntryNotUsed(PersonEvent, frozen=True, kw_only=True):
    """The release ended before the door opened: `time`, `lockdown`, `emergency`, `restart`, `lost`."""

    TYPE: ClassVar[str] = "entry.not_used"
    reason: str


class EntryExited(PersonEvent, frozen=True, kw_only=True):
    """An exit badge: presumed outside, with `visitors`; `occupancy` is without them.

    An opening before `until` is theirs; with `is_open` it has come already.
    """

    TYPE: ClassVar[str] = "entry.exited"
    source: str
    occupancy: int
    until: int
    is_open: bool = False
    visitors: int = 0
    estimate: bool = False


class EntryLone(PersonEvent, frozen=True, kw_only=True):
    """One person is inside alone; at `until` that becomes an alarm."""

    TYPE: ClassVar[str] = "entry.lone"
    until: int


class EntryLoneAlarm(PersonEvent, frozen=True):
    """One person was alone for longer than the grace; the door is free."""

    TYPE: ClassVar[str] = "entry.lone_alarm"


class EntryEmpty(EntryEvent, frozen=True):
    """The last one left and the door is shut."""

    TYPE: ClassVar[str] = "entry.empty"
    estimate: bool = False


class EntryUncertain(EntryEvent, frozen=True, kw_only=True):
    """Who is inside is not known any more, and why; a head count settles it. `occupancy` is what was presumed."""

    TYPE: ClassVar[str] = "entry.uncertain"
    reason: str
    occupancy: int = 0


class EntryHeadCounted(PersonEvent, frozen=True, kw_only=True):
    """A supervisor counted `people` inside, where `presumed` were presumed."""

    TYPE: ClassVar[str] = "entry.head_counted"
    people: int
    presumed: int


class EntryVisitor(PersonEvent, frozen=True, kw_only=True):
    """One more visitor comes in with this escort, who brings `visitors` now."""

    TYPE: ClassVar[str] = "entry.visitor"
    visitors: int


class EntryHeldOpen(PersonEvent, frozen=True, kw_only=True):
    """A supervisor allows the door to stand open until `until`, for a delivery."""

    TYPE: ClassVar[str] = "entry.held_open"
    minutes: int
    until: int


class EntryIdentified(PersonEvent, frozen=True, kw_only=True):
    """Somebody said at a reader who they are, for what they do next, before `until`; it opens nothing.

    `side` is `inside` where that was an exit badge once more, empty at the desk.
    """

    TYPE: ClassVar[str] = "entry.identified"
    source: str
    until: int
    side: str = ""


class EntryRevoked(PersonEvent, frozen=True):
    """People who are inside stand in the new roster no more; an alert, never a lock."""

    TYPE: ClassVar[str] = "entry.revoked"


class DoorOpened(PersonEvent, frozen=True, kw_only=True):
    """The door opened, `by` what: `grant`, `egress` (the lever), `exit_badge`, `emergency`; `found` was open at start.

    `unknown`: before `forced_at` an `egress.rex` explains it, else `door.forced` does; either names it by its seq.
    `unjudged`: this station has no entry. `actors` came in with `visitors`; `occupancy` is with them. After `held_at`
    it is held open; before `badge_at` an exit badge is awaited.
    """

    TYPE: ClassVar[str] = "door.opened"
    by: str
    occupancy: int = 0
    visitors: int = 0
    estimate: bool = False
    held_at: int = 0
    forced_at: int = 0
    badge_at: int = 0


class DoorClosed(EntryEvent, frozen=True, kw_only=True):
    """The door is shut; it was open for `open_ms`. `found`: it was found shut when its source began."""

    TYPE: ClassVar[str] = "door.closed"
    open_ms: int = 0
    occupancy: int = 0
    estimate: bool = False
    found: bool = False


class DoorHeld(EntryEvent, frozen=True, kw_only=True):
    """The door stands open for too long: `warn`, then at `next_at` `alarm`."""

    TYPE: ClassVar[str] = "door.held"
    level: str
    open_ms: int
    next_at: int = 0


class DoorForced(EntryEvent, frozen=True, kw_only=True):
    """The opening of that seq has nothing that explains it: no grant, no exit badge, no request to leave."""

    TYPE: ClassVar[str] = "door.forced"
    opening: int
    reason: str = ""


class DoorUnstable(EntryEvent, frozen=True, kw_only=True):
    """The door flaps: it opened so many `times` without anything that explains it, `from` then `to` then.

    The alarm stays on until a supervisor explains it.
    """

    TYPE: ClassVar[str] = "door.unstable"
    times: int
    from_at: int = msgspec.field(name="from")
    to_at: int = msgspec.field(name="to")


class DoorTampered(EntryEvent, frozen=True, kw_only=True):
    """The tamper loop opened, or is whole again."""

    TYPE: ClassVar[str] = "door.tampered"
    is_open: bool


class DoorExplained(PersonEvent, frozen=True, kw_only=True):
    """Why the door was forced: said by a supervisor (`actors`), or `rex` late but within its window. Erases nothing.

    `opening` is the seq of the newest of `times` forced openings that this explains.
    """

    TYPE: ClassVar[str] = "door.explained"
    reason: str
    opening: int
    times: int = 1


class EgressRex(EntryEvent, frozen=True, kw_only=True):
    """Somebody asked to leave: `rex`; the fire input: `emergency`, and `emergency_over`.

    An opening before `until` is theirs; `opening` is the seq of the one that this explains afterwards (-1: none).
    Before `badge_at` an exit badge is awaited; after `held_at` a door that is still open is held open.
    """

    TYPE: ClassVar[str] = "egress.rex"
    reason: str = "rex"
    until: int = 0
    opening: int = -1
    badge_at: int = 0
    held_at: int = 0


class RosterStale(EntryEvent, frozen=True, kw_only=True):
    """The roster is `old`: no newer one came for a day; or `expired`: only its offline list may enter."""

    TYPE: ClassVar[str] = "roster.stale"
    version: int
    reason: str


Counted = TypeVar("Counted", DoorOpened, EntryExited)


def with_occupancy(event: Counted, occupancy: int, estimate: bool) -> Counted:
    """The event with what its own effect makes of the occupancy."""
    return replace(event, occupancy=occupancy, estimate=estimate)
