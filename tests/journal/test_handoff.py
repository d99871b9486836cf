"""The hand-over between threads: nothing is lost, nothing is out of order, and a wait ends when it should."""

import gc
import os
import signal
import threading
import time

import pytest

from station.journal.handoff import Handoff

LONG_S = 10.0


def test_what_was_put_is_taken_in_order() -> None:
    handoff: Handoff[int] = Handoff()
    for number in range(3):
        handoff.put(number)

    assert len(handoff) == 3
    assert handoff.wait(0)
    assert [handoff.take() for _ in range(3)] == [0, 1, 2]


def test_all_that_is_there_is_taken_at_once_in_order_up_to_a_limit() -> None:
    handoff: Handoff[int] = Handoff()
    for number in range(5):
        handoff.put(number)

    assert handoff.take_all(3) == [0, 1, 2]
    assert handoff.take_all(3) == [3, 4]
    assert handoff.take_all(3) == []


def test_nothing_there_is_said_at_once_and_after_the_wait() -> None:
    handoff: Handoff[int] = Handoff()

    assert not handoff.wait(0)
    assert not handoff.wait(0.001)
    with pytest.raises(IndexError):
        handoff.take()


def test_a_wait_ends_with_what_another_thread_puts() -> None:
    handoff: Handoff[str] = Handoff()
    putting = threading.Thread(target=_put_when_awaited, args=(handoff, "scan"))
    putting.start()
    began = time.monotonic()

    assert handoff.wait(LONG_S)
    assert time.monotonic() - began < LONG_S / 2
    assert handoff.take() == "scan"
    putting.join()


def test_a_wait_ends_with_what_a_signal_puts() -> None:
    handoff: Handoff[str] = Handoff()
    before = signal.signal(signal.SIGUSR1, lambda *_: handoff.put("stop"))
    asking = threading.Thread(target=_signal_when_awaited, args=(handoff,))
    asking.start()
    began = time.monotonic()
    try:
        assert handoff.wait(LONG_S)
        assert time.monotonic() - began < LONG_S / 2
        assert handoff.take() == "stop"
    finally:
        asking.join()
        signal.signal(signal.SIGUSR1, before)


class JustMissed(Handoff[int]):
    """Something is put after the taker looked and before it said that it waits: nobody is woken."""

    def __setattr__(self, name: str, value: object) -> None:
        if name == "_is_awaited" and value:
            self.put(1)
        super().__setattr__(name, value)


def test_what_was_put_just_before_the_wait_is_not_slept_over() -> None:
    handoff = JustMissed()
    began = time.monotonic()

    assert handoff.wait(LONG_S)
    assert time.monotonic() - began < LONG_S / 2


def test_a_wake_up_that_came_too_late_is_no_item() -> None:
    handoff: Handoff[int] = Handoff()
    handoff._is_awaited = True  # as a thread sees it that is about to wake a wait which has just ended
    handoff.put(1)
    handoff.take()

    assert not handoff.wait(0.001)
    began = time.monotonic()
    assert not handoff.wait(0.05)
    assert time.monotonic() - began >= 0.05


def test_many_threads_lose_nothing() -> None:
    handoff: Handoff[tuple[int, int]] = Handoff()
    threads = [threading.Thread(target=_put_all, args=(handoff, number)) for number in range(4)]
    for thread in threads:
        thread.start()
    taken: list[tuple[int, int]] = []
    while len(taken) < 4 * 2000:
        assert handoff.wait(LONG_S)
        while len(handoff):
            taken.append(handoff.take())
    for thread in threads:
        thread.join()

    for number in range(4):
        assert [item for of, item in taken if of == number] == list(range(2000))


def test_its_descriptor_goes_with_it() -> None:
    handoff: Handoff[int] = Handoff()
    fd = handoff._fd
    del handoff
    gc.collect()

    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


def _put_all(handoff: Handoff[tuple[int, int]], number: int) -> None:
    for item in range(2000):
        handoff.put((number, item))


def _put_when_awaited(handoff: Handoff[str], item: str) -> None:
    while not handoff._is_awaited:
        time.sleep(0)
    handoff.put(item)


def _signal_when_awaited(handoff: Handoff[str]) -> None:
    while not handoff._is_awaited:
        time.sleep(0)
    os.kill(os.getpid(), signal.SIGUSR1)
