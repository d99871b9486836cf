"""Monotonic and wall time: the only place that reads a clock for the journal.

Wall time is monotonic time plus an offset; when the system's clock is stepped, `ClockWatch` reports the new offset.
"""

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from station.domain.core.inputs import Input
from station.domain.lifecycle.inputs import ClockStepped

STEP_MS = 500
LOOK_EVERY_S = 1.0
# Made by systemd-timesyncd at its first answer of a boot; a hardened unit may not ask the kernel (ProtectClock=).
TIMESYNCD = Path("/run/systemd/timesync/synchronized")
TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised


def monotonic_ms() -> int:
    """Milliseconds since boot."""
    return time.monotonic_ns() // 1_000_000


def offset_ms() -> int:
    """What to add to monotonic milliseconds to get UTC milliseconds since 1970."""
    return time.time_ns() // 1_000_000 - monotonic_ms()


def clock_quality(rtc: Path = Path("/dev/rtc0"), timesyncd: Path = TIMESYNCD) -> str:
    """`synced` where the kernel or systemd-timesyncd says so, else `rtc` where there is a hardware clock."""
    if timesyncd.exists() or _is_synced():
        return "synced"
    return "rtc" if rtc.exists() else "unsynced"


def _is_synced() -> bool:
    try:
        # struct timex is 208 bytes at most; modes = 0 (its first field) only reads.
        return ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(256)) not in (-1, TIME_ERROR)
    except (OSError, AttributeError):
        return False


def boot_id() -> str:
    """The kernel's random id of this boot."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


class ClockWatch:
    """A source: says when wall time was stepped, or its quality changed."""

    name = "clock"

    def __init__(
        self,
        offset: Callable[[], int] = offset_ms,
        quality: Callable[[], str] = clock_quality,
        every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._offset, self._quality, self._every_s = offset, quality, every_s
        self._known = (offset(), quality())
        self._closing = threading.Event()

    @property
    def last_reported(self) -> tuple[int, str]:
        """The offset and quality that the next report is compared with."""
        return self._known

    def inputs(self) -> Iterator[Input]:
        """Yield one `ClockStepped` a step of at least 500 ms, or change of quality."""
        while not self._closing.wait(self._every_s):
            found = (self._offset(), self._quality())
            if abs(found[0] - self._known[0]) >= STEP_MS or found[1] != self._known[1]:
                self._known = found
                yield ClockStepped(monotonic_ms(), *found)

    def close(self) -> None:
        self._closing.set()
