"""The site's key, under which badge numbers become HMACs before they leave this machine."""

import os
import secrets
import stat
from pathlib import Path

from station.domain.identifiers.badge_number import SITE_KEY_BYTES, parse_site_key
from station.domain.people.sealing import SALT_BYTES, sealed
from station.errors import UsageError


def site_key(path: Path) -> bytes:
    """The key in the file, made where there is none yet: 64 hex digits, 0600. Raise `UsageError`; none shows the key.

    The stations of the site need the same one, or no badge will be known.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return _read(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; must be where the site's key can be written") from None
    key = secrets.token_bytes(SITE_KEY_BYTES)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def sealed_roster(raw: bytes, key: bytes) -> bytes:
    """A roster's file as it travels; raise `DocumentFaults` with every fault."""
    return sealed(raw, key, lambda: secrets.token_bytes(SALT_BYTES))


def _read(path: Path) -> bytes:
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise UsageError(f"{path}: others may read it; must be 0600; chmod it, or make a new key")
        return parse_site_key(path.read_text("ascii"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; must be the file of the site's key") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is no site key; must be {2 * SITE_KEY_BYTES} hex digits") from None
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from None
