"""Waiting for something that the station does by itself."""

import time
from collections.abc import Callable

from station.simulate.troubles import Trouble

LOOK_AGAIN_S = 0.002


def wait_until(is_so: Callable[[], bool], what: str, within_s: float) -> None:
    """Look until it is so; raise `Trouble` naming `what` after `within_s`."""
    deadline = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > deadline:
            raise Trouble(f"{what} did not come within {within_s:g} s; see station.log")
        time.sleep(LOOK_AGAIN_S)
