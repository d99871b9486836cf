"""Devices without hardware: the simulator, the demo and the tests drive and watch them."""

import queue
from collections import deque
from collections.abc import Callable, Iterator

from drivers.ports import Now
from station.domain.core.effects import Signal, Verdict
from station.domain.core.inputs import BarcodeScanned, Input, NumberKeyed, ScanSpoiled, SourceFound, SourceLost
from station.domain.core.view import View
from station.domain.identifiers.badge_number import badge_hmac, parse
from station.domain.people.inputs import BadgePresented, BadgeSpoiled

PUSHED_MAX = 1000
RECORDED_MAX = 1000
"""How many answers and signals are kept, the newest."""


class SimulatedSource:
    """A scanner that is fed by `push_line`; `unplug` and `plug` lose and find it. Callable from any thread."""

    def __init__(self, name: str, *, now: Now) -> None:
        self._name = name
        self._now = now
        self._waiting: queue.SimpleQueue[Input | None] = queue.SimpleQueue()
        self._is_plugged = True
        self._is_closed = False
        self.answers: deque[Verdict] = deque(maxlen=RECORDED_MAX)

    @property
    def name(self) -> str:
        """As the settings name it."""
        return self._name

    def inputs(self) -> Iterator[Input]:
        """Yield what is pushed; while unplugged it waits for the plug, so that it is found at once."""
        while not self._is_closed and (pushed := self._waiting.get()) is not None:
            yield pushed
            if isinstance(pushed, SourceLost):
                return

    def close(self) -> None:
        """Make `inputs` return, now and for good."""
        self._is_closed = True
        self._waiting.put(None)

    def answer(self, verdict: Verdict) -> None:
        """Record what the scan came to."""
        self.answers.append(verdict)

    def push_line(self, line: bytes) -> None:
        """Scan this line. ValueError when unplugged, or when `PUSHED_MAX` lines wait unread."""
        self._put_input(BarcodeScanned(self._name, self._now(), line))

    def spoil_line(self, reason: str, line: bytes = b"") -> None:
        """Fail to read a scan whole; errors as for `push_line`."""
        self._put_input(ScanSpoiled(self._name, self._now(), reason, line))

    def unplug(self) -> None:
        """Lose it; ValueError when it is unplugged."""
        self._put_input(SourceLost(self._name, self._now(), "unplugged"))
        self._is_plugged = False

    def plug(self) -> None:
        """Find it again; ValueError when it is plugged in."""
        if self._is_plugged:
            raise ValueError(f"{self._name}: is plugged in; unplug it first")
        self._is_plugged = True
        self._put_input(SourceFound(self._name, self._now()))

    def _put_input(self, pushed: Input) -> None:
        if not self._is_plugged:
            raise ValueError(f"{self._name}: is unplugged; plug it first")
        if self._waiting.qsize() >= PUSHED_MAX:
            raise ValueError(f"{self._name}: {PUSHED_MAX} inputs wait unread; let the station read them first")
        self._waiting.put(pushed)


class SimulatedKeypad(SimulatedSource):
    """A keypad that is fed by `push_line`, with what is typed before Enter."""

    def push_line(self, line: bytes) -> None:
        """Key this number; errors as for a scan."""
        self._put_input(NumberKeyed(self._name, self._now(), line))


class SimulatedBadgeReader(SimulatedSource):
    """A badge reader that is fed by `present_badge`, with the number as a roster writes it."""

    def __init__(self, name: str, *, side: str, site_key: bytes, now: Now) -> None:
        super().__init__(name, now=now)
        self._side = side
        self._site_key = site_key

    def present_badge(self, number: str) -> None:
        """Hold this badge to it; ValueError for a text that is no number, else as for a scan."""
        badge = badge_hmac(parse(number), self._site_key)
        self._put_input(BadgePresented(self._name, self._now(), self._side, badge))

    def push_line(self, line: bytes) -> None:
        """See `present_badge`."""
        self.present_badge(line.decode("ascii", "replace"))

    def spoil_line(self, reason: str, line: bytes = b"") -> None:  # noqa: ARG002 - what was read of a badge is told to nobody
        """Fail to read a badge; errors as for a scan."""
        self._put_input(BadgeSpoiled(self._name, self._now(), self._side, reason))


SignalObserver = Callable[[str, Signal | None], None]
"""Told "play" or "hold" and the signal, on the thread that asked for it; must not block."""


class SimulatedIndicator:
    """Records what is played and held, and tells observers."""

    def __init__(self) -> None:
        self.played: deque[Signal] = deque(maxlen=RECORDED_MAX)
        self.held: Signal | None = None
        self._observers: list[SignalObserver] = []

    def add_observer(self, observer: SignalObserver) -> None:
        """Tell this observer from now on."""
        self._observers.append(observer)

    def play(self, signal: Signal) -> None:
        """Record a pattern that is played once."""
        self.played.append(signal)
        self._tell_observers("play", signal)

    def hold(self, signal: Signal | None) -> None:
        """Record what is held; observers hear of changes only."""
        if signal != self.held:
            self.held = signal
            self._tell_observers("hold", signal)

    def close(self) -> None:
        """Silence and dark."""
        self.hold(None)

    def _tell_observers(self, verb: str, signal: Signal | None) -> None:
        for observer in self._observers:
            observer(verb, signal)


class SimulatedDisplay:
    """Keeps the newest view and tells observers, on the thread that shows it; they must not block."""

    def __init__(self) -> None:
        self.newest: View | None = None
        self._observers: list[Callable[[View], None]] = []

    def add_observer(self, observer: Callable[[View], None]) -> None:
        """Tell this observer from now on."""
        self._observers.append(observer)

    def show(self, view: View) -> None:
        """Keep this view."""
        self.newest = view
        for observer in self._observers:
            observer(view)

    def close(self) -> None:
        """The last view stays."""
