"""A scanner or badge reader on a serial line: one object owns the port, reads it and answers on it."""

import os
import select
import termios
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from errno import ENODEV
from threading import Lock
from typing import Literal

import serial

from drivers.framing import Framing, LineFraming, Spoiled
from drivers.ports import Now
from drivers.wake import Wake
from station.domain.core.effects import Verdict
from station.domain.core.inputs import BarcodeScanned, Input, ScanSpoiled, SourceFound, SourceLost

ANSWERS_MAX = 64
READ_BYTES = 4096

# What the scanner is told. A command card is no scan to be counted: it is answered by the station's own sound alone.
_ANSWERS = {Verdict.COUNTED: b"\x07", Verdict.ALREADY: b"\x07\x07", Verdict.REFUSED: b"\x15"}
_PARITIES = {"none": serial.PARITY_NONE, "even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}


class SerialSource:
    """Lines of serial text in, one `BarcodeScanned` or `ScanSpoiled` a line out; with `answer`, verdicts back.

    The options are those of the settings, see `LineFraming` for the framings. An answer is written at once where the
    port takes it, else it waits in a queue of `ANSWERS_MAX`, which drops the oldest; none outlives the port's loss.
    """

    def __init__(
        self,
        name: str,
        *,
        port: str,
        now: Now,
        baud: int = 9600,
        bytesize: int = 8,
        parity: Literal["none", "even", "odd"] = "none",
        framing: Framing = "line",
        line_bytes_max: int = 4096,
        quiet_ms: int = 50,
        answer: bool = False,
    ) -> None:
        self._name = name
        self._now = now
        self._open_port: Callable[[], serial.Serial] = lambda: serial.Serial(
            port, baud, bytesize=bytesize, parity=_PARITIES[parity], timeout=0, exclusive=True
        )
        self._new_framing: Callable[[], LineFraming] = lambda: LineFraming(
            framing, line_bytes_max=line_bytes_max, quiet_ms=quiet_ms
        )
        self._is_answering = answer
        self._answers: deque[bytes] = deque(maxlen=ANSWERS_MAX)
        self._unsent = b""
        self._sending = Lock()
        self._answered_fd: int | None = None
        self._wake = Wake()
        self._is_closed = False
        self._is_lost = False

    @property
    def name(self) -> str:
        """As the settings name it."""
        return self._name

    def inputs(self) -> Iterator[Input]:
        """Yield until the port goes away or `close`; `SourceLost` once a loss, `SourceFound` once it is over."""
        framing = self._new_framing()
        try:
            if not self._is_closed:
                yield from self._open_and_read(framing)
        except (OSError, termios.error) as error:
            yield from self._spoiled_scans(framing.cut_off())
            if not self._is_lost:
                self._is_lost = True
                yield SourceLost(self._name, self._now(), _reason_of(error))

    def answer(self, verdict: Verdict) -> None:
        """Say what the scan came to; returns at once. Nothing is sent for `NOTED`."""
        if not self._is_answering or verdict not in _ANSWERS:
            return
        with self._sending:
            self._answers.append(_ANSWERS[verdict])
            fd = self._answered_fd
            if fd is not None:
                with suppress(OSError):  # the reading thread sees for itself that the port is gone
                    self._send_answers(fd)
            is_waiting = bool(self._unsent or self._answers)
        if is_waiting:
            self._wake.wake_up()

    def close(self) -> None:
        """Make `inputs` return, now and for good."""
        self._is_closed = True
        self._wake.wake_up()

    def _open_and_read(self, framing: LineFraming) -> Iterator[Input]:
        with self._open_port() as port:
            with suppress(ValueError):  # an FTDI chip else keeps bytes for 16 ms; most ports know no such mode
                port.set_low_latency_mode(True)
            with self._answering_on(port.fileno()):
                if self._is_lost:
                    self._is_lost = False
                    yield SourceFound(self._name, self._now())
                yield from self._read_lines(port.fileno(), framing)

    @contextmanager
    def _answering_on(self, fd: int) -> Iterator[None]:
        """Answers go to `fd` until the block ends: after that its number may be another file's."""
        with self._sending:
            self._answers.clear()
            self._unsent = b""
            self._answered_fd = fd
        try:
            yield
        finally:
            with self._sending:
                self._answered_fd = None

    def _read_lines(self, fd: int, framing: LineFraming) -> Iterator[Input]:
        poll = select.poll()
        poll.register(self._wake.fileno(), select.POLLIN)
        while True:
            is_readable = self._wait_for_port(poll, fd, framing.due_ms())
            if self._is_closed:
                return
            chunk = self._read_port(fd) if is_readable else b""
            at = self._now()
            for line in framing.feed_bytes(chunk, at):
                if isinstance(line, Spoiled):
                    yield ScanSpoiled(self._name, at, line.reason, line.line)
                else:
                    yield BarcodeScanned(self._name, at, line)

    def _wait_for_port(self, poll: select.poll, fd: int, due_ms: int | None) -> bool:
        """Wait for bytes, for answers to send, or for the moment `due_ms`; send; say whether bytes are there."""
        poll.register(fd, select.POLLIN | select.POLLOUT if self._unsent or self._answers else select.POLLIN)
        ready = dict(poll.poll(None if due_ms is None else max(0, due_ms - self._now())))
        if self._wake.fileno() in ready:
            self._wake.clear()
        if ready.get(fd, 0) & select.POLLOUT:
            with self._sending:
                self._send_answers(fd)
        return bool(ready.get(fd, 0) & ~select.POLLOUT)  # a port that hung up is found out by reading

    def _send_answers(self, fd: int) -> None:
        with suppress(BlockingIOError):  # poll will say when there is room
            while waiting := self._unsent or (self._answers and self._answers[0]):
                sent_bytes = os.write(fd, waiting)
                if not self._unsent:
                    self._answers.popleft()
                self._unsent = waiting[sent_bytes:]

    def _read_port(self, fd: int) -> bytes:
        try:
            chunk = os.read(fd, READ_BYTES)
        except BlockingIOError:
            return b""
        if not chunk:
            raise OSError(ENODEV, "the port hung up")
        return chunk

    def _spoiled_scans(self, lines: list[Spoiled]) -> Iterator[Input]:
        for line in lines:
            yield ScanSpoiled(self._name, self._now(), line.reason, line.line)


def _reason_of(error: OSError | termios.error) -> str:
    """The system's own text; pyserial's names the port as well."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return str(error.args[-1])
