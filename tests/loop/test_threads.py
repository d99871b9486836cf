"""What stands around the loop: the supervisor, the control socket, imports without a daemon, the watchdog."""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from station.domain.core.inputs import BarcodeScanned, DocumentOffered, Input, SourceFound, SourceLost
from station.domain.count.events import PlanLoaded
from station.importing import offline
from station.journal.journal import FILE_NAME, Journal
from station.journal.reader import Reader
from station.spine import control, lockfile, supervisor
from station.spine.control import Control, ControlAnswer, ControlRequest
from station.spine.inbox import Inbox
from station.spine.starting import Sworn
from station.spine.supervisor import PAUSE_FIRST_S, PAUSE_MAX_S, Pump
from station.spine.watchdog import Watchdog
from tests.drivers.watch import Running
from tests.waiting import wait_for

SOURCE = "/custody/greenleaf-414/vault-1"


def plan(version: int = 1, **changes: object) -> str:
    package = {"tag": "1A4060300000001000000001", "item": "Cart 1 g", "unit": "ea"} | changes
    return json.dumps(
        {"plan": "P-1", "version": version, "kind": "guided", "location": "Vault A", "packages": [package]}
    )


# -- the supervisor --


class Crashing:
    """A source that crashes so many times, then yields one scan, then waits to be closed."""

    name = "gun"

    def __init__(self, times: int) -> None:
        self._left = times
        self._closing = threading.Event()

    def inputs(self) -> Iterator[Input]:
        if self._left:
            self._left -= 1
            raise RuntimeError("a fault of the driver")
        yield BarcodeScanned("gun", 7, b"x")
        self._closing.wait()

    def close(self) -> None:
        self._closing.set()


class Pauses(threading.Event):
    """Records how long it was waited for, and waits for nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seen.append(timeout or 0.0)
        return self.is_set()


def pumped(source: Crashing, inbox: Inbox) -> tuple[Pump, Pauses, list[str]]:
    refused: list[str] = []
    pump = Pump(source, inbox, refused.append, lambda: 5)
    pauses = Pauses()
    pump._stopping = pauses
    return pump, pauses, refused


def test_a_crashing_source_is_lost_restarted_with_a_growing_pause_and_found() -> None:
    inbox, source = Inbox(), Crashing(9)
    pump, pauses, _ = pumped(source, inbox)
    pump.start()
    seen: list[object] = []

    def has_scanned() -> bool:
        seen.extend(inbox.take_messages(0))
        return BarcodeScanned("gun", 7, b"x") in seen

    wait_for(has_scanned)
    pump.stop()

    assert supervisor.join_threads([pump.thread]) == []
    lost = SourceLost("gun", 5, "RuntimeError: a fault of the driver")
    assert seen == [lost] * 9 + [SourceFound("gun", 5), BarcodeScanned("gun", 7, b"x")]
    assert pauses.seen[:9] == [min(PAUSE_FIRST_S * 2**n, PAUSE_MAX_S) for n in range(9)]
    assert pauses.seen[9] == PAUSE_FIRST_S


def test_a_scan_that_the_inbox_does_not_take_is_refused_by_its_source() -> None:
    inbox = Inbox(scans_max=0)
    pump, _, refused = pumped(Crashing(0), inbox)
    pump.start()
    wait_for(lambda: refused == ["gun"])
    pump.stop()
    assert supervisor.join_threads([pump.thread]) == []


def test_a_thread_that_does_not_end_is_named() -> None:
    stuck = threading.Event()
    thread = threading.Thread(target=stuck.wait, name="source gun", daemon=True)
    thread.start()

    assert supervisor.join_threads([thread], within_s=0.01) == ["source gun"]
    stuck.set()
    assert supervisor.join_threads([thread]) == []


# -- the control socket --


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, Control, Running]]:
    source = Control(tmp_path, lambda: 5, lambda: ("key", "note"))
    with Running(source) as running:
        wait_for((tmp_path / control.SOCKET_NAME).exists)
        yield tmp_path, source, running


def asked(directory: Path, content: bytes) -> ControlAnswer:
    """Send these bytes as a caller would, and hang up the sending half; the answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(10)
        caller.connect(str(directory / control.SOCKET_NAME))
        caller.sendall(content)
        caller.shutdown(socket.SHUT_WR)
        return msgspec.json.decode(caller.makefile("rb").read(), type=ControlAnswer)


def calling(directory: Path, text: str, answers: list[ControlAnswer | None]) -> threading.Thread:
    thread = threading.Thread(
        target=lambda: answers.append(control.call_station(directory, ControlRequest("import", "plan", text)))
    )
    thread.start()
    return thread


def test_an_import_names_who_called_and_is_answered_by_the_loops_reply(served: tuple[Path, Control, Running]) -> None:
    directory, source, running = served
    answers: list[ControlAnswer | None] = []
    thread = calling(directory, plan(), answers)
    offered = running.next()
    assert isinstance(offered, DocumentOffered)
    assert (offered.by, offered.at, offered.raw) == ("root" if os.getuid() == 0 else offered.by, 5, plan().encode())

    source.reply(offered.caller, "taken", "")
    thread.join()
    assert answers == [ControlAnswer("taken")]


def test_two_imports_at_once_each_get_their_own_answer(served: tuple[Path, Control, Running]) -> None:
    directory, source, running = served
    answers: list[ControlAnswer | None] = []
    threads = [calling(directory, plan(version), answers) for version in (1, 2)]
    offers = running.take(2)
    for offered in reversed(offers):
        assert isinstance(offered, DocumentOffered)
        source.reply(offered.caller, f"version {offered.value.plan.version}", "")
    for thread in threads:
        thread.join()

    assert sorted(answer.text for answer in answers if answer) == ["version 1", "version 2"]


def test_the_socket_stands_in_its_place_only_when_it_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, stood_before = tmp_path / control.SOCKET_NAME, []

    class Watched(socket.socket):
        def listen(self, backlog: int = 0, /) -> None:
            stood_before.append(path.exists())
            super().listen(backlog)

    monkeypatch.setattr(socket, "socket", Watched)
    with Running(Control(tmp_path, lambda: 5, lambda: ("key", "note"))):
        wait_for(path.exists)

    assert stood_before == [False]
    assert not path.exists()


def test_a_plan_with_three_faults_shows_three(served: tuple[Path, Control, Running]) -> None:
    text = plan(version=0, tag="", unit=7)
    answer = asked(served[0], msgspec.json.encode(ControlRequest("import", "plan", text)) + b"\n")

    faults = answer.error.split("\n")
    assert len(faults) == 3
    assert faults[0].startswith("version = 0: must be 1..")
    assert all(fault.startswith("packages[0]") for fault in faults[1:])


def test_every_fault_of_a_large_plan_is_told(served: tuple[Path, Control, Running]) -> None:
    packages = [{"tag": number} for number in range(20_000)]
    text = json.dumps(json.loads(plan()) | {"packages": packages})
    answer = asked(served[0], msgspec.json.encode(ControlRequest("import", "plan", text)) + b"\n")

    assert answer.error.count("packages[") >= 20_000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no json\n",
        b"{}\n",
        b'{"verb": "import", "kind": "plan"}\n',
        b'{"verb": "unlock", "kind": "door", "text": ""}\n',
        b'{"verb": "import", "kind": "plan", "text": 7}\n',
        b'{"verb": "import", "kind": "plan", "text": "{}", "more": 1}\n',
        b'{"verb": "import", "kind": "plan", "text": "{}"}',
        b'{"verb": "import", "kind": "roster", "text": "{}"}\n',
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
    ],
)
def test_a_malformed_request_is_answered_and_the_next_one_served(
    served: tuple[Path, Control, Running], content: bytes
) -> None:
    assert asked(served[0], content).error
    assert "must be one" in asked(served[0], b'{"verb": "import", "kind": "plan", "text": "[]"}\n').error


def test_a_caller_that_sends_too_much_is_refused(
    served: tuple[Path, Control, Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "REQUEST_BYTES_MAX", 1_000)

    assert "longer than 1000 bytes; send a smaller file" in asked(served[0], b"x" * 2_000).error


def test_a_caller_that_sends_slowly_is_given_up_however_little_it_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 4.9, 9.8])
    monkeypatch.setattr("station.spine.control.time.monotonic", lambda: next(moments))
    ours, theirs = socket.socketpair()
    theirs.sendall(b"x")

    with ours, theirs:
        with pytest.raises(TimeoutError):
            control._read_line(ours)
        assert (ours.gettimeout() or 0.0) < 1


class Strange:
    """Credentials as the kernel packs them, of a user who has nothing to say here."""

    size = control.PEERCRED.size

    def unpack(self, _: bytes) -> tuple[int, int, int]:
        return 1, 12345, 12345


def test_another_user_is_refused(served: tuple[Path, Control, Running], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "PEERCRED", Strange())

    answer = asked(served[0], msgspec.json.encode(ControlRequest("import", "plan", plan())) + b"\n")
    assert answer.error == "control: user 12345 may not write; call as root or as the station's user"


def test_without_a_station_there_is_nobody_to_call(tmp_path: Path) -> None:
    assert control.call_station(tmp_path, ControlRequest("import", "plan", "{}")) is None


def test_the_socket_is_for_its_owner_only(served: tuple[Path, Control, Running]) -> None:
    assert (served[0] / control.SOCKET_NAME).stat().st_mode & 0o777 == 0o600


def test_a_caller_that_has_gone_is_no_fault(served: tuple[Path, Control, Running]) -> None:
    _, source, _ = served
    source.reply(99, "nobody hears this", "")


# -- imports with the station stopped --


def offered(text: str) -> Input:
    return control.parse_import("plan", text.encode(), "root", 5, 0)


def recorded_types(directory: Path) -> list[str]:
    reader = Reader.open_at(directory / FILE_NAME)
    types = [json.loads(leaf)["type"] for _, leaf, _ in reader.stored_events()]
    reader.close()
    return types


def test_an_import_without_a_daemon_is_a_start_the_import_and_a_stop(tmp_path: Path) -> None:
    answer = offline.record_offline(tmp_path, SOURCE, Sworn("settings"), offered(plan()))

    assert answer == ControlAnswer("plan P-1 version 1: 1 packages")
    assert recorded_types(tmp_path) == ["epoch.began", "station.started", PlanLoaded.TYPE, "station.stopped"]
    journal = Journal(tmp_path)
    station = journal.open(0).station
    journal.close()
    assert station.count.loaded is not None
    assert station.lifecycle.is_stopped


def test_an_import_that_is_refused_leaves_no_plan(tmp_path: Path) -> None:
    offline.record_offline(tmp_path, SOURCE, Sworn("settings"), offered(plan(2)))
    answer = offline.record_offline(tmp_path, SOURCE, Sworn("settings"), offered(plan(1)))

    assert "must be above 2" in answer.error
    assert recorded_types(tmp_path).count(PlanLoaded.TYPE) == 1


def test_an_import_beside_a_running_station_is_refused_by_the_lock(tmp_path: Path) -> None:
    lock = lockfile.hold(tmp_path)
    with pytest.raises(lockfile.JournalHeld):
        offline.record_offline(tmp_path, SOURCE, Sworn("settings"), offered(plan()))
    os.close(lock)

    assert not (tmp_path / FILE_NAME).exists()
    assert offline.record_offline(tmp_path, SOURCE, Sworn("settings"), offered(plan())).text
    assert not lockfile.is_held(tmp_path)


# -- the watchdog --


@pytest.fixture
def notified(tmp_path: Path) -> Iterator[tuple[str, Callable[[], list[bytes]]]]:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        listener.setblocking(False)

        def heard() -> list[bytes]:
            found = []
            try:
                while True:
                    found.append(listener.recv(4096))
            except BlockingIOError:
                return found

        yield address, heard


def test_the_watchdog_is_petted_often_enough_and_not_more(
    notified: tuple[str, Callable[[], list[bytes]]],
) -> None:
    address, heard = notified
    watchdog = Watchdog({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "15000000"})
    for now in range(0, 15_000, 100):
        watchdog.ping(now)

    assert heard() == [b"WATCHDOG=1"] * 4


def test_outside_a_unit_the_watchdog_says_nothing_and_a_lost_socket_is_no_fault(tmp_path: Path) -> None:
    Watchdog({}).notify("READY=1")
    Watchdog({"NOTIFY_SOCKET": str(tmp_path / "gone")}).notify("READY=1")


def test_without_an_interval_nothing_is_petted(notified: tuple[str, Callable[[], list[bytes]]]) -> None:
    address, heard = notified
    watchdog = Watchdog({"NOTIFY_SOCKET": address})
    watchdog.ping(0)
    watchdog.notify("READY=1", "STATUS=running")

    assert heard() == [b"READY=1\nSTATUS=running"]
