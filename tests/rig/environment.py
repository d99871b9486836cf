"""The Python environment that the guest runs our code with: Debian's Python, our dependencies, in the cache.

The host's own Python may lie below /root, which a hardened unit can't see; Debian's is the same in both.
"""

from __future__ import annotations

import configparser
import os
from dataclasses import dataclass
from pathlib import Path

from tests.rig import host

GUEST_CACHE = "/opt/rig"
GUEST_CHECKOUT = "/opt/checkout"
PYTHON = "/usr/bin/python3"
# What pip needs to build our own package offline.
BUILD_WHEELS = ["setuptools>=68", "wheel"]
STATION = "#!{python}\nimport sys\nfrom station.cli import main\nsys.exit(main())\n"


@dataclass(frozen=True)
class Environment:
    """A virtual environment whose paths are those of the guest."""

    name: str

    @property
    def python(self) -> str:
        """The interpreter with all dependencies, and the checkout on its path."""
        return f"{GUEST_CACHE}/{self.name}/bin/python"

    @property
    def station(self) -> str:
        """The `station` command of the checkout."""
        return f"{GUEST_CACHE}/{self.name}/bin/station"

    @property
    def wheels(self) -> str:
        """A folder for `pip install --no-index --find-links`: there is no network in the guest."""
        return f"{GUEST_CACHE}/{self.name}/wheels"


def requirements(settings: str) -> list[str]:
    """Return what setup.cfg's text requires at run time, with the extra for real hardware."""
    parser = configparser.ConfigParser()
    parser.read_string(settings)
    wanted = parser["options"]["install_requires"] + parser["options.extras_require"]["pi"]
    return [line for line in wanted.splitlines() if line]


def prepare(cache: Path) -> Environment:
    """Return the environment from the cache, built first when setup.cfg or Debian's Python changed."""
    settings = host.CHECKOUT / "setup.cfg"
    version = host.run([PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).strip()
    key = host.digest_of([settings, host.RIG / "environment.py"])
    environment = Environment(f"environment-{version}-{key}")
    folder = cache / environment.name
    with host.only_builder(cache):
        if folder.exists():
            os.utime(folder)
        else:
            with host.building(cache, folder) as scratch:
                build(scratch, requirements(settings.read_text()), environment)
    return environment


def compile_checkout() -> None:
    """Leave bytecode beside the checkout's sources, as pip does where it installs: the guest cannot write there.

    Without it each start in the guest compiles what it imports, which takes longer than all else.
    """
    folders = [host.CHECKOUT / name for name in ("station", "drivers")]
    if all(os.access(folder, os.W_OK) for folder in folders):
        host.run([PYTHON, "-m", "compileall", "-q", *map(str, folders)])


def build(folder: Path, wanted: list[str], environment: Environment) -> None:
    """Make the environment in `folder`, to be seen at its own path in the guest."""
    python = str(folder / "bin/python")
    host.run([PYTHON, "-m", "venv", str(folder)])
    wheels = str(folder / "wheels")
    host.run([python, "-m", "pip", "wheel", "-q", "-w", wheels, *wanted, *BUILD_WHEELS])
    host.run([python, "-m", "pip", "install", "-q", "--no-index", "--find-links", wheels, *wanted])
    packages = next(folder.glob("lib/python3*/site-packages"))
    (packages / "checkout.pth").write_text(GUEST_CHECKOUT + "\n")
    station = folder / "bin/station"
    station.write_text(STATION.format(python=environment.python))
    station.chmod(0o755)
