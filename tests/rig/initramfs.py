"""The first root of the guest: busybox, the modules that mount the real root, and `init`."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.rig import host

NEEDED = ["virtio_pci", "virtio_blk", "ext4", "crc32c_generic", "9pnet_virtio", "9p", "overlay"]


def build(version: str, modules: Path, target: Path) -> None:
    """Write a compressed cpio archive to `target` from the modules of one kernel."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        for name in ("bin", "modules", "proc", "sys", "dev", "lower", "disk", "root"):
            (root / name).mkdir()
        shutil.copy("/bin/busybox", root / "bin/busybox")
        shutil.copy(host.RIG / "init", root / "init")
        (root / "init").chmod(0o755)
        order = load_order((modules / "modules.dep").read_text(), NEEDED)
        for place, module in enumerate(order):
            shutil.copy(modules / module, root / "modules" / f"{place:02}.ko")
        (root / "version").write_text(version + "\n")
        target.write_bytes(archive_of(root))


def load_order(dependencies: str, names: list[str]) -> list[str]:
    """Return the paths of the modules `names` and all they need, in an order that loads.

    `dependencies` is the text of modules.dep (depmod(8)): `path: needed later ... needed first` a line.
    """
    lines = (line.partition(":") for line in dependencies.splitlines())
    needs = {path: rest.split() for path, _, rest in lines}
    by_name = {Path(path).stem.replace("-", "_"): path for path in needs}
    order: list[str] = []
    for name in names:
        # A name that is not listed is built into the kernel.
        if path := by_name.get(name.replace("-", "_")):
            order += [*reversed(needs[path]), path]
    return list(dict.fromkeys(order))


def archive_of(root: Path) -> bytes:
    """Pack a folder as the kernel wants it: cpio `newc`, gzip."""
    names = b"\0".join(str(path.relative_to(root)).encode() for path in sorted(root.rglob("*")))
    packed = subprocess.run(
        ["cpio", "--null", "-o", "-H", "newc", "-R", "0:0", "--quiet"],
        cwd=root,
        input=names,
        stdout=subprocess.PIPE,
        check=True,
    )
    return subprocess.run(["gzip", "-1"], input=packed.stdout, stdout=subprocess.PIPE, check=True).stdout
