"""A lock or a full disk: the receiver waits, says so and goes on; nobody is told to put a backup back."""

import sqlite3
from contextlib import closing
from pathlib import Path

import peewee
import pytest

from station.backoffice import settings, wiring
from station.backoffice.receiving import mqtt
from station.backoffice.receiving.mqtt import ReceiverLink
from station.backoffice.store.store import Store
from tests.backoffice.test_cli import Desk, desk
from tests.backoffice.test_mqtt import Wire, arrived
from tests.backoffice.world import SITE, WITNESS, FakeStation, Office

__all__ = ["desk"]
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "error",
    [
        peewee.OperationalError("database is locked"),
        peewee.OperationalError("database or disk is full"),
        OSError("I/O"),
    ],
)
def test_the_same_group_is_tried_again_until_it_is_durable(
    office: Office, vault: FakeStation, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(mqtt, "PAUSES_S", (0.01,))
    link = ReceiverLink(settings.Broker(host="localhost"), SITE, WITNESS.name, office.receiver)
    wire = Wire(office, vault)
    link._client = wire  # type: ignore[assignment]
    vault.write(3)
    forged = vault.copy()
    forged.leaves[1] = forged.leaf(1, tag="other")
    for each in [*arrived(vault), arrived(forged)[1]]:
        link._arrived.put(each)
    right, times = office.store._write_back, iter([True, True, True])

    def failing() -> None:
        if next(times, False):
            raise error
        right()

    monkeypatch.setattr(office.store, "_write_back", failing)
    for _ in range(3):
        link._do_round_or_wait()
        assert (wire.acked, wire.published) == ([], [])
    told: list[str] = []
    monkeypatch.setattr(mqtt.log, "error", lambda event, **_: told.append(event))
    link._do_round_or_wait()

    assert [mid for mid, _ in wire.acked] == [1, 2, 3, 4, 2]
    assert office.acked() == 0
    assert wire.published[0].endswith(f"/ack/{WITNESS.name}")
    assert told == ["ALARM conflict"], "once, and not for each try"


def test_a_database_that_is_locked_at_the_start_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "office.db"
    Office(path).store.close()
    right, failures = Store.open_for_writing, iter([True, True])

    def locked(opened: Path) -> object:
        if next(failures, False):
            raise peewee.OperationalError("database is locked")
        return right(opened)

    monkeypatch.setattr(Store, "open_for_writing", locked)
    monkeypatch.setattr(wiring, "PAUSES_S", (0.01,))
    wiring.open_store(path).close()
    assert next(failures, None) is None


def test_a_command_beside_a_lock_is_no_tampering_and_no_cure_is_a_backup(desk: Desk) -> None:
    desk.office.store.close()
    with closing(sqlite3.connect(desk.database)) as database:
        database.execute("ALTER TABLE station RENAME TO elsewhere")
    result = desk.run("stations")
    assert (result.exit_code, "try again" in result.output) == (2, True)
    for suffix in ("-wal", "-shm"):
        Path(f"{desk.database}{suffix}").unlink(missing_ok=True)
    desk.database.write_bytes(b"no database at all " * 500)
    result = desk.run("stations")
    assert result.exit_code == 6
    assert "put no older copy in its place" in result.output


def test_a_unit_restarts_it_for_ever() -> None:
    unit = (ROOT / "systemd" / "backoffice.service").read_text("utf-8").splitlines()
    assert {"Restart=always", "StartLimitIntervalSec=0"} <= set(unit)
