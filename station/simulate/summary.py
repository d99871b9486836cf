"""The end of a simulation: what the journal swears to, and whether all of it arrived with the same bytes."""

from pathlib import Path

import msgspec

from station.errors import IntegrityError
from station.evidence.verify import verify_journal
from station.journal.reader import Reader
from station.simulate.receiver import Receiver


class Summary(msgspec.Struct, frozen=True):
    """`waiting` events have not arrived; `fault` says what is wrong, and is empty where nothing is."""

    events: int
    waiting: int
    has_broker: bool
    repeats: int = 0
    fault: str = ""

    @property
    def line(self) -> str:
        """`214 events, chain verified, 0 waiting`, and nothing else where all is well."""
        chain = self.fault or "chain verified"
        return f"{self.events} events, {chain}, {self.waiting} waiting" + ("" if self.has_broker else " (no broker)")

    @property
    def exit_code(self) -> int:
        """6 where anything is wrong; 1 where a broker is there and something has not arrived."""
        if self.fault:
            return IntegrityError.exit_code
        return 1 if self.has_broker and self.waiting else 0


def summarize(data_dir: Path, receiver: Receiver | None, first_seq: int = 0) -> Summary:
    """Check a journal that nobody writes to any more; from `first_seq` on, against what arrived."""
    path = data_dir / "journal.db"
    verified = verify_journal(path)
    if receiver is None:
        return Summary(verified.events, verified.events, has_broker=False, fault=verified.fault)
    waiting, fault = 0, verified.fault
    reader = Reader.at(path)
    for seq, leaf, _ in reader.rows(first_seq):
        arrived = receiver.leaf(verified.epoch, seq)
        waiting += arrived is None
        if arrived is not None and arrived != leaf:
            fault = fault or f"event {seq} arrived with other bytes than it has in the journal"
    reader.close()
    if receiver.others:
        fault = fault or f"event {receiver.others[0]} arrived twice with different bytes"
    return Summary(verified.events, waiting, True, receiver.repeats, fault)
