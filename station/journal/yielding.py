"""Yields the interpreter within long work, so that whoever reads a device has the processor in between.

A station's threads share one processor, and the kernel seldom takes it from a thread that is at work before its turn
is over (4 ms); when that thread sleeps, those that a device has woken go on at once.
"""

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

YIELD_EVERY = 16
"""Pieces of work between two pauses."""
YIELD_S = 0.000_1
"""How long each pause sleeps: long enough for another thread to be given the interpreter."""

Item = TypeVar("Item")


def yield_interpreter(done: int) -> None:
    """Sleep for a moment when a multiple of `YIELD_EVERY` pieces of the work is done; call it after each piece."""
    if done % YIELD_EVERY == 0:
        time.sleep(YIELD_S)


def yielding_between(items: Iterable[Item]) -> Iterator[Item]:
    """Yield these items unchanged, and the interpreter to other threads from time to time."""
    for done, item in enumerate(items, 1):
        yield item
        yield_interpreter(done)
