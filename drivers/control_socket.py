"""The one Unix socket that drives simulated devices: a JSON object a line in, a JSON line back for each.

    {"scan": "gun", "text": "1A4..."}   {"keys": "keypad", "text": "12"}   {"unplug": "gun"}   {"plug": "gun"}
    {"badge": "outside", "number": "26:12:3456"}   {"badge": "outside", "spoiled": "parity"}
    {"door": "open"}   {"door": "closed"}   {"rex": true}   {"fire": true}   {"tamper": true}
    {"lock": "fails"}   {"lock": "works"}   {"watch": true}

are answered by {"ok": true} or {"error": "..."}. Text travels as UTF-8; a byte that is none, as surrogateescape has it.
Who watches gets, after that answer, what the screen says and what is held, and a line for each change of them:

    {"view": {...}}   {"signal": "accepted", "verb": "play"}   {"signal": null, "verb": "hold"}
    {"lock": "released"}   {"lock": "secured"}   {"siren": true}
"""

import json
import os
import selectors
import socket
import stat
import threading
from collections import deque
from collections.abc import Iterable
from errno import EADDRINUSE
from pathlib import Path
from typing import TypeVar

import msgspec

from drivers.framing import LineFraming, Spoiled
from drivers.simulated import (
    SimulatedBadgeReader,
    SimulatedDisplay,
    SimulatedIndicator,
    SimulatedKeypad,
    SimulatedSource,
)
from drivers.simulated_door import SimulatedDoor, SimulatedLock
from drivers.wake import Wake
from station.domain.core.effects import Signal
from station.domain.core.view import View

REQUEST_BYTES_MAX = 131072
CALLERS_MAX = 8
CHANGES_MAX = 1000
"""How many changes may wait to be told; who watches too slowly for that is hung up on."""
JOIN_S = 5.0

_FORMS = (
    '{"scan": NAME, "text": TEXT}, {"keys": NAME, "text": TEXT}, {"badge": NAME, "number": TEXT}, '
    '{"badge": NAME, "spoiled": WORD}, {"door": "open" or "closed"}, {"rex": true}, {"fire": true or false}, '
    '{"tamper": true or false}, {"lock": "fails" or "works"}, {"unplug": NAME}, {"plug": NAME}, {"watch": true}'
)
_NO_DOOR = 'request: no simulated door is here; set kind = "simulated" in [door]'

_LOCK_LINES = {
    ("lock", True): b'{"lock":"released"}\n',
    ("lock", False): b'{"lock":"secured"}\n',
    ("siren", True): b'{"siren":true}\n',
    ("siren", False): b'{"siren":false}\n',
}
_S = TypeVar("_S", bound=SimulatedSource)


class SimulatedControl:
    """Listens at `path` (mode 0600) on a thread of its own from the first moment until `close`.

    OSError when the path cannot be had, or when another program already listens there.
    """

    def __init__(self, path: str, sources: Iterable[SimulatedSource]) -> None:
        self._sources = {source.name: source for source in sources}
        self._path = Path(path)
        self._listener = _listen_at(self._path)
        self._callers: dict[socket.socket, LineFraming] = {}
        self._watchers: dict[socket.socket, deque[bytes]] = {}
        self._changes: deque[bytes] = deque()
        self._display: SimulatedDisplay | None = None
        self._indicator: SimulatedIndicator | None = None
        self._lock: SimulatedLock | None = None
        self._view: View | None = None
        self._selector = selectors.DefaultSelector()
        self._wake = Wake()
        self._is_closed = False
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve_until_closed, name="simulated-control", daemon=True)
        self._thread.start()

    def watch_display(self, display: SimulatedDisplay) -> None:
        """Tell who watches of every new view; the newest display given counts."""
        self._display = display
        display.add_observer(self._note_view)

    def watch_indicator(self, indicator: SimulatedIndicator) -> None:
        """Tell who watches of every signal; the newest indicator given counts."""
        self._indicator = indicator
        indicator.add_observer(self._note_signal)

    def watch_lock(self, lock: SimulatedLock) -> None:
        """Tell who watches of the lock and its siren; the newest lock given counts, also for what is asked of it."""
        self._lock = lock
        lock.add_observer(lambda name, level: self._queue_change(_LOCK_LINES[name, level]))

    def close(self) -> None:
        """Hang up, stop listening, remove the socket file; callable more than once."""
        self._is_closed = True
        self._wake.wake_up()
        self._thread.join(JOIN_S)

    def _serve_until_closed(self) -> None:
        while not self._is_closed:
            for key, events in self._selector.select():
                if key.fileobj is self._listener:
                    self._accept_caller()
                elif key.fileobj is self._wake:
                    self._wake.clear()
                elif isinstance(key.fileobj, socket.socket) and events & selectors.EVENT_READ:
                    self._read_requests(key.fileobj)
            self._share_changes()
        self._share_changes()  # the last view, which is shown just before `close`
        for caller in list(self._callers):
            self._hang_up(caller)
        self._selector.close()
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept_caller(self) -> None:
        try:
            caller, _ = self._listener.accept()
        except OSError:
            return  # gone again
        if len(self._callers) >= CALLERS_MAX:
            caller.close()
            return
        caller.setblocking(False)
        self._callers[caller] = LineFraming("lf", line_bytes_max=REQUEST_BYTES_MAX)
        self._selector.register(caller, selectors.EVENT_READ)

    def _read_requests(self, caller: socket.socket) -> None:
        try:
            chunk = caller.recv(65536)
            if chunk:
                for line in self._callers[caller].feed_bytes(chunk, 0):
                    self._send_answer(caller, self._reply_to(line, caller))
                return
        except OSError:
            pass  # gone, or asks without reading the answers
        self._hang_up(caller)

    def _send_answer(self, caller: socket.socket, reply: bytes) -> None:
        """At once, or in its place among the changes that wait for this caller."""
        if caller in self._watchers:
            self._watchers[caller].append(reply)
        else:
            caller.sendall(reply)

    def _hang_up(self, caller: socket.socket) -> None:
        self._selector.unregister(caller)
        del self._callers[caller]
        self._watchers.pop(caller, None)
        caller.close()

    # Who watches

    def _note_view(self, view: View) -> None:
        if view != self._view:
            self._view = view
            self._queue_change(_view_line(view))

    def _note_signal(self, verb: str, signal: Signal | None) -> None:
        self._queue_change(_signal_line(verb, signal))

    def _queue_change(self, change: bytes) -> None:
        """Leave a change for the thread that tells it; called on any thread, never blocks."""
        if len(self._changes) <= CHANGES_MAX:  # one more than the limit says that some are missing
            self._changes.append(change)
            self._wake.wake_up()

    def _begin_watching(self, caller: socket.socket) -> bytes:
        """Tell this caller from now on; returns what is so already."""
        self._watchers.setdefault(caller, deque())
        levels = b""
        if self._display is not None and self._display.newest is not None:
            levels += _view_line(self._display.newest)
        if self._indicator is not None and self._indicator.held is not None:
            levels += _signal_line("hold", self._indicator.held)
        if self._lock is not None:
            levels += _LOCK_LINES["lock", self._lock.is_released]
            levels += _LOCK_LINES["siren", True] if self._lock.is_sounding else b""
        return levels

    def _share_changes(self) -> None:
        """Hand the changes to everybody who watches; hang up on who is too slow."""
        changes = [self._changes.popleft() for _ in range(len(self._changes))]
        for watcher, waiting in list(self._watchers.items()):
            waiting.extend(changes)
            if len(waiting) > CHANGES_MAX or not self._send_changes(watcher, waiting):
                self._hang_up(watcher)

    def _send_changes(self, watcher: socket.socket, waiting: deque[bytes]) -> bool:
        """Send what fits; false where the watcher has gone."""
        try:
            while waiting:
                sent_bytes = watcher.send(waiting[0])
                waiting[0] = waiting[0][sent_bytes:]
                if not waiting[0]:
                    waiting.popleft()
        except BlockingIOError:
            pass
        except OSError:
            return False
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if waiting else 0)
        if self._selector.get_key(watcher).events != wanted:
            self._selector.modify(watcher, wanted)
        return True

    # Requests

    def _reply_to(self, line: bytes | Spoiled, caller: socket.socket) -> bytes:
        try:
            if isinstance(line, Spoiled):
                raise ValueError(f"request: longer than {REQUEST_BYTES_MAX} bytes; send less")
            return b'{"ok": true}\n' + self._carry_out(line, caller)
        except ValueError as error:
            return json.dumps({"error": str(error)}).encode() + b"\n"

    def _carry_out(self, line: bytes, caller: socket.socket) -> bytes:
        """Do what is asked; returns what follows the answer."""
        try:
            request = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"request: is no JSON ({error}); send one JSON object a line") from None
        match request:
            case {"watch": True} if len(request) == 1:
                return self._begin_watching(caller)
            case {"unplug": str(name)} if len(request) == 1:
                self._source_named(name, SimulatedSource).unplug()
            case {"plug": str(name)} if len(request) == 1:
                self._source_named(name, SimulatedSource).plug()
            case dict() if self._did_feed_reader(request) or self._did_drive_door(request):
                pass
            case _:
                raise ValueError(f"request: not understood; allowed are {_FORMS}")
        return b""

    def _did_feed_reader(self, request: dict[str, object]) -> bool:
        """Do what is asked of a scanner, a keypad or a badge reader; False where the request is for none of them."""
        if len(request) != 2:
            return False
        match request:
            case {"scan": str(name), "text": str(text)}:
                self._source_named(name, SimulatedSource, is_only=True).push_line(_text_bytes(text))
            case {"keys": str(name), "text": str(text)}:
                self._source_named(name, SimulatedKeypad).push_line(_text_bytes(text))
            case {"badge": str(name), "number": str(number)}:
                self._source_named(name, SimulatedBadgeReader).present_badge(number)
            case {"badge": str(name), "spoiled": str(reason)}:
                self._source_named(name, SimulatedBadgeReader).spoil_line(reason)
            case _:
                return False
        return True

    def _did_drive_door(self, request: dict[str, object]) -> bool:
        """Do what is asked of the door or its lock; False where the request is for neither."""
        if len(request) != 1:
            return False
        match request:
            case {"door": "open" | "closed" as word}:
                self._simulated_door().move_door(word == "open")
            case {"rex": True}:
                self._simulated_door().press_rex()
            case {"fire": bool(is_active)}:
                self._simulated_door().set_fire(is_active)
            case {"tamper": bool(is_open)}:
                self._simulated_door().set_tamper(is_open)
            case {"lock": "fails" | "works" as word} if self._lock is not None:
                self._lock.fail_with("told to fail" if word == "fails" else "")
            case _:
                return False
        return True

    def _simulated_door(self) -> SimulatedDoor:
        for source in self._sources.values():
            if isinstance(source, SimulatedDoor):
                return source
        raise ValueError(_NO_DOOR)

    def _source_named(self, name: str, kind: type[_S], *, is_only: bool = False) -> _S:
        """The source of this name and kind, `is_only` that and no kind of it."""
        fitting = {
            known: source
            for known, source in self._sources.items()
            if isinstance(source, kind) and (type(source) is kind or not is_only)
        }
        if name not in fitting:
            allowed = ", ".join(fitting) or "none: the settings name no such simulated device"
            raise ValueError(f"request: {name!r} is unknown here; allowed are {allowed}")
        return fitting[name]


def _view_line(view: View) -> bytes:
    return msgspec.json.encode({"view": view}) + b"\n"


def _signal_line(verb: str, signal: Signal | None) -> bytes:
    return msgspec.json.encode({"signal": signal, "verb": verb}) + b"\n"


def _text_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _listen_at(path: Path) -> socket.socket:
    """A listening socket; a file that a dead program left there is removed, any other is not."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.exists() and stat.S_ISSOCK(path.stat().st_mode) and not _is_answered(path):
            path.unlink()
        os.fchmod(listener.fileno(), 0o600)  # before bind, so that there is no moment with wider rights
        listener.bind(str(path))
        listener.listen(CALLERS_MAX)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        taken = "another program listens there; stop it or choose another path"
        text = taken if error.errno == EADDRINUSE else error.strerror or str(error)
        raise OSError(error.errno, f"[simulated] control = {str(path)!r}: {text}") from error
    return listener


def _is_answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            return False
    return True
