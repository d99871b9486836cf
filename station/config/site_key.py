"""The site's key on a station: a file that its owner alone reads, never in the database and never shown."""

import stat
from pathlib import Path

from station.domain.identifiers.badge_number import parse_site_key
from station.errors import DeviceError

_CURE = "copy the site.key of the back office there, 0600, owned by the station's user"


def read(path: Path) -> bytes:
    """The key; raise `DeviceError`: without it no badge reader can be used."""
    try:
        return judged(path)
    except ValueError as error:
        raise DeviceError(f"[station] site_key_file = {str(path)!r}: {error}") from None


def judged(path: Path) -> bytes:
    """The key; raise `ValueError` that says what the file is instead and what to do, and shows nothing of it."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise ValueError(f"must be a file; {_CURE}")
        text = path.read_bytes().decode("ascii", errors="replace")
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror}); {_CURE}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ValueError("others may read it; must be 0600; chmod it, or have a new key made for the site")
    try:
        return parse_site_key(text)
    except ValueError as error:
        raise ValueError(f"{error}; {_CURE}") from None
