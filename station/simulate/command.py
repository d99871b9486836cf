"""`station simulate`: makes the station's surroundings, lets somebody play with it, and checks what it recorded."""

import contextlib
import shutil
import signal
import sys
import tempfile
import types
from collections.abc import Iterator
from pathlib import Path

import click

from station.errors import UsageError
from station.simulate import broker as brokers
from station.simulate import headless as lines
from station.simulate import scenario
from station.simulate.cable import Cable
from station.simulate.child import NAME, SITE
from station.simulate.machine import Machine
from station.simulate.receiver import Receiver
from station.simulate.summary import summarize

DEFAULT_DEMO = "vault-count"
"""What is played without a terminal, where there is nobody to press keys."""


def simulate(demo: str | None, speed: float, headless: bool, broker: str | None, directory: str | None) -> int:
    """Return the exit code; raise `StationError` for what could not even be tried."""
    if not 0.01 <= speed <= 1000:
        raise UsageError(f"--speed {speed:g}: must be 0.01..1000; 1 is life")
    is_headless = headless or not (sys.stdin.isatty() and sys.stdout.isatty())
    name = demo or (DEFAULT_DEMO if is_headless else None)
    steps = scenario.load(name) if name else ()
    address = brokers.parse_address(broker) if broker else None
    with _ended_by_signals(), contextlib.ExitStack() as stack:
        folder = stack.enter_context(_directory(directory))
        cable, receiver = _surroundings(stack, folder, address)
        machine = Machine(folder, cable)
        stack.callback(machine.close)
        machine.start()
        if is_headless:
            _say_where(folder, receiver)
            lines.run(machine, steps, name or "", click.echo)
        machine.stop()
        summary = summarize(machine.data_dir, receiver, machine.first_seq)
    click.echo(summary.line)
    return summary.exit_code


def _say_where(folder: Path, receiver: Receiver | None) -> None:
    to = "MQTT 5 over a cable that can be cut" if receiver else "no mosquitto here and no --broker: events wait"
    click.echo(f"station run -c {folder}/station.toml: scanner on a pty; {to}")


def _surroundings(
    stack: contextlib.ExitStack, folder: Path, address: tuple[str, int] | None
) -> tuple[Cable | None, Receiver | None]:
    """The cable to a broker and a subscriber there; None where there is no broker."""
    program = brokers.find()
    if address is None and program is not None:
        private = brokers.PrivateBroker(program, folder)
        stack.callback(private.stop)
        address = (private.host, private.port)
    if address is None:
        return None, None
    receiver = Receiver(*address, SITE, NAME)
    stack.callback(receiver.close)
    cable = Cable(*address)
    cable.start()
    stack.callback(cable.close)
    return cable, receiver


@contextlib.contextmanager
def _directory(given: str | None) -> Iterator[Path]:
    """The directory that was given, made where it is missing; else one that is gone afterwards."""
    if given is not None:
        path = Path(given).absolute()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"--dir {given}: {error.strerror}; must be a directory that can be written") from None
        yield path
        return
    path = Path(tempfile.mkdtemp(prefix="station-"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end it as Ctrl-C does: nothing is left running, and the terminal as it was."""

    def end(number: int, _: types.FrameType | None) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)
