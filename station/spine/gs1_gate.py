"""The gate before the inbox, at which a station's first GS1 code waits until the library that reads it is loaded.

Loading takes 24 to 38 ms on a PC and eight times that on a small Pi, and reads files: the loop, which decides the scan,
waits for no disk. A thread of its own loads; meanwhile all other sources pass, and what the same source reports after
the held scan is held behind it, so that nothing overtakes. A station that never sees GS1 never loads it.
"""

import threading
from collections.abc import Callable

import structlog

from station.domain.core.inputs import BarcodeScanned, Input
from station.domain.identifiers import load_gs1_library, needs_gs1_library
from station.spine.inbox import Inbox

HELD_MAX = 64

log = structlog.get_logger()


class Gs1Gate:
    """Offers inputs to `inbox`. `refused` is called with a scan's source when it was held and cannot be read."""

    def __init__(
        self, inbox: Inbox, refused: Callable[[str], None], load: Callable[[], None] = load_gs1_library
    ) -> None:
        self._inbox, self._refused, self._load = inbox, refused, load
        self._lock = threading.Lock()
        self._held: list[Input] = []
        self._is_loaded = False

    def offer(self, input: Input) -> bool:
        """Pass the input on, or hold it; False where it is a scan for which there is no room."""
        if self._is_loaded or not (self._held or _needs_library(input)):
            return self._inbox.offer(input)
        with self._lock:
            if self._is_loaded or not (self._is_behind_a_held_one(input) or _needs_library(input)):
                return self._inbox.offer(input)
            if input.refusable and len(self._held) >= HELD_MAX:
                self._inbox.count_refused(_source_of(input))
                return False
            if not self._held:
                threading.Thread(target=self._open_gate, name="gs1", daemon=True).start()
            self._held.append(input)
            return True

    def _is_behind_a_held_one(self, input: Input) -> bool:
        return any(_source_of(held) == _source_of(input) for held in self._held)

    def _open_gate(self) -> None:
        """Load, then let through what was held; where that fails the codes are refused, and the next tries again."""
        try:
            self._load()
        except Exception as error:  # a broken installation costs these codes, not the station
            log.exception("GS1 codes cannot be read", error=str(error))
            is_loaded = False
        else:
            is_loaded = True
        with self._lock:
            for input in self._held:
                self._let_through(input, is_readable=is_loaded or not _needs_library(input))
            self._held.clear()
            self._is_loaded = is_loaded

    def _let_through(self, input: Input, *, is_readable: bool) -> None:
        if not is_readable:
            self._inbox.count_refused(_source_of(input))
        if not is_readable or not self._inbox.offer(input):
            self._refused(_source_of(input))


def _needs_library(input: Input) -> bool:
    return isinstance(input, BarcodeScanned) and needs_gs1_library(input.line)


def _source_of(input: Input) -> str:
    return getattr(input, "source", "")
