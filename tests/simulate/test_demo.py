"""The demo as lines: the real daemon on a real pty, with a real broker where one is installed."""

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from station.errors import NetworkError, UsageError
from station.journal.reader import Reader
from station.simulate import broker, command
from station.simulate.stage import set_stage
from station.simulate.summary import summarize_journal
from station.simulate.troubles import NotAsExpected, Trouble

ROOT = Path(__file__).parents[2]
RUN_S = 120
needs_mosquitto = pytest.mark.skipif(broker.find_mosquitto() is None, reason="mosquitto is missing")
SHORT = "card start-count\ncard location Vault A\nscan 3\n"


@pytest.fixture
def no_mosquitto(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a broker."""
    monkeypatch.setattr(broker, "find_mosquitto", lambda: None)


def play(text: str, tmp_path: Path, directory: Path | None = None) -> int:
    path = tmp_path / "mine.scenario"
    path.write_text(text)
    return command.simulate(str(path), 1.0, True, None, str(directory) if directory else None)


def simulate(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "station", "simulate", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )


@needs_mosquitto
def test_a_whole_shift_arrives_and_every_word_of_it_is_told() -> None:
    done = simulate("--demo", "vault-count", "--headless")

    assert done.returncode == 0, done.stdout + done.stderr
    *lines, repeats, last = done.stdout.splitlines()
    assert re.fullmatch(r"[0-9]+ events, chain verified, 0 waiting", last)
    assert re.fullmatch(r" +the subscriber got [0-9]+ events more than once, with the same bytes", repeats)
    told = "\n".join(re.sub(" {2,}", "  ", line) for line in lines)
    for words in (
        "  3  card start-count  one short high, green  count.opened C000001 P-DEMO, 60 packages\n",
        "  scan 12  one short high, green  x12  count.scanned ..012356\n",
        "  repeat  two mid, amber  count.exception ..012356 duplicate\n",
        "  unknown  one long low, red  count.exception ..000001 unknown\n",
        "  network cut  link down\n",
        "  power pull  goes on at 35\n",
        "  expect waiting 0  0 waiting\n",
        "  card close  one short high, green  count.closed 60 of 60 packages, 4 units",
    ):
        assert words in told


@needs_mosquitto
def test_a_day_at_the_vaults_door_is_told_and_every_opening_explained() -> None:
    done = simulate("--demo", "vault-entry", "--headless")

    assert done.returncode == 0, done.stdout + done.stderr
    *lines, _, door, last = done.stdout.splitlines()
    assert re.fullmatch(r"[0-9]+ events, chain verified, 0 waiting", last)
    explained = "32 openings, each explained (1 forced, 1 told by a supervisor), lock secured"
    assert door == f"     10 entries of 20 people, {explained}"
    told = "\n".join(re.sub(" {2,}", "  ", line) for line in lines)
    for words in (
        "badge ana outside  rising pair, amber  entry.first_badge ana\n",
        "badge ben outside  one short high, green  entry.granted ana, ben\n",
        "badge ana2 outside  one long low, red  entry.denied ana same_person\n",
        "until entry.denied no_second_badge  entry.denied cleo no_second_badge\n",
        "until door.held alarm  door.held alarm, open for 10 s\n",
        "until entry.lone_alarm  entry.lone_alarm ben\n",
        "badge sam desk  one short high, green  entry.held_open sam 10 minutes\n",
        "power pull  goes on at 0, 2 presumed inside\n",
        "until door.opened found  door.opened by found, 2 inside\n",
    ):
        assert words in told


@needs_mosquitto
def test_a_list_of_moves_goes_on_after_the_power_was_pulled_and_two_people_sign_it() -> None:
    done = simulate("--demo", "moves", "--headless")

    assert done.returncode == 0, done.stdout + done.stderr
    *lines, _, _, last = done.stdout.splitlines()
    assert re.fullmatch(r"[0-9]+ events, chain verified, 0 waiting", last)
    told = "\n".join(re.sub(" {2,}", "  ", line) for line in lines)
    for words in (
        "card location Vault A  one long low, red  scan.refused no_badge: Vault A\n",
        "badge ana desk  one short high, green  session.identified ana\n",
        "keys 12  one short high, green  session.quantity ..012347 = 12\n",
        "card location Sales floor  one short high, green  move.recorded ..012346 Vault A -> Sales floor\n",
        "power pull  goes on at 4, 0 presumed inside\n",
        "card undo  one short high, green  move.recorded ..012349 Sales floor -> Vault A\n",
        "card start-count  one long low, red  scan.refused floor_taken: moves\n",
        "badge ben desk  one short high, green  session.handed_over ben\n",
        "card sign  one short high, green  session.closed",
    ):
        assert words in told


@pytest.mark.usefixtures("no_mosquitto")
@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ("badge ana outside -> granted\n", r"line 2: badge ana outside: came to badge_needed .*; must be granted"),
        ("enter ana ana2\n", "line 2: enter ana ana2: 0 are presumed inside; must be 2"),
        ("enter ana ben\nexpect inside 1\n", "expect inside 1: the journal says 2; must be 1"),
        ("tamper on\nexpect alarms 0\n", "expect alarms 0: the journal says 1; must be 0"),
    ],
)
def test_what_comes_out_otherwise_at_the_door_ends_it(steps: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(NotAsExpected, match=why):
        play("vault\n" + steps, tmp_path)


@pytest.mark.usefixtures("no_mosquitto")
def test_a_door_stands_as_it_was_left_when_its_directory_is_gone_on_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert play("vault\ndoor opens\nuntil door.forced\n", tmp_path, tmp_path / "d") == 0
    assert play("vault\ndoor shuts\n", tmp_path, tmp_path / "d") == 0

    assert "door.closed 0 inside" in capsys.readouterr().out
    assert not (tmp_path / "d" / "simulated.sock.door").read_text()
    assert (tmp_path / "d" / "site.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("no_mosquitto")
def test_without_a_broker_everything_is_recorded_and_waits(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.simulate("vault-count", 1.0, True, None, None) == 0

    last = capsys.readouterr().out.splitlines()[-1]
    found = re.fullmatch(r"([0-9]+) events, chain verified, ([0-9]+) waiting \(no broker\)", last)
    assert found
    assert found[1] == found[2]


@pytest.mark.usefixtures("no_mosquitto")
def test_a_step_that_comes_to_something_else_ends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = r"mine.scenario line 4: repeat: came to already \(.*duplicate\); must be counted"
    with pytest.raises(NotAsExpected, match=words) as raised:
        play(SHORT + "repeat -> counted\nscan\n", tmp_path)

    assert raised.value.exit_code == 1
    assert "repeat" in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.usefixtures("no_mosquitto")
def test_a_count_that_is_another_ends_it(tmp_path: Path) -> None:
    with pytest.raises(NotAsExpected, match="expect counted 4: the journal says 3; must be 4"):
        play(SHORT + "expect counted 4\n", tmp_path)


@pytest.mark.usefixtures("no_mosquitto")
def test_a_directory_is_kept_and_gone_on_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    directory = tmp_path / "d"
    assert play(SHORT + "expect counted 3\n", tmp_path, directory) == 0
    assert play("scan 2\nexpect counted 5\ncard close\n", tmp_path, directory) == 0

    events = [line for line in capsys.readouterr().out.splitlines() if "chain verified" in line]
    assert len(events) == 2
    assert {path.name for path in directory.iterdir()} >= {"station.toml", "station.log", "plan.json", "data"}


@needs_mosquitto
def test_a_directory_that_was_sent_in_part_owes_only_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert play(SHORT + "card close\n", tmp_path, tmp_path / "d") == 0

    assert capsys.readouterr().out.splitlines()[-1].endswith("events, chain verified, 0 waiting")


@needs_mosquitto
def test_a_network_that_stays_cut_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert play("expect waiting 0\nnetwork cut\n" + SHORT, tmp_path) == 0

    assert capsys.readouterr().out.splitlines()[-1].endswith("chain verified, 6 waiting (network cut)")


class Receiver:
    """What arrived, as a test says."""

    def __init__(self, leaves: dict[int, bytes], others: list[str] | None = None) -> None:
        self._leaves, self.others = leaves, others or []

    def arrived_leaf(self, _epoch: str, seq: int) -> bytes | None:
        return self._leaves.get(seq)


@pytest.mark.usefixtures("no_mosquitto")
def test_the_summary_compares_every_byte(tmp_path: Path) -> None:
    play(SHORT, tmp_path, tmp_path / "d")
    data_dir = tmp_path / "d" / "data"
    reader = Reader.open_at(data_dir / "journal.db")
    leaves = {seq: leaf for seq, leaf, _ in reader.stored_events()}
    reader.close()
    events = len(leaves)

    assert summarize_journal(data_dir, Receiver(leaves)).summary_line == f"{events} events, chain verified, 0 waiting"
    assert summarize_journal(data_dir, Receiver({**leaves, 3: b"{}"})).fault == "event 3 arrived with other bytes"
    assert (
        summarize_journal(data_dir, Receiver(leaves, ["E-2"])).fault == "event E-2 arrived twice with different bytes"
    )
    missing = {seq: leaf for seq, leaf in leaves.items() if seq not in (2, 4)}
    assert (
        summarize_journal(data_dir, Receiver(missing)).waiting,
        summarize_journal(data_dir, Receiver(missing)).exit_code,
    ) == (2, 1)
    assert summarize_journal(data_dir, Receiver(missing), first_seq=3).waiting == 1


@pytest.mark.usefixtures("no_mosquitto")
def test_a_journal_that_was_altered_is_told(tmp_path: Path) -> None:
    play(SHORT, tmp_path, tmp_path / "d")
    path = tmp_path / "d" / "data" / "journal.db"
    with sqlite3.connect(path) as altered:
        for (name,) in altered.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            altered.execute(f"DROP TRIGGER {name}")
        changed = "CAST(replace(CAST(leaf AS TEXT), 'Vault A', 'Vault B') AS BLOB)"
        altered.execute(f"UPDATE event SET leaf = {changed} WHERE seq = 4")
    altered.close()
    summary = summarize_journal(path.parent, None)

    assert "event 4: its bytes are not those that were hashed" in summary.summary_line
    assert summary.exit_code == 6


@pytest.mark.usefixtures("no_mosquitto")
def test_a_station_that_ends_by_itself_is_trouble_with_its_log(tmp_path: Path) -> None:
    with set_stage(str(tmp_path / "d"), None) as set_up:
        set_up.machine._child.pull_the_power()
        with pytest.raises(Trouble, match="station run: ended by itself; must run until it is stopped; its log ends"):
            set_up.machine.read_journal()
        with pytest.raises(Trouble, match="station run: had ended before it was stopped"):
            set_up.stop_and_check()


def test_a_station_that_does_not_start_is_trouble_with_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "find_mosquitto", lambda: None)
    monkeypatch.setattr("station.simulate.child.SITE", "No Site!")
    with pytest.raises(Trouble, match=r"(?s)station run: ended at once.*site"), set_stage(str(tmp_path / "d"), None):
        pass


def test_a_broker_that_is_not_there_is_named() -> None:
    with pytest.raises(NetworkError, match=r"broker 127.0.0.1:1: Connection refused; must be an MQTT 5 broker"):
        command.simulate("vault-count", 1.0, True, "127.0.0.1:1", None)


@pytest.mark.parametrize("speed", [0, -1, 1001, float("nan")])
def test_a_speed_that_means_nothing_is_refused(speed: float) -> None:
    with pytest.raises(UsageError, match=r"must be 0.01..1000; 1 is life"):
        command.simulate("vault-count", speed, True, None, None)


@needs_mosquitto
def test_another_broker_is_used_when_it_is_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    private = broker.PrivateBroker(broker.find_mosquitto() or "", tmp_path)
    (tmp_path / "mine.scenario").write_text(SHORT)
    try:
        address = f"127.0.0.1:{private.port}"
        assert command.simulate(str(tmp_path / "mine.scenario"), 1.0, True, address, None) == 0
    finally:
        private.stop()

    assert capsys.readouterr().out.splitlines()[-1].endswith("chain verified, 0 waiting")


def test_a_mosquitto_that_does_not_start_is_trouble_with_its_log(tmp_path: Path) -> None:
    program = tmp_path / "mosquitto"
    program.write_text("#!/bin/sh\necho cannot\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(Trouble, match=r"(?s)mosquitto: did not start; .*cannot"):
        broker.PrivateBroker(str(program), tmp_path)


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "mine.scenario").write_text(SHORT)
    assert command.simulate(str(tmp_path / "mine.scenario"), 1.0, True, None, None) == 0

    assert [path.name for path in tmp_path.iterdir()] == ["mine.scenario"]
