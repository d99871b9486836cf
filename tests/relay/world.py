"""A journal in memory, leaves as the station writes them, and a relay that notes what it told the station."""

import json
from collections.abc import Callable
from typing import Any

from station.relay.mqtt import Relay
from station.relay.options import RelayOptions
from tests.brokers import Subscriber

EPOCH = "20261123T140405Z-7f3a"
BASE = "custody/v1/greenleaf-414/vault-1"


def leaf(seq: int, event_type: str = "count.scanned", filler: str = "") -> bytes:
    """Return a leaf of the public form."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": f"{EPOCH}-{seq}",
            "source": "/custody/greenleaf-414/vault-1",
            "type": event_type,
            "sequence": f"{seq:020d}",
            "epoch": EPOCH,
            "data": {"tag": "1A4060300000001000012345", "filler": filler},
        }
    ).encode()


def seq_of(payload: bytes) -> int:
    """Return the seq of a leaf."""
    return int(json.loads(payload)["sequence"])


class Arrivals:
    """The seqs of the leaves that reached a subscriber; each message is parsed once.

    A poll that parsed thousands of messages again would take the interpreter from the subscriber's own thread.
    """

    def __init__(self, office: Subscriber) -> None:
        self._office = office
        self._parsed = 0
        self._seqs: set[int] = set()

    def seqs(self) -> set[int]:
        """Return what has arrived by now."""
        new = self._office.messages[self._parsed :]
        self._parsed += len(new)
        self._seqs.update(seq_of(each.payload) for each in new if "/event/" in each.topic)
        return self._seqs


class MemoryJournal:
    """Leaves in a list; `fault` is raised by every read while it is set."""

    def __init__(self, leaves: list[bytes] | None = None) -> None:
        self.rows = leaves or []
        self.notes: dict[int, bytes] = {}
        self.gone: dict[int, bytes] = {}
        self.fault: Exception | None = None
        self.longest_read = 0

    def append(self, *leaves: bytes) -> None:
        self.rows.extend(leaves)

    def leaves(self, first_seq: int, rows_max: int) -> list[tuple[int, bytes]]:
        if self.fault is not None:
            raise self.fault
        self.longest_read = max(self.longest_read, rows_max)
        return list(enumerate(self.rows[first_seq : first_seq + rows_max], first_seq))

    def head(self) -> int:
        if self.fault is not None:
            raise self.fault
        return len(self.rows) - 1

    def epoch(self) -> str:
        return EPOCH

    def checkpoints_between(self, first_size: int, last_size: int) -> list[tuple[int, bytes]]:
        return [(size, note) for size, note in sorted(self.notes.items()) if first_size <= size <= last_size][:100]

    def newest_checkpoint(self) -> tuple[int, bytes, bytes] | None:
        return (max(self.notes), self.notes[max(self.notes)], b"") if self.notes else None

    def pruned_leaves(self, first_seq: int, rows_max: int) -> list[tuple[int, bytes]]:
        return [row for row in sorted(self.gone.items()) if row[0] >= first_seq][:rows_max]


class Station:
    """The rest of the station as the relay sees it: what it is asked, and what it was told."""

    def __init__(self, journal: MemoryJournal, broker: Any, **options: Any) -> None:
        self.journal = journal
        self.links: list[bool] = []
        self.reports: list[tuple[int, int]] = []
        self.faults: dict[str, dict[str, Any]] = {}
        self.level = "ready"
        self.broken: Exception | None = None
        defaults: dict[str, Any] = {
            "host": broker.host,
            "port": broker.port,
            "site": "greenleaf-414",
            "station": "vault-1",
            "connect_pauses_s": (0.02, 0.05),
            "stall_pauses_s": (0.05, 0.1),
            "levels_every_s": 0.02,
            "journal_pause_s": 0.05,
        }
        self.relay = Relay(
            RelayOptions(**{**defaults, **options}),
            journal,
            on_link=self._on_link,
            on_acked=self._on_acked,
            info=lambda: self._ask({"epoch": EPOCH, "key": "k"}),
            health=lambda: self._ask({"head": journal.head()}),
            alerts=lambda: self._ask(dict(self.faults)),
            state=lambda: self._ask(self.level),
        )

    def commit(self, *leaves: bytes) -> None:
        """Append and wake, as the journal thread does."""
        self.journal.append(*leaves)
        self.relay.wake()

    def _on_link(self, is_up: bool) -> None:
        self._ask(None)
        self.links.append(is_up)

    def _on_acked(self, seq: int, withheld: int) -> None:
        self._ask(None)
        self.reports.append((seq, withheld))

    def _ask(self, answer: Any) -> Any:
        if self.broken is not None:
            raise self.broken
        return answer


StationMaker = Callable[..., Station]
