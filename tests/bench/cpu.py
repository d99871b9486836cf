"""Goal 2: CPU time an event, on tmpfs, with flushes that take no time."""

import sqlite3
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from statistics import median

from station.domain.core.effects import Verdict
from station.domain.core.inputs import BarcodeScanned, Input
from station.domain.core.view import View
from station.domain.lifecycle.inputs import Started
from station.domain.station.state import INITIAL
from station.journal.writer import Durable, Group
from station.spine.beginning import Beginning
from station.spine.inbox import Acked, Inbox
from station.spine.loop import Loop
from tests.bench.raw import BOOT, commit, connect, row
from tests.bench.report import Result, note
from tests.bench.stations import CARDS, Station

LOOP_ROUNDS, LOOP_SCANS = 10, 500
DAEMON_ROUNDS, DAEMON_SCANS = 16, 200
ACKNOWLEDGEMENTS = 1000
RAW_US = 13
"""What a raw commit took of the CPU where the limits of 90 and 150 us were found: a limit is so many raw commits."""


class Quiet:
    """Outputs that only count the answers."""

    def __init__(self) -> None:
        self.answers = 0

    def answer(self, source: str, verdict: Verdict) -> None:  # noqa: ARG002
        self.answers += 1

    def reply(self, caller: int, text: str, error: str) -> None: ...
    def hold(self, signal: object) -> None: ...
    def show(self, view: View) -> None: ...
    def durable(self, seq: int) -> None: ...
    def prune(self, below: int) -> None: ...
    def remote(self, reply: object) -> None: ...
    def release(self, for_ms: int) -> None: ...
    def secure(self) -> None: ...
    def siren(self, is_on: bool) -> None: ...


class AtOnce:
    """A recorder for which everything is durable at once."""

    def __init__(self) -> None:
        self.durable: Durable | None = None
        self.groups = 0

    def submit(self, group: Group) -> None:
        self.groups += 1
        self.durable = Durable(group.rows[-1][0], True)


class LoopAlone:
    """The loop's path on one thread: decide, stamp, encode, hash, evolve, submit; then the effects."""

    def __init__(self) -> None:
        self._recorder, self.outputs, self._now = AtOnce(), Quiet(), 1000
        self._loop = Loop(
            Beginning(INITIAL, "/custody/bench/bench-1", "20261123T140405Z-7f3a"),
            Inbox(),
            self._recorder,
            self.outputs,
        )
        self._take(Started(self._now, BOOT, 1_790_000_000_000, "synced", "1", "settings"))
        for card in CARDS:
            self._take(BarcodeScanned("gun0", self._now, card.encode()))

    def cpu_us(self, first: int, scans: int) -> float:
        """CPU time of each scan of these."""
        inputs = [BarcodeScanned("gun0", self._now, b"1A4%021d" % number) for number in range(first, first + scans)]
        began = time.process_time_ns()
        for input in inputs:
            self._take(input)
        return (time.process_time_ns() - began) / scans / 1000

    def groups_of_acknowledgements(self) -> int:
        """How many groups the loop hands to the journal thread for being told what has left."""
        before = self._recorder.groups
        for number in range(ACKNOWLEDGEMENTS):
            self._now += 1
            self._loop.step([Acked(number, 0)], self._now)
        return self._recorder.groups - before

    def _take(self, input: Input) -> None:
        self._now += 1
        self._loop.step([input], self._now)
        assert self._recorder.durable is not None
        self._loop.step([self._recorder.durable], self._now)


def measure(directory: Path) -> Iterator[Result | str]:
    """The loop by itself and the whole daemon, each beside raw commits of the same moment."""
    (directory / "raw-cpu").mkdir()
    connection = connect(directory / "raw-cpu")
    alone, first_seq = LoopAlone(), count(step=DAEMON_SCANS)
    loop_us, raw_us = [], []
    for number in range(LOOP_ROUNDS):
        raw_us.append(_raw_us(connection, next(first_seq)))
        loop_us.append(alone.cpu_us(number * LOOP_SCANS, LOOP_SCANS))
    assert alone.outputs.answers == len(CARDS) + LOOP_ROUNDS * LOOP_SCANS
    yield from _beside("CPU a scan, the loop's path alone", loop_us, raw_us, 90)
    yield Result("3", f"commits for {ACKNOWLEDGEMENTS} acknowledgements", alone.groups_of_acknowledgements(), 0, "")
    daemon_us, raw_us = [], []
    with Station(directory / "cpu") as station:
        station.open_count()
        for _ in range(DAEMON_ROUNDS):
            raw_us.append(_raw_us(connection, next(first_seq)))
            began = station.cpu_ns()
            for _ in range(DAEMON_SCANS):
                station.guns[0].scan()
            daemon_us.append((station.cpu_ns() - began) / DAEMON_SCANS / 1000)
    yield from _beside("CPU a scan, the whole daemon with one gun", daemon_us, raw_us, 150)


def _beside(what: str, ours_us: list[float], raw_us: list[float], limit_us: int) -> Iterator[Result | str]:
    """The ratio of the two, against a limit in microseconds of the machine whose raw commit took `RAW_US`."""
    ratios = [ours / raw for ours, raw in zip(ours_us, raw_us, strict=True)]
    yield Result("2", what, median(ratios), limit_us / RAW_US, "x raw", spread=(min(ratios), max(ratios)))
    yield note(f"{median(ours_us):.0f} us, a raw commit {median(raw_us):.0f} us; the goal: {limit_us} beside {RAW_US}")


def _raw_us(connection: sqlite3.Connection, first: int) -> float:
    """CPU time of a raw commit: how fast this machine is at this moment."""
    rows = [row(seq) for seq in range(first, first + DAEMON_SCANS)]
    began = time.process_time_ns()
    commit(connection, rows)
    return (time.process_time_ns() - began) / DAEMON_SCANS / 1000
