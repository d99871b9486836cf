"""Goals 10 and 11: memory, and the time from start to ready, beside a program that only imports the same."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.bench.report import Result, note
from tests.bench.shim import favour
from tests.bench.stations import Station, rss_bytes

ROUNDS = 7
SCANS = 2000
MB = 1024 * 1024
IMPORTS = (
    "station.cli",
    "station.wiring",
    "station.relay.mqtt",
    "station.relay.options",
    "drivers.absent",
    "drivers.serial_source",
    "drivers.simulated",
)
"""What a station of these settings imports."""
FIRST_GS1 = f"""
import sys, threading, time, {", ".join(IMPORTS)}
sys.setswitchinterval(0.0005)
gaps, is_over = [], threading.Event()

def read():
    last = time.perf_counter()
    while not is_over.is_set():
        time.sleep(0.0005)
        gaps.append(time.perf_counter() - last)
        last = time.perf_counter()

reader = threading.Thread(target=read)
reader.start()
time.sleep(0.05)
gaps.clear()
began = time.perf_counter()
from station.domain.identifiers import load_gs1_library
load_gs1_library()
took = time.perf_counter() - began
is_over.set()
reader.join()
print(took * 1000, max(gaps) * 1000)
"""


def measure(directory: Path) -> Iterator[Result | str]:
    ratios, more_mb, whole_mb, ready_ms = [], [], [], []
    for number in range(ROUNDS):
        import_s, import_bytes = _only_import()
        station = Station(directory / f"footprint-{number}")
        station.is_relaying = True
        with station:
            station.open_count()
            whole_mb.append(station.rss_bytes() / MB)
            more_mb.append(whole_mb[-1] - import_bytes / MB)
            grown = _scan_and_weigh(station) if number == ROUNDS - 1 else 0
        ratios.append(station.ready_s / import_s)
        ready_ms.append(station.ready_s * 1000)
    yield Result("10", "RSS beyond import-only", median(more_mb), 6, "MB", spread=(min(more_mb), max(more_mb)))
    yield Result(
        "10", "RSS of a plain count station", median(whole_mb), 48, "MB", spread=(min(whole_mb), max(whole_mb))
    )
    yield note(f"import-only {import_bytes / MB:.0f} MB; {SCANS} scans later {grown / MB:.1f} MB more")
    yield Result("11", "start to READY=1", median(ratios), 1.25, "x import", spread=(min(ratios), max(ratios)))
    yield note(f"{median(ready_ms):.0f} ms from a new directory: journal made, migrated, first event durable")
    yield note(_first_gs1())


def _first_gs1() -> str:
    """What the first GS1 code of a station costs: on a thread of its own, while another one reads a scanner."""
    rounds = [subprocess.run([sys.executable, "-c", FIRST_GS1], capture_output=True, check=True) for _ in range(ROUNDS)]
    took_ms, gap_ms = (
        median(map(float, column)) for column in zip(*(each.stdout.split() for each in rounds), strict=True)
    )
    return f"the first GS1 code: {took_ms:.0f} ms to load its library; longest gap of a reading thread {gap_ms:.1f} ms"


def _only_import() -> tuple[float, int]:
    """Seconds until everything is imported, and the memory then."""
    code = f"import {', '.join(IMPORTS)}; print(flush=True); input()"
    began = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as program:
        favour(program.pid)
        assert program.stdout is not None
        program.stdout.readline()
        took_s, weighs = time.monotonic() - began, rss_bytes(program.pid)
        program.communicate(b"\n")
    return took_s, weighs


def _scan_and_weigh(station: Station) -> int:
    before = station.rss_bytes()
    for _ in range(SCANS):
        station.guns[0].scan()
    return station.rss_bytes() - before
