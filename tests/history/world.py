"""Stations, a broker and a receiver under one seed: storms, in which everything fails, and calms, for judging.

HISTORY_SEED=7 tests/run tests/history        one history again, exactly as it was
"""

import os
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.history.broker import BREAKS, CALM, Broker, Weather
from tests.history.checker import Checker
from tests.history.clock import Clock
from tests.history.office import CLIENT, SITE, WITNESS, MakeReceiver, Office, real
from tests.history.stage import Stage
from tests.history.station import MakeCursor, Station, witnessed

NAMES = ("vault-1", "dock", "floor-2")
STORM_S = 90.0
FOUND_S = 60.0
"""After a reconnection every gap must have been found."""

FILLED_S = 300.0
"""After the faults have ended, everything must be there and be acknowledged."""

POISON_SHARE = 0.0005
AUTOSAVE_S = 5.0
RECONNECTED_WITHIN_S = 40.0


def seed_or(default: int) -> int:
    """The seed that the environment asks for, else this one."""
    return int(os.environ.get("HISTORY_SEED", default))


class World:
    """One history. After `run` the checker's complaints are the verdict."""

    def __init__(
        self, folder: Path, seed: int, *, make_receiver: MakeReceiver = real, make_cursor: MakeCursor = witnessed
    ) -> None:
        self.random = Random(seed)
        self.clock = Clock()
        self.checker = Checker(self.clock, folder / "backoffice.db")
        self.broker = Broker(self.clock, self.random, CLIENT, WITNESS.name)
        self.broker.refusal = self._refusal
        self.stage = stage = Stage(self.clock, self.random, self.broker, self.checker)
        self.office = Office(stage, folder / "backoffice.db", make_receiver)
        self.stations = [Station(stage, folder / name, name, WITNESS.verifier, make_cursor) for name in NAMES]
        self._backup = folder / "backup.db"
        self._is_stormy = False
        self.refused: dict[bytes, int] = {}
        """Leaves that are poison to the broker, and the reason of their PUBACK, or BREAKS."""
        self.slowest_s = 0.0
        """The longest that it took after a storm until all was there and acknowledged."""

    def begin(self) -> None:
        """Everything starts, and people trust the stations."""
        self.office.start()
        for each in self.stations:
            each.boot()
            self.office.approve(each.name, each.key.verifier)
        self.office.copy_to(self._backup)
        self._autosave()

    def run(self, events: int, storms: int) -> list[str]:
        """So many events in so many storms, a calm after each; return the complaints, soon after the first."""
        self.begin()
        for _ in range(storms):
            self.storm(events // storms // len(self.stations))
            self.calm()
            if self.checker.complaints:
                break
        self.checker.check_statements()
        return self.checker.complaints

    def settle(self) -> None:
        """Let everything come to rest, without a fault."""
        self._until(self._is_connected, RECONNECTED_WITHIN_S, "all are connected")
        self._until(self._is_at_rest, FILLED_S, "all is acknowledged")

    # A storm

    def storm(self, events_each: int) -> None:
        """Everything fails for `STORM_S`, while each station records so many events."""
        self._is_stormy = True
        self.broker.weather = self._bad_weather()
        for station in self.stations:
            self._spread(events_each, station)
        for least, most, fault in self._faults():
            for _ in range(self.random.randint(least, most)):
                self.clock.after(self.random.uniform(0, STORM_S), fault)
        self.clock.run_until(self.clock.now_s + STORM_S)
        self._is_stormy = False
        self.broker.weather = CALM

    def _bad_weather(self) -> Weather:
        slowest_s = self.random.choice((0.05, 0.3, 2.0))
        return Weather(
            lost=self.random.choice((0.0, 0.01, 0.1)),
            doubled=self.random.choice((0.0, 0.05, 0.3)),
            latency_s=(0.002, slowest_s),
            queue_max=self.random.choice((200, 2000, 100_000)),
        )

    def _spread(self, events: int, station: Station) -> None:
        """Groups of a few or of many, at any moment."""
        while events > 0:
            group = min(events, self.random.choice((1, 2, 5, 20, 60, 150)))
            events -= group
            is_urgent = self.random.random() < 0.1
            self.clock.after(self.random.uniform(0, STORM_S), self._appending(station, group, is_urgent))

    def _appending(self, station: Station, group: int, is_urgent: bool) -> Callable[[], None]:
        def append() -> None:
            if station.is_alive:
                station.append(group, is_urgent=is_urgent)
            else:  # what people scan then is scanned again when the station is back
                self.clock.after(1.0, append)

        return append

    def _faults(self) -> list[tuple[int, int, Callable[[], None]]]:
        """(at least, at most, what) of one storm."""
        random = self.random
        return [
            (2, 8, lambda: random.choice(self.stations).kill_and_boot(random.choice((0, 0, 1, 50)))),
            (2, 10, lambda: self.broker.cut(random.choice(self.stations).topics.identity)),
            (0, 5, lambda: self.broker.cut(CLIENT)),
            (0, 2, self.broker.wipe),
            (0, 2, self.broker.kill),
            (0, 2, self.broker.expire),
            (1, 6, lambda: self.office.kill_soon(random.randrange(2000))),
            (0, 2, lambda: self.office.copy_to(self._backup) if self.office.is_alive else None),
            (0, 1, lambda: self.office.put_back(self._backup)),
        ]

    # A calm

    def calm(self) -> None:
        """The faults end; then all that the stations swore to must come to rest at the receiver."""
        began_s = self.clock.now_s
        is_reconnecting = self.random.random() < 0.5
        if is_reconnecting:
            self.broker.cut()
        self._until(self._is_connected, RECONNECTED_WITHIN_S, "all are connected")
        connected_s = self.clock.now_s
        self.checker.begin_search()
        self.clock.run_until(connected_s + FOUND_S)
        for each in self.stations:
            self.checker.check_found(each.name, each.cursor.sent + 1)
        self._until(self._is_at_rest, FILLED_S, "all is acknowledged")
        self.slowest_s = max(self.slowest_s, self.clock.now_s - began_s)
        for each in self.stations:
            self.checker.check_whole(each.name)

    def _until(self, condition: Callable[[], bool], limit_s: float, what: str) -> None:
        deadline_s = self.clock.now_s + limit_s
        while not condition():
            if self.clock.now_s >= deadline_s:
                self.checker.complain(f"within {limit_s:.0f} s it never came true: {what}; {self._where()}")
            if self.checker.complaints:
                return
            self.clock.run_until(self.clock.now_s + 1.0)

    def _is_connected(self) -> bool:
        links = [self.office.connection, *(each.connection for each in self.stations)]
        return all(link is not None and link.is_up for link in links)

    def _is_at_rest(self) -> bool:
        return all(each.is_alive and each.cursor.acked == each.head for each in self.stations)

    def _where(self) -> str:
        """For a complaint: where everybody is."""
        return ", ".join(
            f"{each.name}: head {each.head}, sent {each.cursor.sent}, acked {each.cursor.acked}, "
            f"missing {len(self.checker.missing(each.name))}"
            for each in self.stations
        )

    # Always

    def _autosave(self) -> None:
        self.broker.save()
        self.clock.after(AUTOSAVE_S, self._autosave)

    def _refusal(self, topic: str, payload: bytes) -> int:
        """Now and then a leaf is poison to the broker, and remains so."""
        if f"/{SITE}/" not in topic or "/event/" not in topic:
            return 0
        if self._is_stormy and self.random.random() < POISON_SHARE:
            self.refused.setdefault(payload, self.random.choice((135, 149, BREAKS)))
        return self.refused.get(payload, 0)
