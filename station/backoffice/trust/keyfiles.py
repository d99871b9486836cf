"""Signing keys in files that only their owner reads."""

import os
import stat
from pathlib import Path

from station.errors import UsageError
from station.sealing.note import SigningKey


def read_key(setting: str, path: str, algorithm: int) -> SigningKey:
    """Return the key in the file that `setting` names. Raise `UsageError`; no message shows the key."""
    try:
        mode = os.stat(path).st_mode
        text = Path(path).read_text("ascii").strip("\n")
    except OSError as error:
        raise UsageError(f"{setting} = {path!r}: {error.strerror}; make it by backoffice init") from None
    except UnicodeDecodeError:
        raise UsageError(f"{setting} = {path!r}: is no key; make one by backoffice init") from None
    if stat.S_IMODE(mode) & 0o077:
        raise UsageError(f"{setting} = {path!r}: others may read it; must be 0600; chmod it, or make a new key")
    try:
        key = SigningKey.parse(text)
    except ValueError as error:
        raise UsageError(f"{setting} = {path!r}: {error}") from None
    if key.algorithm != algorithm:
        raise UsageError(f"{setting} = {path!r}: a key of type {key.algorithm}; must be {algorithm}")
    return key


def make_key(setting: str, path: str, name: str, algorithm: int) -> SigningKey:
    """Return the key in the file, made where there is none yet."""
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return read_key(setting, path, algorithm)
    except OSError as error:
        raise UsageError(f"{setting} = {path!r}: {error.strerror}; must be where the key can be written") from None
    key = SigningKey.generate(name, algorithm)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.encode_private() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key
