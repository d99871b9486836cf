"""Journals full of events that nobody has yet, and a broker with the limits that are provisioned."""

import shutil
from pathlib import Path

from station.domain.core.event import Event
from station.domain.count.events import CountScanned
from station.journal.journal import FILE_NAME, Journal
from station.sealing.note import ED25519, SigningKey
from tests.brokers import Broker, free_port
from tests.journal.rows import OPENED, SOURCE, STARTED, WALL_MS, rows, scanned

SITE, NAME = SOURCE.split("/")[2:]
KEY = SigningKey(f"custody/{SITE}/{NAME}", ED25519, b"b" * 32)
GROUP = 100
"""Events of one commit: with a checkpoint each, as a station of one day has."""

LIVE = "live"
"""The scanner of the events that are recorded while the others are drained."""

CONF = Path(__file__).parents[2] / "provisioning/mosquitto/mosquitto.conf"


def filled(directory: Path, events: int) -> Path:
    """A journal of so many events; its directory."""
    directory.mkdir()
    journal = Journal(directory, key=KEY)
    epoch = journal.open(WALL_MS).epoch
    for first in range(0, events, GROUP):
        seqs = range(first, min(first + GROUP, events))
        journal.append(rows(first, [event(seq) for seq in seqs], epoch))
    journal.close()
    return directory


def event(seq: int) -> Event:
    """A start, an open count, then scans."""
    return (STARTED, OPENED)[seq] if seq < 2 else scanned(seq)


def live(seq: int) -> Event:
    """A scan of today."""
    return CountScanned("C000001", f"1A40603000000010{seq:08d}", LIVE, "Vault A")


def copy_of(directory: Path, name: str) -> Path:
    """The same journal again, for a run that adds to it."""
    twin = directory.with_name(name)
    twin.mkdir()
    shutil.copyfile(directory / FILE_NAME, twin / FILE_NAME)
    return twin


def has_mosquitto() -> bool:
    return shutil.which("mosquitto", path="/usr/bin:/usr/sbin:/usr/local/sbin:/usr/local/bin") is not None


def broker(directory: Path) -> Broker:
    """mosquitto, started, with the limits of `provisioning/mosquitto`, and without TLS."""
    port = free_port()
    limits = [line for line in CONF.read_text().splitlines() if line.startswith("max_")]
    settings = "\n".join([f"listener {port} 127.0.0.1", "allow_anonymous true", *limits])
    return Broker(directory, settings, port, has_listener=True).start()
