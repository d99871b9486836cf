"""The journal thread: the only writer. Gathers what waits, commits it as one transaction, answers."""

import sqlite3
from collections.abc import Callable

import msgspec

from station.journal.faults import StorageFault, fault_at
from station.journal.handoff import Handoff
from station.journal.journal import CosignedRow, Journal, Row, Snapshot
from station.sealing.note import SigningKey

ROWS_MAX = 1000
RESERVE_RETRY_S = 2.0
PRUNE_PAUSE_S = 0.05


class Group(msgspec.Struct, frozen=True):
    """What the loop wants recorded: rows in order, and what belongs into their transaction.

    `attempt` rises with each failed commit; groups of an older attempt are dropped unread, for they follow on
    events that are not there. `cosigned` are side values; `is_urgent` asks for a checkpoint over these rows at once.
    A group with `then_key` ends its transaction: after it the key of that verifier key signs.
    """

    attempt: int
    rows: list[Row]
    documents: tuple[tuple[str, bytes], ...] = ()
    snapshot: Snapshot | None = None
    cosigned: tuple[CosignedRow, ...] = ()
    is_urgent: bool = False
    then_key: str = ""


class PruneRequest(msgspec.Struct, frozen=True):
    """Let events below this seq go, while nothing else is to be done."""

    below: int


class Durable(msgspec.Struct, frozen=True):
    """Everything up to `seq` is on the disk; `has_reserve` is False while the disk is too full for scans."""

    seq: int
    has_reserve: bool


class CommitFailed(msgspec.Struct, frozen=True):
    """A commit of this attempt failed; its outcome is unknown."""

    attempt: int
    fault: StorageFault
    text: str


class ReserveRestored(msgspec.Struct, frozen=True):
    """There is room again for scans."""


class Sealed(msgspec.Struct, frozen=True):
    """A checkpoint is durable that came after its last event."""


WriterAnswer = Durable | CommitFailed | ReserveRestored | Sealed


class Writer:
    """Runs on its own thread; `deliver` hands its answers to the loop and must not block."""

    def __init__(
        self,
        journal: Journal,
        deliver: Callable[[WriterAnswer], None],
        errors: tuple[type[Exception], ...] = (sqlite3.Error, OSError),
        rotate: Callable[[str], SigningKey] | None = None,
    ) -> None:
        """`rotate` puts the key of a verifier key in its place and returns it."""
        self._journal = journal
        self._deliver = deliver
        self._errors, self._rotate = errors, rotate
        self._queue: Handoff[Group | PruneRequest | None] = Handoff()
        self._prune_below = 0
        self._failed_attempt = self._attempt = -1
        self.commits = 0

    def submit(self, work: Group | PruneRequest) -> None:
        """Queue a group of events to commit, or say which to prune; from any thread."""
        self._queue.put(work)

    def stop(self) -> None:
        """Commit what is queued, then end."""
        self._queue.put(None)

    def run(self) -> None:
        """Commit whatever comes, until `stop`."""
        while self.commit_waiting(self._pause_s()):
            pass

    def _pause_s(self) -> float:
        if self._prune_below:
            return PRUNE_PAUSE_S
        return 1.0 if self._journal.ballast.is_kept else RESERVE_RETRY_S

    def commit_waiting(self, timeout_s: float) -> bool:
        """Commit what waits, or comes within `timeout_s`; False after `stop`."""
        if not self._queue.wait(timeout_s):
            self._restore_reserve()
            self._seal_when_due()
            self._prune_some()
            return True
        groups, is_last = self._gather_groups()
        if groups:
            self._commit_groups(groups)
        if is_last:
            self._journal.close()
        return not is_last

    def _gather_groups(self) -> tuple[list[Group], bool]:
        """What waits, up to `ROWS_MAX` rows, without the groups of a failed attempt; and whether to stop."""
        groups: list[Group] = []
        rows = 0
        while len(self._queue) and rows < ROWS_MAX:
            found = self._queue.take()
            if found is None:
                return groups, True
            if isinstance(found, PruneRequest):
                self._prune_below = max(self._prune_below, found.below)
            elif found.attempt > self._failed_attempt:
                groups.append(found)
                rows += len(found.rows)
                if found.then_key:
                    break
        return groups, False

    def _commit_groups(self, groups: list[Group]) -> None:
        group = groups[0] if len(groups) == 1 else _join_groups(groups)
        self._attempt = group.attempt
        try:
            self._journal.append(group.rows, group.documents, group.snapshot, group.cosigned, is_urgent=group.is_urgent)
        except self._errors as error:
            self._report_failure(group.attempt, error)
        else:
            if group.then_key and self._rotate:
                self._journal.use_key(self._rotate(group.then_key))
            self._deliver(Durable(group.rows[-1][0], self._journal.ballast.is_kept))
            self.commits += 1

    def _seal_when_due(self) -> None:
        """What nothing follows gets its checkpoint, too; not while commits fail."""
        if self._attempt == self._failed_attempt:
            return
        try:
            if self._journal.seal_when_due():
                self._deliver(Sealed())
        except self._errors as error:
            self._report_failure(self._attempt, error)

    def _prune_some(self) -> None:
        """One small piece; not while commits fail."""
        if not self._prune_below or self._attempt == self._failed_attempt:
            return
        try:
            if not self._journal.prune_some(self._prune_below):
                self._prune_below = 0
        except self._errors as error:
            self._prune_below = 0  # until the next look; the disk's fault is what counts now
            self._report_failure(self._attempt, error)

    def _report_failure(self, attempt: int, error: Exception) -> None:
        fault = fault_at(self._journal.path.parent, error)
        if fault is StorageFault.DISK_FULL:
            self._journal.ballast.drop()
        self._failed_attempt = attempt
        self._deliver(CommitFailed(attempt, fault, str(error)))

    def _restore_reserve(self) -> None:
        if not self._journal.ballast.is_kept and self._journal.ballast.keep():
            self._deliver(ReserveRestored())


def _join_groups(groups: list[Group]) -> Group:
    """As one, for one transaction; of the states that were kept the newest."""
    return Group(
        groups[-1].attempt,
        [row for group in groups for row in group.rows],
        tuple(document for group in groups for document in group.documents),
        next((group.snapshot for group in reversed(groups) if group.snapshot), None),
        tuple(each for group in groups for each in group.cosigned),
        any(group.is_urgent for group in groups),
        groups[-1].then_key,
    )
