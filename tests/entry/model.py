"""The entry told again from inputs, events and effects alone, the slow and obvious way; knows no state of the station.

What must hold: the lock is released to no fewer than `people` different people of an allowed pair, each by
their own PIN where they have one and it can be keyed; nobody is ever kept in; every opening is explained by exactly one
event; who is inside is who came in and did not leave.

It knows too who is *truly* inside: whoever is may walk out of any door that opens; of those it opens for one at least
walks in. A release has two behind it, or one beside somebody who is truly inside.
"""

from collections.abc import Sequence
from random import Random

from station.domain.commands.events import LockdownCleared, LockdownSet
from station.domain.core.decider import Recorded
from station.domain.core.effects import ReleaseLock, SecureLock, Siren
from station.domain.core.event import Event
from station.domain.core.inputs import Input
from station.domain.entry.events import (
    DoorClosed,
    DoorExplained,
    DoorForced,
    DoorOpened,
    EgressRex,
    EntryDenied,
    EntryEmpty,
    EntryExited,
    EntryFirstBadge,
    EntryGranted,
    EntryHeadCounted,
    EntryHeldOpen,
    EntryNotUsed,
    EntryPinAwaited,
    EntryThrottled,
    EntryUncertain,
    PersonEvent,
)
from station.domain.entry.inputs import FireChanged, RexPressed
from station.domain.entry.state import LATE_MS
from station.domain.lifecycle.events import ClockSworn, SourceCameBack, SourceWentAway
from station.domain.lifecycle.inputs import ClockStepped, Started
from station.domain.people.inputs import BadgePresented, PinKeyed
from station.domain.people.policy import Policy
from station.domain.station.state import Station
from tests.entry.truth import Clock, Truth
from tests.entry.world import ENDS_WAITING, OFFLINE, OWNER, ROLES, WITH_PIN, Effects, Steps


class Model:
    """Moments are those of the present boot."""

    def __init__(self, policy: Policy, random: Random) -> None:
        self.policy, self.random = policy, random
        self.truth = Truth(random)
        self.clock = Clock()
        self.newest: tuple[str, str, int] | None = None  # whose badge, which side, when; None once a card used it
        self.without: frozenset[str] = frozenset()
        self.is_fire = self.was_fire = self.is_lock_lost = self.is_locked_down = False
        self.is_known = self.is_open = False
        self.is_siren = False
        self.badged: dict[str, int] = {}  # who showed a badge outside, and when
        self.shown: dict[str, int] = {}  # the same, or when they keyed their PIN
        self.awaited: tuple[str, int] | None = None  # whose PIN, and since when
        self.waiting: tuple[str, int] | None = None
        self.granted: list[str] = []
        self.granted_until = self.released_until = -1
        self.late_until = -1
        self.late: list[str] = []
        self.last_at = 0
        self.rex_at = -(10**9)
        self.exits: dict[str, int] = {}  # exit badges that have explained no opening yet
        self.by = ""  # what explains the door that stands open, and when it opened
        self.opened_at = 0
        self.moment = 0  # of the input: a contact tells of one that has passed
        self.inside: set[str] = set()
        self.unnamed = 0
        self.is_certain = True
        self.unexplained = -1
        self.opened = 0
        self.must_open = 0

    # Openings, counted

    def moves(self, *, is_open: bool, is_seen: bool) -> None:
        """The door moves now; the station has to see it open where `is_seen`."""
        self.must_open, self.opened = int(is_open and is_seen), 0
        if is_open and not is_seen:
            self.truth.walk_out()

    def has_moved(self) -> None:
        assert self.opened == self.must_open, f"{self.opened} door.opened for {self.must_open} openings"

    # One input

    def check(self, input: Input | None, recorded: Steps, effects: Effects, station: Station) -> None:
        """What an input (None: time) came to is what it had to."""
        if input is not None:
            self.moment = max(getattr(input, "at", 0), 0 if isinstance(input, Started) else self.last_at)
            self._take_input(input)
        self.last_at = station.at
        if isinstance(input, Started | ClockStepped):
            self.clock.says(input.offset_ms, input.quality)
        releases = [effect for effect in effects if isinstance(effect, ReleaseLock)]
        for each in recorded:
            self._take(each, input)
            self.clock.take(each)
        self._check_release(input, releases, recorded)
        self._check_levels(effects, station)
        self._check_way_out(input, recorded, effects)
        entry = station.entry
        assert {person.actor.id for person in entry.inside} == self.inside
        assert len(entry.inside) == len(self.inside), "a person stands there twice"
        assert entry.unnamed == self.unnamed >= 0
        assert entry.occupancy >= len(self.inside)
        assert (entry.pin_wait and entry.pin_wait.actor.id) == (self.awaited and self.awaited[0])

    def _take_input(self, input: Input) -> None:
        if isinstance(input, BadgePresented):
            self.newest = (OWNER.get(input.badge, ""), input.side, input.at)
        if self.is_open and (isinstance(input, RexPressed) or getattr(input, "side", "") == "inside"):
            self.truth.walk_out()
        match input:
            case Started():
                self._restart()
            case FireChanged(is_active=is_active):
                self.is_fire = self.was_fire = is_active
            case BadgePresented(side="outside", badge=badge, at=at) if badge in OWNER:
                self.badged[OWNER[badge]] = at
                if not self._has_pin(OWNER[badge]):
                    self.shown[OWNER[badge]] = at
            case PinKeyed(person=person, at=at, is_right=True) if person in self.badged:
                if at - self.badged[person] <= self.policy.pin_ms:
                    self.shown[person] = at

    def _has_pin(self, person: str) -> bool:
        return person in WITH_PIN and bool(self.policy.pin_keypad)

    def _restart(self) -> None:
        self.is_fire = self.is_known = self.is_lock_lost = False
        self.badged.clear()
        self.shown.clear()
        self.newest = None
        self.rex_at = -(10**9)
        self.exits.clear()
        self.released_until = self.late_until = -1

    # Events

    def _take(self, recorded: Recorded, input: Input | None) -> None:
        event, at = recorded.event, recorded.at
        match event:
            case DoorOpened():
                self._open(event, recorded)
            case DoorClosed():
                self.is_known, self.is_open, self.by = True, False, ""
            case DoorForced() | EgressRex():
                self._explain(event, at)
            case EntryPinAwaited():
                self._await_pin(event, at)
            case EntryFirstBadge():
                assert self.waiting is None, "two wait for a second badge"
                self.waiting = (OWNER[event.badges[0]], event.until)
                self._prove(event, input)
            case EntryGranted():
                self._grant(event)
                self._prove(event, input)
            case EntryDenied():
                self._deny(event)
            case EntryNotUsed():
                assert self.granted, "a release that was none is not used"
                self.late_until = self.granted_until + LATE_MS if event.reason == "time" else -1
                self._use_badges(self.granted)
                self.late, self.granted = self.granted, []
            case EntryExited():
                self._exit(event, at, input)
            case EntryThrottled(source="outside"):
                self.awaited = None
            case _:
                self._take_other(event)

    def _take_other(self, event: Event) -> None:
        match event:
            case EntryUncertain():
                self.is_certain = False
            case EntryEmpty():
                assert not self.is_open or not self.inside
                self.inside, self.unnamed = set(), 0
                self.exits.clear()
                self.rex_at = -(10**9)
            case DoorExplained(actors=actors) | EntryHeldOpen(actors=actors) | ClockSworn(actors=actors) if actors:
                self._check_card(event)
            case DoorExplained(times=times):
                assert times == 1, "one press explains more than one opening"
                self.rex_at = -(10**9)
            case EntryHeadCounted(people=people, presumed=presumed):
                self._check_card(event)
                self.is_certain = True
                if people != presumed:
                    self.inside, self.unnamed = set(), people
            case SourceWentAway(source="door"):
                self.is_known = False
            case SourceWentAway(source="lock") | SourceCameBack(source="lock"):
                self.is_lock_lost = isinstance(event, SourceWentAway)
            case LockdownSet() | LockdownCleared():
                self.is_locked_down = isinstance(event, LockdownSet)

    def _check_card(self, event: PersonEvent | ClockSworn) -> None:
        """A card acts for the supervisor whose badge came directly before, at the desk or inside; once."""
        assert self.newest is not None, "one badge for two cards"
        person, side, at = self.newest
        assert event.actors[0].id == person, "a card acts for somebody else than who showed the newest badge"
        assert side in ("desk", "inside"), "a card acts for somebody outside"
        assert self.moment - at <= self.policy.supervisor_ms
        assert "supervisor" in ROLES[person]
        self.newest = None

    def _use_badges(self, people: Sequence[str]) -> None:
        """Whoever went in, or did not in time, does not stand behind a release any more by that badge."""
        for person in people:
            self.shown.pop(person, None)

    def _open(self, opened: DoorOpened, recorded: Recorded) -> None:
        assert self.unexplained < 0, "the opening before is not explained"
        assert opened.by == "found" or not self.is_open, "the door opens twice"
        self.opened += 1
        assert opened.by == (reason := self._reason(self.moment)), f"an opening by {opened.by} instead of {reason}"
        self.unexplained = recorded.seq if opened.by == "unknown" else -1
        self.truth.walk_out()
        if opened.by == "grant":
            people = self.granted or self.late
            assert sorted(actor.id for actor in opened.actors) == sorted(people)
            self._admit(people)
        if opened.by in ("egress", "exit_badge"):
            self._spend(self.moment)
        self.rex_at = -(10**9) if opened.by == "egress" else self.rex_at
        self.by, self.opened_at = opened.by, recorded.at
        self.granted, self.late_until = [], -1
        self.is_known = self.is_open = True
        self.released_until = -1

    def _reason(self, at: int) -> str:
        """What has to explain an opening at this moment."""
        if not self.is_known:
            return "found"
        if self.granted or self.late_until >= at:
            return "grant"
        if self.is_fire:
            return "emergency"
        if at - self.rex_at <= self.policy.rex_window_ms:
            return "egress"
        has_left = any(at - moment <= self.policy.exit_window_ms for moment in self.exits.values())
        return "exit_badge" if has_left else "unknown"

    def _explain(self, event: DoorForced | EgressRex, at: int) -> None:
        if event.opening >= 0:
            assert event.opening == self.unexplained, "an opening is explained twice, or another one"
            self.unexplained = -1
        elif isinstance(event, EgressRex) and event.reason == "rex":
            if self.by == "exit_badge" and at - self.opened_at <= self.policy.rex_window_ms:
                self.by = "egress"  # the lever of the same exit
            else:
                self.rex_at = at

    def _spend(self, at: int) -> None:
        """The earliest exit badge within its window has explained its one opening."""
        live = [person for person, moment in self.exits.items() if at - moment <= self.policy.exit_window_ms]
        if live:
            del self.exits[live[0]]

    def _grant(self, event: EntryGranted) -> None:
        people = [OWNER[badge] for badge in event.badges]
        assert people == [actor.id for actor in event.actors]
        assert not set(people) & set(self.granted), "a person is let in twice"
        self.waiting = None
        if event.is_open:
            self._admit(people)
        else:
            self.granted += people
            self.granted_until = event.until

    def _await_pin(self, event: EntryPinAwaited, at: int) -> None:
        person = OWNER[event.badges[0]]
        assert self._has_pin(person), "a PIN is asked of one who has none, or where none can be keyed"
        assert self.awaited is None or self.awaited[0] == person, "two PINs are awaited"
        assert event.until == at + self.policy.pin_ms
        self.awaited = (person, at)

    def _prove(self, event: PersonEvent, input: Input | None) -> None:
        """Whoever showed the newest badge has keyed their PIN with this input, if they have one."""
        person = event.actors[-1].id
        if self._has_pin(person):
            assert isinstance(input, PinKeyed), "a badge counts without its PIN"
            assert input.is_right, "a wrong PIN is taken"
            assert input.person == person, "a PIN is taken for another's"
            assert self.awaited is not None, "a PIN is taken that nobody awaits"
            assert input.at >= self.awaited[1], "a PIN is taken that was keyed before the badge"
            self.awaited = None

    def _deny(self, event: EntryDenied) -> None:
        if event.reason == "wrong_pin":
            assert self.awaited is not None, "a PIN is wrong that nobody awaits"
        elif self.awaited and self.awaited[0] in {OWNER.get(badge) for badge in event.badges}:
            assert event.reason != "no_second_badge"
            self.awaited = None
        if event.reason == "no_second_badge":
            assert self.waiting is not None, "a timer runs out that nobody waits for"
        if event.reason in ENDS_WAITING:
            self.waiting = None

    def _exit(self, exited: EntryExited, at: int, input: Input | None) -> None:
        assert isinstance(input, BadgePresented)
        assert exited.is_open or not self.is_open
        person = OWNER[input.badge]
        self._use_badges([person])
        self.exits.pop(person, None)
        if not exited.is_open:  # else its opening has come already
            self.exits[person] = at
        if person not in self.inside and self.unnamed:
            self.unnamed -= 1
        self.inside.discard(person)

    def _admit(self, people: Sequence[str]) -> None:
        self.inside |= set(people)
        self.truth.walk_in(people)
        self._use_badges(people)
        for person in people:
            self.exits.pop(person, None)

    # What must hold

    def _check_release(self, input: Input | None, releases: Sequence[ReleaseLock], recorded: Steps) -> None:
        if not releases:
            return
        assert isinstance(input, BadgePresented | PinKeyed), "released without a badge"
        assert not isinstance(input, BadgePresented) or input.side == "outside"
        assert self.is_known, "released while nobody knows where the door is"
        assert True not in (self.is_fire, self.is_lock_lost, self.is_locked_down)
        [release] = releases
        presenter = OWNER[input.badge] if isinstance(input, BadgePresented) else input.person
        at = recorded[-1].at
        # A PIN is compared for a while: something else may have come since it was keyed.
        assert input.at + self.policy.release_ms <= release.until <= at + self.policy.release_ms
        is_in_time = self.clock.wall_ms(at) <= self.clock.not_after_ms
        assert is_in_time or presenter in OFFLINE, "released by a roster that has expired"
        assert presenter not in self.without, "released to a badge that the roster does not know"
        since = at - self.policy.second_badge_ms
        barred = {*self.without, "eve"}  # whom the roster does not know, and whose time has passed
        outside = ({person for person, moment in self.shown.items() if moment >= since} | set(self.granted)) - barred
        behind = outside | (self.truth.inside if self.policy.has_inside_reader else set())
        assert len(behind) >= self.policy.people, f"released to {outside} while {self.truth.inside} are inside"
        others = (outside | self.inside) - barred - {presenter}  # who of a pair walked in can only be presumed
        if self.policy.people > 1:
            pairs = [self.policy.paired(ROLES[presenter], ROLES[other]) for other in others]
            assert any(pairs), f"released to {presenter} beside {others}"
        self.released_until = release.until

    def _check_levels(self, effects: Effects, station: Station) -> None:
        """The siren is on exactly while there is an alarm; the lock is released only while somebody may enter."""
        for effect in effects:
            if isinstance(effect, Siren):
                self.is_siren = effect.is_on
            elif isinstance(effect, SecureLock):
                self.released_until = -1
        assert self.is_siren == station.entry.is_alarming
        if self.released_until > station.at:
            assert self.granted, "the lock is released and nobody may enter"

    def _check_way_out(self, input: Input | None, recorded: Steps, effects: Effects) -> None:
        types = [type(each.event) for each in recorded]
        match input:
            case RexPressed():
                assert EgressRex in types, "a request to leave is refused"
            case BadgePresented(side="inside", badge=badge) if badge in OWNER:
                is_known = OWNER[badge] not in self.without
                assert EntryDenied not in types or not is_known, "an exit badge is refused"
            case _:
                return
        assert not any(isinstance(effect, SecureLock | ReleaseLock) for effect in effects)
