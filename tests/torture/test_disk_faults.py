"""The real daemon on a disk that fails: nothing accepted is lost, it says so, and it goes on by itself."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.domain.identifiers import command_text
from station.journal import ballast
from tests.torture.child import Child, tags, wait_until
from tests.torture.gun import Gun, Verdict

SHIM = Path(__file__).with_name("disk_faults.c")
SOCKET = '\n[simulated]\ncontrol = "{path}"\n'
TMPFS_BYTES = 3 * 1024 * 1024


def tag(number: int) -> str:
    return f"1A40603000000010{number:08d}"


class Station:
    """A daemon with one gun, an open count, and what the gun was told."""

    def __init__(self, directory: Path, preload: str = "") -> None:
        self.gun = Gun()
        self.child = Child(directory, {"gun": self.gun.port}, preload=preload)
        self.fault = directory / "fault"
        self.acknowledged: list[str] = []
        self._next = 0

    def start(self) -> None:
        self.gun.unplugged()
        self.child.start_ready(DISK_FAULT=str(self.fault))
        wait_until(self.gun.is_open, "the scanner's port is opened")
        while not self.heard("no code", within_s=1.0):
            assert self.child.is_alive(), self.child.log()

    def start_counting(self) -> None:
        self.start()
        self.gun.type(command_text("start-count", "free"))
        self.gun.type(command_text("location", "Vault A"))
        assert self.scan() == "counted", self.child.log()

    def heard(self, line: str, within_s: float = 20.0) -> Verdict:
        self.gun.type(line)
        return self.gun.answer(self.child.is_alive, within_s)

    def scan(self) -> Verdict:
        """Scan the next package; a refused one is scanned again."""
        verdict = self.heard(tag(self._next))
        if verdict in ("counted", "already"):
            self.acknowledged.append(tag(self._next))
            self._next += 1
        return verdict

    def scan_until(self, wanted: Verdict, what: str, within_s: float = 30.0) -> None:
        wait_until(lambda: self.scan() == wanted, f"{what}\n{self.child.log()}", within_s)

    def check(self) -> list[str]:
        """Stop in order; every acknowledged scan is there once. The types of what was recorded."""
        assert self.child.stop() == 0, self.child.log()
        leaves = self.child.events()
        scanned = tags(leaves)
        assert set(self.acknowledged) <= set(scanned)
        assert len(scanned) == len(set(scanned))
        assert [leaf.type for leaf in leaves].count("epoch.began") == 1
        return [f"{leaf.type} {leaf.data.get('reason', '')}".strip() for leaf in leaves]

    def close(self) -> None:
        self.child.close()
        self.gun.close()


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The preloaded library, compiled here."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("no C compiler here: the failing disk of disk_faults.c is not tried")
    library = tmp_path_factory.mktemp("shim") / "disk_faults.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SHIM), "-ldl"], check=True)
    return str(library)


@pytest.fixture
def failing(tmp_path: Path, shim: str) -> Iterator[Station]:
    station = Station(tmp_path, shim)
    yield station
    station.close()


@pytest.mark.parametrize(
    ("fault", "reason"), [("erofs", "disk_read_only"), ("eio", "disk_error"), ("enospc", "disk_full")]
)
def test_a_failing_disk_refuses_scans_loses_none_and_recovers(failing: Station, fault: str, reason: str) -> None:
    failing.start_counting()
    failing.fault.write_text(fault)
    assert failing.scan() == "refused"
    assert failing.scan() == "refused"

    failing.fault.unlink()
    failing.scan_until("counted", "scans count again")

    recorded = failing.check()
    assert f"storage.failed {reason}" in recorded
    assert "scan.refused not_recording" in recorded


def test_a_stalled_disk_refuses_new_scans_and_answers_the_one_under_way(failing: Station) -> None:
    failing.start_counting()
    failing.fault.write_text("stall")
    first = tag(100)
    failing.gun.type(first)
    # The answer to the first stays out. A test card has none on this line, until it is refused: the stall is known.
    card = command_text("test")
    wait_until(lambda: failing.heard(card, within_s=0.2) == "refused", "the stall is said", 20)
    assert failing.scan() == "refused"
    failing.fault.unlink()
    wait_until(lambda: failing.gun.burst().startswith(b"\x07"), "the first is answered", 20)
    failing.acknowledged.append(first)
    failing.scan_until("counted", "scans count again")

    assert "scan.refused not_recording" in failing.check()


def test_the_watchdog_is_petted_while_a_disk_fails(failing: Station) -> None:
    failing.gun.unplugged()
    failing.fault.write_text("eio")
    failing.child.start(DISK_FAULT=str(failing.fault), WATCHDOG_USEC="400000")
    seen: list[str] = []

    def is_petted() -> bool:
        seen.extend(failing.child.notices())
        return seen.count("WATCHDOG=1") > 1

    wait_until(is_petted, "WATCHDOG=1")

    assert any(line.startswith("STATUS=not recording") for line in seen)
    failing.fault.unlink()
    wait_until(lambda: "STATUS=running" in failing.child.notices(), "it runs once the disk is well")
    assert failing.child.stop() == 0


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Station]:
    """A station whose data directory is a small tmpfs."""
    mounted = tmp_path / "data"
    mounted.mkdir()
    options = ["-o", f"size={TMPFS_BYTES}"]
    ran = subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", str(mounted)], capture_output=True, check=False)
    if ran.returncode:
        pytest.skip(f"mounting a tmpfs needs root: a full disk is not tried ({ran.stderr.decode().strip()})")
    station = Station(tmp_path)
    yield station
    station.close()
    subprocess.run(["umount", str(mounted)], check=True)


def fill(directory: Path) -> Path:
    """Take all the room that is left."""
    filler = directory / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    return filler


def test_a_full_disk_refuses_scans_keeps_what_was_accepted_and_recovers_when_there_is_room(small: Station) -> None:
    small.start_counting()
    for _ in range(5):
        assert small.scan() == "counted"
    filler = fill(small.child.directory)
    small.scan_until("refused", "the disk is full")
    assert not (small.child.directory / ballast.NAME).exists()

    assert small.scan() == "refused"
    filler.unlink()
    small.scan_until("counted", "scans count again")
    wait_until((small.child.directory / ballast.NAME).exists, "the reserve is back")

    recorded = small.check()
    assert "storage.failed disk_full" in recorded
    assert "scan.refused not_recording" in recorded


def test_a_kill_on_a_full_disk_loses_nothing(small: Station) -> None:
    small.start_counting()
    filler = fill(small.child.directory)
    small.scan_until("refused", "the disk is full")
    small.child.kill()
    filler.unlink()
    small.start()
    small.scan_until("counted", "scans count again")

    small.check()


def test_a_start_on_a_read_only_disk_waits_and_goes_on_when_it_is_writable(small: Station) -> None:
    small.start_counting()
    assert small.child.stop() == 0
    mounted = str(small.child.directory)
    subprocess.run(["mount", "-o", "remount,ro", mounted], check=True)
    small.gun.unplugged()
    small.child.start()
    wait_until(lambda: "journal does not open" in small.child.log(), "it says that the journal does not open")
    assert small.child.is_alive()

    subprocess.run(["mount", "-o", "remount,rw", mounted], check=True)
    wait_until(small.gun.is_open, "it goes on by itself")
    small.scan_until("counted", "scans count again")
    small.check()


def test_a_second_station_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    station = Station(tmp_path)
    try:
        station.start_counting()
        ran = station.child.call("run", "-c", str(station.child.settings))
        assert ran.returncode == 1
        assert "a running station holds station.lock; must be one at a time" in ran.stderr
        assert station.scan() == "counted"
    finally:
        station.close()


def test_an_import_reaches_the_running_station_and_without_one_takes_its_lock(tmp_path: Path) -> None:
    station = Station(tmp_path)
    plan = tmp_path / "plan.json"
    package = f'{{"tag": "{tag(1)}", "item": "Cart 1 g", "unit": "ea"}}'
    text = '{{"plan": "P-1", "version": {}, "kind": "guided", "location": "Vault A", "packages": [{}]}}'
    command = ("import", "plan", str(plan), "-c", str(station.child.settings))
    try:
        station.start()
        plan.write_text(text.format(1, package))
        assert station.child.call(*command).stdout == "plan P-1 version 1: 1 packages\n"
        assert station.child.stop() == 0
        plan.write_text(text.format(2, package))
        assert station.child.call(*command).stdout == "plan P-1 version 2: 1 packages\n"
        again = station.child.call(*command)
        assert (again.returncode, again.stdout) == (1, "")
        assert "must be above 2" in again.stderr
        types = [leaf.type for leaf in station.child.events()]
        offline = ["station.started", "plan.loaded", "station.stopped", "station.started", "station.stopped"]
        assert types[-6:] == ["station.stopped", *offline]
        assert types.count("plan.loaded") == 2
    finally:
        station.close()
