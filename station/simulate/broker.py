"""A private mosquitto on a loopback port, for as long as the simulation runs."""

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from station.errors import UsageError
from station.simulate.troubles import Trouble

PROGRAM = "mosquitto"
PLACES = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin")
"""Where it may lie beside the PATH; Debian keeps it in /usr/sbin."""
START_S = 10.0
TRIES_MAX = 5
LOOK_AGAIN_S = 0.01
_CONFIGURATION = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence false
max_queued_messages 0
"""


def find_mosquitto() -> str | None:
    """The program's path; None where it is not installed."""
    return shutil.which(PROGRAM) or shutil.which(PROGRAM, path=os.pathsep.join(PLACES))


def parse_address(text: str) -> tuple[str, int]:
    """Read HOST:PORT; an IPv6 address stands in brackets. Raise `UsageError` for anything else."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not port.isascii() or not 1 <= int(port) <= 65535:
        raise UsageError(f"--broker {text}: must be HOST:PORT with a port of 1..65535, such as 127.0.0.1:1883")
    return host.removeprefix("[").removesuffix("]"), int(port)


class PrivateBroker:
    """Runs `program` with its files in `directory`; raise `Trouble` where it does not start."""

    def __init__(self, program: str, directory: Path) -> None:
        self._log_path = directory / "mosquitto.log"
        self.host = "127.0.0.1"
        for _ in range(TRIES_MAX):  # another program may take the port before mosquitto does
            self.port = _free_port()
            self._running = self._start_mosquitto(program, directory / "mosquitto.conf")
            if self._is_listening():
                return
        text = self._log_path.read_text("utf-8", "replace")[-500:]
        raise Trouble(f"mosquitto: did not start; must listen on 127.0.0.1; use --broker, or read its log:\n{text}")

    def stop(self) -> None:
        self._running.terminate()
        try:
            self._running.wait(START_S)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait()

    def _start_mosquitto(self, program: str, path: Path) -> subprocess.Popen[bytes]:
        # Started by root it would become the user mosquitto, who may not exist and may not read this directory.
        own = "user root\n" if os.geteuid() == 0 else ""
        path.write_text(_CONFIGURATION.format(port=self.port) + own)
        with self._log_path.open("ab") as log:
            return subprocess.Popen(
                [program, "-c", str(path)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def _is_listening(self) -> bool:
        deadline = time.monotonic() + START_S
        while self._running.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection((self.host, self.port), 1).close()
            except OSError:
                time.sleep(LOOK_AGAIN_S)
            else:
                return True
        self.stop()
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
