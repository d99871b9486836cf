"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable

WITHIN_S = 30.0
LOOK_EVERY_S = 0.02


def wait_for(is_so: Callable[[], object], within_s: float = WITHIN_S) -> None:
    """Return as soon as `is_so()` is true; fail after a generous limit."""
    until = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < until, f"did not come true within {within_s:g} s"
        time.sleep(LOOK_EVERY_S)
