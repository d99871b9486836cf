"""The station's threads share one processor of those that it may use."""

import os
import sys
import threading

from station import wiring


def test_the_last_processor_that_is_allowed_is_shared_by_the_threads_to_come() -> None:
    allowed = os.sched_getaffinity(0)
    interval_s = sys.getswitchinterval()
    found: list[set[int]] = []

    def first() -> None:  # a thread's processors are its own and its children's: the tests keep theirs
        wiring.share_one_processor()
        child = threading.Thread(target=lambda: found.append(os.sched_getaffinity(0)))
        child.start()
        child.join()

    thread = threading.Thread(target=first)
    thread.start()
    thread.join()
    sys.setswitchinterval(interval_s)

    assert found == [{max(allowed)}]
    assert os.sched_getaffinity(0) == allowed
