"""How an epoch ends: set aside whole, what is known of it told by the next, at whatever moment the power goes."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from station.journal import quarantine
from station.journal.journal import FILE_NAME, Journal, Opened
from station.journal.quarantine import Ending
from station.journal.reader import Reader
from station.sealing.note import ED25519, SigningKey
from tests.journal.rows import WALL_MS, count_events, row, rows, sql

KEY = SigningKey("custody/greenleaf-414/vault-1", ED25519, b"\x07" * 32)


def filled(directory: Path) -> Opened:
    journal = Journal(directory, key=KEY)
    opened = journal.open(WALL_MS)
    journal.append(rows(0, count_events(50), opened.epoch))
    journal.close()
    return opened


def reopened(directory: Path, *, wall_ms: int = WALL_MS + 1_000) -> Opened:
    journal = Journal(directory, key=KEY)
    opened = journal.open(wall_ms)
    journal.close()
    return opened


def test_a_journal_that_was_noted_down_is_set_aside_and_the_next_epoch_says_why(tmp_path: Path) -> None:
    old = filled(tmp_path)
    quarantine.write_ending(tmp_path, Ending(old.epoch, "a witness has more", "the witness's note"))

    new = reopened(tmp_path)

    assert (new.reason, new.previous, new.checkpoint) == ("a witness has more", old.epoch, "the witness's note")
    assert new.epoch != old.epoch
    assert new.station.seq == -1
    [kept] = tmp_path.glob("journal-rolled-back-*.db")
    assert Reader.open_at(kept).head() == 52


def test_until_the_first_event_is_durable_every_start_says_it_again(tmp_path: Path) -> None:
    old = filled(tmp_path)
    quarantine.write_ending(tmp_path, Ending(old.epoch, "why"))
    first = reopened(tmp_path)
    second = reopened(tmp_path)

    assert (second.epoch, second.reason, second.previous) == (first.epoch, "why", old.epoch)
    assert len(list(tmp_path.glob("journal-rolled-back-*.db"))) == 1


def test_and_after_it_no_start_does(tmp_path: Path) -> None:
    old = filled(tmp_path)
    quarantine.write_ending(tmp_path, Ending(old.epoch, "why"))
    journal = Journal(tmp_path, key=KEY)
    epoch = journal.open(WALL_MS).epoch
    journal.append([row(0, count_events(0)[0], epoch)])
    journal.close()

    again = reopened(tmp_path)
    assert (again.epoch, again.reason, again.previous) == (epoch, "", "")
    assert not (tmp_path / quarantine.ENDING_NAME).exists()


def test_a_first_start_that_was_cut_before_its_first_event_is_still_the_first(tmp_path: Path) -> None:
    first = reopened(tmp_path)

    assert (reopened(tmp_path).epoch, reopened(tmp_path).reason) == (first.epoch, "first start")


def test_of_a_corrupt_journal_the_last_checkpoint_is_known(tmp_path: Path) -> None:
    old = filled(tmp_path)
    [(_, note, _)] = Reader.open_at(tmp_path / FILE_NAME).stored_checkpoints()
    sql(tmp_path, "DROP TRIGGER event_refuses_update", "UPDATE event SET leaf = x'00' WHERE seq = 7")

    new = reopened(tmp_path)

    assert new.previous == old.epoch
    assert new.checkpoint == note.decode()


def test_of_a_file_that_says_nothing_nothing_is_known(tmp_path: Path) -> None:
    filled(tmp_path)
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"{FILE_NAME}{suffix}").unlink(missing_ok=True)
    (tmp_path / FILE_NAME).write_bytes(b"no database" * 1_000)

    new = reopened(tmp_path)
    assert (new.previous, new.checkpoint) == ("", "")
    assert new.reason.startswith("journal set aside: ")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"previous": 7}', b"\xff"])
def test_a_note_that_cannot_be_read_ends_no_epoch(tmp_path: Path, content: bytes) -> None:
    old = filled(tmp_path)
    (tmp_path / quarantine.ENDING_NAME).write_bytes(content)

    assert reopened(tmp_path).epoch == old.epoch


def test_a_note_of_another_epoch_ends_none(tmp_path: Path) -> None:
    old = filled(tmp_path)
    quarantine.write_ending(tmp_path, Ending("20200101T000000Z-0000", "of long ago"))

    assert (reopened(tmp_path).epoch, reopened(tmp_path).reason) == (old.epoch, "")


@pytest.mark.parametrize("cut_at", ["link", "unlink", "write"])
def test_a_power_cut_anywhere_loses_neither_the_file_nor_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut_at: str
) -> None:
    old = filled(tmp_path)
    quarantine.write_ending(tmp_path, Ending(old.epoch, "why"))
    with monkeypatch.context() as cut:
        cut.setattr("os.link", _cutting(os.link, cut_at == "link"))
        cut.setattr(Path, "unlink", _cutting(Path.unlink, cut_at == "unlink"))
        cut.setattr(Journal, "_open_file", _cutting(Journal._open_file, cut_at == "write", after=1))
        with pytest.raises(Cut):
            reopened(tmp_path)

    new = reopened(tmp_path)
    assert (new.reason, new.previous) == ("why", old.epoch)
    assert any(Reader.open_at(kept).head() == 52 for kept in tmp_path.glob("journal-rolled-back-*.db"))


class Cut(BaseException):
    """The power went."""


def _cutting(function: Callable[..., object], is_cut: bool, after: int = 0) -> Callable[..., object]:
    calls = []

    def cutting(*arguments: object, **named: object) -> object:
        calls.append(1)
        if is_cut and len(calls) > after:
            raise Cut
        return function(*arguments, **named)

    return cutting
