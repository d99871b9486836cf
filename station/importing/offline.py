"""The same decisions with no daemon running: a command that writes takes the lock and runs the loop to the end."""

import os
import time
from pathlib import Path

from station.domain.core.effects import RemoteReply, Signal, Verdict
from station.domain.core.inputs import Input
from station.domain.core.view import View
from station.domain.lifecycle.inputs import StopRequested
from station.journal.journal import Journal
from station.journal.writer import Durable, Group
from station.spine import keys, lockfile
from station.spine.clock import monotonic_ms
from station.spine.control import Answer
from station.spine.inbox import Inbox
from station.spine.loop import Beginning, Loop
from station.spine.starting import Sworn, started_input


class _Inline:
    """A recorder that commits at once."""

    def __init__(self, journal: Journal, inbox: Inbox) -> None:
        self._journal, self._inbox = journal, inbox

    def submit(self, group: Group) -> None:
        self._journal.append(group.rows, group.documents, group.snapshot, group.cosigned, is_urgent=group.is_urgent)
        self._inbox.put(Durable(group.rows[-1][0], True))


class _Replies:
    """Outputs that keep the reply and do nothing else."""

    def __init__(self) -> None:
        self.answer_given = Answer(error="nothing was decided")

    def answer(self, source: str, verdict: Verdict) -> None: ...
    def hold(self, signal: Signal | None) -> None: ...
    def show(self, view: View) -> None: ...
    def durable(self, seq: int) -> None: ...
    def release(self, for_ms: int) -> None: ...
    def secure(self) -> None: ...
    def siren(self, is_on: bool) -> None: ...
    def prune(self, below: int) -> None: ...
    def remote(self, reply: RemoteReply) -> None: ...

    def reply(self, caller: int, text: str, error: str) -> None:  # noqa: ARG002
        self.answer_given = Answer(text, error)


def record_offline(directory: Path, source: str, sworn: Sworn, input: Input) -> Answer:
    """Start, record what `input` comes to, stop; raise `lockfile.Held` where a station runs."""
    lock = lockfile.hold(directory)
    journal = Journal(directory)
    try:
        journal.key = keys.station_key(directory, source[1:])
        opened = journal.open(time.time_ns() // 1_000_000)
        journal.use_key(keys.settle_rotation(directory, journal.key, opened.station.lifecycle.keys))
        inbox, replies = Inbox(), _Replies()
        beginning = Beginning(opened.station, source, opened.epoch, opened.acked, opened.snapshot_seq)
        loop = Loop(beginning, inbox, _Inline(journal, inbox), replies)
        began = started_input(opened, sworn, journal.key)
        for one in (began, input, StopRequested(monotonic_ms(), "import")):
            loop.step([one], monotonic_ms())
            loop.step(inbox.take_messages(0), monotonic_ms())
        return replies.answer_given
    finally:
        journal.close()
        os.close(lock)
