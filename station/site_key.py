"""The site's key on a station: a file that its owner alone reads, never in the database and never shown."""

import stat
from pathlib import Path

from station.domain.identifiers.badge_number import parse_site_key
from station.errors import DeviceError

CURE = "copy the site.key of the back office there, 0600, owned by the station's user"


def read(path: Path) -> bytes:
    """The key; raise `DeviceError`: without it no badge reader can be used."""
    where = f"[station] site_key_file = {str(path)!r}"
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii")
    except OSError as error:
        raise DeviceError(f"{where}: {error.strerror}; {CURE}") from None
    except UnicodeDecodeError:
        raise DeviceError(f"{where}: is no site key; must be 64 hex digits; {CURE}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise DeviceError(f"{where}: others may read it; must be 0600; chmod it, or have a new key made for the site")
    try:
        return parse_site_key(text)
    except ValueError as error:
        raise DeviceError(f"{where}: {error}; {CURE}") from None
