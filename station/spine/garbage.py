"""Python's garbage collector, kept from stopping every thread for long.

A full collection of a running station takes 16 ms on a PC and eight times as long on a small Pi, and nothing is read
meanwhile: the kernel then drops keys. So only what is young is collected as it comes, in pieces below a millisecond,
and everything only while no session is open.
"""

import gc

YOUNG_MAX = 700
"""New objects until the youngest are looked through; two rounds of that until those that survived them are."""
NEVER = 2**31 - 1
SWEEP_EVERY_MS = 60 * 60_000


def freeze_loaded() -> None:
    """Leave out of all collections what is there now: modules, settings, devices."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_MAX, 2, NEVER)


class Sweep:
    """Collects everything, at most once in `SWEEP_EVERY_MS`, and never while a session is open."""

    def __init__(self, now: int) -> None:
        self._swept_at = now

    def sweep_if_due(self, now: int, *, is_at_rest: bool) -> None:
        """Sweep when it is time; called by the loop's thread."""
        if is_at_rest and now - self._swept_at >= SWEEP_EVERY_MS:
            self._swept_at = now
            gc.collect()
