"""The host's end of the agent's port, and of QMP: JSON lines over a Unix socket, answers by id."""

from __future__ import annotations

import itertools
import json
import queue
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

READ_BYTES = 65536


class Closed(ConnectionError):
    """QEMU closed the socket: the guest is gone."""


def connect(path: Path) -> socket.socket:
    """Connect to a Unix socket that listens."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(path))
    return connection


class Channel:
    """Sends requests, matches answers by `id`, and hands everything else to `aside`."""

    def __init__(self, connection: socket.socket, aside: Callable[[dict[str, Any]], None]) -> None:
        self._aside = aside
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Future[dict[str, Any]]] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._socket = connection
        threading.Thread(target=self._read, name="rig channel", daemon=True).start()

    def request(self, **fields: Any) -> Future[dict[str, Any]]:
        """Send one request; the future carries its answer, or Closed."""
        future: Future[dict[str, Any]] = Future()
        number = next(self._numbers)
        with self._lock:
            if self._closed:
                raise Closed("the guest is gone; start it first")
            self._waiting[number] = future
            self._socket.sendall(json.dumps({"id": number, **fields}).encode() + b"\n")
        return future

    def close(self) -> None:
        """Hang up; whoever waits gets Closed."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            self._end()
        self._socket.close()

    def _read(self) -> None:
        try:
            with self._socket.makefile("rb", READ_BYTES) as lines:
                for line in lines:
                    self._take(line)
        except (OSError, ValueError):
            # A line torn by a power cut is no answer either.
            pass
        finally:
            self._end()

    def _take(self, line: bytes) -> None:
        message = json.loads(line)
        with self._lock:
            future = self._waiting.pop(message.get("id"), None)
        if future is None:
            self._aside(message)
        else:
            future.set_result(message)

    def _end(self) -> None:
        with self._lock:
            self._closed = True
            waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            future.set_exception(Closed("the guest went away before it answered"))


class Qmp:
    """QEMU's machine protocol: commands, and events kept in order of arrival."""

    def __init__(self, path: Path, answer_s_max: float) -> None:
        self.events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._answer_s_max = answer_s_max
        self._channel = Channel(connect(path), self.events.put)
        self.execute("qmp_capabilities")

    def execute(self, command: str, **arguments: Any) -> Any:
        """Run one QMP command (QEMU's qmp-commands reference); return its `return` or raise RuntimeError."""
        named = {name.replace("_", "-"): value for name, value in arguments.items()}
        answer = self._channel.request(execute=command, arguments=named).result(self._answer_s_max)
        if "error" in answer:
            raise RuntimeError(f"QMP {command} {named}: {answer['error']['desc']}")
        return answer["return"]

    def wait_event(self, name: str, timeout: float, **expected: Any) -> dict[str, Any]:
        """Return the first event called `name` whose fields are as expected; other events are dropped."""
        while True:
            try:
                event = self.events.get(timeout=timeout)
            except queue.Empty:
                raise TimeoutError(f"QMP event {name} {expected}: none within {timeout} s") from None
            fields = event.get("data", {})
            if event.get("event") == name and all(fields.get(key) == want for key, want in expected.items()):
                return event

    def close(self) -> None:
        """Hang up."""
        self._channel.close()
