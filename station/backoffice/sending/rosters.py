"""The site's key, under which badge numbers become HMACs before they leave this machine."""

import os
import secrets
import stat
from pathlib import Path

from station.domain.identifiers.badge_number import SITE_KEY_BYTES, parse_site_key
from station.domain.people.sealing import SALT_BYTES, sealed
from station.errors import UsageError


def site_key(path: Path) -> bytes:
    """Return the key in the file: 64 hex digits, 0600. Raise `UsageError`; no message shows the key.

    It is never made here: under another one than that of the stations no badge would be known.
    """
    if not path.exists():
        raise UsageError(
            f"{path}: is not there; must be the site's key that the stations have: copy /etc/station/site.key of "
            "one of them there, 0600; for a site that has none yet backoffice init makes it"
        )
    return _read_site_key(path)


def make_site_key(path: Path) -> bool:
    """Make the key where there is none yet, and say whether it was made. Raise `UsageError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return False
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; must be where the site's key can be written") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_bytes(SITE_KEY_BYTES).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return True


def sealed_roster(raw: bytes, key: bytes) -> bytes:
    """Return a roster's file as it may travel: no raw number, no PIN. Raise `DocumentFaults` with every fault."""
    return sealed(raw, key, lambda: secrets.token_bytes(SALT_BYTES))


def _read_site_key(path: Path) -> bytes:
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
