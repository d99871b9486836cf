"""The station's signing key: made at first start, read by the service only, named after the station.

It stands in the data directory, or comes as a systemd credential of the same name (LoadCredential=, for a station
whose key was made at enrolment). A new key that was sworn to but not yet put in place stands beside it.
"""

import contextlib
import os
from pathlib import Path

from station.errors import IntegrityError
from station.sealing.note import KeyRefused, SigningKey

NAME = "station.key"
NEXT_NAME = "station.key.next"


def key_name(site: str, station: str) -> str:
    """The name that stands in the station's signatures: `custody/<site>/<station>`."""
    return f"custody/{site}/{station}"


def station_key(directory: Path, name: str) -> SigningKey:
    """The key of the station called `name`, made where there is none; raise `IntegrityError` for one that is none."""
    credential = Path(os.environ.get("CREDENTIALS_DIRECTORY", "")) / NAME
    if "CREDENTIALS_DIRECTORY" in os.environ and credential.exists():
        return read(credential, name)
    if not (directory / NAME).exists():
        directory.mkdir(parents=True, exist_ok=True)
        write(directory / NAME, SigningKey.generate(name))
    return read(directory / NAME, name)


def read(path: Path, name: str) -> SigningKey:
    """The key in this file; its text is never told."""
    try:
        key = SigningKey.parse(path.read_text(encoding="ascii").strip())
    except (KeyRefused, UnicodeDecodeError) as error:
        raise IntegrityError(f"{path}: {error}; restore it, or move it away and a new one is made") from None
    if key.name != name:
        raise IntegrityError(f"{path}: is the key of {key.name}; must be that of {name}; a station's key is its own")
    return key


def write(path: Path, key: SigningKey) -> None:
    """Put a key into a new file that only its owner reads: on the disk when this returns."""
    unfinished = path.with_name(f"{path.name}.new")
    with contextlib.suppress(FileNotFoundError):
        unfinished.unlink()
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{key.encoded()}\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make what was created, renamed or removed in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
