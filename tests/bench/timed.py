"""The real daemon, whose scanners also note when bytes were read and when an answer was queued.

    python -m tests.bench.timed SETTINGS TIMES

TIMES gets, at the end, one JSON object: by a scanner's name `{"answers": [ns, ...], "reads": [[ns, bytes], ...]}`.
Moments are of the monotonic clock, which all programs of a machine share. An evdev scanner reads the FIFO that the
environment names as BENCH_KEYS in place of a device; its name here is `keys`.
"""

import json
import os
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from drivers import evdev_source, serial_source
from drivers.wake import Wake
from station import wiring
from station.domain.core.effects import Verdict

TIMES: dict[str, dict[str, list[Any]]] = defaultdict(lambda: {"answers": [], "reads": []})


class TimedSource(serial_source.SerialSource):
    """A serial scanner that notes."""

    def answer(self, verdict: Verdict) -> None:
        if verdict is not Verdict.NOTED:
            TIMES[self.name]["answers"].append(time.monotonic_ns())
        super().answer(verdict)

    def _read_port(self, fd: int) -> bytes:
        chunk = super()._read_port(fd)
        TIMES[self.name]["reads"].append((time.monotonic_ns(), len(chunk)))
        return chunk


class FifoFinder:
    """Finds the FIFO in place of a device."""

    def __init__(self) -> None:
        self._nothing = Wake()

    def open_device(self) -> int | None:
        return os.open(os.environ["BENCH_KEYS"], os.O_RDONLY | os.O_NONBLOCK)

    def fileno(self) -> int:
        return self._nothing.fileno()

    def clear_news(self) -> None:
        return

    def close(self) -> None:
        return


def main() -> None:
    settings, times = sys.argv[1:]
    received = evdev_source._read_events

    def timed(fd: int) -> bytes:
        chunk = received(fd)
        TIMES["keys"]["reads"].append((time.monotonic_ns(), len(chunk)))
        return chunk

    serial_source.SerialSource = TimedSource  # type: ignore[misc]  # the catalogue loads the class by this name
    evdev_source._read_events = timed
    evdev_source._udev_finder = lambda match, keys: FifoFinder  # noqa: ARG005
    try:
        wiring.run_station(settings)
    finally:
        Path(times).write_text(json.dumps(TIMES))


if __name__ == "__main__":
    main()
