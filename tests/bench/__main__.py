"""Measures the product beside its baselines and prints every goal: `tests/bench/run`. Exit code 0 whatever it finds.

    tests/bench/run [--events N] [PART ...]     parts: shim cpu footprint display drain verify; all, if none is named

`--events` is how many events are drained and verified.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench import commits, cpu, display, drain, footprint, stall, verified
from tests.bench.report import Result, line
from tests.bench.shim import build

Part = Callable[[Path], Iterator[Result | str]]


def under_shim(directory: Path) -> Iterator[Result | str]:
    """What needs the shim; left out, and said so, without a compiler."""
    try:
        library = build(directory)
    except RuntimeError as error:
        yield f"goals 1, 3, 4, 5, 6, 7 are not measured: {error}"
        return
    yield from commits.measure(directory, library)
    yield from commits.burst(directory, library)
    yield from stall.measure(directory, library)


def parts(events: int) -> dict[str, Part]:
    """Every measurement by its name, in the order in which they are made."""
    return {
        "shim": under_shim,
        "cpu": cpu.measure,
        "footprint": footprint.measure,
        "display": lambda _: display.measure(),
        "drain": lambda directory: drain.measure(directory, events),
        "verify": lambda directory: verified.measure(directory, events),
    }


def asked() -> list[Part]:
    """The parts that the command line names."""
    parser = argparse.ArgumentParser(prog="tests/bench/run")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(parts(0)))
    parser.add_argument("--events", type=int, default=drain.EVENTS, help="to drain and to verify")
    given = parser.parse_args()
    known = parts(given.events)
    if unknown := set(given.parts).difference(known):
        parser.error(f"PART = {', '.join(unknown)}: must be of {', '.join(known)}")
    return [part for name, part in known.items() if name in given.parts or not given.parts]


def main() -> None:
    began = time.monotonic()
    missed = []
    shared_memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared_memory if shared_memory.is_dir() else None) as directory:
        for result in (each for part in asked() for each in part(Path(directory))):
            print(line(result) if isinstance(result, Result) else result, flush=True)
            if isinstance(result, Result) and not result.is_met:
                missed.append(f"{result.goal} ({result.what})")
    print(f"{time.monotonic() - began:.0f} s; not met: {', '.join(missed) or 'none'}")


if __name__ == "__main__":
    main()
