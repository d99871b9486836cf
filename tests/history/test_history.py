"""Random histories under all faults at once: nothing lost, nothing applied twice, every gap found and filled.

tests/run tests/history                     50,000 events
tests/run --long tests/history              1,000,000 events in twenty histories, each of a seed of its own
HISTORY_SEED=7 tests/run tests/history      one history again, exactly as it was; a failing test names its seed
"""

from pathlib import Path

import pytest

from tests.history.world import World, seed_or

STORMS = 8
EVENTS = 50_000
LONG_SEEDS = range(1000, 1020)


def judge(folder: Path, seed: int, events: int = EVENTS, storms: int = STORMS) -> World:
    """Run one history; fail with its seed and the first complaints."""
    world = World(folder, seed)
    complaints = world.run(events, storms)
    assert not complaints, f"HISTORY_SEED={seed}:\n" + "\n".join(complaints)
    return world


def test_fifty_thousand_events(folder: Path) -> None:
    world = judge(folder, seed_or(1))
    assert world.checker.events >= EVENTS - STORMS * len(world.stations)
    assert world.checker.deliveries > 1.2 * EVENTS, "the faults were so mild that hardly anything was sent again"
    assert world.checker.asks > 0


@pytest.mark.longest
@pytest.mark.parametrize("seed", LONG_SEEDS)
def test_a_million_events(folder: Path, seed: int) -> None:
    judge(folder, seed)


def test_a_seed_is_one_history(folder: Path) -> None:
    """What a failing test prints is worth something only if it comes again."""

    def traces() -> tuple[int, int, float, int]:
        world = World(folder / f"run-{len(list(folder.iterdir()))}", 5)
        world.run(1_500, 1)
        checker = world.checker
        return checker.events, checker.deliveries, world.clock.now_s, checker.asks

    for number in range(2):
        (folder / f"run-{number}").mkdir()
    assert traces() == traces()
