"""The one Unix socket that drives simulated devices: a JSON object a line in, a JSON line back for each.

    {"scan": "gun", "text": "1A4..."}   {"keys": "keypad", "text": "12"}   {"unplug": "gun"}   {"plug": "gun"}

are answered by {"ok": true} or {"error": "..."}. Text travels as UTF-8; a byte that is none, as surrogateescape has it.
"""

import json
import os
import selectors
import socket
import stat
import threading
from collections.abc import Iterable
from errno import EADDRINUSE
from pathlib import Path

from drivers.framing import LineFraming, Spoiled
from drivers.simulated import SimulatedKeypad, SimulatedSource
from drivers.wake import Wake

REQUEST_BYTES_MAX = 131072
CALLERS_MAX = 8
JOIN_S = 5.0

_FORMS = '{"scan": NAME, "text": TEXT}, {"keys": NAME, "text": TEXT}, {"unplug": NAME}, {"plug": NAME}'


class SimulatedControl:
    """Listens at `path` (mode 0600) on a thread of its own from the first moment until `close`.

    OSError when the path cannot be had, or when another program already listens there.
    """

    def __init__(self, path: str, sources: Iterable[SimulatedSource]) -> None:
        self._sources = {source.name: source for source in sources}
        self._path = Path(path)
        self._listener = _listen(self._path)
        self._callers: dict[socket.socket, LineFraming] = {}
        self._selector = selectors.DefaultSelector()
        self._wake = Wake()
        self._is_closed = False
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name="simulated-control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up, stop listening, remove the socket file; callable more than once."""
        self._is_closed = True
        self._wake.wake()
        self._thread.join(JOIN_S)

    def _run(self) -> None:
        while not self._is_closed:
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    self._accept()
                elif isinstance(key.fileobj, socket.socket):
                    self._read(key.fileobj)
        for caller in list(self._callers):
            self._hang_up(caller)
        self._selector.close()
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
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

    def _read(self, caller: socket.socket) -> None:
        try:
            chunk = caller.recv(65536)
            if chunk:
                replies = [self._reply(line) for line in self._callers[caller].feed(chunk, 0)]
                caller.sendall(b"".join(replies))
                return
        except OSError:
            pass  # gone, or asks without reading the answers
        self._hang_up(caller)

    def _hang_up(self, caller: socket.socket) -> None:
        self._selector.unregister(caller)
        del self._callers[caller]
        caller.close()

    def _reply(self, line: bytes | Spoiled) -> bytes:
        try:
            if isinstance(line, Spoiled):
                raise ValueError(f"request: longer than {REQUEST_BYTES_MAX} bytes; send less")
            self._do(line)
        except ValueError as error:
            return json.dumps({"error": str(error)}).encode() + b"\n"
        return b'{"ok": true}\n'

    def _do(self, line: bytes) -> None:
        try:
            request = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"request: is no JSON ({error}); send one JSON object a line") from None
        match request:
            case {"scan": str(name), "text": str(text)} if len(request) == 2:
                self._source(name, is_keypad=False).push(_encoded(text))
            case {"keys": str(name), "text": str(text)} if len(request) == 2:
                self._source(name, is_keypad=True).push(_encoded(text))
            case {"unplug": str(name)} if len(request) == 1:
                self._source(name).unplug()
            case {"plug": str(name)} if len(request) == 1:
                self._source(name).plug()
            case _:
                raise ValueError(f"request: not understood; allowed are {_FORMS}")

    def _source(self, name: str, *, is_keypad: bool | None = None) -> SimulatedSource:
        fitting = {
            known: source
            for known, source in self._sources.items()
            if is_keypad is None or isinstance(source, SimulatedKeypad) is is_keypad
        }
        if name not in fitting:
            allowed = ", ".join(fitting) or "none: the settings name no such simulated device"
            raise ValueError(f"request: {name!r} is unknown here; allowed are {allowed}")
        return fitting[name]


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _listen(path: Path) -> socket.socket:
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
