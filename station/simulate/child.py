"""The real daemon as a child, with its settings, its data directory and its log in one directory."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import station
from station.errors import UsageError
from station.simulate import people
from station.simulate.troubles import STOP_S, Trouble

SITE, NAME = "demo", "vault-1"
SETTINGS = """\
# Written by `station simulate`: the real daemon on a scanner at a pty, with everything else simulated.
[station]
site = "{site}"
name = "{name}"
duties = [{duties}]
timezone = "{timezone}"
data_dir = "{directory}/data"
site_key_file = "{directory}/site.key"
pins = "mock"

[[scanner]]
name = "gun"
kind = "serial"
port = "{port}"
baud = 115200
answer = true

[[keypad]]
name = "keypad"
kind = "simulated"

[display]
kind = "simulated"

[indicator]
kind = "simulated"

[simulated]
control = "{directory}/simulated.sock"
"""
READER = """
[[badge_reader]]
name = "{side}"
side = "{side}"
kind = "simulated"
"""
ENTRY = """
[door]
kind = "simulated"
{door}
[entry]
hours = "00:00-24:00"
{entry}"""
ENTRY_KEYS = ("second_badge_s", "lone_grace_s")
VAULT_KEYS = ("release_ms", "held_warn_s", "held_alarm_s", *ENTRY_KEYS)
"""The settings of the vault's entry that a scenario may choose."""
BROKER = """
[broker]
host = "127.0.0.1"
port = {port}
reconnect_max_s = 1
"""
SOCKET_PATH_MAX = 107
_LONGEST_SOCKET = "data/control.sock"
_LOG_LINES_SHOWN = 5


class Child:
    """`station run` in `directory`, in a session of its own, so that Ctrl-C reaches the simulator alone.

    With a `vault` it has a door, an entry with these settings, and a site's key of its own.
    """

    def __init__(
        self,
        directory: Path,
        gun_port: str,
        broker_port: int | None,
        vault: Mapping[str, int] | None = None,
        timezone: str = "UTC",
    ) -> None:
        if len(os.fsencode(directory / _LONGEST_SOCKET)) > SOCKET_PATH_MAX or not directory.as_posix().isascii():
            raise UsageError(
                f"--dir {directory}: must be ASCII, and short enough that {directory / _LONGEST_SOCKET} has at most "
                f"{SOCKET_PATH_MAX} characters; choose another directory"
            )
        self.settings_path = directory / "station.toml"
        self.data_dir = directory / "data"
        self.socket_path = directory / "simulated.sock"
        self._log_path = directory / "station.log"
        duties = '"count", "stock"' if vault is None else '"entry", "count", "stock"'
        text = SETTINGS.format(
            site=SITE, name=NAME, directory=directory, port=gun_port, timezone=timezone, duties=duties
        )
        if vault is not None:
            people.make_site_key(directory / "site.key")
            text += _vault_settings(vault)
        self.settings_path.write_text(text + (BROKER.format(port=broker_port) if broker_port else ""))
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def is_alive(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def start(self) -> None:
        """Start it; it is ready later."""
        root = str(Path(station.__file__).parents[1])
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
        with self._log_path.open("ab") as log:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "station", "run", "-c", str(self.settings_path)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": path},
                start_new_session=True,
            )

    def pull_the_power(self) -> None:
        """SIGKILL, and wait until it is gone."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()

    def stop(self) -> None:
        """SIGTERM; raise `Trouble` where it does not end in order within `STOP_S`."""
        if self._running is None or not self.is_alive:
            raise self.trouble_with_log("had ended before it was stopped")
        self._running.send_signal(signal.SIGTERM)
        try:
            exit_code = self._running.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.pull_the_power()
            raise self.trouble_with_log(f"did not end within {STOP_S:g} s of SIGTERM") from None
        if exit_code:
            raise self.trouble_with_log(f"ended with exit code {exit_code}")

    def trouble_with_log(self, what: str) -> Trouble:
        """What happened to it, with the end of its log."""
        lines = self._log_path.read_text("utf-8", "replace").splitlines()[-_LOG_LINES_SHOWN:]
        return Trouble("\n  ".join([f"station run: {what}; must run until it is stopped; its log ends with", *lines]))


def _vault_settings(chosen: Mapping[str, int]) -> str:
    """The readers, the door and the entry as settings."""
    lines = {key: f"{key} = {number}\n" for key, number in chosen.items()}
    entry = "".join(line for key, line in lines.items() if key in ENTRY_KEYS)
    door = "".join(line for key, line in lines.items() if key not in ENTRY_KEYS)
    return "".join(READER.format(side=side) for side in people.SIDES) + ENTRY.format(door=door, entry=entry)
