"""The keypad outside: what is keyed there is a PIN. It is compared here and goes no further."""

import queue
import threading
from collections.abc import Callable, Iterator

from drivers.ports import Source
from station.domain.core.inputs import Input, NumberKeyed, ScanSpoiled
from station.domain.entry.pins import Awaited
from station.domain.people.inputs import PinKeyed
from station.domain.people.roster import SCRYPT
from station.domain.people.sealing import SALT_BYTES, is_pin

WAITING_MAX = 2
"""So many may wait to be compared; who keys faster is no person, and what comes then is taken for wrong."""
NOBODYS = f"{SCRYPT}:{'00' * SALT_BYTES}:{'00' * 32}"
"""What is compared with where nobody's PIN is awaited, so that the time tells nothing of it."""
_NO_PIN = ""


class _Keyed:
    """One line from the keypad; `pin` is empty where it cannot be one. Without a repr that would show it."""

    def __init__(self, at: int, pin: str, *, is_compared: bool = True) -> None:
        self.at, self.pin, self.is_compared = at, pin, is_compared


class _Ended:
    """The keypad's inputs ended, by this fault where one is given."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault


class PinKeypad:
    """Yields `PinKeyed` in the place of what `keypad` reads; its losses as they are.

    `awaited` says whose PIN is to be keyed now, from any thread. The keypad is read on a thread of its own, which does
    nothing else: a comparison takes 50 ms and more, and is done by whoever iterates `inputs`.
    """

    def __init__(self, keypad: Source, awaited: Callable[[], Awaited | None]) -> None:
        self.keypad = keypad
        self._awaited = awaited
        self._read: queue.SimpleQueue[Input | _Keyed | _Ended] = queue.SimpleQueue()
        self._waiting = threading.Semaphore(WAITING_MAX)
        self._is_flooded = False
        self._is_closed = False
        self._reader: threading.Thread | None = None

    @property
    def name(self) -> str:
        """As the settings name it."""
        return self.keypad.name

    def inputs(self) -> Iterator[Input]:
        """Yield until the keypad goes away or `close`, see `Source`."""
        if self._reader is None:  # else the one of a call that was not iterated to its end still reads
            self._reader = threading.Thread(target=self._read_keypad, name=f"keypad {self.name}", daemon=True)
            self._reader.start()
        while not self._is_closed:
            match read := self._read.get():
                case _Ended(fault=fault):
                    self._reader = None
                    if fault is not None:
                        raise fault
                    return
                case _Keyed():
                    yield self._compared_pin(read)
                case Input():
                    yield read

    def close(self) -> None:
        """Make `inputs` return, now and for good."""
        self._is_closed = True
        self.keypad.close()
        self._read.put(_Ended())

    # The reading thread

    def _read_keypad(self) -> None:
        try:
            for input in self.keypad.inputs():
                match input:
                    case NumberKeyed(at=at, line=line):
                        self._pass_keyed(at, line.decode("ascii", "replace"))
                    case ScanSpoiled(reason="too_slow" | "cut_off"):
                        pass  # Enter was never pressed
                    case ScanSpoiled(at=at):
                        self._pass_keyed(at, _NO_PIN)
                    case _:
                        self._read.put(input)
        except Exception as error:  # the supervisor's to tell, on the thread that it watches
            self._read.put(_Ended(error))
        else:
            self._read.put(_Ended())

    def _pass_keyed(self, at: int, pin: str) -> None:
        if self._waiting.acquire(blocking=False):
            self._is_flooded = False
            self._read.put(_Keyed(at, pin))
        elif not self._is_flooded:  # one for all that come meanwhile
            self._is_flooded = True
            self._read.put(_Keyed(at, _NO_PIN, is_compared=False))

    # The comparing thread

    def _compared_pin(self, keyed: _Keyed) -> PinKeyed:
        awaited = self._awaited()
        is_right = False
        if keyed.is_compared:
            is_right = is_pin(keyed.pin, awaited.verifier if awaited else NOBODYS)
            self._waiting.release()
        return PinKeyed(self.name, keyed.at, awaited.person if awaited else "", is_right and awaited is not None)
