"""Judges a history, as Jepsen does: it hears what everybody did, reads the receiver's database, and complains.

It uses nothing of what it judges: which leaves a station swore to it heard when they were committed, what the receiver
has it reads by plain SQL over a connection of its own, so that only what is durable counts.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

from station.journal.journal import Row
from station.relay.outgoing import OutgoingKind
from station.sealing.checkpoint import Checkpoint
from station.sealing.merkle import leaf_hash
from station.sealing.note import split_note
from tests.history.clock import Clock

COMPLAINTS_MAX = 20


class Heads(Protocol):
    """What is asked of a journal's reader."""

    def head(self) -> int: ...


def runs(seqs: Sequence[int]) -> list[tuple[int, int]]:
    """Each run of sorted numbers as (first, last)."""
    found: list[tuple[int, int]] = []
    for seq in seqs:
        first = found.pop()[0] if found and found[-1][1] == seq - 1 else seq
        found.append((first, seq))
    return found


class Checker:
    """Everything is told to it at the moment at which it happens; `complaints` is what does not hold."""

    def __init__(self, clock: Clock, database: Path) -> None:
        self._clock, self._database = clock, database
        self.complaints: list[str] = []
        self.epochs: dict[str, str] = {}
        self._sworn: dict[str, list[bytes]] = defaultdict(list)
        self._poison: set[tuple[str, int]] = set()
        self._roots: dict[tuple[str, int], bytes] = {}
        self._applied: dict[str, set[int]] = defaultdict(set)
        self._has_through: dict[str, int] = {}
        self._owed_through: dict[str, int] = {}
        self._sent: dict[str, set[int]] = defaultdict(set)
        self._asked: dict[str, set[int]] = defaultdict(set)
        self.is_honest = True
        self.deliveries = self.asks = 0

    @property
    def events(self) -> int:
        """How many events the stations swore to."""
        return sum(map(len, self._sworn.values()))

    def complain(self, text: str) -> None:
        if len(self.complaints) < COMPLAINTS_MAX:
            self.complaints.append(f"{self._clock.now_s:.2f} s: {text}")

    # What stations did

    def booted(self, station: str, epoch: str, journal: Heads) -> None:
        """A journal was opened: it must hold what was committed, and nothing else."""
        self.epochs.setdefault(station, epoch)
        if not self.is_honest:
            del self._sworn[station][journal.head() + 1 :]
        if (epoch, journal.head()) != (self.epochs[station], self.sworn_head(station)):
            self.complain(
                f"{station}: opened epoch {epoch} with head {journal.head()}; it swore to {self.sworn_head(station)} "
                f"of {self.epochs[station]}"
            )

    def sworn_head(self, station: str) -> int:
        """The newest seq that was committed."""
        return len(self._sworn[station]) - 1

    def swore(self, station: str, rows: Sequence[Row]) -> None:
        """These are committed."""
        self._sworn[station].extend(leaf for _, leaf, _, _ in rows)

    def sent(self, station: str, seq: int, kind: OutgoingKind) -> None:
        """A leaf, or its hash, left a station."""
        self.deliveries += 1
        self._sent[station].add(seq)
        if kind is OutgoingKind.HASH:
            self._poison.add((station, seq))

    def signed(self, note: bytes) -> None:
        """A station published a checkpoint, or a witness cosigned one: never two roots for one size."""
        found = Checkpoint.parse(split_note(note)[0])
        first = self._roots.setdefault((found.origin, found.size), found.root)
        if first != found.root:
            self.complain(f"{found.origin}: two roots for size {found.size}")

    def heard(self, station: str, alerts: Mapping[str, object]) -> None:
        """What a station made of its witnesses' notes."""
        if alerts and self.is_honest:
            self.complain(f"{station}: false alarm {alerts}")

    def rolled_back(self, station: str, text: str) -> None:
        """A station found itself rolled back."""
        if self.is_honest:
            self.complain(f"{station}: false alarm: {text}")

    def check_acked(self, station: str, acked: int) -> None:
        """Whatever a station holds for acknowledged, the receiver has on its disk; or had, before it was put back."""
        if acked > self._has_through.get(station, -1) and acked > self._owed_through.get(station, -1):
            has = self._read_through(station)
            if acked > has:
                self.complain(f"{station}: holds {acked} for acknowledged; the receiver has all up to {has}")
                self._owed_through[station] = acked  # told once

    # What the receiver did

    def applied(self, station: str, epoch: str, seqs: list[int]) -> None:
        """Leaves that a group, now durable, took for new."""
        if epoch != self.epochs.get(station):
            self.complain(f"{station}: the receiver took leaves of epoch {epoch}, which it has not")
        known = self._applied[station]
        twice = sorted(known.intersection(seqs)) or [seq for seq, times in Counter(seqs).items() if times > 1]
        if twice:
            self.complain(f"{station}: applied twice: {twice[:10]}")
        known.update(seqs)

    def asked(self, station: str, first: int, last: int) -> None:
        """The receiver published a `resend`."""
        self.asks += 1
        self._asked[station].update(range(first, last + 1))

    def before_put_back(self) -> None:
        """The receiver's database will be an older copy: what it has now is owed from then on."""
        for station in self.epochs:
            self._owed_through[station] = max(self._owed_through.get(station, -1), self._read_through(station))

    def put_back(self) -> None:
        """It is an older copy now, and what came since will be applied anew."""
        for station in self.epochs:
            self._has_through[station] = -1
            self._applied[station] = {seq for seq, _, _ in self._stored(station, 0)}

    def begin_search(self) -> None:
        """From here on it is counted what is found."""
        self._sent.clear()
        self._asked.clear()

    # Verdicts

    def missing(self, station: str) -> set[int]:
        """Which committed events the receiver has not."""
        return set(range(len(self._sworn[station]))).difference(seq for seq, _, _ in self._stored(station, 0))

    def check_found(self, station: str, still_to_send_from: int) -> None:
        """Of every gap something was asked for, or was sent again, or the station knows that it has to send it."""
        known = self._asked[station] | self._sent[station]
        for first, last in runs(sorted(self.missing(station))):
            if first < still_to_send_from and known.isdisjoint(range(first, last + 1)):
                self.complain(f"{station}: nobody found out that events {first}..{last} are missing")

    def check_whole(self, station: str) -> None:
        """Every event is there, once, with the bytes that were sworn; of a poison leaf its hash."""
        sworn, expected = self._sworn[station], 0
        for seq, kept, leaf in self._stored(station, 0):
            if seq != expected:
                self.complain(f"{station}: events {expected}..{seq - 1} never arrived")
            expected = seq + 1
            if seq >= len(sworn) or kept != leaf_hash(sworn[seq]):
                self.complain(f"{station}: event {seq} is not what was sworn")
            elif leaf != sworn[seq] and not (leaf is None and (station, seq) in self._poison):
                self.complain(f"{station}: event {seq} has other bytes than were sworn")
        if expected < len(sworn):
            self.complain(f"{station}: events {expected}..{len(sworn) - 1} never arrived")

    def check_statements(self) -> None:
        """What stands in the receiver's database: no two roots for one size, and in an honest history no alarm."""
        for (note,) in self._rows("SELECT note FROM checkpoint UNION ALL SELECT note FROM cosignature"):
            self.signed(note)
        for kind, station, seq, text in self.alarms():
            if self.is_honest:
                self.complain(f"{station}: false alarm {kind} of event {seq}: {text}")

    def alarms(self) -> list[tuple[str, str, int | None, str]]:
        """(kind, station, seq, text) of the receiver's alarms."""
        return list(self._rows("SELECT kind, station, seq, text FROM alarm ORDER BY id"))

    def withheld(self, station: str) -> list[int]:
        """Of which events the receiver has the hash alone."""
        return [seq for seq, _, leaf in self._stored(station, 0) if leaf is None]

    # The receiver's database, read by itself

    def _read_through(self, station: str) -> int:
        has = self._has_through.get(station, -1)
        for seq, _, _ in self._stored(station, has + 1, "hash, NULL"):
            if seq != has + 1:
                break
            has = seq
        self._has_through[station] = has
        return has

    def _stored(
        self, station: str, first: int, columns: str = "hash, leaf"
    ) -> Iterator[tuple[int, bytes, bytes | None]]:
        sql = (
            f"SELECT seq, {columns} FROM leaf WHERE epoch = (SELECT id FROM epoch WHERE station = ? AND name = ?) "
            "AND seq >= ? ORDER BY seq"
        )
        yield from self._rows(sql, station, self.epochs[station], first)

    def _rows(self, sql: str, *values: Any) -> Iterator[Any]:
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True)) as connection:
            yield from connection.execute(sql, values)
