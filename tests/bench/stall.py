"""Goal 7: a commit stalls; the reading threads must not notice, and no scan may be lost."""

import os
import select
import threading
import time
from collections.abc import Callable, Iterator
from itertools import accumulate, pairwise
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from drivers.evdev_source import EVENT
from station.domain.station.leaf import decode
from station.journal.reader import Reader
from tests.bench.report import Result, note
from tests.bench.shim import Shim
from tests.bench.stations import Gun, Station
from tests.drivers.typist import ENTER, events, tap, typed

STALLS = 3
STALL_MS = 500
LINES, LINE_EVERY_S = 800, 0.001
STALL_AT_LINE = 150
KEY_LINES, KEY_LINE_EVERY_S = 80, 0.012
WITHIN_S = 20.0

Written = list[tuple[int, int]]
"""When (ns) a line was written, and how many bytes."""


class Stalled(NamedTuple):
    """What one stall came to."""

    serial_gap_ms: float
    evdev_gap_ms: float
    lost: int
    pause_ms: float


def measure(directory: Path, library: Path) -> Iterator[Result | str]:
    """Several times: another program on the machine can delay a reader as well."""
    stalls = [_stall(directory / f"stall-{number}", library) for number in range(STALLS)]
    serial = [stall.serial_gap_ms for stall in stalls]
    evdev = [stall.evdev_gap_ms for stall in stalls]
    what = f"gap while a commit stalls {STALL_MS} ms"
    yield Result("7", f"serial reader's {what}", median(serial), 5, "ms", spread=(min(serial), max(serial)))
    yield Result("7", f"evdev reader's {what}", median(evdev), 5, "ms", spread=(min(evdev), max(evdev)))
    yield Result("7", f"of {STALLS * (LINES + KEY_LINES)} scans lost", sum(stall.lost for stall in stalls), 0, "")
    yield note(f"the stall was there: {min(stall.pause_ms for stall in stalls):.0f} ms without an answer")


def _stall(directory: Path, library: Path) -> Stalled:
    """A serial gun and a USB gun flood one station at once."""
    directory.mkdir()
    shim = Shim(library, directory / "shim")
    station = Station(directory / "station", shim, notes="tests.bench.timed")
    station.keys = directory / "keys"
    os.mkfifo(station.keys)
    fifo = os.open(station.keys, os.O_RDWR)
    with station:
        station.open_count()
        base = _scanned(station.journal)
        written, typed_at = _flood(station, shim, fifo)
        _wait_for(lambda: _scanned(station.journal) - base >= LINES + KEY_LINES)
        counted = _scanned(station.journal) - base
    os.close(fifo)
    serial, keys = station.times["gun0"], station.times["keys"]
    pause_ms = max(after - before for before, after in pairwise(serial["answers"])) / 1e6
    return Stalled(
        _gap_ms(written, serial["reads"]), _gap_ms(typed_at, keys["reads"]), LINES + KEY_LINES - counted, pause_ms
    )


def _flood(station: Station, shim: Shim, fifo: int) -> tuple[Written, Written]:
    written: Written = []
    typed_at: Written = []
    gun = station.guns[0]
    over = threading.Event()
    hearing = threading.Thread(target=_hear, args=(gun, over))
    typing = threading.Thread(target=_type, args=(fifo, typed_at))
    hearing.start()
    typing.start()
    for number in range(LINES):
        if number == STALL_AT_LINE:
            shim.stall(STALL_MS * 1000)
        line = gun.next_line()
        written.append((time.monotonic_ns(), os.write(gun.fd, line)))
        time.sleep(LINE_EVERY_S)
    typing.join()
    over.set()
    hearing.join()
    return written, typed_at


def _hear(gun: Gun, over: threading.Event) -> None:
    """Take the answers, so that there is always room for them."""
    while not over.is_set():
        if select.select([gun.fd], [], [], 0.05)[0]:
            os.read(gun.fd, 4096)


def _type(fifo: int, typed_at: Written) -> None:
    """A USB gun: 24 characters and Enter a scan, each key as the kernel reports it."""
    for number in range(KEY_LINES):
        keys = [*typed(f"1A4{99_000_000 + number:021d}"), *tap(ENTER)]
        stream = b"".join(EVENT.pack(*event) for event in events(keys, time.monotonic_ns() // 1_000_000, 0))
        typed_at.append((time.monotonic_ns(), os.write(fifo, stream)))
        time.sleep(KEY_LINE_EVERY_S)


def _gap_ms(written: Written, reads: list[list[Any]]) -> float:
    """For how long the longest waiting bytes waited to be read."""
    total = sum(size for _, size in written)
    before = sum(size for _, size in reads) - total
    read = iter(
        [
            (moment, upto - before)
            for moment, upto in zip((moment for moment, _ in reads), accumulate(size for _, size in reads), strict=True)
        ]
    )
    moment, upto = next(read)
    longest_ns = 0
    for (written_at, _), needed in zip(written, accumulate(size for _, size in written), strict=True):
        while upto < needed:
            moment, upto = next(read)
        longest_ns = max(longest_ns, moment - written_at)
    return longest_ns / 1e6


def _scanned(journal: Path) -> int:
    """How many scans are counted in the journal."""
    leaves = (decode(leaf) for _, leaf, _ in Reader.open_at(journal).stored_events())
    return sum(recorded.event.TYPE == "count.scanned" for recorded in leaves)


def _wait_for(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + WITHIN_S
    while not is_so() and time.monotonic() < until:
        time.sleep(0.1)
