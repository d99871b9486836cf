"""Garbage: collected in small pieces, and whole only while nobody counts."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from station.spine.garbage import NEVER, SWEEP_EVERY_MS, YOUNG_MAX, Sweep, freeze_loaded

NOW = 5_000


class Knot:
    """Refers to itself, so that only a collection frees it."""

    def __init__(self) -> None:
        self.own = self


@pytest.fixture
def settled() -> Iterator[None]:
    before = gc.get_threshold()
    freeze_loaded()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.fixture
def old_garbage(settled: None) -> "weakref.ref[Knot]":  # noqa: ARG001
    """Garbage that has outlived the collections of what is young."""
    knot = Knot()
    gc.collect(1)
    return weakref.ref(knot)


def test_what_is_there_at_the_start_is_left_out_and_the_old_are_never_looked_through(settled: None) -> None:  # noqa: ARG001
    assert gc.get_freeze_count() > 1000
    assert gc.get_threshold() == (YOUNG_MAX, 2, NEVER)


def test_no_number_of_new_objects_has_everything_looked_through(settled: None) -> None:  # noqa: ARG001
    before = gc.get_stats()
    kept = [[number] for number in range(60 * YOUNG_MAX)]

    middle, old = (
        after["collections"] - was["collections"] for was, after in list(zip(before, gc.get_stats(), strict=True))[1:]
    )
    assert middle >= 10, len(kept)
    assert old == 0


def test_everything_is_collected_once_in_a_while(old_garbage: "weakref.ref[Knot]") -> None:
    sweep = Sweep(NOW)
    sweep.sweep_if_due(NOW + SWEEP_EVERY_MS - 1, is_at_rest=True)
    assert old_garbage() is not None

    sweep.sweep_if_due(NOW + SWEEP_EVERY_MS, is_at_rest=True)
    assert old_garbage() is None


def test_nothing_is_collected_during_a_count(old_garbage: "weakref.ref[Knot]") -> None:
    sweep = Sweep(NOW)
    sweep.sweep_if_due(NOW + 2 * SWEEP_EVERY_MS, is_at_rest=False)
    assert old_garbage() is not None

    sweep.sweep_if_due(NOW + 2 * SWEEP_EVERY_MS + 1, is_at_rest=True)
    assert old_garbage() is None


def test_a_sweep_is_followed_by_a_pause() -> None:
    sweep = Sweep(NOW)
    sweep.sweep_if_due(NOW + SWEEP_EVERY_MS, is_at_rest=True)
    before = gc.get_stats()[2]["collections"]
    sweep.sweep_if_due(NOW + SWEEP_EVERY_MS + 1, is_at_rest=True)

    assert gc.get_stats()[2]["collections"] == before
