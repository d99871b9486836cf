"""Goals 8 and 9, and a station that was away for thirty days: how fast it drains, and what live events notice."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any

from tests.bench.draining import WINDOW
from tests.bench.outboxes import NAME, SITE, broker, copy_of, filled, has_mosquitto
from tests.bench.report import Result, note
from tests.bench.shim import favour

EVENTS = 150_000
"""Thirty days of a station."""

ROUNDS = 3
RTT_MS = 50
FAR_SHARE = 0.1
"""Of the events, over the slow line: at 2,000 a second all of them would take minutes and show nothing more."""

LIVE_S = 2.0
MB = 1024 * 1024
RSS_EVENTS = 100_000


class Program:
    """One of the programs beside us: lines in, JSON lines out."""

    def __init__(self, *arguments: str) -> None:
        self._program = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        favour(self._program.pid)
        self.first = self.said()

    def __enter__(self) -> "Program":
        return self

    def said(self) -> Any:
        assert self._program.stdout is not None
        return json.loads(self._program.stdout.readline())

    def ask(self, word: str = "") -> Any:
        """Give the word, and wait for the answer."""
        assert self._program.stdin is not None
        self._program.stdin.write(f"{word}\n")
        self._program.stdin.flush()
        return self.said()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._program.kill()
        self._program.communicate()


class Drained:
    """What one run came to."""

    def __init__(self, said: dict[str, Any], heard: dict[str, Any]) -> None:
        self.seconds, self.events = said["seconds"], said["events"]
        self.rate = self.events / self.seconds
        self.more_mb = (said["rss_peak"] - said["rss_before"]) / MB
        self.live_s = [(heard["live"].get(seq, float("inf")) - at) / 1e9 for seq, at in said["live"].items()]
        assert heard["seqs"] >= self.events, f"the subscriber has {heard['seqs']} of {self.events} events"


class Yard:
    """A broker and a subscriber, for runs one after the other."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self._broker = broker(directory)
        stack.callback(self._broker.kill)
        self._stack = stack
        topic = f"custody/v1/{SITE}/{NAME}/event/+"
        self._ear = stack.enter_context(Program("tests.bench.listening", str(self._broker.port), topic))

    def drain(self, kind: str, journal: Path, port: int = 0) -> Drained:
        """One run."""
        with Program("tests.bench.draining", kind, str(journal), str(port or self._broker.port)) as draining:
            said = draining.ask()
        return Drained(said, self._ear.ask(str(said["events"] + len(said["live"]))))

    def far_port(self) -> int:
        """The broker at the other end of a long line."""
        proxy = Program("tests.bench.delaying", str(self._broker.port), str(RTT_MS // 2))
        return int(self._stack.enter_context(proxy).first)


def measure(directory: Path, events: int = EVENTS) -> Iterator[Result | str]:
    """Runs in turn, ours and paho's, then with live events, near and far."""
    if not has_mosquitto():
        yield "goals 8 and 9 are not measured: mosquitto is not installed; apt install mosquitto"
        return
    journal = filled(directory / "outbox", events)
    with ExitStack() as stack:
        yard = Yard(directory, stack)
        yield from _beside_paho(yard, journal)
        month = yard.drain("live", copy_of(journal, "month"))
        yield from _live(f"{month.events} events, drained at {month.rate:.0f}/s", month)
        far = yard.drain("live", filled(directory / "far", max(2_000, int(events * FAR_SHARE))), yard.far_port())
        yield from _far(far)


def _beside_paho(yard: Yard, journal: Path) -> Iterator[Result | str]:
    pairs = [(yard.drain("relay", journal), yard.drain("paho", journal)) for _ in range(ROUNDS)]
    ratios = [ours.rate / theirs.rate for ours, theirs in pairs]
    what = f"drain of {pairs[0][0].events} events, W={WINDOW}"
    yield Result("8", what, median(ratios), 1.2, "x paho", is_floor=True, spread=(min(ratios), max(ratios)))
    ours, theirs = (median(each.rate for each in side) for side in zip(*pairs, strict=True))
    yield note(f"{ours:.0f} events/s, paho's threaded loop {theirs:.0f}")
    more_mb = [each.more_mb * RSS_EVENTS / max(RSS_EVENTS, each.events) for each, _ in pairs]
    spread = (min(more_mb), max(more_mb))
    yield Result("8", "RSS that 100k drained events add", median(more_mb), 5, "MB", spread=spread)
    yield note(f"paho's {median(each.more_mb for _, each in pairs):.1f} MB")


def _live(what: str, found: Drained) -> Iterator[Result | str]:
    yield Result("*", "live events meanwhile: the slowest to arrive", max(found.live_s), LIVE_S, "s")
    yield note(f"{what}; {len(found.live_s)} live events, half of them within {median(found.live_s) * 1000:.0f} ms")


def _far(far: Drained) -> Iterator[Result | str]:
    most = WINDOW / RTT_MS * 1000
    yield Result("9", f"drain at {RTT_MS} ms RTT, W={WINDOW}", far.rate / most, 0.7, "x W/RTT", is_floor=True)
    yield from _live(f"{far.events} events, {far.rate:.0f}/s of {most:.0f}", far)
