"""What the station shows and sounds, as its control socket tells it; and what is done to its simulated devices."""

import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import msgspec

from station.domain.core.effects import Signal
from station.domain.core.view import View
from station.simulate.troubles import ANSWER_S, Trouble

CONNECT_AGAIN_S = 0.01
SIGNALS_MAX = 1000
CHANGE_BYTES_MAX = 65536


class WatchedChange(msgspec.Struct, frozen=True):
    """One line of the socket: a view, a signal with its verb, what the lock or its siren is at."""

    view: View | None = None
    signal: Signal | None = None
    verb: str = ""
    ok: bool = False
    lock: str = ""
    siren: bool | None = None


class Watching(threading.Thread):
    """Watches the socket at `path` from `start` to `close`, again after each loss. Read its fields from any thread."""

    def __init__(self, path: Path) -> None:
        super().__init__(name="watching", daemon=True)
        self._path = path
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self.is_connected = False
        self.view: View | None = None
        self.held: Signal | None = None
        self.is_released = self.is_sounding = False
        """The lock and its siren; secured and silent while nobody drives them."""
        self.signals: deque[Signal] = deque(maxlen=SIGNALS_MAX)
        self.plays = 0
        """How many signals were played in all."""
        self.played_at = 0.0
        """When the newest was played (`time.monotonic`)."""

    def run(self) -> None:
        while not self._closing.wait(CONNECT_AGAIN_S):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                try:
                    connection.connect(str(self._path))
                    connection.sendall(b'{"watch": true}\n')
                    self._follow_changes(connection)
                except OSError:
                    pass  # not there yet, or gone: the power was pulled
            self._lose_connection()

    def close(self) -> None:
        """Stop watching, soon."""
        self._closing.set()

    def wait_for_change(self, is_so: Callable[[], bool], what: str, within_s: float = ANSWER_S) -> None:
        """Return once it is so; raise `Trouble` naming `what` after `within_s`."""
        with self._changed:
            if not self._changed.wait_for(is_so, within_s):
                raise Trouble(f"screen and indicator: {what} did not come within {within_s:g} s; see station.log")

    def ask_device(self, request: dict[str, object]) -> None:
        """Have a simulated device do something; raise `Trouble` with why it does not."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_S)
            connection.connect(str(self._path))
            connection.sendall(json.dumps(request).encode() + b"\n")
            answer = json.loads(connection.makefile("rb").readline(CHANGE_BYTES_MAX) or b"{}")
        if "ok" not in answer:
            raise Trouble(f"{json.dumps(request)}: {answer.get('error', 'the station hung up')}")

    def _follow_changes(self, connection: socket.socket) -> None:
        connection.settimeout(0.2)
        waiting = b""
        while not self._closing.is_set():
            try:
                chunk = connection.recv(65536)
            except TimeoutError:
                continue
            if not chunk or len(waiting) > CHANGE_BYTES_MAX:
                return
            *lines, waiting = (waiting + chunk).split(b"\n")
            for line in lines:
                self._keep_change(msgspec.json.decode(line, type=WatchedChange))

    def _keep_change(self, change: WatchedChange) -> None:
        with self._changed:
            self.is_connected = True
            if change.view is not None:
                self.view = change.view
            elif change.verb == "hold":
                self.held = change.signal
            elif change.lock:
                self.is_released = change.lock == "released"
            elif change.siren is not None:
                self.is_sounding = change.siren
            elif change.signal is not None:
                self.signals.append(change.signal)
                self.plays += 1
                self.played_at = time.monotonic()
            self._changed.notify_all()

    def _lose_connection(self) -> None:
        with self._changed:
            if self.is_connected:
                self.is_connected, self.view, self.held = False, None, None
                self.is_released = self.is_sounding = False
                self._changed.notify_all()
