"""A serial scanner with a queue, on a pseudo-terminal: types one scan, waits for its answer, types the next.

The far end stays open while stations die and start, as a cable does. An answer that came before the death counts.
"""

import os
import select
import termios
import tty
from collections.abc import Callable
from typing import Literal

Verdict = Literal["counted", "already", "refused", ""]
"""What the station answered; empty where it died first."""

ANSWERS: dict[bytes, Verdict] = {b"\x07": "counted", b"\x07\x07": "already", b"\x15": "refused"}
ANSWER_WITHIN_S = 20.0
LOOK_EVERY_S = 0.05


class Gun:
    """One scanner. `port` is the path that the station's settings name."""

    def __init__(self) -> None:
        self._far, self._near = os.openpty()
        self.port = os.ttyname(self._near)
        self.unplugged()

    def unplugged(self) -> None:
        """Mark the line as not yet opened by a station, and forget what was under way on it."""
        attributes = termios.tcgetattr(self._near)
        attributes[tty.LFLAG] |= termios.ICANON
        attributes[tty.LFLAG] &= ~termios.ECHO
        termios.tcsetattr(self._near, termios.TCSANOW, attributes)
        termios.tcflush(self._near, termios.TCIOFLUSH)
        self._received()

    def is_open(self) -> bool:
        """True once a station has set the line to its own mode."""
        return not termios.tcgetattr(self._near)[tty.LFLAG] & termios.ICANON

    def type(self, line: str) -> None:
        """Send one scan."""
        os.write(self._far, line.encode() + b"\r")

    def answer(self, is_alive: Callable[[], bool], within_s: float = ANSWER_WITHIN_S) -> Verdict:
        """The station's answer to the scan that was typed; empty when it died, or after `within_s`."""
        for _ in range(int(within_s / LOOK_EVERY_S)):
            was_alive = is_alive()
            if found := self._received(LOOK_EVERY_S if was_alive else 0.0):
                return ANSWERS[found]
            if not was_alive:
                return ""
        return ""

    def burst(self) -> bytes:
        """The answers to several scans that waited, to their end: nobody can tell where one of them ends."""
        heard = b""
        while found := self._received(LOOK_EVERY_S):
            heard += found
        return heard

    def close(self) -> None:
        """Take the cable away."""
        os.close(self._far)
        os.close(self._near)

    def _received(self, within_s: float = 0.0) -> bytes:
        if select.select([self._far], [], [], within_s)[0]:
            return os.read(self._far, 64)
        return b""
