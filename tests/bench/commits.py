"""Goals 1, 3, 4, 5 and 6: one gun that waits for its answer beside raw commits; flushes and bytes; eight guns."""

import os
import select
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.bench.raw import Raw
from tests.bench.report import Result, note
from tests.bench.shim import Shim
from tests.bench.stations import Station

ROUNDS, SCANS = 16, 100
GUNS, BURST_ROUNDS, BURST_SCANS = 8, 8, 40


def measure(directory: Path, library: Path) -> Iterator[Result | str]:
    """Rounds of the two in turn, each a program of its own under a shim of its own."""
    ours, theirs = Shim(library, directory / "shim-ours"), Shim(library, directory / "shim-theirs")
    sent: list[list[int]] = []
    raw_ns: list[list[int]] = []
    cycle_ns: list[float] = []
    station = Station(directory / "commits", ours, is_timed=True)
    with Raw(directory, theirs) as raw, station:
        station.open_count()
        raw.commit(SCANS)
        before = (ours.flushes, ours.written_bytes, theirs.flushes, theirs.written_bytes)
        for _ in range(ROUNDS):
            raw_ns.append(raw.commit(SCANS))
            began = time.monotonic_ns()
            sent.append([station.guns[0].scan() for _ in range(SCANS)])
            cycle_ns.append((time.monotonic_ns() - began) / SCANS)
        counts = [now - was for now, was in zip(_counts(ours, theirs), before, strict=True)]
    latency_ns = _latencies(sent, station.times["gun0"]["answers"])
    yield from _rates(raw_ns, latency_ns, cycle_ns)
    yield from _costs(counts)


def _counts(ours: Shim, theirs: Shim) -> tuple[int, int, int, int]:
    return ours.flushes, ours.written_bytes, theirs.flushes, theirs.written_bytes


def _latencies(sent: list[list[int]], answers: list[int]) -> list[list[int]]:
    """From the gun's write to the effect queued; what was answered before the first of these scans is left out."""
    answered = iter([answer for answer in answers if answer > sent[0][0]])
    return [[next(answered) - moment for moment in round_] for round_ in sent]


def _rates(raw_ns: list[list[int]], latency_ns: list[list[int]], cycle_ns: list[float]) -> Iterator[Result | str]:
    ratios = [median(raw) / median(ours) for raw, ours in zip(raw_ns, latency_ns, strict=True)]
    yield Result(
        "1", "one gun, bytes in to effect queued, of raw's rate", median(ratios), 0.88, "x raw", True, _ends(ratios)
    )
    raw_us, ours_us = (median(map(median, times)) / 1000 for times in (raw_ns, latency_ns))
    yield note(
        f"raw {raw_us:.0f} us a commit, ours {ours_us:.0f} us; to the gun and back {median(cycle_ns) / 1000:.0f} us"
    )
    tails = [_p99(ours) / _p99(raw) for raw, ours in zip(raw_ns, latency_ns, strict=True)]
    yield Result("5", "p99 scan to durable", median(tails), 1.4, "x raw", False, _ends(tails))


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
