"""The same decisions with no daemon running: a command that writes takes the lock and runs the loop to the end."""

import os
import time
from pathlib import Path

from station.domain.core.inputs import Input
from station.domain.lifecycle.inputs import StopRequested
from station.journal.journal import Journal
from station.journal.writer import Durable, Group
from station.spine import keys, lockfile
from station.spine.beginning import Beginning
from station.spine.clock import monotonic_ms
from station.spine.control import ControlAnswer
from station.spine.inbox import Inbox
from station.spine.loop import Loop
from station.spine.outputs import NoOutputs
from station.spine.starting import Sworn, started_input


class _Inline:
    """A recorder that commits at once."""

    def __init__(self, journal: Journal, inbox: Inbox) -> None:
        self._journal, self._inbox = journal, inbox

    def submit(self, group: Group) -> None:
        self._journal.append(group.rows, group.documents, group.snapshot, group.cosigned, is_urgent=group.is_urgent)
        self._inbox.put(Durable(group.rows[-1][0], True))


class _KeptReply(NoOutputs):
    """No device hangs on a command; the loop's reply is kept for whoever asked."""

    def __init__(self) -> None:
        self.answer_given = ControlAnswer(error="nothing was decided")

    def reply(self, caller: int, text: str, error: str) -> None:  # noqa: ARG002
        self.answer_given = ControlAnswer(text, error)


def record_offline(directory: Path, source: str, sworn: Sworn, input: Input) -> ControlAnswer:
    """Start, record what `input` comes to, stop; raise `lockfile.JournalHeld` where a station runs."""
    lock = lockfile.hold(directory)
    journal = Journal(directory)
    try:
        journal.key = keys.station_key(directory, source[1:])
        opened = journal.open(time.time_ns() // 1_000_000)
        journal.use_key(keys.settle_rotation(directory, journal.key, opened.station.lifecycle.keys))
        inbox, kept = Inbox(), _KeptReply()
        beginning = Beginning(opened.station, source, opened.epoch, opened.acked, opened.snapshot_seq)
        loop = Loop(beginning, inbox, _Inline(journal, inbox), kept)
        began = started_input(opened, sworn, journal.key)
        for one in (began, input, StopRequested(monotonic_ms(), "import")):
            loop.step([one], monotonic_ms())
            loop.step(inbox.take_messages(0), monotonic_ms())
        return kept.answer_given
    finally:
        journal.close()
        os.close(lock)
