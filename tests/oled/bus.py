"""An OLED behind a bus, modelled after the data sheets: what luma and the driver send ends up as lit pixels."""

from collections.abc import Callable
from typing import Any

from luma.core.error import DeviceNotFoundError
from PIL import Image

ARGUMENTS = {0x20: 1, 0x21: 2, 0x22: 2, 0x81: 1, 0x8D: 1, 0xA8: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1}
"""How many bytes follow a command (SSD1306, table 9-1); the others stand alone."""
TRANSFER_BYTES = 2
"""What a transfer on I2C has before its bytes: the address and the control byte."""


class Wire:
    """What luma calls a bus; its names are luma's."""


class Bus(Wire):
    """luma's serial interface with a panel at its end. `is_there` False: nobody answers."""

    columns = 128
    left = 0

    def __init__(self) -> None:
        self.is_there = True
        self.fails_after: int | None = None
        self.memory = bytearray(8 * self.columns)
        self.window = [0, 127, 0, 7]
        self.at = (0, 0)
        self.level = 0
        self.is_on = False
        self.sent_bytes = 0
        self.picture_bytes = 0
        self.opened = 0
        self.cleaned = 0

    def connect(self, port: int, address: int) -> "Bus":
        """As `luma.core.interface.serial.i2c` opens: it asks nobody yet."""
        assert (port, address) == (1, 0x3C)
        return self

    def command(self, *commands: int) -> None:
        assert len(commands) <= 32
        self._transfer(len(commands))
        rest = list(commands)
        while rest:
            code = rest.pop(0)
            arguments = [rest.pop(0) for _ in range(ARGUMENTS.get(code, 0))]
            self._obey(code, arguments)

    def data(self, data: list[int]) -> None:
        self._transfer(len(data))
        self.picture_bytes += len(data)
        for byte in data:
            page, column = self.at
            self.memory[page * self.columns + column] = byte
            self._advance()

    def cleanup(self) -> None:
        self.cleaned += 1

    def shown(self) -> Image.Image:
        """What a person sees."""
        rows = [self.memory[at + self.left : at + self.left + 128] for at in range(0, len(self.memory), self.columns)]
        dots = bytes(255 * (byte >> bit & 1) for row in rows for bit in range(8) for byte in row)
        return Image.frombytes("L", (128, 64), dots).convert("1", dither=Image.Dither.NONE)

    def forget(self) -> None:
        """The supply flickers: noise in the memory, everything at its reset value."""
        self.memory[:] = b"\xa5" * len(self.memory)
        self.is_on, self.level = False, 0x7F

    def _transfer(self, size: int) -> None:
        if self.fails_after is not None:
            if self.fails_after == 0:
                self.is_there = False
            self.fails_after -= 1
        if not self.is_there:
            raise DeviceNotFoundError("I2C device not found on address: 0x3C")
        self.sent_bytes += TRANSFER_BYTES + size

    def _obey(self, code: int, arguments: list[int]) -> None:
        if code == 0x81:
            self.level = arguments[0]
        elif code in (0xAE, 0xAF):
            self.is_on = code == 0xAF
            self.opened += code == 0xAE
        else:
            self._place(code, arguments)

    def _place(self, code: int, arguments: list[int]) -> None:
        if code == 0x21:
            self.window[:2] = arguments
        elif code == 0x22:
            self.window[2:] = arguments
            self.at = (self.window[2], self.window[0])

    def _advance(self) -> None:
        """Horizontal addressing: to the right, then the next page of the window, then its start."""
        first, last, page_first, page_last = self.window
        page, column = self.at
        column += 1
        if column > last:
            page, column = (page + 1 if page < page_last else page_first), first
        self.at = (page, column)


class Sh1106Bus(Bus):
    """Page addressing only; 132 columns of which 2..129 are seen; the column stops at the end."""

    columns = 132
    left = 2

    def _place(self, code: int, _arguments: list[int]) -> None:
        assert code not in (0x21, 0x22), "an SH1106 has no windows"
        page, column = self.at
        if code >> 3 == 0xB0 >> 3:
            page = code & 7
        elif code >> 4 == 0:
            column = column & 0xF0 | code
        elif code >> 4 == 1:
            column = column & 0x0F | (code & 0x0F) << 4
        self.at = (page, column)

    def _advance(self) -> None:
        page, column = self.at
        self.at = (page, min(column + 1, self.columns - 1))


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.at = 0

    def __call__(self) -> int:
        return self.at


BUSES: dict[str, Callable[[], Any]] = {"ssd1306": Bus, "sh1106": Sh1106Bus}
