"""Goals 1, 3, 4, 5 and 6: one gun that waits for its answer beside raw commits; flushes and bytes; eight guns."""

import os
import select
import time
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.bench.awake import awake
from tests.bench.raw import Raw
from tests.bench.report import Result, note
from tests.bench.shim import Shim
from tests.bench.stations import Station

ROUNDS, SCANS = 16, 100
GUNS, BURST_ROUNDS, BURST_SCANS = 8, 8, 40


class Scanned:
    """One gun's scans on one program, round by round."""

    def __init__(self, station: Station, shim: Shim) -> None:
        self._station, self.shim = station, shim
        self._sent: list[list[int]] = []
        self.cycle_ns: list[float] = []

    def scan(self) -> None:
        """One round."""
        began = time.monotonic_ns()
        self._sent.append([self._station.guns[0].scan() for _ in range(SCANS)])
        self.cycle_ns.append((time.monotonic_ns() - began) / SCANS)

    def latency_ns(self) -> list[list[int]]:
        """From the moment the reader had a scan's bytes to its effect queued, round by round."""
        return [[self._answered(moment) - self._read(moment) for moment in sent] for sent in self._sent]

    def delivery_ns(self) -> list[list[int]]:
        """From the gun's write until the reader had the bytes: the kernel's share, of which raw commits have none."""
        return [[self._read(moment) - moment for moment in sent] for sent in self._sent]

    def _read(self, sent: int) -> int:
        reads = self._station.times["gun0"]["reads"]
        return int(reads[bisect_left(reads, [sent, 0])][0])

    def _answered(self, sent: int) -> int:
        answers = self._station.times["gun0"]["answers"]
        return int(answers[bisect_left(answers, sent)])


def measure(directory: Path, library: Path) -> Iterator[Result | str]:
    """Rounds of the three in turn, each a program of its own under a shim of its own."""
    shims = [Shim(library, directory / f"shim-{name}") for name in ("raw", "station", "hops")]
    stations = [
        Station(directory / "station", shims[1], notes="tests.bench.timed"),
        Station(directory / "hops", shims[2], notes="tests.bench.hops"),
    ]
    ours, hops = (Scanned(station, shim) for station, shim in zip(stations, shims[1:], strict=True))
    raw_ns: list[list[int]] = []
    with awake(), Raw(directory, shims[0]) as raw, stations[0], stations[1]:
        for station in stations:
            station.open_count()
        raw.commit(SCANS)
        before = _counts(shims)
        for _ in range(ROUNDS):
            raw_ns.append(raw.commit(SCANS))
            ours.scan()
            hops.scan()
        counts = [now - was for now, was in zip(_counts(shims), before, strict=True)]
    yield from _rates(raw_ns, ours, hops)
    yield from _costs(counts)


def _counts(shims: list[Shim]) -> list[int]:
    raw, ours, _ = shims
    return [ours.flushes, ours.written_bytes, raw.flushes, raw.written_bytes]


def _rates(raw_ns: list[list[int]], ours: Scanned, hops: Scanned) -> Iterator[Result | str]:
    latency_ns, hops_ns = ours.latency_ns(), hops.latency_ns()
    ratios = [median(raw) / median(round_) for raw, round_ in zip(raw_ns, latency_ns, strict=True)]
    what = "one gun, bytes in to effect queued, of raw's rate"
    yield Result("1", what, median(ratios), 0.88, "x raw", True, _ends(ratios))
    raw_us, ours_us, hops_us = (median(map(median, times)) / 1000 for times in (raw_ns, latency_ns, hops_ns))
    yield note(f"raw {raw_us:.0f} us a commit, ours {ours_us:.0f} us; to the gun and back {_cycle_us(ours):.0f} us")
    sent_us = median(map(median, ours.delivery_ns())) / 1000
    yield note(f"from the gun's write, with the {sent_us:.0f} us of the pty: {raw_us / (ours_us + sent_us):.3f} x raw")
    bare = median(median(raw) / median(round_) for raw, round_ in zip(raw_ns, hops_ns, strict=True))
    yield note(f"a pty and the three threads with nothing to decide: {bare:.3f} x raw, {hops_us:.0f} us")
    tails = [_p99(round_) / _p99(raw) for raw, round_ in zip(raw_ns, latency_ns, strict=True)]
    yield Result("5", "p99 scan to durable", median(tails), 1.4, "x raw", False, _ends(tails))


def _cycle_us(scanned: Scanned) -> float:
    return median(scanned.cycle_ns) / 1000


def _costs(counts: list[int]) -> Iterator[Result | str]:
    flushes, written_bytes, raw_flushes, raw_bytes = (count / (ROUNDS * SCANS) for count in counts)
    yield Result("3", "flushes a scan", flushes, 1.02, "")
    yield note(f"raw {raw_flushes:.4f} a commit")
    yield Result("4", "bytes written a scan", written_bytes / raw_bytes, 1.25, "x raw")
    yield note(f"{written_bytes:.0f} bytes, raw {raw_bytes:.0f}")


def burst(directory: Path, library: Path) -> Iterator[Result | str]:
    """Goal 6: the same station with one gun and with eight, each waiting for its own answers."""
    ratios, rates = [], []
    with Station(directory / "burst", Shim(library, directory / "shim-burst"), GUNS) as station:
        station.open_count()
        for _ in range(BURST_ROUNDS):
            alone, together = _rate(station, 1), _rate(station, GUNS)
            ratios.append(together / alone)
            rates.append((alone, together))
    yield Result(
        "6", f"{GUNS} guns at once, of one gun's durable rate", median(ratios), 2.0, "x one", True, _ends(ratios)
    )
    one, many = (median(column) for column in zip(*rates, strict=True))
    yield note(f"{one:.0f} and {many:.0f} durable scans a second")


def _rate(station: Station, guns: int) -> float:
    """Durable scans a second of so many guns."""
    left = {gun.fd: BURST_SCANS for gun in station.guns[:guns]}
    by_fd = {gun.fd: gun for gun in station.guns}
    began = time.monotonic()
    for fd in left:
        os.write(fd, by_fd[fd].next_line())
    while left:
        for fd in select.select(list(left), [], [])[0]:
            by_fd[fd].take_answers(1)
            left[fd] -= 1
            if left[fd]:
                os.write(fd, by_fd[fd].next_line())
            else:
                del left[fd]
    return guns * BURST_SCANS / (time.monotonic() - began)


def _p99(times: list[int]) -> int:
    return sorted(times)[len(times) * 99 // 100 - 1]


def _ends(values: list[float]) -> tuple[float, float]:
    return min(values), max(values)
