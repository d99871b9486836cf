"""Work in numbered parts, done by every processor, this program among them; what each gives comes in their order."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from fcntl import F_SETPIPE_SZ, fcntl
from multiprocessing import get_context
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any, Generic, TypeVar

PIPE_BYTES = 1024 * 1024
"""So that who helps need not wait until this program has done its own part; the most that a user may ask for."""

Given = TypeVar("Given")
_FORK = get_context("fork")


class SharedWork(Generic[Given]):
    """Does the parts of `numbers`: `here` one in this program, `there` one in a program that helps."""

    def __init__(self, numbers: range, here: Callable[[int], Given], there: Callable[[int], Given]) -> None:
        self._numbers, self._here, self._there = numbers, here, there
        self._next: Any = _FORK.Value("q", 0)
        self._ready: dict[int, Given] = {}
        self._helping: list[Connection[Any, tuple[int, Given]]] = []

    def results_in_order(self) -> Iterator[Given]:
        """Yield what the parts give, in their order; the helping programs end with it, or when it is closed."""
        workers = [self._start_worker() for _ in range(len(os.sched_getaffinity(0)) - 1)]
        try:
            for number in self._numbers:
                while number not in self._ready:
                    self._do_part_or_wait(number)
                yield self._ready.pop(number)
        finally:
            for worker in workers:
                worker.kill()
                worker.join()
            for each in self._helping:
                each.close()

    def _start_worker(self) -> Any:
        ours, theirs = Pipe(duplex=False)
        with suppress(OSError):
            fcntl(theirs, F_SETPIPE_SZ, PIPE_BYTES)
        worker = _FORK.Process(target=self._work_along, args=(theirs,), daemon=True)
        worker.start()
        theirs.close()
        self._helping.append(ours)
        return worker

    def _work_along(self, theirs: "Connection[tuple[int, Given], Any]") -> None:
        while (number := self._take_part()) is not None:
            theirs.send((number, self._there(number)))

    def _take_part(self) -> int | None:
        """The next part that nobody does yet."""
        with self._next.get_lock():
            at = self._next.value
            self._next.value += 1
        return self._numbers[at] if at < len(self._numbers) else None

    def _do_part_or_wait(self, awaited: int) -> None:
        """Do a part, or where none is left wait for those that others do."""
        mine = self._take_part()
        if mine is None and not self._helping:
            mine = awaited  # who had it is gone
        if mine is not None:
            self._ready[mine] = self._here(mine)
        ready = wait(self._helping, 0 if mine is not None else None)
        for each in [each for each in self._helping if each in ready]:
            self._receive_result(each)

    def _receive_result(self, helping: "Connection[Any, tuple[int, Given]]") -> None:
        try:
            number, given = helping.recv()
            self._ready[number] = given
        except (EOFError, OSError):  # done, or dead in the midst of it
            self._helping.remove(helping)
            helping.close()
