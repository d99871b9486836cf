"""`station import`: through the running daemon's control socket, or under the lock of a stopped station.

A roster is sealed here, in the command: its raw badge numbers and PINs never leave the process that read the file, and
the daemon, which has a door to watch, need not derive a key for each PIN. Whoever may write to the socket (root, the
station's user) may read the site's key as well.
"""

import os
import pwd
import secrets
import sqlite3
from pathlib import Path

import msgspec

from station.config import Settings, site_key
from station.domain.documents.faults import DocumentFaults
from station.domain.documents.json_files import BYTES_MAX
from station.domain.people.sealing import SALT_BYTES, sealed
from station.errors import StationError
from station.importing import offline
from station.spine import control
from station.spine.clock import monotonic_ms
from station.spine.starting import sworn_of


class ImportRefused(StationError):
    """The file was not taken; nothing of it was."""


def import_file(settings: Settings, kind: str, file: Path) -> str:
    """Bring in one file; returns what to tell the person who did it. Raise `ImportRefused` with every fault."""
    text = _read_text(file)
    directory = Path(settings.station.data_dir)
    try:
        text = _sealed_roster(settings, text) if kind == "roster" else text
        answer = control.call_station(directory, control.ControlRequest("import", kind, text))
        if answer is None:
            answer = _import_offline(settings, kind, text)
    except DocumentFaults as faults:
        answer = control.ControlAnswer(error=str(faults))
    except sqlite3.Error as error:
        raise ImportRefused(f"{directory}: {error}: nothing was taken; must be writable; mend the disk first") from None
    except (OSError, msgspec.MsgspecError) as error:
        raise ImportRefused(f"{directory}: {error}; the running station did not answer; try again") from None
    if answer.error:
        raise ImportRefused("\n".join(f"{file.name}: {fault}" for fault in answer.error.split("\n")))
    return answer.text


def rotate_key(settings: Settings) -> str:
    """Have the running station take a new key; returns what to tell. Raise `ImportRefused` where it does not."""
    directory = Path(settings.station.data_dir)
    try:
        answer = control.call_station(directory, control.ControlRequest("rotate-key"))
    except (OSError, msgspec.MsgspecError) as error:
        raise ImportRefused(f"{directory}: {error}; the running station did not answer; try again") from None
    if answer is None:
        raise ImportRefused(f"{directory}: no station runs here; must be running, to sign for its new key; start it")
    if answer.error:
        raise ImportRefused(answer.error)
    return answer.text


def _read_text(file: Path) -> str:
    with file.open("rb") as opened:
        raw = opened.read(BYTES_MAX + 1)
    if len(raw) > BYTES_MAX:
        raise ImportRefused(f"{file.name}: is longer than {BYTES_MAX} bytes; must not be; split it")
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise ImportRefused(f"{file.name}: byte {error.start} is no UTF-8; must be UTF-8; export it again") from None


def _sealed_roster(settings: Settings, text: str) -> str:
    """A roster's text as it travels; raise `DocumentFaults`, or `DeviceError` where there is no site's key."""
    key = site_key.read(Path(settings.station.site_key_file))
    return sealed(text.encode(), key, lambda: secrets.token_bytes(SALT_BYTES)).decode()


def _import_offline(settings: Settings, kind: str, text: str) -> control.ControlAnswer:
    by = pwd.getpwuid(os.getuid()).pw_name
    input = control.parse_import(kind, text.encode(), by, monotonic_ms(), 0)
    source = f"/custody/{settings.station.site}/{settings.station.name}"
    return offline.record_offline(Path(settings.station.data_dir), source, sworn_of(settings), input)
