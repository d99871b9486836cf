"""What the tests of all drivers share: a source run on a thread, and waiting for a condition."""

import queue
import threading
from typing import Self

from drivers.ports import Source
from station.domain.core.inputs import Input

WAIT_S = 10.0


class Running:
    """A source that is iterated on a thread, again after each return, as the supervisor does."""

    def __init__(self, source: Source, times_max: int = 1_000_000) -> None:
        self.source = source
        self.returns = 0
        self.seen: queue.SimpleQueue[Input] = queue.SimpleQueue()
        self._is_over = threading.Event()
        self._times_max = times_max
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self.source.close()
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive()

    def next(self) -> Input:
        """The next input; fail after `WAIT_S`."""
        return self.seen.get(timeout=WAIT_S)

    def take(self, count: int) -> list[Input]:
        """The next inputs."""
        return [self.next() for _ in range(count)]

    def _run(self) -> None:
        while not self._is_over.is_set() and self.returns < self._times_max:
            for read in self.source.inputs():
                self.seen.put(read)
            self.returns += 1
            self._is_over.wait(0.005)
