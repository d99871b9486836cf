"""The end of a simulation: what the journal swears to, and whether all of it arrived with the same bytes."""

from pathlib import Path
from typing import Protocol

import msgspec

from station.errors import IntegrityError
from station.evidence.verify import verify_journal
from station.journal.reader import Reader
from station.simulate.door_account import Account


class Arrived(Protocol):
    """What a receiver tells of what came."""

    others: list[str]

    def arrived_leaf(self, epoch: str, seq: int) -> bytes | None: ...


class DoorSummary(msgspec.Struct, frozen=True):
    """What the journal says of the door, and whether its lock was released when all was over."""

    account: Account
    is_released: bool

    @property
    def summary_line(self) -> str:
        return f"{self.account.summary_line}, lock {'RELEASED' if self.is_released else 'secured'}"

    @property
    def fault(self) -> str:
        if self.account.unexplained:
            return f"{self.account.unexplained} openings without exactly one event that explains them"
        return "the lock was left released" if self.is_released else ""


class Summary(msgspec.Struct, frozen=True):
    """`waiting` events have not arrived; `fault` says what is wrong, `why` why some may well be waiting.

    `door` is None where there was none.
    """

    events: int
    waiting: int
    fault: str = ""
    why: str = ""
    door: DoorSummary | None = None

    @property
    def summary_line(self) -> str:
        """`214 events, chain verified, 0 waiting`, and nothing else where all is well."""
        chain = self.fault or "chain verified"
        why = f" ({self.why})" if self.waiting and self.why else ""
        return f"{self.events} events, {chain}, {self.waiting} waiting{why}"

    @property
    def exit_code(self) -> int:
        """6 where anything is wrong; 1 where something has not arrived and should have."""
        if self.fault:
            return IntegrityError.exit_code
        return 1 if self.waiting and not self.why else 0


def summarize_journal(
    data_dir: Path,
    receiver: Arrived | None,
    *,
    first_seq: int = 0,
    is_cut: bool = False,
    door: DoorSummary | None = None,
) -> Summary:
    """Check a journal that nobody writes to any more; from `first_seq` on, against what arrived."""
    path = data_dir / "journal.db"
    verified = verify_journal(path)
    fault = verified.fault or (door.fault if door else "")
    if receiver is None:
        return Summary(verified.events, verified.events - first_seq, fault, "no broker", door)
    reader = Reader.open_at(path)
    arrived = [
        (leaf, receiver.arrived_leaf(verified.epoch, seq), seq) for seq, leaf, _ in reader.stored_events(first_seq)
    ]
    reader.close()
    others = [f"event {seq} arrived with other bytes" for kept, came, seq in arrived if came not in (None, kept)]
    others += [f"event {name} arrived twice with different bytes" for name in receiver.others]
    waiting = sum(came is None for _, came, _ in arrived)
    why = "network cut" if is_cut else ""
    return Summary(verified.events, waiting, fault or "; ".join(others[:3]), why, door)
