"""The loop with a recorder and outputs that a test plays by hand."""

from collections.abc import Sequence

from msgspec.structs import replace

from station.domain.core.decider import Recorded
from station.domain.core.effects import RemoteReply, Signal, Verdict
from station.domain.core.event import Event
from station.domain.core.inputs import BarcodeScanned, SourceLost
from station.domain.core.view import View
from station.domain.count.book import read_plan
from station.domain.identifiers import command_text
from station.domain.lifecycle.inputs import Started
from station.domain.station.leaf import decode
from station.domain.station.state import INITIAL, Station, evolve
from station.journal.faults import StorageFault
from station.journal.journal import Row
from station.journal.writer import CommitFailed, Durable, Group, ReserveRestored
from station.spine.beginning import Beginning
from station.spine.inbox import Inbox, Message
from station.spine.loop import Loop

SOURCE = "/custody/greenleaf-414/vault-1"
EPOCH = "20261123T140405Z-7f3a"
OFFSET_MS = 1_795_000_000_000


def tag(number: int) -> str:
    return f"1A40603000000010{number:08d}"


class Outputs:
    """Everything that the loop moved, in order, as short texts; and what is held and shown."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.held: Signal | None = None
        self.views: list[View] = []

    def answer(self, source: str, verdict: Verdict) -> None:
        self.done.append(f"{source} {verdict}")

    def reply(self, caller: int, text: str, error: str) -> None:
        self.done.append(f"reply {caller} {text or error}")

    def remote(self, reply: RemoteReply) -> None:
        self.done.append(f"remote {reply.topic} {reply.code or 'ok'}")

    def hold(self, signal: Signal | None) -> None:
        self.held = signal

    def show(self, view: View) -> None:
        self.views.append(view)

    def durable(self, seq: int) -> None: ...

    def prune(self, below: int) -> None:
        self.done.append(f"prune {below}")

    def release(self, for_ms: int) -> None:
        self.done.append(f"release {for_ms}")

    def secure(self) -> None:
        self.done.append("secure")

    def siren(self, is_on: bool) -> None:
        self.done.append(f"siren {'on' if is_on else 'off'}")


class Stage:
    """One life of a station. `rows` is what its disk holds; `groups` is what waits to be committed."""

    def __init__(self, station: Station = INITIAL, rows: Sequence[Row] = (), snapshot_seq: int = -1) -> None:
        self.rows = list(rows)
        self.groups: list[Group] = []
        self.submitted: list[Group] = []
        self.documents: dict[str, bytes] = {}
        self.inbox = Inbox()
        self.outputs = Outputs()
        self.now = 10_000
        self._failed_attempt = -1
        self.loop = Loop(Beginning(station, SOURCE, EPOCH, snapshot_seq=snapshot_seq), self.inbox, self, self.outputs)

    def submit(self, group: Group) -> None:
        self.groups.append(group)
        self.submitted.append(group)

    # What arrives

    def start(self, boot: str = "boot-1") -> None:
        """The first step of a boot, committed."""
        self.step(Started(self.now, boot, OFFSET_MS, "synced", "1.0", "settings"))
        self.commit()

    def start_counting(self) -> None:
        self.start()
        self.scan(command_text("start-count", "free"), command_text("location", "Vault A"))
        self.commit()
        self.outputs.done.clear()

    def step(self, *messages: Message, later_ms: int = 1) -> None:
        """One step of the loop, so much later."""
        self.now += later_ms
        self.loop.step(list(messages), self.now)

    def scan(self, *lines: str, later_ms: int = 1) -> None:
        """Scan these in one step."""
        self.step(*(BarcodeScanned("gun", self.now + later_ms, line.encode()) for line in lines), later_ms=later_ms)

    def lose(self, source: str) -> None:
        """A fact: a device went away."""
        self.step(SourceLost(source, self.now + 1, "unplugged"))

    # What the journal thread does

    def commit(self, *, has_reserve: bool = True) -> None:
        """Commit all that waits, as one, and say so; nothing where nothing waits."""
        groups = self._taken()
        self._land(groups)
        if groups:
            self.step(Durable(self.rows[-1][0], has_reserve), later_ms=0)

    def fail(self, fault: StorageFault = StorageFault.DISK_ERROR, *, landed: bool = False) -> None:
        """Let the commit of all that waits fail; `landed` where it reached the disk all the same."""
        groups = self._taken()
        if groups:
            if landed:
                self._land(groups)
            self._failed_attempt = groups[-1].attempt
            self.step(CommitFailed(groups[-1].attempt, fault, str(fault)), later_ms=0)

    def restore_reserve(self) -> None:
        self.step(ReserveRestored(), later_ms=0)

    def _taken(self) -> list[Group]:
        taken = [group for group in self.groups if group.attempt > self._failed_attempt]
        self.groups.clear()
        return taken

    def _land(self, groups: list[Group]) -> None:
        for group in groups:
            for row in group.rows:
                assert row[0] == len(self.rows), "the journal's trigger refuses this row"
                self.rows.append(row)
            self.documents |= dict(group.documents)

    # What came of it

    def recorded(self) -> list[Recorded]:
        """The events on the disk."""
        return [decode(leaf) for _, leaf, _, _ in self.rows]

    def events(self) -> list[Event]:
        return [each.event for each in self.recorded()]

    def types(self, first_seq: int = 0) -> list[str]:
        return [each.TYPE for each in self.events()[first_seq:]]

    def waiting(self) -> list[str]:
        """The types of what waits to be committed."""
        rows = [row for group in self.groups for row in group.rows]
        return [decode(leaf).event.TYPE for _, leaf, _, _ in rows]

    def replayed(self) -> Station:
        """What a new start makes of the disk."""
        station = INITIAL
        for each in self.recorded():
            document = self.documents.get(getattr(each.event, "document", ""))
            known = replace(each, document=read_plan(document)) if document else each
            station = evolve(station, known)
        return station

    def storage(self) -> str:
        return self.loop.conditions.storage

    def held(self) -> Signal | None:
        return self.outputs.held
