"""One guest: start, run commands in it, reboot it, pull its power."""

from __future__ import annotations

import base64
import contextlib
import queue
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

from tests.rig import host
from tests.rig.channel import Channel, Closed, Qmp, connect
from tests.rig.machine import Machine

BOOT_S_MAX = 180
# Of our own, before the hand-over, only `init` has run: what hangs there is the emulated machine, not the station.
HANDED_OVER = b"rig: handing over to systemd"
HAND_OVER_S_MAX = 90
STUCK_MAX = 3
ANSWER_S_MAX = 60
SHUTDOWN_S_MAX = 120
POLL_S = 0.05
POLL_S_MAX = 0.4
DISK_BYTES = 3 << 30
T = TypeVar("T")


@dataclass(frozen=True)
class Result:
    """How a command in the guest ended."""

    code: int
    stdout: str
    stderr: str


class CommandFailed(AssertionError):
    """A command in the guest ended in another way than the test needs; the text has its output."""


class Stuck(TimeoutError):
    """The emulated machine hung before its systemd was started; the text has where its processors stood."""


class Job:
    """A command that runs in the guest while the test goes on."""

    def __init__(self, command: str, answer: Future[dict[str, Any]], timeout: float) -> None:
        self._command = command
        self._answer = answer
        self._timeout = timeout

    def done(self) -> bool:
        """Say whether it has ended."""
        return self._answer.done()

    def result(self) -> Result:
        """Wait for its end; raise TimeoutError with its output when it was stopped for being late."""
        answer = _answer_of(self._answer, self._timeout + ANSWER_S_MAX)
        out, err = (base64.b64decode(answer[name]).decode(errors="replace") for name in ("stdout", "stderr"))
        if answer["late"]:
            raise TimeoutError(f"guest: {self._command}: not done in {self._timeout} s; {out[-2000:]}{err[-2000:]}")
        return Result(answer["code"], out, err)


class Attached(Protocol):
    """Hardware that stays plugged in when the guest restarts."""

    def attach(self) -> None:
        """Plug it in again after a boot."""


class Guest:
    """A Linux guest with systemd as PID 1. What it writes is kept on a disk image in `run_dir`."""

    def __init__(self, machine: Machine, run_dir: Path, ports: Mapping[int, int]) -> None:
        self.machine = machine
        self.run_dir = run_dir
        self.ports = ports
        self.disk = run_dir / "disk.img"
        self.attached: list[Attached] = []
        self.stuck: list[str] = []
        self._qemu: subprocess.Popen[bytes] | None = None
        self._agent: Channel | None = None
        self._qmp: Qmp | None = None
        self._log: IO[bytes] | None = None

    # Its life

    def start(self) -> None:
        """Boot it and wait for its agent, again when it hangs before its systemd; on failure nothing keeps running."""
        if not self.disk.exists():
            make_disk(self.disk)
        try:
            while not self._boot():
                self.kill()
            for device in self.attached:
                device.attach()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Shut it down in order; pull its power when it does not obey in time."""
        if self._qemu is None:
            return
        try:
            self.spawn("systemctl --no-block poweroff", 20)
            self._qemu.wait(SHUTDOWN_S_MAX)
        except (Closed, subprocess.TimeoutExpired):
            pass
        finally:
            self.kill()

    def kill(self) -> None:
        """End QEMU at once, by its own handle."""
        for channel in (self._agent, self._qmp):
            if channel is not None:
                channel.close()
        self._agent = self._qmp = None
        if self._qemu is not None:
            self._qemu.kill()
            self._qemu.wait(ANSWER_S_MAX)
            self._qemu = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def reboot(self) -> None:
        """Restart it by its own systemd; files are kept, hardware is plugged in again."""
        assert self._qemu is not None, "guest.reboot: it is not running; start it first"
        self.spawn("systemctl --no-block reboot", 20)
        # With -no-reboot, QEMU ends where the machine would reset.
        self._qemu.wait(SHUTDOWN_S_MAX)
        self.kill()
        self.start()

    def power_cut(self) -> None:
        """Pull its power and start it again: what it had not synced may be gone."""
        self.kill()
        self.start()

    # Commands and files

    def spawn(
        self, command: str | list[str], timeout: float, stdin: bytes = b"", env: dict[str, str] | None = None
    ) -> Job:
        """Start a command as root (a string is for /bin/sh) and return without waiting for it."""
        argv = ["/bin/sh", "-c", command] if isinstance(command, str) else command
        fields = {"argv": argv, "timeout_s": timeout, "stdin": _text(stdin), "env": env or {}}
        return Job(str(command), self._ask("run", **fields), timeout)

    def run(
        self,
        command: str | list[str],
        timeout: float = 60,
        stdin: bytes = b"",
        env: dict[str, str] | None = None,
    ) -> Result:
        """Run a command as root (a string is for /bin/sh); whatever its exit code, return it."""
        return self.spawn(command, timeout, stdin, env).result()

    def check(self, command: str | list[str], timeout: float = 60, stdin: bytes = b"") -> str:
        """Run a command that must succeed; return its stdout, or raise CommandFailed with all it said."""
        result = self.run(command, timeout, stdin)
        if result.code:
            raise CommandFailed(f"guest: {command}: exit code {result.code}\n{result.stdout}{result.stderr}")
        return result.stdout

    def put(self, path: str, content: bytes, mode: int = 0o644) -> None:
        """Write a file, with its folders."""
        self._answer("put", path=path, bytes=_text(content), mode=mode)

    def get(self, path: str) -> bytes:
        """Read a file of at most 64 MiB, or what a device holds now."""
        return base64.b64decode(self._answer("get", path=path)["bytes"])

    def write(self, path: str, chunks: list[bytes], timeout: float = 20, pause_s: float = 0) -> None:
        """Write each chunk by one write(2) to a device or a sysfs file, pausing after each."""
        fields = {"chunks": [_text(chunk) for chunk in chunks], "timeout_s": timeout, "pause_s": pause_s}
        self._answer("write", timeout + ANSWER_S_MAX, path=path, **fields)

    def wait_for(self, predicate: Callable[[], T] | str, timeout: float = 60, what: str = "") -> T | bool:
        """Ask until the answer is true (a string: until that command succeeds); return the answer."""
        give_up = time.monotonic() + timeout
        pause = POLL_S
        while True:
            if isinstance(predicate, str):
                answer: T | bool = self.run(predicate, timeout).code == 0
            else:
                answer = predicate()
            if answer:
                return answer
            if time.monotonic() > give_up:
                raise TimeoutError(f"guest: {what or predicate}: not so within {timeout} s")
            # Asking costs the guest the time that it needs to get there.
            time.sleep(pause)
            pause = min(2 * pause, POLL_S_MAX)

    @property
    def qmp(self) -> Qmp:
        """QEMU's own controls."""
        assert self._qmp is not None, "guest.qmp: it is not running; start it first"
        return self._qmp

    # Inside

    def _boot(self) -> bool:
        """Launch it and wait for its agent; False when it hung before its systemd and may try again."""
        hellos: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._launch()
        self._agent = Channel(connect(self._socket("agent")), hellos.put)
        self._qmp = Qmp(self._socket("qmp"), ANSWER_S_MAX)
        try:
            self._await_hello(hellos)
        except Stuck as stuck:
            self.stuck.append(str(stuck))
            if len(self.stuck) >= STUCK_MAX:
                raise
            return False
        return True

    def _ask(self, op: str, **fields: Any) -> Future[dict[str, Any]]:
        if self._agent is None:
            raise Closed("guest: it is not running; start it first")
        return self._agent.request(op=op, **fields)

    def _answer(self, op: str, timeout: float = ANSWER_S_MAX, **fields: Any) -> dict[str, Any]:
        return _answer_of(self._ask(op, **fields), timeout)

    def _launch(self) -> None:
        for name in ("agent", "qmp", "console.log"):
            (self.run_dir / name).unlink(missing_ok=True)
        # A test session that is killed takes its guest with it.
        command = ["setpriv", "--pdeathsig", "KILL"]
        command += self.machine.command(self.disk, self.run_dir, self.ports)
        self._log = (self.run_dir / "qemu.log").open("ab")
        self._qemu = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, start_new_session=True
        )

    def _socket(self, name: str) -> Path:
        path = self.run_dir / name
        give_up = time.monotonic() + ANSWER_S_MAX
        while not path.exists():
            self._check_alive()
            if time.monotonic() > give_up:
                raise TimeoutError(f"guest: QEMU made no {path} in {ANSWER_S_MAX} s; see {self.run_dir}/qemu.log")
            time.sleep(POLL_S)
        return path

    def _await_hello(self, hellos: queue.SimpleQueue[dict[str, Any]]) -> None:
        begun = time.monotonic()
        while (waited := time.monotonic() - begun) < BOOT_S_MAX:
            with contextlib.suppress(queue.Empty):
                hellos.get(timeout=1)
                return
            self._check_alive()
            if waited > HAND_OVER_S_MAX and HANDED_OVER not in self._console():
                raise Stuck(f"guest: no systemd within {HAND_OVER_S_MAX} s; {self._where()}; {self._last_words()}")
        raise TimeoutError(f"guest: no agent within {BOOT_S_MAX} s; {self._last_words()}")

    def _console(self) -> bytes:
        """Return what this boot has written to its console."""
        path = self.run_dir / "console.log"
        return path.read_bytes() if path.exists() else b""

    def _where(self) -> str:
        """Say where its processors stand: `nokaslr` makes the addresses those of the kernel's own symbols."""
        try:
            registers = self.qmp.execute("human-monitor-command", command_line="info registers -a")
        except (FutureTimeout, Closed, RuntimeError) as error:
            return f"QMP: {error!r}"
        return "; ".join(re.findall(r"CPU#\d+|[ER]IP=\w+", registers))

    def _check_alive(self) -> None:
        if self._qemu is not None and self._qemu.poll() is not None:
            raise Closed(f"guest: QEMU ended with {self._qemu.returncode}; {self._last_words()}")

    def _last_words(self) -> str:
        logs = [self.run_dir / "qemu.log", self.run_dir / "console.log"]
        found = [path.read_bytes()[-3000:].decode(errors="replace") for path in logs if path.exists()]
        return "its logs end with:\n" + "\n".join(found)


def make_disk(path: Path) -> None:
    """Make an empty ext4 image; it takes room only as it is written."""
    with path.open("wb") as image:
        image.truncate(DISK_BYTES)
    mkfs = shutil.which("mkfs.ext4") or "/sbin/mkfs.ext4"
    host.run([mkfs, "-q", "-F", "-E", "nodiscard", "-O", "^metadata_csum", str(path)])


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _answer_of(future: Future[dict[str, Any]], timeout: float) -> dict[str, Any]:
    try:
        answer = future.result(timeout)
    except FutureTimeout:
        raise TimeoutError(f"guest: no answer from the agent within {timeout} s") from None
    if "error" in answer:
        raise OSError(f"guest: {answer['error']}")
    return answer
