"""The programs as people start them, a station, its gun and the desk of the back office."""

import json
import os
import select
import socket
import subprocess
import sys
import tty
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.waiting import wait_for

EXAMPLES = Path(__file__).parents[1] / "provisioning/examples"
TAG = "1A4060300000001000012345"
SETTINGS = """
[station]
site = "greenleaf-414"
name = "vault-1"
duties = ["count"]
timezone = "America/Los_Angeles"
data_dir = "{directory}"

[[scanner]]
name = "pole"
kind = "serial"
port = "{port}"
answer = true
"""
OFFICE = """
[backoffice]
site = "greenleaf-414"
data_dir = "{folder}"
witness_key = "{folder}/witness.key"
command_key = "{folder}/command.key"

[broker]
host = "127.0.0.1"
port = {port}
"""
BROKER = """
[broker]
host = "127.0.0.1"
port = {port}

"""
ANSWER_WITHIN_S = 20.0


class Gun:
    """A serial scanner that waits for the station's answer, as an associate waits for the beep."""

    def __init__(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)

    def scan(self, text: str) -> bytes:
        os.write(self._master, text.encode() + b"\r")
        ready, _, _ = select.select([self._master], [], [], ANSWER_WITHIN_S)
        assert ready, f"no answer to {text}"
        return os.read(self._master, 16)

    def show(self, text: str) -> None:
        """Scan a card: it is answered by light and sound, not on the line."""
        os.write(self._master, text.encode() + b"\r")

    def close(self) -> None:
        os.close(self._master)
        os.close(self._slave)


class Station:
    """`station run` as a child, and the reading commands beside it."""

    def __init__(self, folder: Path, port: str) -> None:
        self.directory = folder / "station"
        self.settings = folder / "station.toml"
        self.settings.write_text(SETTINGS.format(directory=self.directory, port=port))
        self._child: subprocess.Popen[bytes] | None = None
        self._notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notified.bind(b"")  # a name of the kernel's choice
        self._notified.setblocking(False)

    def launch(self) -> None:
        told_at = "@" + self._notified.getsockname()[1:].decode()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "station", "run", "-c", str(self.settings)],
            env=os.environ | {"NOTIFY_SOCKET": told_at},
        )

    def start(self) -> None:
        """Start it and wait for its READY=1, as systemd does."""
        self._told()
        self.launch()
        wait_for(lambda: "READY=1" in self._told())
        assert self.status()["running"]

    def _told(self) -> list[str]:
        """What it has said to systemd since the last call."""
        lines: list[str] = []
        with suppress(BlockingIOError):
            while True:
                lines += self._notified.recv(4096).decode().split("\n")
        return lines

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "station", *arguments], capture_output=True, text=True, check=False
        )

    def events(self) -> list[dict[str, object]]:
        shown = self.call("events", "--dir", str(self.directory), "--json")
        return [json.loads(line) for line in shown.stdout.splitlines()]

    def types(self) -> list[object]:
        return [event["type"] for event in self.events()]

    def status(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.call("status", "--dir", str(self.directory), "--json").stdout)
        return found

    def end(self, number: int) -> int:
        assert self._child is not None
        self._child.send_signal(number)
        code = self._child.wait(20)
        self._child = None
        return code

    def wait(self) -> int:
        """Until it ends by itself; the exit code."""
        assert self._child is not None
        code = self._child.wait(60)
        self._child = None
        return code

    def close(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.wait()
        self._notified.close()


class Desk:
    """The back office's commands, as a person types them; `tls` ends its settings, `own` is added to `send`."""

    def __init__(self, folder: Path, port: int, tls: str = "", own: Sequence[str] = ()) -> None:
        folder.mkdir()
        self.folder, self._own = folder, own
        self.settings = folder / "backoffice.toml"
        self.settings.write_text(OFFICE.format(folder=folder, port=port) + tls)
        printed = self.call("init").stdout
        self.for_stations = printed.split("[[witness]]")[0]

    def call(self, command: str, *words: str) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-c", "from station.backoffice.cli import main; main()"]
        return subprocess.run(
            [*program, command, "-c", str(self.settings), *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def send(self, *words: str) -> tuple[int, str]:
        """The exit code and what was printed."""
        sent = self.call("send", *self._own, *words)
        return sent.returncode, sent.stdout + sent.stderr

    def file(self, name: str, content: Any) -> str:
        path = self.folder / name
        path.write_text(json.dumps(content))
        return str(path)
