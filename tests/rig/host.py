"""What the host must have before a guest can boot: packages, and a cache folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

INSTALL_S_MAX = 600
VERSIONS_KEPT = 3
RIG = Path(__file__).parent
CHECKOUT = RIG.parent.parent

# Debian package -> a program or an absolute path (a glob) that shows it to be there.
PACKAGES = {
    "busybox-static": "/bin/busybox",
    "cpio": "cpio",
    "dbus": "dbus-daemon",
    "dmsetup": "/sbin/dmsetup",
    "e2fsprogs": "/sbin/mkfs.ext4",
    "gcc": "gcc",
    "gcc-12": "gcc-12",
    "kmod": "/sbin/depmod",
    "libc6-dev": "/usr/include/stdio.h",
    "make": "make",
    "mosquitto": "/usr/sbin/mosquitto",
    "python3": "/usr/bin/python3",
    "python3-dev": "/usr/include/python3*/Python.h",
    "python3-venv": "/usr/lib/python3*/ensurepip/__init__.py",
    "qemu-system-x86": "qemu-system-x86_64",
    "socat": "socat",
    "systemd": "/lib/systemd/systemd",
    "udev": "/lib/udev/rules.d/60-persistent-input.rules",
    "xz-utils": "xz",
}


class RigUnavailable(Exception):
    """This host cannot boot a guest; the text says what is missing and what to do."""


def cache_dir() -> Path:
    """Return the folder that keeps what is costly to build: `RIG_CACHE`, or one below the home folder."""
    chosen = os.environ.get("RIG_CACHE") or str(Path.home() / ".cache" / "custody-station-rig")
    folder = Path(chosen).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def only_builder(folder: Path) -> Iterator[None]:
    """Let one session at a time build in `folder`; the others wait and then find it built."""
    with (folder / ".lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield


@contextmanager
def building(cache: Path, kept: Path) -> Iterator[Path]:
    """Give a folder to build in, which becomes `kept` only when all went well; call under `only_builder`."""
    for left in cache.glob("building-*"):
        shutil.rmtree(left)
    scratch = Path(tempfile.mkdtemp(prefix="building-", dir=cache))
    try:
        built = scratch / "built"
        built.mkdir()
        yield built
        built.rename(kept)
    finally:
        shutil.rmtree(scratch)
    keep_newest(cache, kept.name.split("-")[0])


def keep_newest(cache: Path, kind: str) -> None:
    """Remove all but the `VERSIONS_KEPT` newest folders of one kind."""
    versions = sorted(cache.glob(f"{kind}-*"), key=lambda folder: folder.stat().st_mtime)
    for folder in versions[:-VERSIONS_KEPT]:
        shutil.rmtree(folder)


def digest_of(files: Iterable[Path]) -> str:
    """Return 12 hex digits that change when a name or the bytes of any of `files` do."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()[:12]


def is_there(probe: str) -> bool:
    """Say whether a program is on the path, or a file matches an absolute glob."""
    if probe.startswith("/"):
        return any(Path("/").glob(probe[1:]))
    return shutil.which(probe) is not None


def missing_packages() -> list[str]:
    """Return the Debian packages that this host still needs, in order of their names."""
    return [package for package, probe in PACKAGES.items() if not is_there(probe)]


def ensure_packages() -> None:
    """Install what is missing where we are root; elsewhere raise RigUnavailable with the names."""
    missing = missing_packages()
    if missing:
        install(missing)


def install(packages: list[str]) -> None:
    """Install Debian packages, or raise RigUnavailable that says what to type."""
    asked = "apt-get install --no-install-recommends " + " ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise RigUnavailable(f"rig: packages are missing: {' '.join(packages)}; as root: {asked}")
    refresh_package_lists()
    run(["apt-get", "install", "-y", "--no-install-recommends", *packages])


def refresh_package_lists() -> None:
    """Fetch apt's lists; stale ones name versions that the archive no longer has."""
    run(["apt-get", "-qq", "update"])


def run(command: list[str], cwd: Path | None = None) -> str:
    """Run a build step; return what it printed, or raise RigUnavailable with its last lines."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_S_MAX,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RigUnavailable(f"rig: {' '.join(command)}: {error}; run it by hand to see why") from error
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise RigUnavailable(f"rig: {' '.join(command)}: exit code {done.returncode}; it said:\n{last}")
    return done.stdout
