"""The life of one station: open the journal, run the loop on this thread until it halts, stop in order."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import msgspec
import structlog

from drivers.ports import Answering, Display, Indicator, Lock, Source
from station.domain.core.conditions import Conditions
from station.domain.core.effects import RemoteReply, Signal
from station.domain.lifecycle.inputs import StopRequested
from station.domain.station.state import INITIAL, is_at_rest
from station.domain.station.viewing import view
from station.errors import IntegrityError
from station.journal import quarantine
from station.journal.faults import StorageFault, fault_at
from station.journal.journal import FILE_NAME, Journal, Opened
from station.journal.quarantine import Ending
from station.journal.reader import JournalCorrupt
from station.journal.sealer import origin_of
from station.journal.writer import PruneRequest, Writer
from station.sealing.note import SigningKey, VerifierKey
from station.spine import keys, lockfile, memory
from station.spine.alert_log import AlertLog
from station.spine.beginning import Beginning
from station.spine.clock import monotonic_ms
from station.spine.control import Control
from station.spine.garbage import Sweep
from station.spine.gs1_gate import Gs1Gate
from station.spine.inbox import Inbox
from station.spine.journal_lost import JournalLost, JournalRolledBack
from station.spine.loop import Loop
from station.spine.outputs import Callers, DeviceOutputs
from station.spine.starting import Sworn, started_input
from station.spine.supervisor import Pump, join_threads
from station.spine.watchdog import Watchdog

COMMIT_MAX_MS = 120_000
OPEN_AGAIN_S = 2.0
DRAIN_S = 3.0
LOOK_EVERY_MS = 200

log = structlog.get_logger()


class RelayPort(Protocol):
    """What the daemon asks of the relay; there is none where the settings name no broker."""

    def start(self) -> None: ...
    def wake(self) -> None: ...
    def reply(self, reply: RemoteReply) -> None: ...
    def stop(self, drain_s: float) -> bool: ...


class Devices(msgspec.Struct, frozen=True):
    """What hangs on this station."""

    sources: Sequence[Source]
    indicators: Sequence[Indicator]
    displays: Sequence[Display]
    lock: Lock


class Daemon:
    """One station in `directory`. `make_relay` gets the daemon once its journal is open."""

    def __init__(
        self,
        name: str,
        directory: Path,
        devices: Devices,
        inbox: Inbox,
        *,
        sworn: Sworn,
        make_relay: "Callable[[Daemon, Opened], RelayPort | None]",
    ) -> None:
        self._source, self._directory, self._devices = name, directory, devices
        self._sworn, self._make_relay = sworn, make_relay
        self.inbox = inbox
        self.loop: Loop
        self.key: SigningKey
        self._watchdog = Watchdog()
        self._alert_log = AlertLog()
        self._relay: RelayPort | None = None
        self._stopping = threading.Event()
        self._lock: int | None = None

    @property
    def own_keys(self) -> list[VerifierKey]:
        """The keys that this journal's checkpoints were signed with, the present one last."""
        return [VerifierKey.parse(key) for key in self.loop.durable.lifecycle.keys]

    @property
    def journal_path(self) -> Path:
        return self._directory / FILE_NAME

    def request_stop(self, reason: str) -> None:
        """Stop in order; callable from a signal handler and from any thread."""
        self.inbox.put(StopRequested(monotonic_ms(), reason))
        self._stopping.set()

    def run(self) -> None:
        """Run until a stop is asked for, then secure the door. Raise `JournalLost` where only a new start helps."""
        try:
            self._run_journal()
        finally:
            self._devices.lock.close()

    def _run_journal(self) -> None:
        journal = Journal(self._directory)
        opened = self._open_journal(journal)
        if opened is not None:
            log.info("journal open", epoch=opened.epoch, head=opened.station.seq)
            try:
                self._run_opened(journal, opened)
            except JournalRolledBack as found:
                ending = Ending(opened.epoch, str(found), found.checkpoint.decode())
                quarantine.write_ending(self._directory, ending)  # the next start sets this journal aside
                raise
        if self._lock is not None:
            os.close(self._lock)

    def _run_opened(self, journal: Journal, opened: Opened) -> None:
        writer = Writer(journal, self.inbox.put, rotate=self._rotate_key)
        thread = threading.Thread(target=writer.run, name="journal", daemon=True)
        origin = origin_of(self.key.name, opened.epoch)
        control = Control(self._directory, monotonic_ms, lambda: keys.offer_next(self._directory, self.key, origin))
        outputs = self._make_outputs(control, lambda below: writer.submit(PruneRequest(below)))
        outputs.hold(None)
        beginning = Beginning(opened.station, self._source, opened.epoch, opened.acked, opened.snapshot_seq)
        self.loop = Loop(beginning, self.inbox, writer, outputs)
        # By itself, before anything that waits in the inbox: a stop that was asked for meanwhile comes after it.
        self.loop.step([started_input(opened, self._sworn, self.key)], monotonic_ms())
        self._relay = self._make_relay(self, opened)
        gate = Gs1Gate(self.inbox, outputs.refuse_scan)
        pumps = [Pump(source, gate, outputs.refuse_scan, monotonic_ms) for source in (*self._devices.sources, control)]
        thread.start()
        if opened.station.lifecycle.pruned_below:  # go on where the last life stopped
            writer.submit(PruneRequest(opened.station.lifecycle.pruned_below))
        self._run_loop(thread, pumps, opened.station.seq)
        self._stop_all(writer, thread, pumps)

    def _make_outputs(self, control: Control, prune: Callable[[int], None]) -> DeviceOutputs:
        answering = {source.name: source for source in self._devices.sources if isinstance(source, Answering)}
        callers = Callers(control.reply, lambda _: self._wake_relay(), prune, self._pass_reply)
        return DeviceOutputs(self._devices.indicators, self._devices.displays, self._devices.lock, answering, callers)

    def _pass_reply(self, reply: RemoteReply) -> None:
        if self._relay is not None:
            self._relay.reply(reply)

    def _rotate_key(self, sworn: str) -> SigningKey:
        self.key = keys.put_in_place(self._directory, sworn)
        return self.key

    def _wake_relay(self) -> None:
        if self._relay is not None:
            self._relay.wake()

    def _open_journal(self, journal: Journal) -> Opened | None:
        """Open the journal, as often as it takes: until then the screen says why. None where a stop came first."""
        while not self._stopping.is_set():
            try:
                if self._lock is None:
                    self._lock = lockfile.hold(self._directory)
                self.key = journal.key = keys.station_key(self._directory, self._source[1:])
                opened = journal.open(time.time_ns() // 1_000_000)
                self.key = keys.settle_rotation(self._directory, self.key, opened.station.lifecycle.keys)
                journal.use_key(self.key)
                return opened
            except (JournalCorrupt, lockfile.JournalHeld, IntegrityError):
                raise
            except Exception as error:  # whatever the disk does: say it on the screen, and try again
                log.error("journal does not open", error=str(error))
                journal.close()
                self._say_closed(journal, error)
                self._stopping.wait(OPEN_AGAIN_S)
        return None

    def _say_closed(self, journal: Journal, error: Exception) -> None:
        fault = fault_at(self._directory, error)
        if fault is StorageFault.DISK_FULL:
            journal.ballast.drop()
        self._show_conditions(Conditions(storage=fault))
        for indicator in self._devices.indicators:
            indicator.hold(Signal.NOT_RECORDING)
        self._watchdog.notify("READY=1", f"STATUS=not recording: {error}", "WATCHDOG=1")

    def _show_conditions(self, conditions: Conditions) -> None:
        for display in self._devices.displays:
            display.show(view(INITIAL, conditions, monotonic_ms()))

    def _run_loop(self, journal_thread: threading.Thread, pumps: list[Pump], opened_seq: int) -> None:
        loop, inbox, is_ready = self.loop, self.inbox, False
        now = monotonic_ms()
        looked_at, sweep = now - LOOK_EVERY_MS, Sweep(now)
        while not loop.is_halted:
            messages = inbox.take_messages(loop.wait_ms(now) / 1000)
            now = monotonic_ms()
            loop.step(messages, now)
            if not messages or now - looked_at >= LOOK_EVERY_MS:
                looked_at = now
                self._look_after(journal_thread, now)
                sweep.sweep_if_due(now, is_at_rest=is_at_rest(loop.durable))
            if not is_ready and (loop.durable.seq > opened_seq or loop.conditions.storage):
                is_ready = True
                self._start_devices(pumps)

    def _look_after(self, journal_thread: threading.Thread, now: int) -> None:
        if not journal_thread.is_alive():
            raise JournalLost("journal: its thread ended; a new start goes on")
        self._alert_log.log_changes(self.loop.durable, self.loop.conditions)
        if self.loop.outstanding_ms(now) < COMMIT_MAX_MS:
            self._watchdog.ping(now)

    def _start_devices(self, pumps: list[Pump]) -> None:
        """Let the devices speak: the first commit has come through, or failed."""
        for pump in pumps:
            pump.start()
        if self._relay is not None:
            self._relay.start()
        memory.give_back()
        self._watchdog.notify("READY=1", "STATUS=running")

    def _stop_all(self, writer: Writer, journal_thread: threading.Thread, pumps: list[Pump]) -> None:
        self._watchdog.notify("STOPPING=1")
        for pump in pumps:
            pump.stop()
        writer.stop()
        left = join_threads([pump.thread for pump in pumps if pump.thread.is_alive()] + [journal_thread])
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
