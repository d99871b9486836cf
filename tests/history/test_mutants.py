"""The checker is worth something only if it finds what is broken: known mistakes, put in on purpose."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from station.backoffice.receiving.receiver import Receiver
from station.backoffice.store.epochs import Added, Epoch, KeptCheckpoint
from station.backoffice.store.store import Store
from station.backoffice.witness.witness import Witness
from station.relay.cursor import Cursor
from station.sealing.merkle import HASH_BYTES, CompactRange
from tests.history.checker import Checker
from tests.history.clock import Clock
from tests.history.office import SITE, WITNESS, MakeReceiver, WatchedStore, real
from tests.history.station import MakeCursor, witnessed
from tests.history.world import World

EVENTS, STORMS = 4_000, 2
SEEDS = (1, 2, 3)


def complaints(folder: Path, seed: int, **mutants: Any) -> str:
    """What the checker says of a history with something broken in it."""
    return "\n".join(World(folder, seed, **mutants).run(EVENTS, STORMS))


def a_puback_acknowledges(acked: int) -> Cursor:
    return Cursor(acked)


class HighestSeen(WatchedStore):
    """Takes the highest leaf for the end of an unbroken run."""

    def add_leaf(self, epoch: Epoch, seq: int, hash: bytes, leaf: bytes | None) -> Added:
        added = super().add_leaf(epoch, seq, hash, leaf)
        epoch.contiguous, epoch.is_changed = max(epoch.contiguous, seq), True
        return added


class Forgetful(WatchedStore):
    """Takes every leaf that came again for a new one."""

    def add_leaf(self, epoch: Epoch, seq: int, hash: bytes, leaf: bytes | None) -> Added:
        if super().add_leaf(epoch, seq, hash, leaf) is Added.SAME:
            self._new.setdefault((epoch.station, epoch.name), []).append(seq)
        return Added.NEW


class Credulous(Witness):
    """Cosigns what a station signed, without a look at the leaves."""

    def _settle_checkpoint(self, epoch: Epoch, found: KeptCheckpoint, at_ms: int) -> None:  # noqa: ARG002
        made_up = CompactRange(found.size, (b"." * HASH_BYTES,) * found.size.bit_count())
        self._store.settle_checkpoint(epoch, found, made_up)


def receiving(store: type[WatchedStore], witness: type[Witness] = Witness) -> MakeReceiver:
    """A receiver over another store, and with another witness."""

    def make(database: Any, checker: Checker, clock: Clock) -> Receiver:
        kept: Store = store(database, checker)
        made = Receiver(kept, SITE, WITNESS, now=clock.now, wall=clock.wall, needs_marker=True)
        made._witness = witness(kept, made._keys, made.alarms, WITNESS)
        return made

    return make


def deaf(database: Any, checker: Checker, clock: Clock) -> Receiver:
    """A receiver that never asks for what is missing."""
    made = real(database, checker, clock)
    vars(made)["_requests_due"] = lambda _station: []
    return made


NAMED: dict[str, tuple[MakeReceiver, MakeCursor, str]] = {
    "a PUBACK counts as acknowledged": (real, a_puback_acknowledges, "for acknowledged; the receiver has"),
    "the receiver acks the highest seen": (receiving(HighestSeen, Credulous), witnessed, "for acknowledged;"),
}
OTHERS: dict[str, tuple[MakeReceiver, MakeCursor, str]] = {
    "the highest seen, though roots are checked": (receiving(HighestSeen), witnessed, "false alarm rewritten_past"),
    "what comes twice is applied twice": (receiving(Forgetful), witnessed, "applied twice"),
    "nobody asks for what is missing": (deaf, witnessed, "nobody found out"),
}


def verdicts(folder: Path, mutant: tuple[MakeReceiver, MakeCursor, str]) -> Iterator[bool]:
    """Whether the checker finds the mutant, history by history."""
    make_receiver, make_cursor, expected = mutant
    for seed in SEEDS:
        directory = folder / str(seed)
        directory.mkdir()
        yield expected in complaints(directory, seed, make_receiver=make_receiver, make_cursor=make_cursor)


@pytest.mark.parametrize("mutant", NAMED)
def test_the_checker_finds_a_mutant_in_every_history(folder: Path, mutant: str) -> None:
    assert all(verdicts(folder, NAMED[mutant]))


@pytest.mark.parametrize("mutant", OTHERS)
def test_the_checker_finds_a_mutant_in_one_of_these_histories(folder: Path, mutant: str) -> None:
    """One that shows only after certain faults."""
    assert any(verdicts(folder, OTHERS[mutant]))


@pytest.mark.parametrize("seed", SEEDS)
def test_it_finds_nothing_in_the_same_histories_without_mutants(folder: Path, seed: int) -> None:
    assert complaints(folder, seed) == ""


Tamper = Callable[[World], None]


def lose_an_event(world: World) -> None:
    world.checker._sworn["dock"].append(b"an event of which nobody ever heard")


def change_an_event(world: World) -> None:
    world.checker._sworn["dock"][7] += b" "


def swear_twice(world: World) -> None:
    checker = world.checker
    checker._roots = dict.fromkeys(checker._roots, b"another root")


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [(lose_an_event, "never arrived"), (change_an_event, "is not what was sworn"), (swear_twice, "two roots")],
)
def test_the_verdicts_can_fail(folder: Path, tamper: Tamper, expected: str) -> None:
    world = World(folder, 1)
    assert world.run(300, 1) == []
    tamper(world)
    world.checker.check_whole("dock")
    world.checker.check_statements()
    assert expected in "\n".join(world.checker.complaints)
