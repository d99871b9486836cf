"""Keeps the processors from sleeping, as `idle=poll` on a kernel's command line would.

A virtual processor that sleeps takes its host 20 to 80 us to wake, and finds its caches cold: more than all that a
station does with a scan. A program of the lowest class (SCHED_IDLE, sched(7)) runs only where nothing else will, and
leaves to both sides of a comparison nothing to wake up from but their own waits.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SPIN = """
import os, sys
os.sched_setaffinity(0, {int(sys.argv[1])})
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
while True:
    pass
"""


@contextmanager
def awake() -> Iterator[None]:
    """No processor of ours sleeps until the block ends."""
    spinning = [
        subprocess.Popen([sys.executable, "-c", SPIN, str(processor)], start_new_session=True)
        for processor in os.sched_getaffinity(0)
    ]
    try:
        yield
    finally:
        for each in spinning:
            each.kill()
            each.wait()
