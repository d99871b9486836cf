"""A door, its lock and its siren without hardware."""

from collections import deque
from collections.abc import Callable
from pathlib import Path

from drivers.ports import Now
from drivers.simulated import RECORDED_MAX, SimulatedSource
from drivers.timed_lock import TimedLock
from station.domain.core.inputs import Input
from station.domain.entry.inputs import DOOR, DoorMoved, FireChanged, RexPressed, TamperChanged

LockObserver = Callable[[str, bool], None]
"""Told "lock" and whether it is released, or "siren" and whether it sounds; must not block."""


class SimulatedDoor(SimulatedSource):
    """A door that is shut at first. As a real one it tells its levels when it begins and when it was found again.

    Where `kept` is a file, it stands there as it was left: a door does not shut because a station lost its power.
    """

    def __init__(self, *, now: Now, name: str = DOOR, kept: Path | None = None) -> None:
        super().__init__(name, now=now)
        self._kept = kept
        self._active = set(kept.read_text("ascii").split()) if kept and kept.exists() else set()
        self._tell_levels()

    def move_door(self, is_open: bool) -> None:
        """Open or shut it; nothing where it is so already. ValueError as for a scan."""
        self._set_level("open", is_open, DoorMoved(self._now(), is_open))

    def press_rex(self) -> None:
        """Ask to leave; errors as for a scan."""
        self._put_input(RexPressed(self._now()))

    def set_fire(self, is_active: bool) -> None:
        """Begin or end the alarm of the fire panel; errors as for a scan."""
        self._set_level("fire", is_active, FireChanged(self._now(), is_active))

    def set_tamper(self, is_open: bool) -> None:
        """Open or shut the tamper loop; errors as for a scan."""
        self._set_level("tamper", is_open, TamperChanged(self._now(), is_open))

    def plug(self) -> None:
        """Find it again, as it stands now; ValueError when it is plugged in."""
        super().plug()
        self._tell_levels()

    def _set_level(self, name: str, level: bool, change: Input) -> None:
        if level == (name in self._active):
            return
        self._put_input(change)
        self._active ^= {name}
        if self._kept is not None:
            new = self._kept.with_name(f"{self._kept.name}.new")
            new.write_text(" ".join(sorted(self._active)), "ascii")
            new.replace(self._kept)

    def _tell_levels(self) -> None:
        at = self._now()
        levels: list[Input] = [
            FireChanged(at, "fire" in self._active),
            TamperChanged(at, "tamper" in self._active),
            DoorMoved(at, "open" in self._active),
        ]
        for level in levels:
            self._put_input(level)


class SimulatedLock(TimedLock):
    """Records what its lines do, and tells observers; like the real one it ends each release by itself."""

    def __init__(
        self,
        *,
        now: Now,
        on_failed: Callable[[str], None] = lambda _: None,
        on_works: Callable[[], None] = lambda: None,
    ) -> None:
        self._lines = _SimulatedLines()
        super().__init__(self._lines, now=now, on_failed=on_failed, on_works=on_works)

    @property
    def is_released(self) -> bool:
        """What the line is at now."""
        return self._lines.levels["lock"]

    @property
    def is_sounding(self) -> bool:
        """What the siren is at now."""
        return self._lines.levels["siren"]

    @property
    def line_changes(self) -> list[tuple[str, bool]]:
        """The newest changes: "lock" and whether it was released, "siren" and whether it sounded."""
        return list(self._lines.changes)

    def add_observer(self, observer: LockObserver) -> None:
        """Tell this observer from now on, on the thread that drives the line."""
        self._lines.observers.append(observer)

    def fail_with(self, reason: str) -> None:
        """Do not obey any more; the line stays as it is. An empty reason mends it."""
        self._lines.fault = reason


class _SimulatedLines:
    def __init__(self) -> None:
        self.levels = {"lock": False, "siren": False}
        self.changes: deque[tuple[str, bool]] = deque(maxlen=RECORDED_MAX)
        self.observers: list[LockObserver] = []
        self.fault = ""

    def drive_lock(self, is_released: bool) -> None:
        self._set_level("lock", is_released)

    def sound_siren(self, is_on: bool) -> None:
        self._set_level("siren", is_on)

    def let_go(self) -> None:
        """Nothing to give back."""

    def _set_level(self, name: str, level: bool) -> None:
        if self.fault:
            raise OSError(self.fault)
        if self.levels[name] == level:
            return
        self.levels[name] = level
        self.changes.append((name, level))
        for observer in self.observers:
            observer(name, level)
