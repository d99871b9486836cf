"""The shim of `slowsync.c`: built where a compiler is, loaded into a program, read and steered from outside."""

import contextlib
import mmap
import os
import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("slowsync.c")
DELAY_US = 1_000
FIELDS = ("flushes", "bytes", "delay_us", "stall_us", "under_way")


def build(directory: Path) -> Path:
    """Compile the shim; raise RuntimeError where there is no compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise RuntimeError("gcc: is not here; must be, to build the flush of fixed delay; apt install gcc libc6-dev")
    library = directory / "slowsync.so"
    subprocess.run([compiler, "-O2", "-fPIC", "-shared", "-o", library, SOURCE, "-ldl"], check=True)
    return library


def favour(pid: int) -> None:
    """Let what else runs on this machine count for less, where that is allowed; `pid` leads a session of its own."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text("-20")


class Shim:
    """One program's flushes: their number and bytes so far, and how long they take."""

    def __init__(self, library: Path, path: Path, delay_us: int = DELAY_US) -> None:
        path.write_bytes(bytes(8 * len(FIELDS)))
        with path.open("r+b") as file:
            self._fields = memoryview(mmap.mmap(file.fileno(), 0)).cast("q")
        self.environment = os.environ | {"LD_PRELOAD": str(library), "SLOWSYNC": str(path)}
        self.delay(delay_us)

    def delay(self, delay_us: int) -> None:
        """Let every flush take so long from now on."""
        self._fields[FIELDS.index("delay_us")] = delay_us

    def stall(self, stall_us: int) -> None:
        """Let the next flush take so long."""
        self._fields[FIELDS.index("stall_us")] = stall_us

    @property
    def flushes(self) -> int:
        return self._fields[FIELDS.index("flushes")]

    @property
    def written_bytes(self) -> int:
        return self._fields[FIELDS.index("bytes")]

    @property
    def is_flushing(self) -> bool:
        return self._fields[FIELDS.index("under_way")] > 0
