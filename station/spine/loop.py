"""The loop: the only decider. Never touches the disk, never waits for it.

It runs ahead on a tentative state; the journal thread says how far that has become durable. Effects are performed
in input order, each when the events before it are durable. After a failed commit it goes back to the last durable
state, refuses the scans aloud and decides the facts again.
"""

from collections import Counter, deque
from collections.abc import Iterable
from typing import Protocol

import msgspec
from msgspec.structs import force_setattr

from station.domain.core.conditions import Conditions
from station.domain.core.decider import Decision
from station.domain.core.effects import (
    Answer,
    Effect,
    Halt,
    Prune,
    ReleaseLock,
    RemoteReply,
    Reply,
    SecureLock,
    Signal,
    Siren,
    Verdict,
)
from station.domain.core.event import Event
from station.domain.core.inputs import DeadlineReached, Input, ScansOverflowed
from station.domain.lifecycle.events import JournalPruned, KeyRotated
from station.domain.lifecycle.inputs import Started, StopRequested, StorageFailed
from station.domain.station import deadlines
from station.domain.station import decide as deciding
from station.domain.station.leaf import encode
from station.domain.station.recording import record
from station.domain.station.state import Station, evolve, is_release_wanted
from station.domain.station.viewing import view
from station.journal import snapshot
from station.journal.faults import StorageFault
from station.journal.journal import CosignedRow, Row, Snapshot
from station.journal.writer import CommitFailed, Durable, Group, ReserveRestored, Sealed
from station.journal.yielding import yield_interpreter
from station.sealing.merkle import leaf_hash
from station.spine.beginning import Beginning
from station.spine.inbox import TAKE_MAX, Acked, CosignatureCame, Inbox, LinkMoved, Message, RolledBack
from station.spine.journal_lost import JournalLost, JournalRolledBack
from station.spine.outputs import Outputs
from station.spine.preview import Preview

STALLED_MS = 2_000
RETRY_FIRST_MS, RETRY_MAX_MS = 250, 5_000
SHOW_EVERY_MS = 50
SHOW_LATEST_MS = 200
WAKE_MS = 1_000
SNAPSHOT_EVERY = 1_000
HALT_WITHIN_MS = 5_000


class Recorder(Protocol):
    """The journal thread, as the loop sees it."""

    def submit(self, group: Group) -> None: ...


class _Pending(msgspec.Struct, frozen=True):
    """One decided input: durable with `seq`, then `effects`; `station` is the state after it."""

    input: Input
    seq: int
    effects: tuple[Effect, ...]
    station: Station


class Loop:
    """One station's loop: `step` does all of it and waits for nothing; who calls it waits for messages."""

    def __init__(self, beginning: Beginning, inbox: Inbox, recorder: Recorder, outputs: Outputs) -> None:
        station = beginning.station
        self._station = self._durable = station
        self._inbox, self._recorder, self._outputs = inbox, recorder, outputs
        self._source, self._epoch = beginning.source, beginning.epoch
        self.conditions = Conditions(acked=beginning.acked)
        self._now = 0  # the newest input's own moment, never going back: what events are stamped with
        self._clock = 0  # when the step began: what pauses and limits are measured with
        self._attempt = 0
        self._rows: list[Row] = []
        self._documents: list[tuple[str, bytes]] = []
        self._is_urgent = self._must_snapshot = False
        self._then_key = ""
        self._cosigned: dict[str, CosignedRow] = {}  # not yet with an event's transaction
        self._pending: deque[_Pending] = deque()
        self._held: list[Input] = []
        self._refused: Counter[str] = Counter()
        self._outstanding_since: int | None = None
        self._retry_at: int | None = None
        self._retry_ms = RETRY_FIRST_MS
        self._failed_since: int | None = None
        self._preview = Preview(station)  # asked between a commit that failed and the next try
        self._snapshot_seq = beginning.snapshot_seq
        self._due_of: Station | None = None
        self._due_at: int | None = None
        self._shown_at = -SHOW_EVERY_MS
        self._is_dirty = True
        self._stop_at: int | None = None
        self.is_halted = False

    @property
    def durable(self) -> Station:
        """The state as far as it is on the disk."""
        return self._durable

    def outstanding_ms(self, now: int) -> int:
        """For how long the oldest commit has been under way."""
        return 0 if self._outstanding_since is None else now - self._outstanding_since

    def wait_ms(self, now: int) -> int:
        """How long the loop may sleep when no message comes."""
        due = self._due() if self._retry_at is None else self._preview.due_at
        until = now + WAKE_MS
        if due is not None and due < until:
            until = due
        if self._retry_at is not None and self._retry_at < until:
            until = self._retry_at
        if self._is_dirty and self._shown_at + SHOW_EVERY_MS < until:
            until = self._shown_at + SHOW_EVERY_MS
        return max(0, until - now)

    def _due(self) -> int | None:
        """When something must be decided without an input; worked out once a state."""
        if self._due_of is not self._station:
            self._due_of, self._due_at = self._station, deadlines.due(self._station)
        return self._due_at

    def step(self, messages: list[Message], now: int) -> None:
        """Decide these messages, hand what they came to to the journal thread, show what is durable."""
        self._clock = now
        for message in messages:
            if isinstance(message, Input):
                self._take_input(message)
            else:
                self._note_message(message)
        is_handed_over = self._submit_group(now)  # what follows seldom adds to it
        for overflow in self._inbox.take_refusals(now):
            self._take_input(overflow)
        if len(messages) < TAKE_MAX:  # else older inputs may still wait
            self._fire_deadlines(now)
        self._retry_commit(now)
        self._watch_stall(now)
        is_handed_over |= self._submit_group(now)
        # What this step decided is not yet durable: nothing new to show, and the journal thread shall begin at once.
        if not is_handed_over or now - self._shown_at >= SHOW_LATEST_MS:
            self._show_view(now)

    # Inputs

    def _take_input(self, input: Input) -> None:
        if self._stop_at is not None:  # nothing follows `station.stopped`
            if input.refusable:
                self._refuse_aloud(input)
        elif input.refusable and self.conditions.storage:
            self._refuse_aloud(input)
        elif self._retry_at is not None:
            self._hold_fact(input)
        else:
            self._decide_in_time(input)
        if isinstance(input, StopRequested) and self._stop_at is None:
            self._stop_at = input.at

    def _decide_in_time(self, input: Input) -> None:
        """After what was due before it."""
        if not isinstance(input, Started):  # it settles the deadlines of the boot before
            self._fire_deadlines(getattr(input, "at", self._now))
        self._decide_input(input)

    def _hold_fact(self, input: Input) -> None:
        """A fact waits for the disk; what is urgent about it does not."""
        self._held.append(input)
        self._perform_urgent(self._preview.urgent_of(input))

    def _fire_deadlines(self, until: int) -> None:
        if self._retry_at is not None:
            self._perform_urgent(self._preview.urgent_until(until))
            return
        for _ in range(deadlines.DEADLINES_MAX):
            moment = self._due()
            if moment is None or moment > until or self._stop_at is not None:
                return
            self._decide_input(DeadlineReached(moment))
        raise AssertionError(f"a deadline at {moment} ms does not move: its event must move it")

    def _decide_input(self, input: Input) -> None:
        if isinstance(input, StopRequested):
            self._decide_refused()
        self._now = max(self._now, getattr(input, "at", 0))
        decision = deciding.decide(self._station, input)
        for event in decision.events:
            self._record_event(event, input, decision)
        if decision.document is not None:
            self._documents.append((decision.document.sha256, decision.document.raw))
        self._perform_urgent(decision.effects)
        if self._station.seq == self._durable.seq:
            self._perform_durable(decision.effects)
        else:
            self._pending.append(_Pending(input, self._station.seq, decision.effects, self._station))
        if self._then_key:  # nothing may follow in that group: another key signs it
            self._submit_group(self._clock)

    def _record_event(self, event: Event, input: Input, decision: Decision) -> None:
        station = self._station
        document = decision.document.value if decision.document else None
        recorded = record(station, event, input, self._now, document)
        leaf = encode(recorded, self._source, self._epoch)
        kept_hash = leaf_hash(leaf)
        force_setattr(recorded, "leaf_hash", kept_hash)  # known only now, and nobody else has seen it yet
        self._rows.append((recorded.seq, leaf, kept_hash, self.conditions.acked))
        self._is_urgent |= event.SEALED_AT_ONCE
        self._must_snapshot |= isinstance(event, JournalPruned)
        if isinstance(event, KeyRotated):
            self._then_key = event.key
        self._station = evolve(station, recorded)

    def _refuse_aloud(self, input: Input) -> None:
        source = getattr(input, "source", "")
        self._refused[source] += 1
        self._outputs.answer(source, Verdict.REFUSED)

    def _perform_urgent(self, effects: Iterable[Effect]) -> None:
        """At once: securing the lock and the siren wait for no commit."""
        for effect in effects:
            if effect.urgent:
                self._perform_effect(effect)

    def _perform_durable(self, effects: tuple[Effect, ...]) -> None:
        """What has to be durable first; what was urgent is done already."""
        for effect in effects:
            if not effect.urgent:
                self._perform_effect(effect)

    def _perform_effect(self, effect: Effect) -> None:
        match effect:
            case Answer(source=source, verdict=verdict):
                self._outputs.answer(source, verdict)
            case Reply(caller=caller, text=text, error=error):
                self._outputs.reply(caller, text, error)
            case Prune(below=below):
                self._outputs.prune(below)
            case RemoteReply():
                self._outputs.remote(effect)
            case ReleaseLock(until=until):
                self._release_lock(until)
            case SecureLock():
                self._outputs.secure()
            case Siren(is_on=is_on):
                self._outputs.siren(is_on)
            case Halt():
                self.is_halted = True

    def _release_lock(self, until: int) -> None:
        """Unless it came too late: the commit may have taken long, and somebody may have ended it meanwhile."""
        if is_release_wanted(self._station) and until > self._clock:
            self._outputs.release(until - self._clock)

    # What the journal thread and the relay say

    def _note_message(self, message: Message) -> None:
        self._is_dirty = True
        match message:
            case Durable():
                self._note_durable(message)
            case CommitFailed():
                self._note_failed(message)
            case ReserveRestored() if self._failed_since is None:
                self._set_storage("")
            case LinkMoved(link=link):
                self.conditions = msgspec.structs.replace(self.conditions, link=link)
            case Acked(seq=seq, withheld=withheld):
                self.conditions = msgspec.structs.replace(self.conditions, acked=seq, withheld=withheld)
            case CosignatureCame(witness=witness, size=size, note=note):
                self._cosigned[witness] = (witness, size, note)
            case RolledBack(text=text, checkpoint=checkpoint):
                raise JournalRolledBack(text, checkpoint)
            case Sealed():
                self._outputs.durable(self._durable.seq)

    def _note_durable(self, durable: Durable) -> None:
        pending, performed = self._pending, 0
        while pending and pending[0].seq <= durable.seq:
            done = pending.popleft()
            self._durable = done.station
            self._perform_durable(done.effects)
            performed += 1
            yield_interpreter(performed)  # after a stall there are hundreds
        self._outstanding_since = self._clock if self._durable.seq < self._station.seq else None
        if self._failed_since is not None:
            self._failed_since, self._retry_ms = None, RETRY_FIRST_MS
        self._set_storage("" if durable.has_reserve else StorageFault.DISK_FULL)
        self._outputs.durable(durable.seq)

    def _note_failed(self, failed: CommitFailed) -> None:
        if failed.attempt < self._attempt:
            return
        if failed.fault is StorageFault.DISK_CORRUPT:
            raise JournalLost(f"journal: {failed.text}; the next start sets it aside or goes on")
        self._attempt += 1
        undone, self._pending = self._pending, deque()
        self._station, self._now = self._durable, self._durable.at
        self._clear_group()
        self._outstanding_since = None
        if self._failed_since is None:
            self._failed_since = self._clock
        self._retry_at, self._retry_ms = self._clock + self._retry_ms, min(2 * self._retry_ms, RETRY_MAX_MS)
        self._set_storage(failed.fault)
        self._preview = Preview(self._durable)
        for pending in undone:
            self._undo_input(pending.input)

    def _undo_input(self, input: Input) -> None:
        if input.refusable:
            self._refuse_aloud(input)
        elif not isinstance(input, DeadlineReached | StorageFailed):
            self._hold_fact(input)

    # Storage

    def _set_storage(self, storage: str) -> None:
        if storage == self.conditions.storage:
            return
        self.conditions = msgspec.structs.replace(self.conditions, storage=storage)
        self._is_dirty = True
        self._outputs.hold(Signal.NOT_RECORDING if storage else None)
        if not storage and self._stop_at is None:
            self._decide_refused()

    def _decide_refused(self) -> None:
        counts, self._refused = self._refused, Counter()
        for source, times in counts.items():
            self._decide_input(ScansOverflowed(source, self._clock, times, "not_recording"))

    def _retry_commit(self, now: int) -> None:
        if self._retry_at is None or now < self._retry_at or self._failed_since is None:
            return
        self._retry_at = None
        held, self._held = self._held, []
        since = min([self._failed_since, *(getattr(input, "at", now) for input in held)])
        self._decide_input(StorageFailed(since, self.conditions.storage, now - self._failed_since))
        for input in held:  # each at its own moment
            self._decide_in_time(input)

    def _watch_stall(self, now: int) -> None:
        if not self.conditions.storage and self.outstanding_ms(now) > STALLED_MS:
            self._set_storage(StorageFault.DISK_STALLED)
        if self._stop_at is not None and now - self._stop_at > HALT_WITHIN_MS:
            self.is_halted = True

    def _submit_group(self, now: int) -> bool:
        if not self._rows:
            return False
        if self._outstanding_since is None:
            self._outstanding_since = now
        self._recorder.submit(
            Group(
                self._attempt,
                self._rows,
                tuple(self._documents),
                self._due_snapshot(),
                tuple(self._cosigned.values()),
                self._is_urgent,
                self._then_key,
            )
        )
        self._clear_group()
        self._cosigned = {}
        return True

    def _clear_group(self) -> None:
        self._rows, self._documents = [], []
        self._is_urgent = self._must_snapshot = False
        self._then_key = ""

    def _due_snapshot(self) -> Snapshot | None:
        station = self._station
        is_due = self._must_snapshot or station.seq - self._snapshot_seq >= SNAPSHOT_EVERY
        if not is_due or not snapshot.can_snapshot(station):
            return None
        self._snapshot_seq = station.seq
        return Snapshot(station.seq, snapshot.encode(station))

    def _show_view(self, now: int) -> None:
        if self._durable is not self._station or now - self._shown_at >= WAKE_MS:
            self._is_dirty = True
        if self._is_dirty and now - self._shown_at >= SHOW_EVERY_MS:
            self._shown_at, self._is_dirty = now, False
            self._outputs.show(view(self._durable, self.conditions, now))
