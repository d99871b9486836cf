"""Whether the files that the settings name are there, which `load` does not ask."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from station.config import site_key
from station.config.structs import Settings
from station.domain.documents.faults import Fault, Place
from station.domain.documents.spelling import found_text


def check_files(settings: Settings) -> list[Fault]:
    """A fault for each file that this user cannot use, and for a key that others can read."""
    return [*_tls_faults(settings), *_site_key_faults(settings)]


def _site_key_faults(settings: Settings) -> Iterator[Fault]:
    """Only badges need it."""
    if not settings.badge_readers:
        return
    path = settings.station.site_key_file
    try:
        site_key.judged(Path(path))
    except ValueError as error:
        yield Fault("", Place("[station]", "site_key_file"), found_text(path), str(error))


def _tls_faults(settings: Settings) -> list[Fault]:
    tls = settings.broker.tls if settings.broker else None
    if tls is None:
        return []
    named = {"tls.ca": tls.ca, "tls.cert": tls.cert, "tls.key": tls.key}
    return [
        Fault("", Place("[broker]", key), found_text(path), problem)
        for key, path in named.items()
        for problem in _problems(Path(path), private=key == "tls.key")
    ]


def _problems(path: Path, *, private: bool) -> Iterator[str]:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        yield f"cannot be found ({error.strerror}); copy it there or mend the path"
        return
    if not stat.S_ISREG(mode):
        yield "must be a file"
    elif not os.access(path, os.R_OK):
        yield "cannot be read by this user; let the station's group read it"
    elif private and mode & stat.S_IRWXO:
        yield "can be read by every user; take that right away with chmod o="
