"""The station's surroundings, made and cleared away: directory, broker, cable, receiver, machine."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from station.errors import UsageError
from station.simulate import broker as brokers
from station.simulate.cable import Cable
from station.simulate.child import NAME, SITE
from station.simulate.machine import Machine
from station.simulate.receiver import EventReceiver
from station.simulate.summary import DoorSummary, Summary, summarize_journal

Address = tuple[str, int]


class Stage(msgspec.Struct, frozen=True):
    """A machine that runs; `receiver` is None where there is no broker."""

    machine: Machine
    receiver: EventReceiver | None

    def stop_and_check(self) -> Summary:
        """Stop the station in order and check what it recorded."""
        machine = self.machine
        door = DoorSummary(machine.door_account(), machine.watching.is_released) if machine.has_door else None
        is_cut = machine.cable is not None and machine.cable.is_cut
        machine.stop()
        return summarize_journal(machine.data_dir, self.receiver, first_seq=machine.first_seq, is_cut=is_cut, door=door)


@contextlib.contextmanager
def set_stage(
    directory: str | None, address: Address | None, vault: Mapping[str, int] | None = None
) -> Iterator[Stage]:
    """Start all of it; leave nothing running, and no directory that was not asked for. `vault`: see `Machine`.

    Without an `address` a private mosquitto is the broker, where it is installed. Raise `StationError` where something
    does not start.
    """
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(_working_directory(directory))
        cable, receiver = _build_network(stack, folder, address)
        machine = Machine(folder, cable, receiver, vault)
        stack.callback(machine.close)
        machine.start()
        yield Stage(machine, receiver)


def _build_network(
    stack: contextlib.ExitStack, folder: Path, address: Address | None
) -> tuple[Cable | None, EventReceiver | None]:
    program = brokers.find_mosquitto()
    if address is None and program is not None:
        private = brokers.PrivateBroker(program, folder)
        stack.callback(private.stop)
        address = (private.host, private.port)
    if address is None:
        return None, None
    receiver = EventReceiver(*address, SITE, NAME)
    stack.callback(receiver.close)
    cable = Cable(*address)
    cable.start()
    stack.callback(cable.close)
    return cable, receiver


@contextlib.contextmanager
def _working_directory(given: str | None) -> Iterator[Path]:
    """The directory that was given, made where it is missing; else one that is gone afterwards."""
    if given is None:
        path = Path(tempfile.mkdtemp(prefix="station-"))
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)
        return
    path = Path(given).absolute()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--dir {given}: {error.strerror}; must be a directory that can be written") from None
    yield path
