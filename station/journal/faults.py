"""What a failed write means, in the words that conditions, alerts and screens use."""

import os
from enum import StrEnum
from pathlib import Path


class StorageFault(StrEnum):
    """Why nothing can be recorded."""

    DISK_FULL = "disk_full"
    DISK_READ_ONLY = "disk_read_only"
    DISK_ERROR = "disk_error"
    DISK_CORRUPT = "disk_corrupt"
    DISK_STALLED = "disk_stalled"


SQL_ERROR = 1
# SQLite's primary result codes, https://sqlite.org/rescode.html
_BY_CODE = {
    8: StorageFault.DISK_READ_ONLY,
    11: StorageFault.DISK_CORRUPT,
    13: StorageFault.DISK_FULL,
    # A row is there that should not be: a commit that failed had come through after all. A new start replays it.
    19: StorageFault.DISK_CORRUPT,
    26: StorageFault.DISK_CORRUPT,
}


def fault_at(directory: Path, error: BaseException) -> StorageFault:
    """The fault behind an error, asking the file system where SQLite only says that a write failed.

    A disk that turned read-only under an open file, or is full for the shared memory, is an I/O error to SQLite.
    """
    fault = fault_of(error)
    if fault is not StorageFault.DISK_ERROR:
        return fault
    try:
        disk = os.statvfs(directory)
    except OSError:
        return fault
    if disk.f_flag & os.ST_RDONLY:
        return StorageFault.DISK_READ_ONLY
    return StorageFault.DISK_FULL if disk.f_bavail == 0 else fault


def fault_of(error: BaseException) -> StorageFault:
    """The fault behind an error of sqlite3 or apsw, or an OSError; any other is `disk_error`."""
    code = primary_code(error)
    if code is None and isinstance(error, OSError):
        return {28: StorageFault.DISK_FULL, 30: StorageFault.DISK_READ_ONLY}.get(
            error.errno or 0, StorageFault.DISK_ERROR
        )
    return _BY_CODE.get(code or 0, StorageFault.DISK_ERROR)


def primary_code(error: BaseException) -> int | None:
    """SQLite's primary result code behind an error; None where SQLite has nothing to do with it."""
    code = getattr(error, "sqlite_errorcode", None) or getattr(error, "result", None)
    if code is not None:
        return int(code) & 0xFF
    inner = error.__cause__ or error.__context__  # peewee raises its own error from within SQLite's
    return None if inner is None else primary_code(inner)
