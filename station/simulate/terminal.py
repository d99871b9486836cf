"""A terminal: keys as they are pressed, and lines of which only those that changed are drawn again."""

import contextlib
import os
import select
import termios
import tty
from collections.abc import Iterator

from station.simulate.styled import Line, ansi_text

ENTER_SCREEN = "\x1b[?1049h\x1b[?25l\x1b[2J"
LEAVE_SCREEN = "\x1b[?25h\x1b[?1049l"
KEY_BYTES_MAX = 64


class Terminal:
    """Use `open_terminal(...)`, which puts everything back."""

    def __init__(self, keys_fd: int, screen_fd: int) -> None:
        self._keys_fd, self._screen_fd = keys_fd, screen_fd
        self._drawn: list[Line] = []
        self._size = (0, 0)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows; 80x24 where the terminal does not know."""
        found = os.get_terminal_size(self._screen_fd)
        return (found.columns or 80, found.lines or 24)

    def read_keys(self, within_s: float) -> list[str]:
        """The keys pressed since the last call, waiting up to `within_s`; those that send a sequence are left out."""
        if not select.select([self._keys_fd], [], [], within_s)[0]:
            return []
        pressed = os.read(self._keys_fd, KEY_BYTES_MAX)
        if not pressed:
            raise EOFError("the terminal hung up")
        text = pressed.decode("utf-8", "replace")
        return [] if len(text) > 1 and text.startswith("\x1b") else list(text)

    def draw_lines(self, lines: list[Line]) -> None:
        """Show these lines from the top left corner on."""
        if self.size != self._size:
            self._size, self._drawn = self.size, []
            self.write_text("\x1b[2J")
        changed = [
            f"\x1b[{row + 1};1H{ansi_text(line)}\x1b[K"
            for row, line in enumerate(lines)
            if row >= len(self._drawn) or line != self._drawn[row]
        ]
        self._drawn = lines
        if changed:
            self.write_text("".join(changed))

    def write_text(self, text: str) -> None:
        """All of it, however slow the terminal is."""
        left = text.encode("utf-8")
        while left:
            left = left[os.write(self._screen_fd, left) :]


@contextlib.contextmanager
def open_terminal(keys_fd: int, screen_fd: int) -> Iterator[Terminal]:
    """A terminal in raw mode on its other screen; put back at the end, whatever happens."""
    before = termios.tcgetattr(keys_fd)
    opened = Terminal(keys_fd, screen_fd)
    try:
        tty.setcbreak(keys_fd)
        settings = termios.tcgetattr(keys_fd)
        settings[0] &= ~termios.ICRNL  # Enter is "\r", as the keyboard sends it
        termios.tcsetattr(keys_fd, termios.TCSANOW, settings)
        opened.write_text(ENTER_SCREEN)
        yield opened
    finally:
        with contextlib.suppress(OSError):  # it hung up
            opened.write_text(LEAVE_SCREEN)
            termios.tcsetattr(keys_fd, termios.TCSADRAIN, before)
