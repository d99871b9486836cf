"""Long work in short pieces: between two of them whoever reads a device has the processor.

A station's threads share one processor, and the kernel seldom takes it from a thread that is at work before its turn
is over (4 ms); when that thread sleeps, those that a device has woken go on at once.
"""

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

EVERY = 16
BREATH_S = 0.000_1

Item = TypeVar("Item")


def breathe(done: int) -> None:
    """Take a breath after each `EVERY` of what was done."""
    if done % EVERY == 0:
        time.sleep(BREATH_S)


def unhurried(items: Iterable[Item]) -> Iterator[Item]:
    """These items, with breaths between them."""
    for done, item in enumerate(items, 1):
        yield item
        breathe(done)
