"""What stands of the vault's entry: the door, whom it is released for, who is presumed inside.

Moments are monotonic milliseconds, and deadlines where their name ends in `_at`; 0 where there is none. Everything is
bounded by the roster and the readers, and plain, so a snapshot holds it as it is.
"""

from functools import cached_property

import msgspec

from station.domain.people.actors import Actor, Actors
from station.domain.people.policy import Policy

LATE_MS = 250
"""A contact tells of an opening later than the lock that was released in time: for so long it still counts."""


FLAPS_APART_MS = 20_000
"""Openings that nothing explains, less than this apart, are those of one door that flaps."""
FLAPS_TOLD = 5
"""After so many of them it is told once, and then once a minute while it goes on."""
FLAPS_TOLD_EVERY_MS = 60_000


class Door(msgspec.Struct, frozen=True):
    """`is_known` once its source has told where it stands; `opening` is the seq of the newest `door.opened`.

    `by` says what explained that one. `held` is empty, `warn` or `alarm`; of `forced` openings nobody has explained
    the newest is `forced_opening`, which came at `forced_since`. `restless` are the inputs that never rest. Of openings
    that nothing explains `flaps` came since `flaps_from`, the last at `flapped_at`; `is_unstable` until a supervisor
    explains it.
    """

    is_known: bool = False
    is_open: bool = False
    opening: int = -1
    opened_at: int = 0
    by: str = ""
    forced_at: int = 0
    held: str = ""
    held_at: int = 0
    held_open_until: int = 0
    rex_until: int = 0
    forced: int = 0
    forced_opening: int = -1
    forced_since: int = 0
    is_tampered: bool = False
    is_fire: bool = False
    is_lock_lost: bool = False
    restless: tuple[str, ...] = ()
    flaps: int = 0
    flaps_from: int = 0
    flapped_at: int = 0
    is_unstable: bool = False


class Waiting(msgspec.Struct, frozen=True):
    """The first of two badges; the second must come before `until_at`."""

    actor: Actor
    badge: str
    until_at: int
    visitors: int = 0


class PinWait(msgspec.Struct, frozen=True):
    """Whose PIN is awaited, for the badge that they showed at the reader `source`: from `since` to `until_at`."""

    actor: Actor
    badge: str
    source: str
    since: int
    until_at: int


class Grant(msgspec.Struct, frozen=True):
    """Whom the door is released for."""

    actors: Actors
    badges: tuple[str, ...]
    until_at: int
    visitors: int = 0


class Inside(msgspec.Struct, frozen=True):
    """One person who is presumed inside, and how many visitors they brought."""

    actor: Actor
    badge: str
    visitors: int = 0


class Leaving(msgspec.Struct, frozen=True):
    """Whose exit badge explains one opening before `until`, and answers one request to leave.

    `spent` is empty until it has; then `opening`, while the door stands open that it opened, or `after`, where the
    badge came after the opening that it answers: it opens nothing more, and the same badge again is the same exit.
    """

    id: str
    until: int
    spent: str = ""


class Tries(msgspec.Struct, frozen=True):
    """The moments of failed tries at one reader; before `until` it takes no badge."""

    source: str
    moments: tuple[int, ...] = ()
    until: int = 0


class Identified(msgspec.Struct, frozen=True):
    """Who was known at the desk or inside last, and no badge was shown since: for one card before `until`."""

    actor: Actor
    badge: str
    until: int


class Entry(msgspec.Struct, frozen=True, dict=True):
    """All of it; no policy where the station has no entry.

    `late` is a grant that ran out a moment ago. `unnamed` people were counted inside without their names. `sure` are
    those surely inside, by their ids: whom the newest opening let in, while nobody has asked to leave since.
    `uncertain` says why nobody knows who is inside; empty while that is known. At `badge_at` an exit badge should have
    come, at `exit_at` an opening after one. `same_person` is who tried to be two. While `is_keypad_lost` nobody can key
    a PIN.
    """

    policy: Policy | None = None
    door: Door = Door()
    waiting: Waiting | None = None
    pin_wait: PinWait | None = None
    is_keypad_lost: bool = False
    grant: Grant | None = None
    late: Grant | None = None
    inside: tuple[Inside, ...] = ()
    sure: tuple[str, ...] = ()
    unnamed: int = 0
    is_occupied: bool = False
    uncertain: str = ""
    lone_at: int = 0
    is_lone_alarm: bool = False
    badge_at: int = 0
    exit_at: int = 0
    leaving: tuple[Leaving, ...] = ()
    tries: tuple[Tries, ...] = ()
    identified: Identified | None = None
    same_person: str = ""
    roster_loaded_ms: int = 0
    roster_not_after_ms: int = 0
    roster_stale: str = ""

    @cached_property
    def deadline(self) -> tuple[int, str] | None:
        """The earliest monotonic moment at which something must be decided, and what it is about; None where none."""
        if self.policy is None:
            return None
        door = self.door
        found = [
            (door.forced_at, "forced"),
            (door.held_at, "held"),
            (self.lone_at, "lone"),
            (self.badge_at, "badge"),
            (self.exit_at, "exit"),
            (self.waiting.until_at if self.waiting else 0, "waiting"),
            (self.pin_wait.until_at if self.pin_wait else 0, "pin"),
            (self.grant.until_at if self.grant else 0, "grant"),
        ]
        return min((each for each in found if each[0]), default=None)

    @cached_property
    def stale_wall_ms(self) -> int:
        """The wall moment at which the roster is to be called stale, or expired; 0 where that has been done."""
        if self.policy is None or not self.roster_loaded_ms or self.roster_stale == "expired":
            return 0
        expired_ms = self.roster_not_after_ms + 1
        return expired_ms if self.roster_stale else min(expired_ms, self.roster_loaded_ms + self.policy.stale_ms)

    @property
    def people(self) -> int:
        """How many of those who may enter alone or in pairs are presumed inside."""
        return len(self.inside) + self.unnamed

    @property
    def occupancy(self) -> int:
        """How many are presumed inside, visitors too."""
        return self.people + sum(person.visitors for person in self.inside)

    @property
    def is_estimate(self) -> bool:
        """Whether nothing tells who leaves."""
        return self.policy is not None and not self.policy.has_inside_reader

    @property
    def is_alarming(self) -> bool:
        """Whether the siren should sound; in a fire it leaves that to the fire alarm."""
        door = self.door
        is_wrong = door.forced > 0 or door.is_unstable or door.held == "alarm" or self.is_lone_alarm
        return (is_wrong or door.is_tampered or bool(door.restless)) and not door.is_fire

    def tries_at(self, source: str) -> Tries:
        """What failed at one reader."""
        return next((tries for tries in self.tries if tries.source == source), Tries(source))

    def has_left(self, at: int) -> bool:
        """Whether an exit badge came so lately that a request to leave at the open door is theirs."""
        return any(leaving.until >= at for leaving in self.leaving)

    def next_leaving(self, at: int) -> Leaving | None:
        """The earliest exit badge that has explained no opening yet, and explains one at this moment."""
        return next((leaving for leaving in self.leaving if leaving.until >= at and not leaving.spent), None)
