"""A disk in memory that can lose its power, as an SQLite VFS.

What was written and not yet synced is lost, kept or torn sector by sector, at random. A sector is 512 bytes; a torn one
has a part of the new bytes and the rest of the old. SQLite is told what a unix disk tells it (power-safe overwrite).
"""

import ctypes
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import apsw
from playhouse.apsw_ext import APSWDatabase

from station.journal import schema

SECTOR_BYTES = 512
# What SQLite's own unix VFS answers; the granularity of a loss is SECTOR_BYTES all the same.
SECTOR_BYTES_TOLD = 4096

Observer = Callable[[str, str], None]
"""Told the operation (`write`, `sync`, `truncate`, `delete`) and the file before it is done; may raise."""

_numbers = count()


class PowerCut(BaseException):
    """The power is gone: no code of the station may catch this."""


class Content:
    """One file: what stands in it, and what of that is on the disk for good."""

    def __init__(self, left: bytes | bytearray = b"") -> None:
        self.current = bytearray(left)
        self.synced = bytearray(left)
        self.dirty: set[int] = set()
        self.is_synced_once = bool(left)

    def write(self, chunk: bytes, offset: int) -> None:
        end = offset + len(chunk)
        if len(self.current) < end:
            self.dirty.update(_sectors(len(self.current), end))
            self.current.extend(bytes(end - len(self.current)))
        self.current[offset:end] = chunk
        self.dirty.update(_sectors(offset, end))

    def sync(self) -> None:
        for sector in self.dirty:
            at = slice(sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES)
            if len(self.synced) < at.start:
                self.synced.extend(bytes(at.start - len(self.synced)))
            self.synced[at] = self.current[at]
        del self.synced[len(self.current) :]
        self.dirty.clear()
        self.is_synced_once = True

    def after_cut(self, chance: random.Random) -> "Content":
        """What a power cut leaves of it."""
        left = bytearray(self.synced)
        if len(self.current) < len(left) and chance.random() < 0.5:
            del left[len(self.current) :]
        for sector in sorted(self.dirty):
            start = sector * SECTOR_BYTES
            new = bytes(self.current[start : start + SECTOR_BYTES])
            fate = chance.random()
            if fate < 0.45:
                continue
            if fate < 0.55:
                new = new[: chance.randrange(len(new) + 1)]
            if len(left) < start:
                left.extend(bytes(start - len(left)))
            left[start : start + len(new)] = new
        return Content(left)


class Disk:
    """Files by their path, and figures of what was asked of them."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.files: dict[str, Content] = {}
        self.deleted: dict[str, Content] = {}
        self.observer: Observer = lambda _operation, _path: None
        self.counts: Counter[str] = Counter()
        self.bytes_written = 0
        self._cut_after: int | None = None

    def cut_after(self, operations: int) -> None:
        """Cut the power at that many writes, syncs, truncations and deletions from now."""
        self._cut_after = operations

    def does(self, operation: str, path: str) -> None:
        """Count one operation; raise where the power is gone, or where the observer wants it to fail."""
        if self._cut_after is not None:
            if self._cut_after == 0:
                raise PowerCut
            self._cut_after -= 1
        self.observer(operation, path)
        self.counts[operation] += 1

    def after_cut(self) -> "Disk":
        """The disk as the next start finds it. A file that was never synced may not even be there."""
        self._cut_after = None
        left = Disk(self.chance)
        # A directory that was not synced may still name what was deleted.
        for path, content in (self.deleted | self.files).items():
            if path in self.deleted and path not in self.files and self.chance.random() < 0.5:
                continue
            if content.is_synced_once or self.chance.random() < 0.5:
                left.files[path] = content.after_cut(self.chance)
        return left


class OpenFile:
    """SQLite's view of one file; https://sqlite.org/c3ref/io_methods.html without shared memory."""

    def __init__(self, disk: Disk, path: str) -> None:
        self._disk, self._path = disk, path
        self._content = disk.files.setdefault(path, Content())

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self._content.current[offset : offset + amount])

    def xWrite(self, chunk: bytes, offset: int) -> None:
        self._disk.does("write", self._path)
        self._disk.bytes_written += len(chunk)
        self._content.write(bytes(chunk), offset)

    def xTruncate(self, size: int) -> None:
        self._disk.does("truncate", self._path)
        del self._content.current[size:]
        self._content.dirty = {sector for sector in self._content.dirty if sector * SECTOR_BYTES < size}

    def xSync(self, _flags: int) -> None:
        self._disk.does("sync", self._path)
        if not self._content.is_synced_once:
            self._disk.deleted.clear()  # SQLite's unix VFS syncs the directory of a new WAL or journal with it
        self._content.sync()

    def xFileSize(self) -> int:
        return len(self._content.current)

    def xLock(self, _level: int) -> None: ...
    def xUnlock(self, _level: int) -> None: ...
    def xClose(self) -> None: ...

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, operation: int, pointer: int) -> bool:
        if operation != apsw.SQLITE_FCNTL_MMAP_SIZE:
            return False
        ctypes.c_int64.from_address(pointer).value = 0  # asked for and told: nothing is mapped
        return True

    def xSectorSize(self) -> int:
        return SECTOR_BYTES_TOLD

    def xDeviceCharacteristics(self) -> int:
        return int(apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE)


class DiskVFS(apsw.VFS):
    """The disk as SQLite sees it; all else (time, randomness) comes from the system's VFS."""

    def __init__(self, disk: Disk) -> None:
        self.vfs_name = f"disk-{next(_numbers)}"
        self._disk = disk
        super().__init__(self.vfs_name, "")

    def xOpen(self, name: Any, flags: list[int]) -> Any:
        path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        flags[1] = flags[0]
        return OpenFile(self._disk, path)

    def xDelete(self, path: str, is_dir_synced: bool) -> None:
        self._disk.does("delete", path)
        content = self._disk.files.pop(path, None)
        if content is not None and not is_dir_synced:
            self._disk.deleted[path] = content

    def xAccess(self, path: str, _flags: int) -> bool:
        return path in self._disk.files

    def xFullPathname(self, path: str) -> str:
        return path


_Base: Any = APSWDatabase


class DiskDatabase(_Base):  # type: ignore[misc]
    """Binds moments as sqlite3 does; apsw itself knows none."""

    def _execute_cursor(self, sql: str, params: Any) -> Any:
        return super()._execute_cursor(
            sql, [str(each) if isinstance(each, datetime) else each for each in params or ()]
        )


def connecting(vfs: DiskVFS) -> Callable[[Path], Any]:
    """What `Journal` connects with, over that disk. Exclusive, because there is no shared memory here."""

    def connect(path: Path) -> Any:
        pragmas = {"locking_mode": "exclusive"} | {name: value for name, (value, _) in schema.PRAGMAS.items()}
        return DiskDatabase(str(path), vfs=vfs.vfs_name, pragmas=pragmas, autoconnect=False, thread_safe=False)

    return connect


def _sectors(start: int, end: int) -> range:
    return range(start // SECTOR_BYTES, -(-end // SECTOR_BYTES))
