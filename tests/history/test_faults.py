"""Faults one by one, over a network without any others: poison, rolled-back and cloned stations, an older backup."""

import shutil
from pathlib import Path

import pytest

from station.journal.journal import FILE_NAME
from station.sealing.checkpoint import open_cosigned
from tests.history.broker import BREAKS
from tests.history.checker import Checker
from tests.history.office import WITNESS
from tests.history.station import Station, witnessed
from tests.history.world import World


@pytest.fixture
def world(folder: Path) -> World:
    made = World(folder, 1)
    made.begin()
    made.settle()
    return made


def pass_s(world: World, seconds: float) -> None:
    world.clock.run_until(world.clock.now_s + seconds)


def dock(world: World) -> Station:
    return next(each for each in world.stations if each.name == "dock")


def leaf(station: Station, seq: int) -> bytes:
    return station.reader.leaves(seq, 1)[0][1]


def cosigned_size(world: World, station: Station) -> int:
    """How much the retained cosignature covers."""
    note = world.broker.retained[station.topics.ack_topic(WITNESS.name)]
    return open_cosigned(note, WITNESS.verifier).checkpoint.size


def journal_copy(station: Station, folder: Path) -> Path:
    """The journal's files as of now."""
    folder.mkdir()
    for suffix in ("", "-wal"):
        shutil.copyfile(station.directory / f"{FILE_NAME}{suffix}", folder / f"{FILE_NAME}{suffix}")
    return folder


# Poison


@pytest.mark.parametrize("reason", [135, 149, BREAKS])
def test_a_poison_leaf_blocks_only_itself_and_is_cosigned_by_its_hash(world: World, reason: int) -> None:
    station = dock(world)
    world.broker.cut(station.topics.identity)
    first = station.head + 1
    station.append(300)
    for seq in (first + 50, first + 51, first + 200):
        world.refused[leaf(station, seq)] = reason
    world.settle()

    assert world.checker.withheld("dock") == [first + 50, first + 51, first + 200]
    assert station.cursor.acked == station.head
    assert cosigned_size(world, station) == station.head + 1
    world.checker.check_whole("dock")
    world.checker.check_statements()
    assert world.checker.complaints == []


@pytest.mark.parametrize("reason", [135, 149])
def test_poison_holds_nothing_up(world: World, reason: int) -> None:
    """With every tenth leaf refused, a thousand are acknowledged as soon as without."""
    station, began_s = dock(world), world.clock.now_s
    station.append(1_000)
    for seq in range(station.head - 999, station.head + 1, 10):
        world.refused[leaf(station, seq)] = reason
    world.settle()
    assert world.clock.now_s - began_s < 10
    assert len(world.checker.withheld("dock")) == 100
    assert world.checker.complaints == []


def test_a_leaf_that_breaks_connections_delays_live_ones_by_a_few_connections(world: World) -> None:
    station = dock(world)
    station.append(1)
    world.refused[leaf(station, station.head)] = BREAKS
    for _ in range(30):
        pass_s(world, 1)
        station.append(1)
    world.settle()
    assert world.checker.withheld("dock") == [station.head - 30]
    assert world.checker.complaints == []


# A journal that is an older copy


def test_a_rolled_back_station_finds_out_from_the_retained_cosignature(world: World, folder: Path) -> None:
    station = dock(world)
    station.append(300)
    world.settle()
    older = journal_copy(station, folder / "older")
    station.append(700)
    world.settle()
    station.kill()
    world.checker.is_honest = False
    station.boot(journal_of=older)
    pass_s(world, 10)

    assert station.rolled_back
    assert station.rolled_back[0].text == (
        "journal: 302 events here, witness greenleaf-backoffice has 1001: an older copy"
    )


def test_one_that_has_grown_past_the_witness_again_is_found_too(world: World, folder: Path) -> None:
    station = dock(world)
    station.append(300)
    older = journal_copy(station, folder / "older")
    station.append(200)
    world.settle()
    acked = station.cursor.acked
    station.kill()
    world.checker.is_honest = False
    station.boot(journal_of=older)
    station.append(1_000)
    pass_s(world, 10)

    assert station.rolled_back
    assert f"has another past below event {acked + 1}" in station.rolled_back[0].text
    kinds = {kind for kind, name, _, _ in world.checker.alarms() if name == "dock"}
    assert {"conflict", "cloned"} <= kinds, "and the receiver knows as well"


def test_an_honest_restart_is_no_rollback(world: World) -> None:
    station = dock(world)
    for _ in range(5):
        station.append(100)
        pass_s(world, 1)
        station.kill()
        station.boot()
        world.settle()
    assert station.rolled_back == []
    assert world.checker.complaints == []


# Two stations with one journal


@pytest.mark.parametrize("is_sealed_first", [True, False])
def test_a_cloned_station_is_told_with_the_first_event_that_differs(
    world: World, folder: Path, is_sealed_first: bool
) -> None:
    station = dock(world)
    station.append(400)
    if is_sealed_first:
        world.settle()
    copy = journal_copy(station, folder / "copy")
    first_differing = station.head + 1
    world.checker.is_honest = False
    elsewhere = world.stage._replace(checker=Checker(world.clock, world.office.path))
    elsewhere.checker.is_honest = False
    elsewhere.checker.epochs["dock"] = station.epoch
    twin = Station(elsewhere, folder / "twin", "dock", WITNESS.verifier, witnessed)
    twin.boot(journal_of=copy)
    station.append(250)
    twin.append(250)
    pass_s(world, 120)

    told = {kind: seq for kind, name, seq, _ in world.checker.alarms() if name == "dock"}
    assert told["cloned"] == first_differing
    assert told["conflict"] == first_differing
    assert {name for _, name, _, _ in world.checker.alarms()} == {"dock"}, "nobody else is accused"


# A receiver that was put back


def test_a_receiver_that_was_put_back_asks_for_all_that_it_had(world: World, folder: Path) -> None:
    station = dock(world)
    station.append(200)
    world.settle()
    world.office.copy_to(folder / "older.db")
    station.append(5_000)
    world.settle()
    cosigned = cosigned_size(world, station)
    world.office.put_back(folder / "older.db")
    assert len(world.checker.missing("dock")) == 5_000
    pass_s(world, 60)

    world.checker.check_whole("dock")
    assert station.cursor.acked == station.head
    assert cosigned_size(world, station) == cosigned, "it tells no smaller cosignature meanwhile"
    assert world.checker.complaints == []


def test_also_where_the_broker_forgot_everything_too(world: World, folder: Path) -> None:
    station = dock(world)
    world.office.copy_to(folder / "older.db")
    station.append(3_000)
    world.settle()
    world.office.put_back(folder / "older.db")
    world.broker.wipe()
    pass_s(world, 60)
    world.checker.check_whole("dock")
    assert world.checker.complaints == []
