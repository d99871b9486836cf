"""The daemon's life with simulated devices: what it shows and sounds when its journal does not open or goes away."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from drivers.simulated import SimulatedDisplay, SimulatedIndicator, SimulatedSource
from drivers.simulated_door import SimulatedLock
from station.domain.core.effects import Signal, Verdict
from station.domain.core.inputs import SourceFound, SourceLost
from station.domain.core.view import Phrase, Tone
from station.domain.identifiers import command_text
from station.domain.lifecycle.inputs import StopRequested
from station.domain.station.leaf import decode
from station.journal.journal import FILE_NAME, Journal
from station.journal.reader import Reader
from station.journal.writer import Writer
from station.spine import daemon as daemons
from station.spine import lockfile
from station.spine.clock import monotonic_ms
from station.spine.daemon import Daemon, Devices
from station.spine.gs1_gate import Gs1Gate
from station.spine.inbox import Inbox
from station.spine.journal_lost import JournalLost
from station.spine.starting import Sworn
from tests.drivers.watch import WAIT_S
from tests.waiting import wait_for

TAG = "1A4060300000001000000001"


class Life:
    """A daemon on a thread, and its devices."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.gun = SimulatedSource("gun", now=monotonic_ms)
        self.indicator, self.display = SimulatedIndicator(), SimulatedDisplay()
        self.lock = SimulatedLock(now=monotonic_ms)
        devices = Devices([self.gun], [self.indicator], [self.display], self.lock)
        self.daemon = Daemon(
            "/custody/greenleaf-414/vault-1",
            directory,
            devices,
            Inbox(),
            sworn=Sworn("settings"),
            make_relay=lambda *_: None,
        )
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self.daemon.run()
        except BaseException as error:  # for the test to look at
            self.error = error

    def end(self) -> None:
        self.thread.join(WAIT_S)
        assert not self.thread.is_alive()

    def stop(self) -> None:
        self.daemon.request_stop("test")
        self.end()

    def tone(self) -> Tone | None:
        return self.display.newest.tone if self.display.newest else None

    def types(self) -> list[str]:
        reader = Reader.open_at(self.directory / FILE_NAME)
        types = [decode(leaf).event.TYPE for _, leaf, _ in reader.stored_events()]
        reader.close()
        return types


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    life = Life(tmp_path)
    yield life
    if life.thread.is_alive():
        life.stop()


def test_a_station_records_from_its_first_scan_to_its_stop(life: Life) -> None:
    life.thread.start()
    for line in (command_text("start-count", "free"), command_text("location", "Vault A"), TAG, TAG):
        life.gun.push_line(line.encode())
    wait_for(lambda: len(life.gun.answers) == 4)
    life.stop()

    assert list(life.gun.answers) == [Verdict.NOTED, Verdict.NOTED, Verdict.COUNTED, Verdict.ALREADY]
    assert list(life.indicator.played)[2:] == [Signal.ACCEPTED, Signal.ALREADY]
    assert life.types() == [
        "epoch.began",
        "station.started",
        "count.opened",
        "count.located",
        "count.scanned",
        "count.exception",
        "station.stopped",
    ]
    assert life.display.newest is not None
    assert life.display.newest.tone is Tone.STOPPED
    assert life.error is None
    assert not lockfile.is_held(life.directory)


def test_a_journal_that_does_not_open_is_said_by_screen_and_sound_and_tried_again(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = threading.Event()

    def fails(*_: Any) -> None:
        tries.set()
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = 13
        raise error

    monkeypatch.setattr(daemons, "OPEN_AGAIN_S", 0.01)
    with monkeypatch.context() as failing:
        failing.setattr(Journal, "open", fails)
        life.thread.start()
        wait_for(lambda: life.indicator.held is Signal.NOT_RECORDING and tries.is_set())
        assert life.display.newest is not None
        assert (life.display.newest.tone, life.display.newest.detail) == (Tone.NOT_RECORDING, Phrase("disk_full"))
    wait_for(lambda: life.indicator.held is None and life.tone() is Tone.CALM)

    life.stop()
    assert life.types() == ["epoch.began", "station.started", "station.stopped"]


def test_a_stop_while_the_journal_does_not_open_ends_at_once(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(lockfile, "hold", fails)
    monkeypatch.setattr(daemons, "OPEN_AGAIN_S", 3_600.0)
    life.thread.start()
    wait_for(lambda: life.indicator.held is Signal.NOT_RECORDING)
    assert life.display.newest is not None
    assert life.display.newest.detail == Phrase("disk_read_only")

    life.stop()
    assert life.error is None


def test_a_stop_that_came_before_the_journal_was_open_comes_after_the_start(life: Life) -> None:
    life.daemon.inbox.put(StopRequested(monotonic_ms(), "early"))
    life.thread.start()
    life.end()

    assert life.types() == ["epoch.began", "station.started", "station.stopped"]


def test_without_its_journal_thread_the_daemon_ends_and_says_so(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Writer, "run", lambda _: None)
    life.thread.start()
    life.end()

    assert isinstance(life.error, JournalLost)
    assert str(life.error) == "journal: its thread ended; a new start goes on"


def test_a_second_daemon_on_the_same_directory_is_refused(life: Life) -> None:
    life.thread.start()
    wait_for(lambda: hasattr(life.daemon, "loop") and life.daemon.loop.durable.seq >= 0)
    second = Life(life.directory)
    second.thread.start()
    second.end()

    assert isinstance(second.error, lockfile.JournalHeld)


def test_the_first_gs1_code_is_read_once_another_thread_has_loaded_what_reads_it(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaders: list[str] = []

    def gate(inbox: Inbox, refused: Callable[[str], None]) -> Gs1Gate:
        return Gs1Gate(inbox, refused, lambda: loaders.append(threading.current_thread().name))

    monkeypatch.setattr(daemons, "Gs1Gate", gate)
    life.thread.start()
    for line in (command_text("start-count", "free"), command_text("location", "Vault A"), f"]C191{TAG}"):
        life.gun.push_line(line.encode())
    wait_for(lambda: len(life.gun.answers) == 3)
    life.stop()

    assert loaders == ["gs1"]
    assert list(life.gun.answers)[-1] is Verdict.COUNTED


def test_what_goes_wrong_and_right_again_is_in_the_log(life: Life) -> None:
    with capture_logs() as logged:
        life.thread.start()
        life.daemon.inbox.put(SourceLost("scale", monotonic_ms(), "unplugged"))
        wait_for(lambda: any(line["event"] == "source.lost" for line in logged))
        life.daemon.inbox.put(SourceFound("scale", monotonic_ms()))
        wait_for(lambda: any(line["event"] == "source.found" for line in logged))
        life.stop()


class Petted:
    """A watchdog that only counts."""

    def __init__(self) -> None:
        self.pings = 0

    def ping(self, now: int) -> None:  # noqa: ARG002
        self.pings += 1

    def notify(self, *lines: str) -> None: ...


@pytest.mark.parametrize(("commit_max_ms", "is_petted"), [(120_000, True), (0, False)])
def test_the_watchdog_is_not_petted_while_a_commit_is_out_too_long(
    life: Life, monkeypatch: pytest.MonkeyPatch, commit_max_ms: int, is_petted: bool
) -> None:
    monkeypatch.setattr(daemons, "COMMIT_MAX_MS", commit_max_ms)
    watchdog = Petted()
    life.daemon._watchdog = watchdog  # type: ignore[assignment]
    life.thread.start()
    wait_for(lambda: hasattr(life.daemon, "loop") and life.daemon.loop.durable.seq >= 0)
    life.stop()

    assert bool(watchdog.pings) == is_petted
