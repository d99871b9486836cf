"""Threads of drivers: each restarts in place with a growing pause; its loss is an input, never the daemon's end."""

import threading
from collections.abc import Callable
from typing import Protocol

import structlog

from drivers.ports import Now, Source
from station.domain.core.inputs import Input, SourceFound, SourceLost

PAUSE_FIRST_S, PAUSE_MAX_S = 0.2, 10.0
JOIN_S = 2.0

log = structlog.get_logger()


class Intake(Protocol):
    """Where inputs go: the inbox, or a gate before it."""

    def offer(self, input: Input) -> bool: ...


class Pump:
    """Carries one source's inputs into the inbox on a thread of its own."""

    def __init__(self, source: Source, inbox: Intake, refused: Callable[[str], None], now: Now) -> None:
        self._source, self._inbox, self._refused, self._now = source, inbox, refused, now
        self._stopping = threading.Event()
        self._has_crashed = False
        self._pause_s = PAUSE_FIRST_S
        self.thread = threading.Thread(target=self.run, name=f"source {source.name}", daemon=True)

    def run(self) -> None:
        """Carry inputs until `stop` is called; after a loss or a crash begin again."""
        while not self._stopping.is_set():
            try:
                for input in self._source.inputs():
                    self._carry_input(input)
            except Exception as error:  # a driver's fault must not blind the others; it is told and tried again
                log.exception("source crashed", source=self._source.name)
                self._has_crashed = True
                self._inbox.offer(SourceLost(self._source.name, self._now(), f"{type(error).__name__}: {error}"))
            self._stopping.wait(self._pause_s)
            self._pause_s = min(2 * self._pause_s, PAUSE_MAX_S)

    def _carry_input(self, input: Input) -> None:
        if not isinstance(input, SourceLost):
            self._pause_s = PAUSE_FIRST_S
            if self._has_crashed:
                self._has_crashed = False
                self._inbox.offer(SourceFound(self._source.name, self._now()))
        if not self._inbox.offer(input):
            self._refused(self._source.name)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        """Ask the thread to end; `join_threads` waits for it."""
        self._stopping.set()
        self._source.close()


def join_threads(threads: list[threading.Thread], within_s: float = JOIN_S) -> list[str]:
    """Wait for threads to end; return the names of those that did not."""
    for thread in threads:
        if thread.is_alive():
            thread.join(within_s)
    return [thread.name for thread in threads if thread.is_alive()]
