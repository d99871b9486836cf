"""A station as a program of its own, with guns on ptys."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import tty
from pathlib import Path
from types import TracebackType
from typing import Any

from station.domain.identifiers import command_text
from tests.bench.shim import Shim, favour

READY_WITHIN_S = 30.0
ANSWER_WITHIN_S = 10.0
AGAIN_S = 0.2
CARDS = (command_text("start-count", "free"), command_text("location", "Vault A"))
SETTINGS = """
[station]
site = "bench"
name = "bench-1"
duties = ["count"]
timezone = "UTC"
data_dir = "{directory}"

[display]
kind = "simulated"

[indicator]
kind = "simulated"
"""
NO_BROKER = """
[broker]
host = "127.0.0.1"
port = 1
"""
KEYS = """
[[scanner]]
name = "keys"
kind = "evdev"
match = { vendor = "0000", product = "0000" }
"""
SCANNER = """
[[scanner]]
name = "gun{number}"
kind = "serial"
port = "{port}"
answer = true
"""


class Gun:
    """One scanner on a pty that waits for its answer."""

    def __init__(self, number: int) -> None:
        self.name = f"gun{number}"
        self.fd, self._line = os.openpty()
        tty.setraw(self._line)
        self.port = os.ttyname(self._line)
        self._first, self._scans = number * 10_000_000, 0

    def next_line(self) -> bytes:
        """A tag that nobody scanned before."""
        self._scans += 1
        return b"1A4%021d\r" % (self._first + self._scans)

    def scan(self) -> int:
        """Scan one package, wait for the BEL; the moment (ns) at which it was sent."""
        sent_at = time.monotonic_ns()
        os.write(self.fd, self.next_line())
        self.take_answers(1)
        return sent_at

    def wait_until_heard(self) -> None:
        """Send what is no code until it is refused: a port forgets what came before it was opened."""
        os.write(self.fd, b"?\r")
        while not select.select([self.fd], [], [], AGAIN_S)[0]:
            os.write(self.fd, b"?\r")
        while select.select([self.fd], [], [], AGAIN_S)[0]:
            os.read(self.fd, 64)

    def take_answers(self, answers: int) -> None:
        """Wait for so many BEL; raise RuntimeError for any other answer."""
        while answers:
            if not select.select([self.fd], [], [], ANSWER_WITHIN_S)[0]:
                raise RuntimeError(f"{self.name}: no answer within {ANSWER_WITHIN_S} s")
            got = os.read(self.fd, answers)
            if got.strip(b"\x07"):
                raise RuntimeError(f"{self.name}: was answered {got!r}; must be BEL")
            answers -= len(got)

    def close(self) -> None:
        os.close(self.fd)
        os.close(self._line)


class Station:
    """`station run`, or with `notes` a program that leaves its times, from its start until the block ends."""

    def __init__(self, directory: Path, shim: Shim | None = None, guns: int = 1, *, notes: str = "") -> None:
        directory.mkdir()
        self._directory, self._shim, self._notes = directory, shim, notes
        self.guns = [Gun(number) for number in range(guns)]
        self.keys: Path | None = None
        self.is_relaying = False
        self.times: dict[str, dict[str, list[Any]]] = {}
        self.ready_s = 0.0

    @property
    def journal(self) -> Path:
        return self._directory / "journal.db"

    @property
    def pid(self) -> int:
        return self._program.pid

    def __enter__(self) -> "Station":
        settings = self._directory / "station.toml"
        scanners = [SCANNER.format(number=number, port=gun.port) for number, gun in enumerate(self.guns)]
        if self.keys is not None:
            scanners.append(KEYS)
        if self.is_relaying:
            scanners.append(NO_BROKER)
        settings.write_text(SETTINGS.format(directory=self._directory) + "".join(scanners))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(self._directory / "notify"))
            notify.settimeout(READY_WITHIN_S)
            began = time.monotonic()
            self._program = subprocess.Popen(
                self._command(settings), env=self._environment(), stderr=self._log(), start_new_session=True
            )
            favour(self.pid)
            while b"READY=1" not in notify.recv(4096):
                pass
            self.ready_s = time.monotonic() - began
        return self

    def open_count(self) -> None:
        """Wait until the guns are listened to, scan the cards that begin a count, and one package a gun."""
        for gun in self.guns:
            gun.wait_until_heard()
        for card in CARDS:
            os.write(self.guns[0].fd, card.encode() + b"\r")
        for gun in self.guns:
            gun.scan()

    def cpu_ns(self) -> int:
        """CPU time of all threads so far. The clock's number is made as clock_getcpuclockid(3) does."""
        return time.clock_gettime_ns(~self.pid << 3 | 2)

    def rss_bytes(self) -> int:
        return rss_bytes(self.pid)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._program.send_signal(signal.SIGTERM)
        self._program.wait(READY_WITHIN_S)
        for gun in self.guns:
            gun.close()
        if self._notes and error is None:
            self.times = json.loads((self._directory / "times").read_text())

    def _command(self, settings: Path) -> list[str]:
        if self._notes:
            return [sys.executable, "-m", self._notes, str(settings), str(self._directory / "times")]
        return [sys.executable, "-m", "station", "run", "-c", str(settings)]

    def _environment(self) -> dict[str, str]:
        environment = dict(os.environ) if self._shim is None else self._shim.environment
        if self.keys is not None:
            environment = environment | {"BENCH_KEYS": str(self.keys)}
        return environment | {"NOTIFY_SOCKET": str(self._directory / "notify")}

    def _log(self) -> int:
        return os.open(self._directory / "log", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)


def rss_bytes(pid: int) -> int:
    """Resident memory of a program."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))
