"""The broker on the host and the cable to it: mosquitto, seen from the guest at 10.0.2.100:1883."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

from tests.rig.guest import Guest

HOST_IN_GUEST = "10.0.2.100"
PORT_IN_GUEST = 1883
TLS_PORT_IN_GUEST = 8883
"""Of a broker that a test starts at the fixture `tls_port`; nothing answers there before."""
START_S_MAX = 20
SETTINGS = """
listener {port} 127.0.0.1
allow_anonymous true
persistence false
log_dest file {folder}/mosquitto.log
log_type all
max_queued_messages 0
"""


def free_port() -> int:
    """Return a TCP port of the loopback that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Broker:
    """A mosquitto of our own on the host; `port` is its port there. Other settings may be handed in."""

    def __init__(self, folder: Path, port: int, settings: str = SETTINGS) -> None:
        self.port = port
        self._folder = folder
        self._settings = settings
        self._mosquitto: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it listens."""
        config = self._folder / "mosquitto.conf"
        config.write_text(self._settings.format(port=self.port, folder=self._folder))
        # Debian's mosquitto drops root and must still write its log.
        self._folder.chmod(0o777)
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        command = ["setpriv", "--pdeathsig", "KILL", program, "-c", str(config)]
        self._mosquitto = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        give_up = time.monotonic() + START_S_MAX
        while not self._listens():
            if self._mosquitto.poll() is not None or time.monotonic() > give_up:
                self.stop()
                raise RuntimeError(f"mosquitto: it does not listen on {self.port}; see {self._folder}/mosquitto.log")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it; what it had not delivered is lost, for it keeps nothing."""
        if self._mosquitto is not None:
            self._mosquitto.terminate()
            self._mosquitto.wait(START_S_MAX)
            self._mosquitto = None

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Cable:
    """The guest's network cable."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest

    def pull(self) -> None:
        """Cut it: the guest sees the carrier go, and no packet passes either way."""
        self._guest.qmp.execute("set_link", name="nic", up=False)

    def plug(self) -> None:
        """Mend it."""
        self._guest.qmp.execute("set_link", name="nic", up=True)
