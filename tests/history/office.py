"""The receiver as a program that is killed at any statement, and put back from older copies of its database."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from station.backoffice.receiving.hearing import Step
from station.backoffice.receiving.receiver import Receiver
from station.backoffice.receiving.telling import Publication
from station.backoffice.store import schema
from station.backoffice.store.epochs import Added, Epoch
from station.backoffice.store.store import Store
from station.sealing.note import COSIGNATURE, SigningKey, VerifierKey
from tests.history.broker import RECEIVE_MAX, Connection
from tests.history.checker import Checker
from tests.history.clock import Clock
from tests.history.stage import Stage

SITE = "greenleaf-414"
CLIENT = "backoffice"
WITNESS = SigningKey("greenleaf-backoffice", COSIGNATURE, b"w" * 32)
TURN_S = (0.01, 0.2)
TICK_S = 0.5
RECONNECT_S = (0.5, 4.0)
START_S = (1.0, 15.0)


class Killed(Exception):
    """The program is gone, in the middle of what it did."""


class Mortal:
    """A database that dies at its `statements_left`-th statement from now; None: it lives."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self.statements_left: int | None = None

    def execute_sql(self, sql: str, values: Any = ()) -> Any:
        if self.statements_left is not None:
            self.statements_left -= 1
            if self.statements_left < 0:
                raise Killed
        return self._database.execute_sql(sql, values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


class WatchedStore(Store):
    """Tells the checker which leaves a group took for new, once it is durable."""

    def __init__(self, database: Any, checker: Checker) -> None:
        super().__init__(database)
        self._checker = checker
        self._new: dict[tuple[str, str], list[int]] = {}

    @contextmanager
    def group(self) -> Iterator[None]:
        is_outermost = not self._depth
        if is_outermost:
            self._new = {}
        with super().group():
            yield
        if is_outermost:
            for (station, epoch), seqs in self._new.items():
                self._checker.applied(station, epoch, seqs)

    def add_leaf(self, epoch: Epoch, seq: int, hash: bytes, leaf: bytes | None) -> Added:
        added = super().add_leaf(epoch, seq, hash, leaf)
        if added is Added.NEW:
            self._new.setdefault((epoch.station, epoch.name), []).append(seq)
        return added


MakeReceiver = Callable[[Any, Checker, Clock], Receiver]


def real(database: Any, checker: Checker, clock: Clock) -> Receiver:
    """The receiver as `backoffice run` makes it."""
    store = WatchedStore(database, checker)
    return Receiver(store, SITE, WITNESS, now=clock.now, wall=clock.wall, needs_marker=True)


class Office:
    """A life begins with `start` and ends with `kill`; the database file is all that passes from one to the next."""

    def __init__(self, stage: Stage, path: Path, make_receiver: MakeReceiver = real) -> None:
        self._clock, self._random, self._broker, self._checker = stage
        self.path, self._make_receiver = path, make_receiver
        self.connection: Connection | None = None
        self._life = 0
        self.is_alive = False

    def start(self) -> None:
        """Open the database and go on."""
        self._life += 1
        self._database = Mortal(schema.open_for_writing(self.path))
        self.receiver = self._make_receiver(self._database, self._checker, self._clock)
        self.is_alive = True
        self._connect_soon()
        self._again(TURN_S, self._turn)
        self._again((TICK_S, TICK_S), self._tick)

    def approve(self, station: str, key: VerifierKey) -> None:
        """A person trusts this key."""
        self._publish(self.receiver.approve_key(station, key))

    def kill(self) -> None:
        """SIGKILL: what was not committed is gone."""
        if self.is_alive:
            self.is_alive = False
            self._database.close()
            if self.connection is not None:
                self.connection.end()
                self.connection = None

    def kill_soon(self, statements: int) -> None:
        """Die after so many more statements, and start again by itself."""
        if self.is_alive:
            self._database.statements_left = statements

    def copy_to(self, backup: Path) -> None:
        """A backup, as of now."""
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(backup)) as target:
            source.backup(target)

    def put_back(self, backup: Path) -> None:
        """Killed, and its database replaced by an older copy; starts again by itself."""
        self.kill()
        self._checker.before_put_back()
        for suffix in ("-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(backup, self.path)
        self._checker.put_back()
        self._start_soon()

    # The program's turns

    def _start_soon(self) -> None:
        life = self._life
        delay_s = self._random.uniform(*START_S)
        self._clock.after(delay_s, lambda: self.start() if self._life == life and not self.is_alive else None)

    def _again(self, within_s: tuple[float, float], do: Callable[[], None]) -> None:
        """Do this, as long as this life lasts, again and again."""
        life = self._life

        def turn() -> None:
            if self._life == life and self.is_alive:
                try:
                    do()
                except Killed:
                    self.kill()
                    self._start_soon()
                    return
                self._again(within_s, do)

        self._clock.after(self._random.uniform(*within_s), turn)

    def _connect_soon(self) -> None:
        life = self._life
        self._clock.after(self._random.uniform(*RECONNECT_S), lambda: self._connect() if self._life == life else None)

    def _connect(self) -> None:
        if self.is_alive:
            self.connection = self._broker.connect(CLIENT)
            self._has_begun = False

    def _turn(self) -> None:
        link = self.connection
        if link is None:
            return
        if link.is_over:
            self.connection = None
            self._connect_soon()
        elif link.is_up:
            if not self._has_begun:
                self._has_begun = True
                self.receiver.begin_connection()
                self._confirmed = 0
                self._is_subscribed_again = False
            self._hear_retained(link)
            self._take(link)

    def _hear_retained(self, link: Connection) -> None:
        while self._confirmed < link.subscriptions:
            self._confirmed += 1
            self.receiver.hearing.note_subscribed()
        if self.receiver.hearing.step is Step.SUBSCRIBING_AGAIN and not self._is_subscribed_again:
            self._is_subscribed_again = True
            self._broker.subscribe_again(link)

    def _take(self, link: Connection) -> None:
        group, link.messages = link.messages[:RECEIVE_MAX], link.messages[RECEIVE_MAX:]
        if not group:
            return
        publications = self.receiver.take_group([(each.topic, each.payload) for each in group])
        for each in group:
            if each.mid:
                self._broker.answer(link, each.mid)
        self._publish(publications)

    def _tick(self) -> None:
        self._publish(self.receiver.publications_due())

    def _publish(self, publications: list[Publication]) -> None:
        for each in publications:
            kind = each.topic.split("/")[4]
            if kind == "ack" and each.topic != self.receiver.marker_topic:
                self._checker.signed(each.payload)
            if self.connection is None or not self.connection.is_up:
                continue
            if kind == "resend":
                wanted = msgspec.json.decode(each.payload)
                self._checker.asked(each.topic.split("/")[3], wanted["from"], wanted["to"])
            self._broker.publish(self.connection, -1, each.topic, each.payload, retain=each.retain)
