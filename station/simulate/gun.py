"""A serial scanner on a pty: what it reads goes to the station's real serial driver, whose answers come back."""

import os
import select
import termios
import tty

from station.domain.core.effects import Verdict
from station.simulate.troubles import ANSWER_S, Trouble

BEL, NAK = b"\x07", b"\x15"
ANSWERS = {BEL: Verdict.COUNTED, BEL + BEL: Verdict.ALREADY, NAK: Verdict.REFUSED}
_CC = 6  # the place of the control characters in what tcgetattr returns


class Gun:
    """The far end of the serial line; `port` is the end that the station opens. One thread uses it."""

    def __init__(self) -> None:
        self._far, self._near = os.openpty()
        tty.setraw(self._near)
        self.port = os.ttyname(self._near)
        self._unread = b""
        self._is_closed = False

    def close(self) -> None:
        """Pull the plug; callable more than once."""
        if not self._is_closed:
            self._is_closed = True
            os.close(self._far)
            os.close(self._near)

    def lay_down(self) -> None:
        """Forget what is on the line; from now on `is_taken` tells whether a station has opened it."""
        termios.tcflush(self._near, termios.TCIOFLUSH)
        settings = termios.tcgetattr(self._near)
        settings[_CC][termios.VMIN] = 1
        termios.tcsetattr(self._near, termios.TCSANOW, settings)
        self._unread = b""

    def is_taken(self) -> bool:
        """Whether a station has opened the port since `lay_down`: pyserial sets VMIN to 0."""
        vmin = termios.tcgetattr(self._near)[_CC][termios.VMIN]
        return vmin in (0, b"\x00")

    def send_code(self, text: str) -> None:
        """Scan a code: its text and CR, as scanners send it. What was answered before is no answer to it."""
        while select.select([self._far], [], [], 0)[0]:  # a killed station's last answer may come after its flush
            os.read(self._far, 64)
        self._unread = b""
        os.write(self._far, text.encode("utf-8") + b"\r")

    def first_answer(self) -> bytes:
        """The bytes that the station answered, at least one; raise `Trouble` after `ANSWER_S`."""
        if not self._unread:
            self._read_answer()
        return self._unread

    def whole_answer(self) -> bytes:
        """The same bytes as `first_answer`, once the second byte of BEL BEL is there too."""
        if len(self._unread) < 2:
            self._read_answer()
        return self._unread

    def forget_answer(self) -> None:
        """Drop the answer, which has been understood."""
        self._unread = b""

    def _read_answer(self) -> None:
        if not select.select([self._far], [], [], ANSWER_S)[0]:
            raise Trouble(f"gun: no answer within {ANSWER_S:g} s; must be BEL, BEL BEL or NAK; see station.log")
        self._unread += os.read(self._far, 64)
