"""Debouncing: whatever bounces, each move of the door is one change; and of 10,000 traces none is a false alarm."""

import random

import pytest

from drivers.debounce import Debounce, LevelChange
from station.domain.entry.inputs import DoorMoved, RexPressed
from tests.entry.play import EntryPlayer, enter

STABLE_MS = 30


def fed(contact: Debounce, edges: list[tuple[int, bool]], until: int) -> tuple[Debounce, list[LevelChange]]:
    """The changes that a source would report which feeds every edge and asks when it is due."""
    changes: list[LevelChange] = []
    for at, level in [*edges, (until, contact.level is True)]:
        while contact.due_at is not None and contact.due_at <= at:
            contact, change = contact.settled_at(contact.due_at)
            changes += [change] if change else []
        if at < until:
            contact = contact.with_edge(level, at)
    return contact, changes


def begun(level: bool) -> Debounce:
    return fed(Debounce(STABLE_MS), [(0, level)], 100)[0]


@pytest.mark.parametrize("level", [False, True])
def test_the_level_at_the_beginning_is_told_once_it_is_calm(level: bool) -> None:
    contact = Debounce(STABLE_MS).with_edge(level, 5)
    assert contact.settled_at(34) == (contact, None)
    contact, change = contact.settled_at(35)
    assert change == LevelChange(level, 5)
    assert (contact.level, contact.due_at) == (level, None)


def test_a_change_is_dated_at_its_first_edge() -> None:
    _, changes = fed(begun(False), [(1_000, True), (1_007, False), (1_020, True)], 2_000)
    assert changes == [LevelChange(True, 1_000)]


def test_a_spike_is_no_change_and_leaves_no_trace() -> None:
    contact, changes = fed(begun(False), [(1_000, True), (1_002, False)], 2_000)
    assert changes == []
    _, changes = fed(contact, [(3_000, True)], 4_000)
    assert changes == [LevelChange(True, 3_000)]


def test_a_spike_within_one_millisecond_is_no_change() -> None:
    contact, changes = fed(begun(True), [(1_000, False), (1_000, True)], 2_000)
    assert (changes, contact.due_at) == ([], None)


def test_an_edge_that_says_what_is_known_changes_nothing() -> None:
    contact = begun(True)
    assert contact.with_edge(True, 500) is contact


def test_it_is_calm_only_after_the_whole_time() -> None:
    contact = begun(False).with_edge(True, 1_000).with_edge(False, 1_010).with_edge(True, 1_025)
    assert contact.due_at == 1_055
    assert contact.settled_at(1_054)[1] is None
    assert contact.settled_at(1_055)[1] == LevelChange(True, 1_000)


def trace(chance: random.Random, at: int, level: bool) -> list[tuple[int, bool]]:
    """1 to 20 edges within 30 ms, the last of them to `level`."""
    count = chance.randint(1, 20)
    moments = sorted(at + chance.randint(0, 30) for _ in range(count))
    return [(moment, level if (count - number) % 2 else not level) for number, moment in enumerate(moments)]


def run_traces(seed: int, times: int, stable_ms: int = STABLE_MS) -> EntryPlayer:
    """So many bouncing traces, of opening and of closing: half of the openings have a grant, the others nothing."""
    chance = random.Random(seed)
    player = enter("")
    contact = Debounce(stable_ms, level=False, raw=False)
    at, is_open, is_forced = 20_000, False, False
    for _ in range(times):
        at += chance.choice((400, 3_000, 20_000))
        is_open = not is_open
        is_forced = chance.random() < 0.5 if is_open else is_forced
        if is_open and not is_forced:
            at = grant(player, at)
        contact, changes = fed(contact, trace(chance, at, is_open), at + 200)
        at += 200
        assert [change.level for change in changes] == [is_open]
        events = []
        for change in changes:
            came, _ = player.stamping.put(DoorMoved(change.at, change.level))
            events += came
        waited, _ = player.stamping.wait(at + 2_000)
        types = [event.TYPE for event in (*events, *waited)]
        assert types.count("door.forced") == (is_open and is_forced)
        assert types.count("door.opened" if is_open else "door.closed") == 1
        at += 2_000
    return player


def grant(player: EntryPlayer, at: int) -> int:
    """Somebody asks to leave, so that the opening is explained: the moment of the opening."""
    player.stamping.put(RexPressed(at))
    return at + 300


def test_of_ten_thousand_bouncing_traces_none_is_a_false_alarm_and_none_is_missed() -> None:
    player = run_traces(4, 10_000)
    assert not player.station.entry.door.is_open


def test_without_debouncing_a_trace_is_seen_to_be_wrong() -> None:
    with pytest.raises(AssertionError):
        run_traces(4, 50, stable_ms=0)
