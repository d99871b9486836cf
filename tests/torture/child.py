"""`station run` as a child: started, killed, asked what it recorded."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from station.domain.station.leaf import Leaf

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 30.0
END_WITHIN_S = 30.0
SETTINGS = """
[station]
site = "greenleaf-414"
name = "vault-1"
duties = ["count"]
timezone = "America/Los_Angeles"
data_dir = "{directory}"
"""
SCANNER = """
[[scanner]]
name = "{name}"
kind = "serial"
port = "{port}"
answer = true
"""


def wait_until(is_so: Callable[[], bool], what: str, within_s: float = READY_WITHIN_S) -> None:
    """Return once it is so; fail after `within_s`."""
    ends = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > ends:
            raise AssertionError(f"not within {within_s} s: {what}")
        time.sleep(0.002)


class Child:
    """One data directory and the station that runs on it, again and again."""

    def __init__(self, directory: Path, ports: dict[str, str], more: str = "", preload: str = "") -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory / "data"
        self.settings = directory / "station.toml"
        scanners = "".join(SCANNER.format(name=name, port=port) for name, port in ports.items())
        self.settings.write_text(SETTINGS.format(directory=self.directory) + scanners + more)
        self._log = directory / "log"
        self._notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notified.bind(str(directory / "notify"))
        self._notified.setblocking(False)
        self._environment = os.environ | {"PYTHONPATH": str(ROOT), "NOTIFY_SOCKET": str(directory / "notify")}
        if preload:
            self._environment["LD_PRELOAD"] = preload
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, **environment: str) -> None:
        """Start it; returns at once."""
        assert not self.is_alive(), "one at a time: the last one would never be ended"
        self.notices()
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "station", "run", "-c", str(self.settings)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment | environment,
            )

    def start_ready(self, **environment: str) -> None:
        """Start it and wait for its READY=1."""
        self.start(**environment)
        seen: list[str] = []

        def is_ready() -> bool:
            seen.extend(self.notices())
            assert self.is_alive(), self.log()
            return "READY=1" in seen

        wait_until(is_ready, "READY=1")

    def is_alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone; no fault when it has gone already."""
        if self._child is not None:
            self._child.kill()
            self._child.wait(END_WITHIN_S)

    def stop(self) -> int:
        """SIGTERM, and wait; its exit code."""
        assert self._child is not None
        self._child.send_signal(signal.SIGTERM)
        return self._child.wait(END_WITHIN_S)

    def wait(self) -> int:
        """Wait for its own end; its exit code."""
        assert self._child is not None
        return self._child.wait(END_WITHIN_S)

    def close(self) -> None:
        self.kill()
        self._notified.close()

    def notices(self) -> list[str]:
        """What it said to systemd since the last call, one text a line."""
        lines: list[str] = []
        while True:
            try:
                lines += self._notified.recv(4096).decode().split("\n")
            except BlockingIOError:
                return lines

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def call(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Any other `station` command."""
        command = [sys.executable, "-m", "station", *arguments]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)

    def events(self) -> list[Leaf]:
        """What `station events --json` prints."""
        ran = self.call("events", "--json", "--dir", str(self.directory))
        assert ran.returncode == 0, ran.stderr
        return [msgspec.json.decode(line, type=Leaf) for line in ran.stdout.splitlines()]


def tags(leaves: Sequence[Leaf]) -> list[str]:
    """The tags of `count.scanned`, in order."""
    return [leaf.data["tag"] for leaf in leaves if leaf.type == "count.scanned"]
