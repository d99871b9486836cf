"""A new key: sworn to under the old one, in place only then, whatever moment the power goes at."""

from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from station.domain.core.inputs import BarcodeScanned
from station.domain.lifecycle.inputs import KeyOffered, Started
from station.errors import IntegrityError
from station.journal.journal import FILE_NAME, Journal
from station.journal.reader import Reader
from station.journal.writer import Group, Writer, WriterAnswer
from station.sealing.checkpoint import open_checkpoint
from station.sealing.note import SigningKey, VerifierKey, open_note
from station.spine import keys
from station.spine.keys import RotationRefused
from tests.journal.rows import WALL_MS, count_events, rows
from tests.loop.stage import Stage, tag

NAME = keys.key_name("greenleaf-414", "vault-1")
ORIGIN = f"{NAME}/20261123T140405Z-7f3a"


@pytest.fixture
def present(tmp_path: Path) -> SigningKey:
    return keys.station_key(tmp_path, NAME)


def test_the_next_key_is_vouched_for_by_the_present_one_and_is_not_yet_in_place(
    tmp_path: Path, present: SigningKey
) -> None:
    new, note = keys.offer_next(tmp_path, present, ORIGIN)

    text = open_note(note.encode(), [present.verifier]).text.decode()
    assert text == f"custody-station key rotation\n{ORIGIN}\n{new}\n"
    assert VerifierKey.parse(new) != present.verifier
    assert keys.station_key(tmp_path, NAME).verifier == present.verifier


def test_it_is_put_in_place_when_it_is_sworn_to(tmp_path: Path, present: SigningKey) -> None:
    new, _ = keys.offer_next(tmp_path, present, ORIGIN)
    assert str(keys.put_in_place(tmp_path, new).verifier) == new

    assert str(keys.station_key(tmp_path, NAME).verifier) == new
    assert not (tmp_path / keys.NEXT_NAME).exists()


def test_only_the_key_that_was_sworn_to_is_put_in_place(tmp_path: Path, present: SigningKey) -> None:
    keys.offer_next(tmp_path, present, ORIGIN)

    with pytest.raises(IntegrityError, match="is not the key that was sworn to"):
        keys.put_in_place(tmp_path, str(present.verifier))
    assert keys.station_key(tmp_path, NAME).verifier == present.verifier


def test_two_rotations_at_once_are_refused(tmp_path: Path, present: SigningKey) -> None:
    keys.offer_next(tmp_path, present, ORIGIN)
    with pytest.raises(RotationRefused, match="under way"):
        keys.offer_next(tmp_path, present, ORIGIN)


def test_a_credential_is_not_rotated_here(tmp_path: Path) -> None:
    with pytest.raises(RotationRefused, match="credential"):
        keys.offer_next(tmp_path, SigningKey.generate(NAME), ORIGIN)
    assert list(tmp_path.iterdir()) == []


def test_after_a_cut_a_rotation_that_was_sworn_to_is_ended(tmp_path: Path, present: SigningKey) -> None:
    new, _ = keys.offer_next(tmp_path, present, ORIGIN)

    found = keys.settle_rotation(tmp_path, present, (str(present.verifier), new))
    assert str(found.verifier) == new
    assert keys.settle_rotation(tmp_path, found, (new,)).verifier == found.verifier


def test_after_a_cut_one_that_was_not_is_forgotten(tmp_path: Path, present: SigningKey) -> None:
    keys.offer_next(tmp_path, present, ORIGIN)

    assert keys.settle_rotation(tmp_path, present, (str(present.verifier),)) is present
    assert not (tmp_path / keys.NEXT_NAME).exists()
    keys.offer_next(tmp_path, present, ORIGIN)


# -- the loop and the journal thread --


def test_nothing_follows_in_the_group_of_a_rotation() -> None:
    stage = Stage()
    stage.start_counting()
    scan = BarcodeScanned("gun", stage.now, tag(1).encode())
    later = BarcodeScanned("gun", stage.now, tag(2).encode())
    stage.step(scan, KeyOffered(stage.now, "new", "note", "root", 7), later)

    assert [(len(group.rows), group.then_key, group.is_urgent) for group in stage.groups] == [
        (2, "new", True),
        (1, "", False),
    ]
    stage.commit()
    assert "reply 7 the station's key is now new" in stage.outputs.done


def test_the_present_key_is_the_last_of_the_journals_keys() -> None:
    stage = Stage()
    stage.step(Started(stage.now, "boot-1", 0, "synced", "1.0", "settings", key="old"))
    for key in ("new", "old", "newest"):
        stage.step(KeyOffered(stage.now, key, "note", "root", 1))
        stage.commit()

    assert stage.loop.durable.lifecycle.keys == ("new", "old", "newest")


class Thread:
    """A journal with two keys, and its thread's turns."""

    def __init__(self, directory: Path) -> None:
        self.old, self.new = SigningKey.generate(NAME), SigningKey.generate(NAME)
        self.asked: list[str] = []
        journal = Journal(directory, key=self.old)
        self.rows = rows(0, count_events(20), journal.open(WALL_MS).epoch)
        self.answers: SimpleQueue[WriterAnswer] = SimpleQueue()
        self.writer = Writer(journal, self.answers.put, rotate=self._rotate)
        self.reader = Reader.open_at(directory / FILE_NAME)
        self._journal = journal

    def _rotate(self, sworn: str) -> SigningKey:
        self.asked.append(sworn)
        return self.new

    def close(self) -> None:
        self.reader.close()
        self._journal.close()


@pytest.fixture
def thread(tmp_path: Path) -> Iterator[Thread]:
    thread = Thread(tmp_path)
    yield thread
    thread.close()


def test_the_checkpoint_over_a_rotation_is_the_old_keys_and_the_next_one_the_new_keys(thread: Thread) -> None:
    thread.writer.submit(Group(0, thread.rows[:2], is_urgent=True, then_key="new"))
    thread.writer.submit(Group(0, thread.rows[2:3], is_urgent=True))
    thread.writer.commit_waiting(0)
    assert thread.asked == ["new"]
    thread.writer.commit_waiting(0)

    (two, first, _), (three, second, _) = thread.reader.stored_checkpoints()
    assert (two, three) == (2, 3)
    open_checkpoint(first, [thread.old.verifier])
    open_checkpoint(second, [thread.new.verifier])


def test_a_rotation_that_was_not_committed_changes_nothing(thread: Thread) -> None:
    thread.writer.submit(Group(0, thread.rows[5:6], is_urgent=True, then_key="new"))
    thread.writer.commit_waiting(0)
    assert thread.asked == []

    thread.writer.submit(Group(1, thread.rows[:1], is_urgent=True))
    thread.writer.commit_waiting(0)
    [(_, note, _)] = thread.reader.stored_checkpoints()
    open_checkpoint(note, [thread.old.verifier])
