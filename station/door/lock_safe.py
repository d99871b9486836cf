"""`station lock-safe`: put the lock's output in its safe state, whatever else is broken.

Runs after every end of the daemon (ExecStopPost=), a SIGKILL too. It needs Python and the kernel and nothing else. The
pins of the last good start come first, before anything that takes long: reading the settings is half of its time. They
are read without being checked, and the pins that stand there count as well.
"""

import os
import sys
from collections.abc import Callable, Sequence
from errno import EBUSY

from drivers import gpio_safe
from station.door.lock_pins import PinLine, lock_lines, recall_lines

DATA_DIR = "/var/lib/station"
FINE, UNKNOWN, DEVICE = 0, 3, 4

Drive = Callable[[int, int, int], None]


def lock_safe(settings_path: str, drive: Drive = gpio_safe.drive_and_let_go) -> int:
    """Drive every known output of the lock safe; the exit code. What is done is said on standard output."""
    first = _kept_lines([os.environ.get("STATE_DIRECTORY")])  # systemd's name for where the last good start kept them
    codes = _made_safe(first, drive)
    settings, fault = _readable_settings(settings_path)
    door, station = _table_of(settings, "door"), _table_of(settings, "station")
    named = [] if station.get("pins") == "mock" else lock_lines(door)
    # What was driven last, and what the settings say now, which may have been changed meanwhile.
    rest = [*_with_chip(named), *_kept_lines([station.get("data_dir"), *([] if first else [DATA_DIR])])]
    if not first and not rest:
        return _nothing_known(settings_path, fault or ("[door] lock_pin is no pin" if "lock_pin" in door else ""))
    done = {(line.chip, line.pin) for line in first}
    codes += _made_safe([line for line in rest if (line.chip, line.pin) not in done], drive)
    return max(codes)


def _nothing_known(settings_path: str, fault: str) -> int:
    if not fault:
        _say_aloud("lock-safe: this station has no lock on pins")
        return FINE
    _say_aloud(
        f"lock-safe: {fault}: no pin of the lock is known; mend {settings_path}, and cut the lock's power meanwhile"
    )
    return UNKNOWN


def _made_safe(lines: Sequence[PinLine], drive: Drive) -> list[int]:
    """The exit code of each line; each but once, the lock first."""
    once = {(line.chip, line.pin): line for line in lines}
    return [_make_safe(line, drive) for line in sorted(once.values(), key=lambda line: line.name != "lock")]


def _make_safe(line: PinLine, drive: Drive) -> int:
    where = f"{line.name} on GPIO {line.pin} of gpiochip{line.chip}"
    try:
        drive(line.chip or 0, line.pin, line.safe)
    except Exception as error:  # nothing may keep the next line from its turn
        busy = "another program holds it; stop the station first: systemctl stop station"
        _say_aloud(f"lock-safe: {where}: {busy if getattr(error, 'errno', 0) == EBUSY else error}")
        return DEVICE
    _say_aloud(
        f"lock-safe: {where}: driven {'high' if line.safe else 'low'} and let go: {_STATES.get(line.name, 'safe')}"
    )
    return FINE


_STATES = {"lock": "secured", "siren": "silent"}


def _with_chip(lines: Sequence[PinLine]) -> list[PinLine]:
    """The same with the chip of the header where none was kept."""
    return [
        line if line.chip is not None else PinLine(line.name, line.pin, line.safe, _header_chip()) for line in lines
    ]


def _header_chip() -> int:
    try:
        return gpio_safe.header_chip()
    except Exception:  # the first chip is the header's on every Pi with a kernel that this station runs on
        return 0


def _kept_lines(directories: Sequence[object]) -> list[PinLine]:
    """What the last good start kept, in the first of these that has it."""
    for directory in directories:
        if isinstance(directory, str) and directory and (found := recall_lines(directory)):
            return _with_chip(found)
    return []


def _readable_settings(path: str) -> tuple[dict[str, object], str]:
    """What can be read of the file and of `conf.d/*.toml`, and what could not."""
    import tomllib
    from pathlib import Path

    merged: dict[str, object] = {}
    faults = []
    for each in [Path(path), *sorted((Path(path).parent / "conf.d").glob("[!.]*.toml"))]:
        try:
            tables = tomllib.loads(each.read_text("utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            faults.append(f"{each}: {getattr(error, 'strerror', None) or error}")
            continue
        for name, table in tables.items():
            merged[name] = {**_table_of(merged, name), **table} if isinstance(table, dict) else table
    return merged, "; ".join(faults)


def _table_of(settings: dict[str, object], name: str) -> dict[str, object]:
    found = settings.get(name)
    return found if isinstance(found, dict) else {}


def _say_aloud(text: str) -> None:
    print(text, flush=True)


def main(arguments: Sequence[str]) -> int:
    """`-c FILE` as for every other command; whatever is wrong with the arguments, the lock is made safe."""
    at = next((at for at, word in enumerate(arguments) if word in ("-c", "--config")), None)
    given = arguments[at + 1] if at is not None and at + 1 < len(arguments) else "/etc/station/station.toml"
    return lock_safe(given)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
