"""The agent and the host's end of its port, over a socket pair instead of a guest."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.rig.channel import Channel, Closed
from tests.rig.guest import Guest, Job
from tests.rig.machine import Machine

ANSWER_S_MAX = 20
SERVE = "import sys; from tests.rig.agent import Agent; Agent(int(sys.argv[1])).serve()"


@pytest.fixture
def agent() -> Iterator[subprocess.Popen[bytes]]:
    ours, its = socket.socketpair()
    child = subprocess.Popen([sys.executable, "-c", SERVE, str(its.fileno())], pass_fds=[its.fileno()])
    its.close()
    child.port = ours  # type: ignore[attr-defined]
    yield child
    child.kill()
    child.wait()


@pytest.fixture
def guest(agent: Any, tmp_path: Path) -> Iterator[Guest]:
    """Return a guest that is only an agent on this host."""
    guest = Guest(Machine("none", (), Path(), Path(), "none", {}), tmp_path, {})
    guest._agent = Channel(agent.port, lambda _: None)
    yield guest
    guest.kill()


def test_a_command_gives_its_code_and_both_outputs(guest: Guest) -> None:
    result = guest.run("echo out; echo err >&2; exit 3")
    assert (result.code, result.stdout, result.stderr) == (3, "out\n", "err\n")


def test_a_command_reads_its_stdin_and_environment(guest: Guest) -> None:
    assert guest.run("cat; echo $COLOUR", stdin=b"in ", env={"COLOUR": "red"}).stdout == "in red\n"


def test_a_list_is_run_without_a_shell(guest: Guest) -> None:
    assert guest.check(["echo", "$HOME; *"]) == "$HOME; *\n"


def test_a_failed_check_says_what_the_command_said(guest: Guest) -> None:
    with pytest.raises(AssertionError, match="exit code 4\nwhy"):
        guest.check("echo why; exit 4")


def test_a_late_command_is_stopped_with_all_its_children(guest: Guest, tmp_path: Path) -> None:
    with pytest.raises(TimeoutError, match="not done in 1 s; begun"):
        guest.run(f"echo begun; sleep 600 & echo $! >{tmp_path}/child; wait", timeout=1)
    child = int((tmp_path / "child").read_text())
    guest.wait_for(lambda: not alive(child), ANSWER_S_MAX)


def alive(pid: int) -> bool:
    """Say whether a process runs; one that ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    except FileNotFoundError:
        return False


def test_a_command_may_wait_for_a_later_request(guest: Guest, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    waiting = guest.spawn(f"cat {tmp_path}/fifo", ANSWER_S_MAX)
    assert not waiting.done()
    guest.check(f"echo late >{tmp_path}/fifo")
    assert waiting.result().stdout == "late\n"


def test_files_travel_whole(guest: Guest, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4096
    path = f"{tmp_path}/new/folder/file"
    guest.put(path, content, 0o755)
    assert guest.get(path) == content
    assert os.stat(path).st_mode & 0o777 == 0o755


def test_an_error_there_is_an_error_here(guest: Guest, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"FileNotFoundError.*/none"):
        guest.get(f"{tmp_path}/none")


def test_a_device_that_takes_nothing_is_an_error_and_no_hang(guest: Guest, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(OSError, match="chunk 1: the device took nothing"):
            guest.write(str(fifo), [bytes(65536), b"one more"], timeout=0.2)
    finally:
        os.close(reader)


def test_waiting_ends_with_the_reason(guest: Guest) -> None:
    with pytest.raises(TimeoutError, match=r"the moon: not so within 0\.1 s"):
        guest.wait_for(lambda: False, 0.1, "the moon")
    assert guest.wait_for("true", 5) is True
    assert guest.wait_for(lambda: "yes", 5) == "yes"


def test_who_waits_for_a_dead_guest_is_told(guest: Guest, agent: Any) -> None:
    job: Job = guest.spawn("sleep 600", ANSWER_S_MAX)
    agent.send_signal(signal.SIGKILL)
    with pytest.raises(Closed):
        job.result()
    with pytest.raises(Closed):
        guest.run("true")


def test_what_nobody_asked_for_goes_aside() -> None:
    ours, theirs = socket.socketpair()
    aside: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    channel = Channel(ours, aside.put)
    asked = channel.request(op="x")
    theirs.sendall(b'{"hello": "b1"}\n{"id": 1, "ok": true}\n')
    assert asked.result(ANSWER_S_MAX) == {"id": 1, "ok": True}
    assert aside.get(timeout=ANSWER_S_MAX) == {"hello": "b1"}
    channel.close()
    theirs.close()
