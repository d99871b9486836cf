"""Work done by every processor: each part once, in order, whatever becomes of those who help."""

import os
import signal
import time
from collections.abc import Callable

import pytest

from station.evidence.shares import SharedWork

HERE = os.getpid()


@pytest.fixture(autouse=True)
def _three_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2})


def slowly(number: int) -> tuple[int, bool]:
    """Which part, and whether this program did it."""
    time.sleep(0.01)
    return number, os.getpid() == HERE


def shared(numbers: range, there: Callable[[int], tuple[int, bool]] = slowly) -> SharedWork[tuple[int, bool]]:
    return SharedWork(numbers, slowly, there)


def test_all_parts_come_in_their_order_and_all_helped() -> None:
    given = list(shared(range(3, 93, 3)).results_in_order())

    assert [number for number, _ in given] == list(range(3, 93, 3))
    assert {is_here for _, is_here in given} == {True, False}


def test_nothing_to_do_is_done() -> None:
    assert list(shared(range(0)).results_in_order()) == []


def test_what_is_larger_than_a_pipe_arrives() -> None:
    parts = SharedWork(range(9), lambda number: bytes([number]) * 5_000_000, lambda number: bytes([number]) * 5_000_000)

    assert [part[:1] for part in parts.results_in_order()] == [bytes([number]) for number in range(9)]


@pytest.mark.parametrize("fate", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: os._exit(3)])
def test_the_part_of_one_who_died_is_done_here(fate: Callable[[], None]) -> None:
    def dying(number: int) -> tuple[int, bool]:
        if number > 4:
            fate()
        return slowly(number)

    assert [number for number, _ in shared(range(12), dying).results_in_order()] == list(range(12))


def test_a_fault_of_ours_is_raised_where_the_part_is_awaited() -> None:
    def faulty(number: int) -> tuple[int, bool]:
        if number == 5:
            raise ArithmeticError("part 5")
        return slowly(number)

    given = SharedWork(range(12), faulty, faulty).results_in_order()

    with pytest.raises(ArithmeticError, match="part 5"):
        list(given)


def test_who_helps_ends_when_nobody_wants_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    fork = os.fork

    def noted() -> int:
        if number := fork():
            started.append(number)
        return number

    monkeypatch.setattr(os, "fork", noted)
    given = shared(range(1_000)).results_in_order()
    next(given)
    given.close()  # type: ignore[attr-defined]

    assert len(started) == 2
    for each in started:
        with pytest.raises(ProcessLookupError):
            os.kill(each, 0)
