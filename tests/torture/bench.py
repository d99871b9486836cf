"""The real journal, writer and loop on a simulated disk, stepped by hand on one thread."""

import random
from collections import deque
from collections.abc import Callable
from pathlib import Path

import apsw

from station.domain.core.effects import Signal, Verdict
from station.domain.core.inputs import BarcodeScanned, Input
from station.domain.core.view import View
from station.domain.identifiers import command_text
from station.domain.lifecycle.inputs import Started
from station.journal.journal import Journal, Opened
from station.journal.reader import Reader
from station.journal.writer import Writer
from station.sealing.note import ED25519, SigningKey
from station.spine.beginning import Beginning
from station.spine.inbox import Inbox
from station.spine.loop import Loop, Recorder
from tests.torture.disk import Disk, DiskVFS, connecting

WALL_MS = 1_795_000_000_000
SOURCE = "/custody/greenleaf-414/vault-1"
STEP_MS = 7


Wrap = Callable[[Writer, "HeardAnswers"], Recorder]


def tag(number: int) -> str:
    return f"1A40603000000010{number:08d}"


class HeardAnswers:
    """Outputs: which scan got which answer, in the order of the scans."""

    def __init__(self) -> None:
        self.under_way: deque[str] = deque()
        self.heard: list[tuple[str, Verdict]] = []
        self.held: Signal | None = None
        self.replies: list[tuple[int, str, str]] = []
        self.newest: View | None = None

    def answer(self, source: str, verdict: Verdict) -> None:  # noqa: ARG002
        self.heard.append((self.under_way.popleft() if self.under_way else "", verdict))

    def prune(self, below: int) -> None: ...

    def reply(self, caller: int, text: str, error: str) -> None:
        self.replies.append((caller, text, error))

    def hold(self, signal: Signal | None) -> None:
        self.held = signal

    def show(self, view: View) -> None:
        self.newest = view

    def durable(self, seq: int) -> None: ...
    def remote(self, reply: object) -> None: ...
    def release(self, for_ms: int) -> None: ...
    def secure(self) -> None: ...
    def siren(self, is_on: bool) -> None: ...

    def counted(self) -> list[str]:
        """The scans that were told they count."""
        return [line for line, verdict in self.heard if verdict is Verdict.COUNTED]


KEY = SigningKey("custody/greenleaf-414/vault-1", ED25519, bytes(32))


class Bench:
    """One station on one disk, through as many lives as it takes."""

    def __init__(self, directory: Path, seed: int, wrap: Wrap | None = None) -> None:
        self.chance = random.Random(seed)
        self.disk: Disk
        self._vfs: DiskVFS
        self.use(Disk(self.chance))
        self.directory = directory
        self._wrap = wrap or (lambda writer, _: writer)
        self.outputs = HeardAnswers()
        self.now = 1_000
        self.journal: Journal
        self.writer: Writer
        self.loop: Loop
        self.inbox: Inbox
        self.opened: Opened

    def start(self) -> Opened:
        """Open the journal and take the first step of a new boot."""
        self.outputs.under_way.clear()
        self.inbox = Inbox()
        self.journal = Journal(self.directory, connecting(self._vfs), key=KEY, now=lambda: self.now)
        self.journal.path.touch()  # the journal asks the real directory whether it is new
        self.opened = opened = self.journal.open(WALL_MS)
        errors = (apsw.Error, OSError)
        self.writer = Writer(self.journal, self.inbox.put, errors)
        recorder = self._wrap(self.writer, self.outputs)
        self.loop = Loop(
            Beginning(opened.station, SOURCE, opened.epoch, opened.acked), self.inbox, recorder, self.outputs
        )
        self.step(Started(self.now, "boot", WALL_MS, "synced", "1.0", "settings", opened.reason, opened.previous))
        return opened

    def step(self, *inputs: Input) -> None:
        """Decide these, commit, hear what became of it."""
        self.decide(*inputs)
        self.commit()

    def decide(self, *inputs: Input) -> None:
        """Let the loop decide these and submit what they came to."""
        self.now += STEP_MS
        self.loop.step([*inputs], self.now)

    def commit(self) -> None:
        """Let the journal thread's work be done once, and the loop hear of it."""
        self.writer.commit_waiting(0)
        self.loop.step(self.inbox.take_messages(0), self.now)

    def scan(self, *lines: str) -> None:
        """Scan these, in one step."""
        self.decide(*(self.scanned(line) for line in lines))
        self.commit()

    def scanned(self, line: str) -> Input:
        self.outputs.under_way.append(line)
        return BarcodeScanned("gun", self.now, line.encode())

    def open_count(self) -> None:
        self.scan(command_text("start-count", "free"), command_text("location", "Vault A"))

    def stop(self) -> None:
        """Commit what waits and close in order."""
        self.writer.stop()
        while self.writer.commit_waiting(0):
            pass

    def reader(self) -> Reader:
        """Read the journal that a stopped station left."""
        return Reader(connecting(self._vfs)(self.journal.path))

    def cut(self) -> None:
        """Lose the power: the next start finds what that leaves. The old connection ends on a disk of its own."""
        left = self.disk.after_cut()
        self.journal.close()
        self._vfs.unregister()
        self.use(left)

    def use(self, disk: Disk) -> None:
        """Work on this disk from the next start on."""
        self.disk, self._vfs = disk, DiskVFS(disk)
