"""The guest, booted once a session, and the hardware on it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from tests.rig import environment as environments
from tests.rig import host, kernel, machine
from tests.rig.devices.broker import PORT_IN_GUEST, TLS_PORT_IN_GUEST, Broker, Cable, free_port
from tests.rig.devices.gpio import Pins
from tests.rig.devices.oled import Oled
from tests.rig.environment import Environment
from tests.rig.guest import Guest

NOT_RUN: list[str] = []
STUCK: list[str] = []


def no_rig(reason: str) -> NoReturn:
    """Fail where every check must run (env `CI` is `true`); elsewhere skip, and say so at the end in red."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason, pytrace=False)
    NOT_RUN.append(reason)
    pytest.skip(f"NO RIG: {reason}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that nothing was tried on a real kernel, or that the emulated machine hung."""
    for reason in sorted(set(NOT_RUN)):
        terminalreporter.write_sep("!", "NO RIG: nothing was tried on a real kernel", red=True, bold=True)
        terminalreporter.write_line(reason, red=True)
    for reason in STUCK:
        terminalreporter.write_sep("!", "RIG: the emulated machine hung and was started again", yellow=True)
        terminalreporter.write_line(reason, yellow=True)


@pytest.fixture(scope="session")
def rig_cache() -> Path:
    """Return the cache, on a host that has all it needs."""
    try:
        host.ensure_packages()
        return host.cache_dir()
    except (host.RigUnavailable, OSError) as error:
        no_rig(str(error))


@pytest.fixture(scope="session")
def environment(rig_cache: Path) -> Environment:
    """Return the Python environment that the guest sees."""
    try:
        environments.compile_checkout()
        return environments.prepare(rig_cache)
    except (host.RigUnavailable, OSError) as error:
        no_rig(str(error))


@pytest.fixture(scope="session")
def rig_machine(rig_cache: Path) -> machine.Machine:
    """Return the computer to boot."""
    try:
        built = kernel.prepare(rig_cache)
    except (host.RigUnavailable, OSError) as error:
        no_rig(str(error))
    shares = {"hostroot": Path("/"), "kernel": built.folder, "checkout": host.CHECKOUT, "cache": rig_cache}
    return machine.x86_64(built.image, built.initramfs, shares)


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    """Run a mosquitto on the host that the guest reaches at 10.0.2.100:1883."""
    folder = Path(tempfile.mkdtemp(prefix="rig-broker-"))
    broker = Broker(folder, free_port())
    broker.start()
    yield broker
    broker.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def tls_port() -> int:
    """Where on the host's loopback a test may start a broker that the guest reaches at 10.0.2.100:8883."""
    return free_port()


@pytest.fixture(scope="session")
def guest(rig_machine: machine.Machine, environment: Environment, broker: Broker, tls_port: int) -> Iterator[Guest]:
    """Boot the guest once; the environment is built before, for the guest caches what it sees of the host."""
    assert environment
    # The folder's path must be short: a Unix socket's is at most 107 bytes.
    run_dir = Path(tempfile.mkdtemp(prefix="rig-"))
    guest = Guest(rig_machine, run_dir, {PORT_IN_GUEST: broker.port, TLS_PORT_IN_GUEST: tls_port})
    try:
        guest.start()
        yield guest
        guest.stop()
    finally:
        STUCK.extend(guest.stuck)
    shutil.rmtree(run_dir)


@pytest.fixture(scope="session")
def oled(guest: Guest) -> Oled:
    """Return the display."""
    return Oled(guest)


@pytest.fixture(scope="session")
def pins(guest: Guest) -> Pins:
    """Return the pins."""
    return Pins(guest)


@pytest.fixture
def cable(guest: Guest) -> Iterator[Cable]:
    """Hand out the network cable and leave it plugged in."""
    cable = Cable(guest)
    yield cable
    cable.plug()
