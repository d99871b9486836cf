"""The guest's kernel: Debian's own image, unpacked and never installed, with two modules added and one changed."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.rig import host, initramfs

SOURCES = [host.RIG / "kernel.py", host.RIG / "initramfs.py", host.RIG / "init"]
# Debian builds no gpio-sim; the first three files of its kernel source, linked into one module, are it.
SOURCE_FILES = [
    "drivers/gpio/gpio-sim.c",
    "drivers/gpio/gpiolib.h",
    "kernel/irq/irq_sim.c",
    "drivers/usb/gadget/udc/dummy_hcd.c",
]
SWAPS = {
    # irq_to_desc() is not exported to modules; the same descriptor is reached through its irq_data.
    "irq_sim.c": {
        "irq_to_desc(": "rig_irq_desc(",
        "#include <linux/irq_sim.h>": "#include <linux/irq_sim.h>\n#include <linux/irqdesc.h>\n"
        "#define rig_irq_desc(n) irq_data_to_desc(irq_get_irq_data(n))",
    },
    # For each device that is plugged in it looks at every microframe, 8,000 times a second: with three of them two
    # thirds of an emulated processor are gone. Every 4 ms, as it once did, is more often than a keyboard reports.
    "dummy_hcd.c": {"DUMMY_TIMER_INT_NSECS\t125000": "DUMMY_TIMER_INT_NSECS\t4000000"},
}


@dataclass(frozen=True)
class Kernel:
    """A built kernel in the cache; `layer` is a root file system layer that holds its modules."""

    version: str
    folder: Path

    @property
    def image(self) -> Path:
        """The bootable kernel."""
        return self.folder / "vmlinuz"

    @property
    def initramfs(self) -> Path:
        """The first root: busybox, the modules needed to mount the real one, and `init`."""
        return self.folder / "initramfs"

    @property
    def layer(self) -> Path:
        """A folder to lay over the host's root in the guest."""
        return self.folder / "layer"


def prepare(cache: Path) -> Kernel:
    """Return the kernel from the cache, built first when these scripts or modules changed."""
    key = host.digest_of([*SOURCES, *(host.RIG / "modules").iterdir()])
    with host.only_builder(cache):
        for folder in sorted(cache.glob(f"kernel-*-{key}"), reverse=True):
            os.utime(folder)
            return Kernel(folder.name.removeprefix("kernel-").removesuffix(f"-{key}"), folder)
        return build(cache, key)


def build(cache: Path, key: str) -> Kernel:
    """Build the newest Debian kernel into the cache; a half-built one is never left under its name."""
    version = newest_version()
    kept = cache / f"kernel-{version}-{key}"
    with host.building(cache, kept) as folder:
        kernel = Kernel(version, folder)
        unpack_image(kernel, folder.parent)
        build_modules(kernel, folder.parent)
        host.run(["/sbin/depmod", "-b", str(kernel.layer / "usr"), version])
        initramfs.build(version, kernel.layer / "usr/lib/modules" / version, kernel.initramfs)
    return Kernel(version, kept)


def newest_version() -> str:
    """Ask apt which kernel release linux-image-amd64 stands for, such as `6.1.0-56-amd64`."""
    for attempt in ("as the lists are", "after fetching them"):
        if attempt == "after fetching them":
            host.refresh_package_lists()
        said = host.run(["apt-cache", "depends", "linux-image-amd64"])
        if found := re.search(r"Depends: linux-image-(\d\S+)", said):
            return found[1]
    raise host.RigUnavailable(f"rig: apt-cache depends linux-image-amd64: {said!r}; enable Debian's main archive")


def unpack_image(kernel: Kernel, scratch: Path) -> None:
    """Download the image package and take the kernel and its modules out of it."""
    unpacked = download(f"linux-image-{kernel.version}", scratch)
    shutil.copy(unpacked / f"boot/vmlinuz-{kernel.version}", kernel.image)
    modules = kernel.layer / "usr/lib/modules"
    modules.mkdir(parents=True)
    shutil.move(unpacked / "lib/modules" / kernel.version, modules / kernel.version)


def build_modules(kernel: Kernel, scratch: Path) -> None:
    """Compile what is not Debian's own against the kernel's headers, and add it to the layer or put it in the place."""
    headers = Path("/usr/src") / f"linux-headers-{kernel.version}"
    if not headers.exists():
        host.install([headers.name])
    folder = scratch / "modules"
    shutil.copytree(host.RIG / "modules", folder)
    fetch_sources(kernel.version, scratch, folder)
    host.run(["make", "-s", "-C", str(headers), f"M={folder}", "modules"])
    extra = kernel.layer / "usr/lib/modules" / kernel.version / "extra"
    extra.mkdir()
    for module in folder.glob("*.ko"):
        for replaced in extra.parent.rglob(module.name):
            replaced.unlink()
        shutil.copy(module, extra)


def fetch_sources(version: str, scratch: Path, folder: Path) -> None:
    """Take the few files out of Debian's kernel source into `folder`, made fit for modules of an emulated machine."""
    source = "linux-source-" + ".".join(version.split(".")[:2])
    archive = download(source, scratch) / f"usr/src/{source}.tar.xz"
    members = [f"{source}/{name}" for name in SOURCE_FILES]
    host.run(["tar", "-xJf", str(archive), "-C", str(folder), "--transform=s,.*/,,", *members])
    for name, swaps in SWAPS.items():
        text = (folder / name).read_text()
        for old, new in swaps.items():
            text = text.replace(old, new)
        (folder / name).write_text(text)
    (folder / "gpio-sim.c").rename(folder / "gpio_sim_main.c")


def download(package: str, scratch: Path) -> Path:
    """Download a Debian package and unpack it; return where. Nothing is installed."""
    folder = scratch / package
    folder.mkdir()
    try:
        host.run(["apt-get", "download", package], cwd=folder)
    except host.RigUnavailable:
        host.refresh_package_lists()
        host.run(["apt-get", "download", package], cwd=folder)
    archive = next(folder.glob("*.deb"))
    host.run(["dpkg", "-x", str(archive), str(folder / "root")])
    return folder / "root"
