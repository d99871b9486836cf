"""How a guest starts, with a program in QEMU's place that hangs as the emulated machine sometimes does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rig import guest as guests
from tests.rig import host
from tests.rig.guest import Guest, Stuck
from tests.rig.machine import Machine

# Its arguments are QEMU's; the first says how many of its starts hang, and after which line on the console.
STAND_IN = """#!{python}
import json, pathlib, re, signal, socket, sys, threading

hang, _, last_line = sys.argv[1].partition(":")
folder = pathlib.Path(re.search(r"path=(\\S+)/console.log", " ".join(sys.argv))[1])
starts = len(list(folder.glob("start-*")))
(folder / f"start-{{starts}}").touch()

def serve(name, *greetings):
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(folder / (name + "-soon")))
    server.listen()
    (folder / (name + "-soon")).rename(folder / name)
    connection, _ = server.accept()
    lines = connection.makefile("rw")
    def say(message):
        print(json.dumps(message), file=lines, flush=True)
    for message in greetings:
        say(message)
    for line in lines:
        request = json.loads(line)
        say({{"id": request["id"], "return": "CPU#0\\nRAX=0 RBX=0\\nRIP=ffffffff81000123 RFL=0\\n"}})

stuck = starts < int(hang)
with (folder / "console.log").open("a") as console:
    console.write("rig: first root\\n")
    console.write(last_line + "\\n" if stuck else "rig: handing over to systemd\\n")
threading.Thread(target=serve, args=("qmp", {{"QMP": {{}}}}), daemon=True).start()
threading.Thread(target=serve, args=("agent", *[{{"hello": "boot"}}][stuck:]), daemon=True).start()
signal.pause()
"""


@pytest.fixture
def run_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder whose guests are given up sooner than an emulated one could be."""
    monkeypatch.setattr(guests, "HAND_OVER_S_MAX", 0)
    monkeypatch.setattr(guests, "BOOT_S_MAX", 4)
    (tmp_path / "disk.img").touch()  # a fresh machine may have no mkfs
    program = tmp_path / "qemu"
    program.write_text(STAND_IN.format(python=sys.executable))
    program.chmod(0o755)
    return tmp_path


@pytest.fixture
def running() -> Iterator[list[Guest]]:
    """Hold the guests to end with the test."""
    guests_: list[Guest] = []
    yield guests_
    for guest in guests_:
        guest.kill()


def guest_that(hang: str, run_dir: Path, running: list[Guest]) -> Guest:
    """Return a guest; `hang` is how many of its starts hang, a colon, the last line before."""
    machine = Machine(str(run_dir / "qemu"), (hang,), Path("k"), Path("i"), "none", {})
    running.append(Guest(machine, run_dir, {}))
    return running[-1]


def test_a_machine_that_hangs_before_systemd_is_started_again_and_it_is_told(
    run_dir: Path, running: list[Guest]
) -> None:
    guest = guest_that("1:", run_dir, running)
    guest.start()

    assert len(list(run_dir.glob("start-*"))) == 2
    (told,) = guest.stuck
    assert "no systemd within 0 s" in told
    assert "CPU#0; RIP=ffffffff81000123" in told
    assert "rig: first root" in told


def test_a_machine_that_hangs_again_and_again_is_given_up(run_dir: Path, running: list[Guest]) -> None:
    guest = guest_that("9:", run_dir, running)
    with pytest.raises(Stuck):
        guest.start()
    assert len(list(run_dir.glob("start-*"))) == guests.STUCK_MAX


def test_what_hangs_after_the_hand_over_may_be_the_stations_fault_and_fails_at_once(
    run_dir: Path, running: list[Guest]
) -> None:
    guest = guest_that("1:rig: handing over to systemd", run_dir, running)
    with pytest.raises(TimeoutError, match="no agent within 4 s"):
        guest.start()
    assert len(list(run_dir.glob("start-*"))) == 1
    assert guest.stuck == []


def test_the_line_waited_for_is_the_one_that_init_writes() -> None:
    _, _, said = guests.HANDED_OVER.decode().partition(": ")
    assert f'say "{said}"\nexec switch_root ' in (host.RIG / "init").read_text()


def test_the_hand_over_of_a_boot_before_is_not_taken_for_this_ones(run_dir: Path, running: list[Guest]) -> None:
    (run_dir / "console.log").write_text("rig: handing over to systemd\n")
    guest = guest_that("1:", run_dir, running)
    guest.start()
    assert len(guest.stuck) == 1
