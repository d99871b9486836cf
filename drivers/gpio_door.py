"""The door's switches on gpiozero's pins: contact, exit request, tamper loop, fire input; debounced here.

Each is a contact between its pin and ground, under the pin's own pull-up: a cut wire reads as open. One that never
rests is lost (`restless`) until it does, under a name of its own but for the contact, which is the door.
"""

import queue
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal, NamedTuple

from drivers.debounce import Debounce, LevelChange
from drivers.gpio_pins import Pins, check_library, pin_factory
from drivers.ports import Now
from station.domain.core.inputs import Input, SourceFound, SourceLost
from station.domain.entry.inputs import DOOR, RESTLESS, DoorMoved, FireChanged, RexPressed, TamperChanged

LOOK_EVERY_MS = 1_000
"""The levels are read so often although no edge came: an edge that was lost shows, and so does a chip that is gone."""
HELD_MS = 100
"""A button that was pressed longer ago, and still is when the door opens, is told again."""
LATE_MS = 20
"""An edge may come so late when the machine is busy: no level is trusted before edges of its time have come."""
RESTLESS_MS = 1_000
"""In doubt for longer than this a switch is restless: it bounces no more, it hums, rattles or is played with."""
EDGES_MAX = 64
"""So many edges of one switch are kept until they are looked at; of those beyond only the newest moment is."""
EDGES_AT_ONCE = 256
EDGE_AGE_MS_MAX = 60_000
"""A time stamp of the kernel that is further from now is of another clock."""

Contact = Literal["closed-when-shut", "open-when-shut"]
Rex = Literal["closed-when-pressed", "open-when-pressed"]
Tamper = Literal["open-when-tampered", "closed-when-tampered"]
Fire = Literal["open-on-alarm", "closed-on-alarm"]
# Where an open switch, which the pull-up makes a high level, means yes: open, pressed, tampered, alarm.
_YES_WHEN_HIGH = {"closed-when-shut", "open-when-pressed", "open-when-tampered", "open-on-alarm"}


class _Wiring(NamedTuple):
    key: str
    pin: int
    yes_when_high: bool


class _Line:
    """One switch: its pin, and what can be trusted of it."""

    def __init__(self, wiring: _Wiring, pin: Any, stable_ms: int) -> None:
        self.key = wiring.key
        self.pin = pin
        self._yes_when_high = wiring.yes_when_high
        self._debounce = Debounce(stable_ms=stable_ms)
        self._again_at = 0
        self.source = DOOR if wiring.key == "contact" else wiring.key
        self.is_restless = False
        # One thread counts what came, another what was taken: neither writes the other's.
        self.came = self.taken = 0
        self.missed_at = 0
        self.listener: object = None  # gpiozero holds it by a weak reference only

    @property
    def is_on(self) -> bool:
        return bool(self._debounce.level)

    @property
    def due_at(self) -> int | None:
        """When `look_again` may have something to say; None while nothing is in doubt."""
        due = self._debounce.due_at
        return None if due is None else max(due + LATE_MS, self._again_at)

    def look_again(self, now: int) -> list[LevelChange]:
        """Return what can be trusted by now; nothing while the pin shows that an edge is still on its way."""
        if self.due_at is None or now < self.due_at:
            return []
        if (bool(self.pin.state) == self._yes_when_high) != self._debounce.raw:
            self._again_at = now + LATE_MS
            return []
        return self.settle_by(now - LATE_MS)

    def note_level(self, state: bool, at: int) -> list[LevelChange]:
        """Take in that the pin was high, or not, at this moment; return what became trusted before it."""
        changes = self.settle_by(at)
        self._debounce = self._debounce.with_edge(state == self._yes_when_high, at)
        return changes

    def settle_by(self, at: int) -> list[LevelChange]:
        before = self._debounce
        self._debounce, change = before.settled_at(at)
        if self.is_restless and before.due_at is not None and self._debounce.due_at is None:
            return [LevelChange(self.is_on, before.edge_at)]  # the level at which it rests, whatever it was before
        return [] if change is None else [change]

    def restless_since(self, now: int) -> int | None:
        """Since when it has not rested, where that has become too long and was not told yet."""
        if missed_at := self.missed_at:
            self.missed_at = 0
            self._debounce = self._debounce.missed(missed_at)
        since = self._debounce.doubt_at
        if self.is_restless or since is None or now - since <= RESTLESS_MS:
            return None
        self.is_restless = True
        return since


class GpioDoor:
    """A source named "door". The options are the settings' of [door]; a pin that is None is not fitted.

    Levels are told once they can be trusted, all of them when the pins are opened, and then each change; a button
    still held when the door opens is told again just before. DeviceError where lgpio is missing; any other fault is
    `SourceLost`, and the next call of `inputs` tries again.
    """

    name = DOOR

    def __init__(
        self,
        *,
        contact_pin: int,
        contact: Contact,
        now: Now,
        rex_pin: int | None = None,
        tamper_pin: int | None = None,
        fire_pin: int | None = None,
        rex: Rex = "closed-when-pressed",
        tamper: Tamper = "open-when-tampered",
        fire: Fire = "open-on-alarm",
        debounce_ms: int = 30,
        pins: Pins = "real",
    ) -> None:
        check_library("[door]", pins)
        fitted = [("rex", rex_pin, rex), ("tamper", tamper_pin, tamper), ("fire", fire_pin, fire)]
        # The contact last: of a button and a door that are seen at once, the button is told first.
        self._wiring = [
            _Wiring(key, pin, polarity in _YES_WHEN_HIGH)
            for key, pin, polarity in [*fitted, ("contact", contact_pin, contact)]
            if pin is not None
        ]
        self._now = now
        self._debounce_ms = debounce_ms
        self._pins = pins
        self._edges: queue.SimpleQueue[tuple[_Line, bool, int] | None] = queue.SimpleQueue()
        self._rex_at = 0
        self._is_closed = False
        self._is_lost = False
        self._restless: set[str] = set()

    def inputs(self) -> Iterator[Input]:
        """Yield until a pin fails or `close`; `SourceLost` once a loss, `SourceFound` once it is over."""
        if self._is_closed:
            return
        try:
            with self._open_lines() as lines:
                if self._is_lost:
                    self._is_lost = False
                    yield SourceFound(self.name, self._now())
                for source in sorted(self._restless - {self.name}):  # they begin anew, as the door does
                    yield SourceFound(source, self._now())
                self._restless.clear()
                yield from self._watch_lines(lines)
        except Exception as error:  # gpiozero and lgpio each raise kinds of their own
            if not self._is_lost:
                self._is_lost = True
                yield SourceLost(self.name, self._now(), str(error) or type(error).__name__)

    def close(self) -> None:
        """Make `inputs` return, now and for good."""
        self._is_closed = True
        self._edges.put(None)

    @contextmanager
    def _open_lines(self) -> Iterator[list[_Line]]:
        """Every line as an input that tells its edges, until the block ends."""
        pins = pin_factory("[door]", self._pins)
        try:
            yield [self._open_line(pins, wiring) for wiring in self._wiring]
        finally:
            with suppress(Exception):  # a chip that is gone cannot be closed either
                pins.close()

    def _open_line(self, pins: Any, wiring: _Wiring) -> _Line:
        pin = pins.pin(wiring.pin)
        line = _Line(wiring, pin, self._debounce_ms)
        pin.function = "input"
        pin.pull = "up"
        if self._pins == "mock" and not wiring.yes_when_high:
            pin.drive_high()
        elif self._pins == "mock":
            pin.drive_low()  # at rest: shut, not pressed, whole, no fire
        line.listener = self._edge_listener(line)
        pin.edges = "both"
        pin.when_changed = line.listener
        return line

    def _edge_listener(self, line: _Line) -> Callable[[float, int], None]:
        def changed(ticks_s: float, state: int) -> None:
            """Called on the pins' own thread, with the kernel's time stamp."""
            now, stamped = self._now(), int(ticks_s * 1000)
            if line.came - line.taken >= EDGES_MAX:
                line.missed_at = now
                return
            line.came += 1
            self._edges.put((line, bool(state), stamped if 0 <= now - stamped <= EDGE_AGE_MS_MAX else now))

        return changed

    def _watch_lines(self, lines: list[_Line]) -> Iterator[Input]:
        look_at = self._now()
        while not self._is_closed:
            if self._now() >= look_at and self._edges.empty():
                for line in lines:
                    yield from self._inputs_of(line.note_level(bool(line.pin.state), self._now()), line, lines)
                look_at = self._now() + LOOK_EVERY_MS
            for line, state, at in self._edges_arrived(lines, look_at):
                yield from self._inputs_of(line.note_level(state, at), line, lines)
            for line in lines:
                if (since := line.restless_since(self._now())) is not None:
                    self._restless.add(line.source)
                    yield SourceLost(line.source, since, RESTLESS)
            # An edge that waits may be older than what is due: it is fed first.
            if self._edges.empty():
                for line in lines:
                    yield from self._inputs_of(line.look_again(self._now()), line, lines)

    def _edges_arrived(self, lines: list[_Line], look_at: int) -> Iterator[tuple[_Line, bool, int]]:
        """The edges that came, once one came or something is due."""
        moments = [look_at, *(line.due_at for line in lines if line.due_at is not None)]
        with suppress(queue.Empty):
            wait_s = max(0, min(moments) - self._now()) / 1000
            for number in range(EDGES_AT_ONCE):
                edge = self._edges.get_nowait() if number else self._edges.get(timeout=wait_s)
                if edge is None:
                    return
                edge[0].taken += 1
                if edge[0] in lines:  # else of pins that were closed since
                    yield edge

    def _inputs_of(self, changes: list[LevelChange], line: _Line, lines: list[_Line]) -> Iterator[Input]:
        for level, at in ((change.level, change.at) for change in changes):
            if line.is_restless:
                line.is_restless = False
                self._restless.discard(line.source)
                yield SourceFound(line.source, at)
            if line.key == "contact":
                is_held = any(other.is_on for other in lines if other.key == "rex")
                if level and is_held and at - self._rex_at > HELD_MS:
                    yield self._rex_pressed(at)
                yield DoorMoved(at, level)
            elif line.key == "rex" and level:
                yield self._rex_pressed(at)
            elif line.key == "fire":
                yield FireChanged(at, level)
            elif line.key == "tamper":
                yield TamperChanged(at, level)

    def _rex_pressed(self, at: int) -> Input:
        self._rex_at = at
        return RexPressed(at)
