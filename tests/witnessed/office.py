"""The back office as people run it: its receiver as a child, and its commands."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.programs import Desk
from tests.waiting import wait_for
from tests.yard import Yard


class Office(Desk):
    """The back office with its receiver."""

    def __init__(self, folder: Path, port: int, tls: str = "", own: Sequence[str] = ()) -> None:
        super().__init__(folder, port, tls, own)
        words = [sys.executable, "-m", "station.backoffice", "run", "-c", str(self.settings)]
        self._receiver = subprocess.Popen(words)
        wait_for((folder / "backoffice.db").exists)  # from here on it ends in order

    @property
    def station_settings(self) -> str:
        """What `backoffice init` prints for every station."""
        return self.call("init").stdout

    def approve(self, sheet: str) -> None:
        """As a person does: the key on the sheet that the station prints (`station checkpoint --json`)."""
        key = json.loads(sheet)["key"]
        wait_for(lambda: self.call("approve", "vault-1", key).returncode == 0)

    def epochs(self) -> list[dict[str, Any]]:
        found = json.loads(self.call("stations", "--json").stdout)
        return [epoch for each in found if each["station"] == "vault-1" for epoch in each["epochs"]]

    def alarms(self) -> list[Any]:
        found = json.loads(self.call("stations", "--json").stdout)
        return [alarm for each in found for alarm in each["alarms"]]

    def close(self) -> None:
        self._receiver.send_signal(signal.SIGTERM)
        assert self._receiver.wait(20) == 0


def over_tls(yard: Yard, folder: Path) -> Office:
    """An office with certificates: the receiver's, and another for whoever sends."""
    sender = yard.files("backoffice-send")
    return Office(folder, yard.broker.port, yard.setting("backoffice"), ("--cert", sender.cert, "--key", sender.key))
