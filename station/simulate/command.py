"""`station simulate`: sets the stage, lets somebody play on it, and checks what the station recorded."""

import contextlib
import signal
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import click

from station.errors import UsageError
from station.simulate import broker as brokers
from station.simulate import headless as lines
from station.simulate import interactive, scenario
from station.simulate.stage import Stage, set_stage
from station.simulate.terminal import open_terminal
from station.simulate.worker import Worker

DEFAULT_DEMO = "vault-count"
"""What is played without a terminal, where there is nobody to press keys."""
SPEED_MIN, SPEED_MAX = 0.01, 1000


def simulate(demo: str | None, speed: float, headless: bool, broker: str | None, directory: str | None) -> int:
    """Return the exit code; raise `StationError` for what could not be tried, or came to something else."""
    if not SPEED_MIN <= speed <= SPEED_MAX:
        raise UsageError(f"--speed {speed:g}: must be {SPEED_MIN}..{SPEED_MAX}; 1 is life")
    is_headless = headless or not (sys.stdin.isatty() and sys.stdout.isatty())
    name = demo or (DEFAULT_DEMO if is_headless else "")
    steps = scenario.load_scenario(name) if name else ()
    # Without a demo there is everything; a demo says itself whether its station has a door.
    vault = scenario.vault_of(steps) if name else {}
    name = Path(name).name
    address = brokers.parse_address(broker) if broker else None
    with _ended_by_signals(), set_stage(directory, address, vault) as set_up:
        if is_headless:
            click.echo(_where_it_runs(set_up))
            lines.play_headless(set_up.machine, steps, name, click.echo)
        else:
            worker = Worker(set_up.machine, steps, name, speed)
            with open_terminal(sys.stdin.fileno(), sys.stdout.fileno()) as opened:
                interactive.show_machine(set_up.machine, set_up.receiver, worker, opened)
        summary = set_up.stop_and_check()
        if is_headless and set_up.receiver:
            click.echo(f"     the subscriber got {set_up.receiver.repeats} events more than once, with the same bytes")
    if summary.door:
        click.echo(f"     {summary.door.summary_line}")
    click.echo(summary.summary_line)
    return summary.exit_code


def _where_it_runs(set_up: Stage) -> str:
    to = "MQTT 5 over a cable that can be cut" if set_up.receiver else "no mosquitto here and no --broker: events wait"
    return f"station run -c {set_up.machine.directory}/station.toml: scanner on a pty; {to}"


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
