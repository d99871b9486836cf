"""A lock that ends every release by itself, whatever becomes of who asked for it."""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from drivers.ports import Now

RELEASE_MS_MAX = 15_000
"""No release is longer, whatever is asked: a strike's coil overheats beyond that."""
SLICE_S = 0.1
"""The clock is looked at so often while a release lasts."""
RETRY_S = 0.5
JOIN_S = 2.0


class LockLines(Protocol):
    """The lines of a lock and its siren. Each call may raise whatever its hardware raises, and is tried again."""

    def drive_lock(self, is_released: bool) -> None:
        """Release or secure; must not block."""

    def sound_siren(self, is_on: bool) -> None:
        """The siren; must not block."""

    def let_go(self) -> None:
        """Give the lines back, which are secured and silent by then."""


class TimedLock:
    """See `drivers.ports.Lock`: the lines are driven in the caller's thread, a release is ended by the lock's own.

    A line that does not obey is told to `on_failed` with the system's own text, its end to `on_works`, both on the
    lock's own thread. A release that failed is not caught up on later: the line is driven secure until it obeys.
    """

    def __init__(
        self,
        outputs: LockLines,
        *,
        now: Now,
        on_failed: Callable[[str], None] = lambda _: None,
        on_works: Callable[[], None] = lambda: None,
    ) -> None:
        self._outputs = outputs
        self._now = now
        self._on_failed, self._on_works = on_failed, on_works
        self._changed = threading.Condition()
        self._until_ms: int | None = None
        self._is_sounding = False
        self._is_closed = False
        self._fault = ""
        self._untold: deque[str] = deque(maxlen=64)
        with self._changed:
            self._drive_lines()
        self._thread = threading.Thread(target=self._end_releases, name="lock", daemon=True)
        self._thread.start()

    def release(self, for_ms: int) -> None:
        """Release for so long from now, at most `RELEASE_MS_MAX`; a release that lasts begins anew."""
        with self._changed:
            if not self._is_closed and self._thread.is_alive():  # without the thread nothing would end it
                self._until_ms = self._now() + min(for_ms, RELEASE_MS_MAX)
            self._drive_lines()

    def secure(self) -> None:
        """End a release now."""
        with self._changed:
            self._until_ms = None
            self._drive_lines()

    def siren(self, is_on: bool) -> None:
        """Sound until it is told to be silent."""
        with self._changed:
            self._is_sounding = is_on and not self._is_closed
            self._drive_lines()

    def close(self) -> None:
        """Secure and silence, then give the lines back; callable more than once."""
        with self._changed:
            was_closed, self._is_closed = self._is_closed, True
            self._until_ms = None
            self._is_sounding = False
            if not was_closed:
                self._drive_lines()
            self._changed.notify()
        self._thread.join(JOIN_S)
        if not was_closed:
            with suppress(Exception):  # nothing more can be done for a line that does not obey
                self._outputs.let_go()

    def _drive_lines(self) -> None:
        """Drive the lines to what is to be; `_changed` is held. The siren's fault must not cost the lock its turn."""
        if self._until_ms is not None and self._now() >= self._until_ms:
            self._until_ms = None
        faults = []
        try:
            self._outputs.drive_lock(self._until_ms is not None)
        except Exception as error:  # gpiozero and lgpio each raise kinds of their own
            self._until_ms = None
            faults.append(str(error) or type(error).__name__)
        try:
            self._outputs.sound_siren(self._is_sounding)
        except Exception as error:  # as above
            faults.append(str(error) or type(error).__name__)
        fault = "; ".join(faults)
        if bool(fault) != bool(self._fault):
            self._untold.append(fault)
        self._fault = fault
        self._changed.notify()

    def _end_releases(self) -> None:
        while True:
            with self._changed:
                if not self._untold:
                    self._changed.wait(self._pause_s())
                if self._is_closed:
                    return
                if self._until_ms is not None or self._fault:
                    self._drive_lines()
                faults = [self._untold.popleft() for _ in range(len(self._untold))]
            for fault in faults:
                self._tell_fault(fault)

    def _tell_fault(self, fault: str) -> None:
        with suppress(Exception):  # whoever listens must not end the thread that ends the releases
            if fault:
                self._on_failed(fault)
            else:
                self._on_works()

    def _pause_s(self) -> float | None:
        if self._until_ms is not None:
            return min(max(0, self._until_ms - self._now()) / 1000, SLICE_S)
        return RETRY_S if self._fault else None
