"""Random histories: messages lost, doubled and out of order, kills, older backups put back. Nothing stays missing."""

import random
import shutil
from pathlib import Path

import pytest

from station.backoffice.store.epochs import Added, Epoch
from station.backoffice.store.store import Store
from station.sealing.checkpoint import Checkpoint, open_cosigned
from station.sealing.note import split_note
from tests.backoffice.world import VAULT, WITNESS, FakeStation, Message, Office

EVENTS = 300


class History:
    """One seeded run: a station that writes, a bad network, and an office that dies."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.dice = random.Random(seed)
        self.vault = FakeStation()
        self.office = Office(folder / "office.db")
        self.office.approve(self.vault)
        self.backup = folder / "backup.db"
        self.on_their_way: list[Message] = []
        self.retained: dict[str, Message] = {}
        self.answered = 0
        self.told = 0

    def step(self) -> None:
        """Something happens."""
        match self.dice.choices(["write", "deliver", "wait", "kill", "back up", "put back"], [30, 50, 15, 3, 2, 1])[0]:
            case "write" if len(self.vault.leaves) < EVENTS:
                self.write()
            case "deliver":
                self.deliver()
            case "wait":
                self.wait()
            case "kill":
                self.die_in_group()
            case "back up":
                self.office.store.close()
                shutil.copy(self.office.path, self.backup)
                self.office.restart()
            case "put back" if self.backup.exists():
                self.put_back()

    def write(self) -> None:
        first = len(self.vault.leaves)
        self.vault.write(self.dice.randint(1, 12))
        self.post(*self.vault.events(first), self.keep(self.vault.checkpoint()), self.keep(self.vault.info()))

    def keep(self, message: Message) -> Message:
        self.retained[message[0]] = message
        return message

    def post(self, *messages: Message) -> None:
        """Each is lost, sent, or doubled, somewhere among those that are on their way."""
        for message in messages:
            for _ in range(self.dice.choice((0, 1, 1, 1, 2))):
                at = max(0, len(self.on_their_way) - self.dice.randint(0, 5))
                self.on_their_way.insert(at, message)

    def deliver(self) -> None:
        count = self.dice.randint(1, 20)
        group, self.on_their_way = self.on_their_way[:count], self.on_their_way[count:]
        self.office.take(*group)
        self.note_acks()

    def wait(self) -> None:
        self.office.pass_s(self.dice.randint(1, 8))
        for first, last in self.office.asked()[self.answered :]:
            self.post(*self.vault.events(first, min(last + 1, len(self.vault.leaves))))
        self.answered = len(self.office.asked())
        self.note_acks()

    def die_in_group(self) -> None:
        """The group is not committed, so it was not acknowledged, so it comes again."""
        with pytest.raises(OSError, match="power"):
            self.office.receiver.take_group(self._until_the_cut(self.on_their_way[:7]))
        self.office.restart()

    def _until_the_cut(self, messages: list[Message]) -> list[Message]:
        class Cut(list[Message]):
            def __iter__(self):  # type: ignore[no-untyped-def]
                yield from messages
                raise OSError("power")

        return Cut()

    def put_back(self) -> None:
        self.office.store.close()
        shutil.copy(self.backup, self.office.path)
        for suffix in ("-wal", "-shm"):
            self.office.path.with_name(self.office.path.name + suffix).unlink(missing_ok=True)
        self.office.restart()
        self.office.take(*self.retained.values())

    def note_acks(self) -> None:
        """No two roots for one size, and nothing is acknowledged now that is not here now."""
        told = self.office.published[self.told :]
        self.told = len(self.office.published)
        for each in told:
            if each.topic.endswith(f"/ack/{WITNESS.name}"):
                self.keep((each.topic, each.payload))
                found = open_cosigned(each.payload, WITNESS.verifier).checkpoint
                assert found == Checkpoint.parse(split_note(self.vault.note(found.size))[0])
                assert self.office.stored(self.vault)[: found.size] == self.vault.leaves[: found.size]

    def settle(self) -> None:
        """The network mends: all that is missing must come."""
        self.office.take(*self.retained.values())
        for _ in range(200):
            self.wait()
            while self.on_their_way:
                self.deliver()
            if self.office.acked() == len(self.vault.leaves) == len(self.office.stored(self.vault)):
                return
        raise AssertionError(
            f"{self.office.store.missing_runs(self.office.store.ensure_epoch(VAULT, self.vault.epoch))} missing"
        )


def play(folder: Path, seed: int) -> History:
    """Play one history to its end and check it."""
    history = History(folder, seed)
    while len(history.vault.leaves) < EVENTS:
        history.step()
    history.settle()
    assert history.office.stored(history.vault) == history.vault.leaves
    assert history.office.alarms() == []
    history.office.store.close()
    return history


@pytest.mark.parametrize("seed", range(12))
def test_a_random_history_ends_with_every_event_stored_once_and_cosigned(tmp_path: Path, seed: int) -> None:
    play(tmp_path, seed)


def test_the_histories_have_trouble_in_them(tmp_path: Path) -> None:
    history = play(tmp_path, 18)
    assert len(history.office.asked()) > 10
    assert history.backup.exists()


def test_a_receiver_that_counts_the_highest_seen_as_contiguous_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Store.add_leaf

    def highest(self: Store, epoch: Epoch, seq: int, hash: bytes, leaf: bytes | None) -> Added:
        added = right(self, epoch, seq, hash, leaf)
        epoch.contiguous, epoch.is_changed = epoch.highest, True
        return added

    monkeypatch.setattr(Store, "add_leaf", highest)
    with pytest.raises(AssertionError):
        play(tmp_path, 1)
