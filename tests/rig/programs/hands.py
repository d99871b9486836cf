"""Hands at the door and its readers, eyes on the lines and the journal, all by the station's own clock.

Plays the steps of stdin (JSON; a step's `do` names what is done, its other keys are that one's arguments) and prints
`{"at": {name: ms}, "leaves": [...]}`: when each step that has a `name` began, or where it waited for something, when it
saw that; and every leaf that became durable meanwhile. A wait that is in vain ends it with what it saw, exit code 1.
"""

import json
import os
import select
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable

LOOK_S = 0.02
"""Looking oftener would take the time of those who are looked at: an emulated processor is a slow one."""
WAIT_S = 40.0
JOURNAL = "file:/var/lib/station/journal.db?mode=ro"


class InVain(Exception):
    """What was awaited did not come."""


def now_ms() -> float:
    return time.monotonic_ns() / 1e6


class Journal:
    """What another connection sees of the journal: nothing that is not committed."""

    def __init__(self) -> None:
        self._file = sqlite3.connect(JOURNAL, uri=True)
        (self._last,) = self._file.execute("SELECT max(seq) FROM event").fetchone()
        self._begun: dict[str, int] = {}
        self._seen: list[tuple[str, float]] = []
        self.leaves: list[object] = []

    def look(self) -> None:
        for seq, leaf in self._file.execute("SELECT seq, leaf FROM event WHERE seq > ? ORDER BY seq", (self._last,)):
            found = json.loads(leaf)
            self._seen.append((found["type"], now_ms()))
            self.leaves.append(found)
            self._last = seq

    def wait(self, event_type: str, times: int) -> float:
        """Until so many more of this type were committed than were awaited before; when the last of them was seen."""
        self._begun[event_type] = wanted = self._begun.get(event_type, 0) + times
        give_up = now_ms() + WAIT_S * 1000
        while True:
            self.look()
            seen = [at for found, at in self._seen if found == event_type]
            if len(seen) >= wanted:
                return seen[wanted - 1]
            if now_ms() > give_up:
                raise InVain(f"{event_type} no. {wanted} within {WAIT_S} s")
            time.sleep(LOOK_S)


def write(path: str, text: str) -> float:
    """To a sysfs file: a pull on a line, a cable."""
    began = now_ms()
    with open(path, "w") as file:
        file.write(text)
    return began


def type_keys(keys: list[tuple[str, list[str]]], every_ms: float) -> float:
    """One report of each keyboard (its device, its reports in hex), then the next of each, and so on."""
    began = now_ms()
    devices = [os.open(device, os.O_WRONLY | os.O_NONBLOCK) for device, _ in keys]
    try:
        for turn in range(max(len(reports) for _, reports in keys)):
            due = now_ms() + every_ms
            for (name, reports), device in zip(keys, devices, strict=True):
                if turn < len(reports):
                    if not select.select([], [device], [], WAIT_S)[1]:
                        raise InVain(f"{name} took no report within {WAIT_S} s")
                    os.write(device, bytes.fromhex(reports[turn]))
            time.sleep(max(0.0, due - now_ms()) / 1000)
    finally:
        for device in devices:
            os.close(device)
    return began


def line(path: str, level: int) -> float:
    """Wait until the line has this level."""
    give_up = now_ms() + WAIT_S * 1000
    with open(path) as file:
        while int(file.read()) != level:
            if now_ms() > give_up:
                raise InVain(f"{path} is not {level} within {WAIT_S} s")
            time.sleep(LOOK_S)
            file.seek(0)
        return now_ms()


def run(command: str) -> float:
    began = now_ms()
    subprocess.run(command, shell=True, check=True)
    return began


def until(ms: float) -> float:
    """Let time pass."""
    time.sleep(max(0.0, ms - now_ms()) / 1000)
    return now_ms()


def main() -> int:
    steps = json.load(sys.stdin)
    os.sched_setaffinity(0, {0})  # the other processor is the station's
    journal = Journal()
    at = {"boot": 0.0}
    does: dict[str, Callable[..., float]] = {
        "write": write,
        "type": type_keys,
        "line": line,
        "run": run,
        "event": journal.wait,
        "pass": lambda ms, since: until(at.get(since, now_ms()) + ms),
    }
    try:
        for step in steps:
            name, action = step.pop("name", ""), does[step.pop("do")]
            moment = action(**step)
            if name:
                at[name] = moment
        journal.look()
    except InVain as error:
        print(error, at, *journal.leaves, sep="\n", file=sys.stderr)
        return 1
    json.dump({"at": at, "leaves": journal.leaves}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
