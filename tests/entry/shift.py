"""A shift at the door that nobody would live through: random people, bounces, reboots, clock jumps, revocations.

`Shift(random).go_on()` puts something random to the station and compares what comes of it with a model that is told of
inputs, events and effects only; `steps` counts the inputs. Everything random comes from that one source.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from msgspec.structs import replace

from drivers.debounce import Debounce
from station.domain.core.conditions import Conditions
from station.domain.core.effects import Effect
from station.domain.core.event import Event
from station.domain.core.inputs import BarcodeScanned, Input, SourceFound, SourceLost
from station.domain.core.view import View
from station.domain.entry.inputs import DoorMoved, FireChanged, LockFailed, LockWorks, RexPressed, TamperChanged
from station.domain.entry.pins import awaited
from station.domain.identifiers import command_text
from station.domain.lifecycle.inputs import ClockStepped, Started
from station.domain.people.inputs import BadgePresented, BadgeSpoiled, PinKeyed
from station.domain.people.policy import Policy
from station.domain.station.alerts import alerts
from station.domain.station.deadlines import due
from station.domain.station.leaf import decode, rfc3339
from station.domain.station.state import evolve
from station.domain.station.viewing import view
from station.screens.catalogues import CATALOGUES
from tests.domain.stamping import Stamping, with_document
from tests.entry.model import Model
from tests.entry.world import BEGIN_MS, PEOPLE, POLICY, WITH_PIN, hmac_of, lockdown, offered

BADGES = [badge for _, badges in PEOPLE.values() for badge in badges]
HMACS = {badge: hmac_of(badge) for badge in [*BADGES, "lost", "nobody"]}
STAFF = ["ana", "ana2", "ben", "cleo", "sam", "sue", "olaf"]
USUAL = STAFF * 6 + list(HMACS)
PAUSES_MS = [0, 0, 50, 300, 800, 1_000, 2_000, 3_000, 5_000, 9_000, 16_000]
REPLAY_EVERY = 1_000
SHOW_EVERY = 7
BOUNCE_WITHIN_MS, STABLE_MS = 30, 30
HOUR_MS, DAY_MS = 3_600_000, 86_400_000


def check_shown(shown: View) -> None:
    """Every word is in the catalogue, and the bar within its bounds."""
    phrases = {phrase.key for phrase in (shown.fact, shown.detail, shown.instruction) if phrase}
    assert phrases <= CATALOGUES["en"].keys(), phrases - CATALOGUES["en"].keys()
    assert shown.bar is None or 0 <= shown.bar <= 1


class Shift:
    """One station and all that happens to it; `actions` come as often as their weight says."""

    def __init__(self, random: Random, policy: Policy = POLICY) -> None:
        self.random = random
        self.policy = policy
        self.stamping = Stamping()
        self.model = Model(policy, random)
        self.now = 1_000
        self.offset_ms = BEGIN_MS
        self.boots = self.steps = self.version = self.commands = 0
        self.is_open = self.is_lost = False
        self.wrong: Callable[[], None] | None = None
        self.contact = Debounce(STABLE_MS)
        self.base = self.stamping.station
        self._restart(is_reboot=True)
        self._new_roster()
        weighted: list[tuple[int, Callable[[], Any]]] = [
            (16, lambda: self._badge("outside")),
            (8, lambda: self._badge("inside")),
            (4, lambda: self._badge("desk")),
            (10, self._move_door),
            (30, self._enter_together),
            (24, self._leave),
            (10, self._count_heads),
            (6, self._card),
            (6, lambda: self.put(RexPressed(self.now))),
            (4, lambda: self._sleep(self.random.choice((16_000, 31_000, 61_000, 301_000)))),
            (2, lambda: self._restart(is_reboot=self.random.random() < 0.5)),
            (2, self._new_roster),
            (1, self._go_wrong),
            (1, lambda: self.put(TamperChanged(self.now, self.random.random() < 0.5))),
            (4, self._jump),
            (1, lambda: self._spoil(self.random.choice(("outside", "inside")))),
        ]
        if policy.pin_keypad:
            weighted += [(12, self._key_pin), (1, self._lose_keypad)]
        self.actions = [action for weight, action in weighted for _ in range(weight)]

    def go_on(self) -> None:
        """Something happens, in one step or some; what went wrong is put right some steps later."""
        self._sleep(self.random.choice(PAUSES_MS))
        if self.wrong and self.random.random() < 0.1:
            self.wrong()
        else:
            self.random.choice(self.actions)()

    def replay(self) -> None:
        """What was recorded since the last time comes to the same state again, from the leaves alone."""
        station = self.base
        for leaf in self.stamping.leaves:
            station = evolve(station, with_document(decode(leaf), self.stamping.documents))
        assert station == self.stamping.station, "a replay of the leaves comes to another state"
        self.base = station
        self.stamping.leaves.clear()
        self.stamping.recorded.clear()
        self.stamping.documents = dict(list(self.stamping.documents.items())[-1:])

    def put(self, input: Input) -> None:
        """One step: decide an input and what was due before it, and hold both to the model."""
        self.steps += 1
        self._sleep(0)
        self._check(input, *self.stamping.put(input))
        if self.steps % REPLAY_EVERY == 0:
            self.replay()

    def _sleep(self, for_ms: int) -> None:
        self.now += for_ms
        moment = due(self.stamping.station)
        if moment is not None and moment <= self.now:
            self._check(None, *self.stamping.wait(max(self.stamping.now, self.now)))

    def _check(self, input: Input | None, events: list[Event], effects: list[Effect]) -> None:
        recorded = self.stamping.recorded[len(self.stamping.recorded) - len(events) :]
        station = self.stamping.station
        self.model.check(input, recorded, effects, station)
        if self.steps % SHOW_EVERY == 0:
            check_shown(view(station, Conditions(), self.now))
            alerts(station, Conditions())

    # What happens

    def _badge(self, side: str, badge: str = "") -> None:
        shown = badge or self.random.choice(USUAL)
        self.put(BadgePresented(side, self.now, side, HMACS[shown]))

    def _spoil(self, side: str) -> None:
        self.put(BadgeSpoiled(side, self.now, side, "parity"))

    def _enter_together(self) -> None:
        """Two badges, and mostly somebody goes in and shuts the door."""
        for badge in self.random.sample(STAFF, 2):
            self._sleep(self.random.choice((0, 500, 2_000)))
            self._badge("outside", badge)
            if self.policy.pin_keypad and badge in WITH_PIN and self.random.random() < 0.9:
                self._sleep(self.random.choice((0, 1_000, 4_000)))
                self._key_pin(badge)
        if self.random.random() < 0.1:
            self._card_of("visitor")
        self._pass()

    def _key_pin(self, whose: str = "") -> None:
        """Somebody keys a PIN, their own or any; what comes of it is told later, for comparing takes its time."""
        keyed = whose or self.random.choice([*sorted(WITH_PIN), "wrong"])
        asked = awaited(self.stamping.station.entry, self.stamping.station.people.roster)
        person = asked.person if asked else ""
        input = PinKeyed(self.policy.pin_keypad, self.now, person, is_right=bool(asked) and person == keyed)
        self._sleep(self.random.choice((0, 0, 50, 300)))
        if self.random.random() < 0.1:
            self._badge("outside")
        self.put(input)

    def _lose_keypad(self) -> None:
        source = self.random.choice((self.policy.pin_keypad, "outside"))
        is_lost = source in self.stamping.station.lifecycle.lost
        self.put(SourceFound(source, self.now) if is_lost else SourceLost(source, self.now, "gone"))

    def _leave(self) -> None:
        """A badge, the lever, in either order, one of them sometimes forgotten."""
        moves = [lambda: self._badge("inside", self.random.choice(STAFF)), lambda: self.put(RexPressed(self.now))]
        self.random.shuffle(moves)
        moves[0]()
        self._sleep(self.random.choice((0, 300, 1_400, 1_600)))
        if self.random.random() < 0.8:
            moves[1]()
        self._pass()

    def _pass(self) -> None:
        if not self.is_open and self.random.random() < 0.9:
            self._sleep(self.random.choice((0, 0, 400, 1_000, 2_000)))
            self._move_door()
        if self.is_open and self.random.random() < 0.9:
            self._sleep(self.random.choice((0, 100, 1_000, 3_000)))
            self._move_door()

    def _count_heads(self) -> None:
        """Somebody counts, rightly or not: what they say lets nobody in alone."""
        self._badge(self.random.choice(("desk", "desk", "desk", "outside")), self.random.choice(("sam", "sam", "sue")))
        if self.random.random() < 0.1:
            self._badge(self.random.choice(("outside", "desk")))
        self._card_of("head-count", self.random.choice(("", "0", "0", "1", "2", "3")))

    def _card(self) -> None:
        self._card_of(
            *self.random.choice(
                (("visitor", ""), ("hold-open", "2"), ("head-count", "1"), ("explain", "key"), ("clock", ""))
            )
        )

    def _card_of(self, verb: str, argument: str = "") -> None:
        self.put(BarcodeScanned("gun", self.now, command_text(verb, argument).encode()))

    def _move_door(self) -> None:
        """The door moves, and its contact bounces; what the debouncing trusts is put to the station."""
        self.is_open = not self.is_open
        self.model.moves(is_open=self.is_open, is_seen=not self.is_lost)
        moments = sorted(self.random.randrange(BOUNCE_WITHIN_MS) for _ in range(2 * self.random.randrange(4) + 1))
        for number, after in enumerate(moments):
            level = self.is_open if number % 2 == 0 else not self.is_open
            self._trust(self.now + after)
            self.contact = self.contact.with_edge(level, self.now + after)
        self.now += BOUNCE_WITHIN_MS + STABLE_MS + 1
        self._trust(self.now)
        self.model.has_moved()

    def _trust(self, at: int) -> None:
        self.contact, change = self.contact.settled_at(at)
        if change is not None and not self.is_lost:
            self.put(DoorMoved(change.at, change.level))

    def _go_wrong(self) -> None:
        """A fire, a lockdown, a lock or a contact that fails; until it is over nobody enters."""
        if self.wrong is None:
            self.wrong = self.random.choice((self._fire, self._lockdown, self._lock, self._contact))
            self.wrong()

    def _fire(self) -> None:
        self._over(not self.model.was_fire)
        self.put(FireChanged(self.now, not self.model.was_fire))

    def _lockdown(self) -> None:
        self.commands += 1
        self._over(not self.model.is_locked_down)
        self.put(lockdown(self.now, self.commands, is_set=not self.model.is_locked_down))

    def _lock(self) -> None:
        self._over(not self.model.is_lock_lost)
        self.put(LockWorks(self.now) if self.model.is_lock_lost else LockFailed(self.now, "gone"))

    def _contact(self) -> None:
        self.is_lost = not self.is_lost
        self._over(self.is_lost)
        if self.is_lost:
            self.put(SourceLost("door", self.now, "gone"))
        else:
            self.put(SourceFound("door", self.now))
            self.put(DoorMoved(self.now, self.is_open))

    def _over(self, is_wrong: bool) -> None:
        self.wrong = self.wrong if is_wrong else None

    def _new_roster(self) -> None:
        self.version += 1
        without = tuple(self.random.sample(["ana", "ben", "cleo", "sam"], self.random.choice((0, 0, 0, 1, 2))))
        wall_ms = max(self.now + self.offset_ms, self.model.clock.proven_ms)
        until = rfc3339(wall_ms + self.random.choice((HOUR_MS // 2, 30 * DAY_MS, 30 * DAY_MS)))
        self.model.without = frozenset(without)
        self.put(offered(self.now, self.version, without, not_after=until))

    def _jump(self) -> None:
        quality = self.random.choice(("synced", "rtc", "unsynced"))
        self.offset_ms += self.random.choice((-HOUR_MS, -1_000, 500, HOUR_MS))
        self.put(ClockStepped(self.now, self.offset_ms, quality))

    def _restart(self, *, is_reboot: bool) -> None:
        """The daemon starts again, or the machine does: then the monotonic clock begins anew."""
        wall_ms = self.now + self.offset_ms
        if is_reboot:
            self.boots += 1
            self.now = self.random.choice((1, 5_000))
            self.offset_ms = wall_ms + 60_000 - self.now
        if self.is_lost:
            self.is_lost, self.wrong = False, None
            self.offset_ms -= self.random.choice((0, 0, HOUR_MS))
        quality = self.random.choice(("synced", "synced", "rtc"))
        started = Started(self.now, f"boot-{self.boots}", self.offset_ms, quality, "1.0", "1", policy=self.policy)
        self._check(started, *self.stamping.put(started))
        self.contact = replace(Debounce(STABLE_MS), level=self.is_open, raw=self.is_open)
        self.put(DoorMoved(self.now, self.is_open))
        if self.model.was_fire:
            self.put(FireChanged(self.now, True))
        if self.wrong == self._lock:
            self.wrong = None
