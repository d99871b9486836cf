"""The life of one station: open the journal, run the loop on this thread until it halts, stop in order."""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec
import structlog

from drivers.ports import Answering, Display, Indicator, Source
from station import __version__, lockfile
from station.clock import boot_id, monotonic_ms, offset_ms, quality
from station.control import Control
from station.domain.conditions import Conditions
from station.domain.inputs import Input, Started, StopRequested
from station.domain.station import INITIAL
from station.domain.viewing import view
from station.inbox import Inbox
from station.journal.faults import fault_of
from station.journal.journal import Journal, Opened
from station.journal.reader import JournalCorrupt
from station.journal.writer import Writer
from station.loop import JournalLost, Loop
from station.outputs import DeviceOutputs
from station.supervisor import Pump, join
from station.watchdog import Watchdog

COMMIT_MAX_MS = 120_000
OPEN_AGAIN_S = 2.0
DRAIN_S = 3.0

log = structlog.get_logger()


class RelayPort(Protocol):
    """What the daemon asks of the relay; `NoRelay` where the settings name no broker."""

    def start(self) -> None: ...
    def wake(self) -> None: ...
    def stop(self, drain_s: float) -> bool: ...


class Devices(msgspec.Struct, frozen=True):
    """What hangs on this station."""

    sources: Sequence[Source]
    indicators: Sequence[Indicator]
    displays: Sequence[Display]


class Daemon:
    """One station in `directory`. `make_relay` gets the daemon once its journal is open."""

    def __init__(
        self,
        name: str,
        directory: Path,
        devices: Devices,
        inbox: Inbox,
        *,
        settings_hash: str,
        make_relay: "Callable[[Daemon, Opened], RelayPort | None]",
    ) -> None:
        self._source, self._directory, self._devices = name, directory, devices
        self._settings_hash, self._make_relay = settings_hash, make_relay
        self.inbox = inbox
        self.loop: Loop
        self._watchdog = Watchdog()
        self._relay: RelayPort | None = None
        self._stop: StopRequested | None = None

    @property
    def journal_path(self) -> Path:
        return self._directory / "journal.db"

    def request_stop(self, reason: str) -> None:
        """Stop in order; callable from a signal handler and from any thread."""
        self._stop = StopRequested(monotonic_ms(), reason)
        self.inbox.put(self._stop)

    def run(self) -> None:
        """Until a stop is asked for. Raises `JournalLost` where only a new start helps."""
        lock = lockfile.hold(self._directory)
        journal = Journal(self._directory)
        opened = self._open(journal)
        if opened is None:
            return
        log.info("journal open", epoch=opened.epoch, head=opened.station.seq, lock=lock)
        writer = Writer(journal, self.inbox.put)
        thread = threading.Thread(target=writer.run, name="journal", daemon=True)
        control = Control(self._directory, monotonic_ms)
        outputs = self._outputs(control)
        self.loop = Loop(opened.station, self.inbox, writer, outputs, self._source, opened.epoch, opened.acked)
        self._relay = self._make_relay(self, opened)
        self.inbox.put(self._started(opened))
        pumps = [Pump(source, self.inbox, outputs.refuse, monotonic_ms) for source in (*self._devices.sources, control)]
        thread.start()
        self._run(thread, pumps)
        self._end(writer, thread, pumps)

    def _outputs(self, control: Control) -> DeviceOutputs:
        answering = {source.name: source for source in self._devices.sources if isinstance(source, Answering)}
        return DeviceOutputs(
            self._devices.indicators, self._devices.displays, answering, control.reply, lambda _: self._wake()
        )

    def _wake(self) -> None:
        if self._relay is not None:
            self._relay.wake()

    def _open(self, journal: Journal) -> Opened | None:
        """Open the journal, as often as it takes: until then the screen says why. None where a stop came first."""
        while self._stop is None:
            try:
                return journal.open(time.time_ns() // 1_000_000)
            except JournalCorrupt:
                raise
            except Exception as error:  # whatever the disk does: say it on the screen, and try again
                log.error("journal does not open", error=str(error))
                journal.close()
                self._show(Conditions(storage=fault_of(error)))
                self._watchdog.notify("READY=1", f"STATUS=not recording: {error}", "WATCHDOG=1")
                time.sleep(OPEN_AGAIN_S)
        return None

    def _show(self, conditions: Conditions) -> None:
        for display in self._devices.displays:
            display.show(view(INITIAL, conditions, monotonic_ms()))

    def _started(self, opened: Opened) -> Input:
        return Started(
            monotonic_ms(),
            boot_id(),
            offset_ms(),
            quality(),
            __version__,
            self._settings_hash,
            opened.reason,
            opened.previous,
        )

    def _run(self, journal_thread: threading.Thread, pumps: list[Pump]) -> None:
        loop, inbox, is_ready = self.loop, self.inbox, False
        while not loop.is_halted:
            messages = inbox.take(loop.wait_ms(monotonic_ms()) / 1000)
            now = monotonic_ms()
            loop.step(messages, now)
            if not journal_thread.is_alive():
                raise JournalLost("journal: its thread ended; a new start goes on")
            if loop.outstanding_ms(now) < COMMIT_MAX_MS:
                self._watchdog.ping(now)
            if not is_ready and (loop.durable.seq >= 0 or loop.conditions.storage):
                is_ready = True
                self._begin(pumps)

    def _begin(self, pumps: list[Pump]) -> None:
        """The first commit has come through, or failed: now devices may speak."""
        for pump in pumps:
            pump.start()
        if self._relay is not None:
            self._relay.start()
        self._watchdog.notify("READY=1", "STATUS=running")

    def _end(self, writer: Writer, journal_thread: threading.Thread, pumps: list[Pump]) -> None:
        self._watchdog.notify("STOPPING=1")
        for pump in pumps:
            pump.stop()
        writer.stop()
        left = join([pump.thread for pump in pumps if pump.thread.is_alive()] + [journal_thread])
        if left:
            log.warning("threads did not end", threads=left)
        if self._relay is not None:
            self._relay.stop(DRAIN_S)
        stopped = msgspec.structs.replace(self.loop.conditions, is_stopped=True)
        for display in self._devices.displays:
            display.show(view(self.loop.durable, stopped, monotonic_ms()))
            display.close()
        for indicator in self._devices.indicators:
            indicator.close()
