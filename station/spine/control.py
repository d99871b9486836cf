"""The control socket: how commands that write reach the running daemon.

A Unix stream socket in the data directory; one JSON object a line in, one JSON object a line out. The kernel says
who calls (SO_PEERCRED): root, the station's own user, and nobody else.
"""

import contextlib
import os
import pwd
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from drivers.ports import Now
from station.domain.core.inputs import DocumentOffered, Input
from station.domain.documents.faults import DocumentFaults
from station.domain.lifecycle.inputs import KeyOffered
from station.domain.station.duties import DOCUMENTS
from station.errors import StationError

SOCKET_NAME = "control.sock"
REQUEST_BYTES_MAX = 32 * 1024 * 1024
CALLERS_MAX = 8
ANSWER_WITHIN_S = 10.0
PEERCRED = struct.Struct("3i")


class ControlRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`import` of a `kind` of document, as the text of its file; or `rotate-key`."""

    verb: Literal["import", "rotate-key"]
    kind: str = ""
    text: str = ""


class ControlAnswer(msgspec.Struct, frozen=True):
    """What came of it; `error` is empty where it went well."""

    text: str = ""
    error: str = ""


def parse_import(kind: str, raw: bytes, by: str, at: int, caller: int) -> Input:
    """The input that a document comes to, a roster sealed; raise `DocumentFaults` with every fault."""
    if kind not in DOCUMENTS:
        raise DocumentFaults([f"import {kind}: is not served by this release; must be {' or '.join(DOCUMENTS)}"])
    return DocumentOffered(at, kind, DOCUMENTS[kind][1].read(raw), raw, by, caller)


class Control:
    """A source of imports. The loop's `Reply` effect comes back through `reply`."""

    name = "control"

    def __init__(self, directory: Path, now: Now, next_key: Callable[[], tuple[str, str]]) -> None:
        """`next_key` makes the station's next key: its verifier key, and the present one's note about it."""
        self._path, self._now, self._next_key = directory / SOCKET_NAME, now, next_key
        self._callers: dict[int, socket.socket] = {}
        self._number = 0
        self._lock = threading.Lock()
        self._closing = threading.Event()

    def inputs(self) -> Iterator[Input]:
        """Listen until `close`; each request is read whole, checked, and yielded."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            self._begin_listening(listener)
            while not self._closing.is_set():
                if select.select([listener], [], [], 0.2)[0]:
                    connection, _ = listener.accept()
                    connection.settimeout(ANSWER_WITHIN_S)
                    yield from self._serve_caller(connection)
        self._path.unlink(missing_ok=True)

    def _begin_listening(self, listener: socket.socket) -> None:
        """Listen first, then take the socket's place: a caller refused there takes the station for stopped."""
        unheard = self._path.with_name("control.new")
        unheard.unlink(missing_ok=True)
        os.fchmod(listener.fileno(), 0o600)  # before bind, so that there is no moment with wider rights
        listener.bind(str(unheard))
        listener.listen(CALLERS_MAX)
        unheard.replace(self._path)

    def _serve_caller(self, connection: socket.socket) -> Iterator[Input]:
        caller = self._keep_caller(connection)
        try:
            line = _read_line(connection)  # read first: a socket closed over unread bytes takes the answer with it
            by = _peer_name(connection)
            request = msgspec.json.decode(line, type=ControlRequest)
            if request.verb == "rotate-key":
                yield KeyOffered(self._now(), *self._next_key(), by, caller)
            else:
                yield parse_import(request.kind, request.text.encode(), by, self._now(), caller)
        except (DocumentFaults, StationError) as faults:
            self._refuse_caller(caller, str(faults))
        except (OSError, msgspec.MsgspecError, UnicodeEncodeError) as error:
            self._refuse_caller(caller, f"control: {error}")

    def _refuse_caller(self, caller: int, error: str) -> None:
        """Answer with every fault, however many: this thread may wait for the caller to read them."""
        if connection := self._take_caller(caller):
            with contextlib.suppress(OSError), connection:
                connection.sendall(msgspec.json.encode(ControlAnswer(error=error)) + b"\n")

    def _keep_caller(self, connection: socket.socket) -> int:
        with self._lock:
            self._number += 1
            self._callers[self._number] = connection
            while len(self._callers) > CALLERS_MAX:
                self._callers.pop(min(self._callers)).close()
            return self._number

    def reply(self, caller: int, text: str, error: str) -> None:
        """Answer a caller and hang up; a caller that has gone is no fault. Does not block: answers are short."""
        if connection := self._take_caller(caller):
            with contextlib.suppress(OSError), connection:
                connection.setblocking(False)
                connection.send(msgspec.json.encode(ControlAnswer(text, error)) + b"\n")

    def _take_caller(self, caller: int) -> socket.socket | None:
        with self._lock:
            return self._callers.pop(caller, None)

    def close(self) -> None:
        self._closing.set()


def call_station(directory: Path, request: ControlRequest) -> ControlAnswer | None:
    """Ask the running station in `directory`; None where none is running. Raise OSError where it does not answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_WITHIN_S)
        try:
            connection.connect(str(directory / SOCKET_NAME))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        connection.sendall(msgspec.json.encode(request) + b"\n")
        return msgspec.json.decode(_read_line(connection), type=ControlAnswer)


def _read_line(connection: socket.socket) -> bytes:
    """One line, whole within `ANSWER_WITHIN_S`, however slowly its bytes come."""
    received = bytearray()
    ends = time.monotonic() + ANSWER_WITHIN_S
    while not received.endswith(b"\n"):
        if len(received) > REQUEST_BYTES_MAX:
            raise OSError(f"a request is longer than {REQUEST_BYTES_MAX} bytes; send a smaller file")
        connection.settimeout(max(0.001, ends - time.monotonic()))
        chunk = connection.recv(65536)
        if not chunk:
            raise OSError("the other end hung up before its line was whole; call again")
        received += chunk
    return bytes(received)


def _peer_name(connection: socket.socket) -> str:
    _, uid, _ = PEERCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, PEERCRED.size))
    if uid not in (0, os.getuid()):
        raise PermissionError(f"user {uid} may not write; call as root or as the station's user")
    with contextlib.suppress(KeyError):
        return pwd.getpwuid(uid).pw_name
    return str(uid)
