"""The controller of the display as its data sheet has it: bytes from the bus in, a picture out. Pure.

Source: Solomon Systech SSD1306 rev 1.1, section 8.1.5.2 (I2C), 8.7 (memory), 9 and 10 (commands).
"""

from __future__ import annotations

from PIL import Image

WIDTH, HEIGHT, PAGES = 128, 64, 8
PAGE_MODE, HORIZONTAL, VERTICAL = 2, 0, 1
# How many bytes follow a command.
ARGUMENTS = {
    0x20: 1, 0x21: 2, 0x22: 2, 0x23: 1, 0x26: 6, 0x27: 6, 0x29: 5, 0x2A: 5, 0x81: 1, 0x8D: 1,
    0xA3: 2, 0xA8: 1, 0xD3: 1, 0xD5: 1, 0xD6: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1,
}  # fmt: skip
# Commands that change nothing one could see in a still picture of this model.
UNSEEN = {0x23, 0x26, 0x27, 0x29, 0x2A, 0x2E, 0x2F, 0x8D, 0xA3, 0xA8, 0xD5, 0xD6, 0xD9, 0xDA, 0xDB, 0xE3}


class Ssd1306:
    """One controller and its panel, mounted so that A1 and C8 show the picture upright, as modules are."""

    def __init__(self) -> None:
        self.power_on()

    def power_on(self) -> None:
        """Return to the state after a reset (table 9-1), memory blank."""
        self.memory = bytearray(WIDTH * PAGES)
        self.on = self.inverted = self.all_lit = False
        self.contrast = 0x7F
        self.frames = 0
        self._mode = PAGE_MODE
        self._columns, self._rows = (0, WIDTH - 1), (0, PAGES - 1)
        self._column = self._page = 0
        self._start_line = self._offset = 0
        self._columns_mirrored = self._rows_mirrored = True
        self._pending = bytearray()

    def feed(self, message: bytes) -> None:
        """Take one write on the bus: control bytes (Co, D/C#), each with what follows it."""
        rest = message
        while rest:
            single, is_data = rest[0] & 0x80, rest[0] & 0x40
            count = 1 if single else len(rest) - 1
            payload, rest = rest[1 : 1 + count], rest[1 + count :]
            for byte in payload:
                (self._store if is_data else self._command_byte)(byte)

    def picture(self) -> Image.Image:
        """Return what an eye sees, 128x64, mode `1`: black while it is off, inverted when it is."""
        image = Image.new("1", (WIDTH, HEIGHT))
        if self.on:
            image.putdata([255 * self._lit(x, y) for y in range(HEIGHT) for x in range(WIDTH)])
        return image

    def _lit(self, x: int, y: int) -> bool:
        if self.all_lit:
            return True
        column = WIDTH - 1 - x if self._columns_mirrored else x
        row = HEIGHT - 1 - y if self._rows_mirrored else y
        row = (row + self._start_line + self._offset) % HEIGHT
        bit = self.memory[row // 8 * WIDTH + column] >> row % 8 & 1
        return bool(bit) != self.inverted

    def _store(self, byte: int) -> None:
        # A pointer set beyond its window runs on and wraps at the memory's own edge.
        self._page, self._column = self._page % PAGES, self._column % WIDTH
        self.memory[self._page * WIDTH + self._column] = byte
        if self._mode == VERTICAL:
            self._page, wrapped = _next(self._page, self._rows)
            if wrapped:
                self._column, _ = _next(self._column, self._columns)
        elif self._mode == HORIZONTAL:
            self._column, wrapped = _next(self._column, self._columns)
            if wrapped:
                self._page, again = _next(self._page, self._rows)
                self.frames += again
        else:
            self._column, _ = _next(self._column, (0, WIDTH - 1))

    def _command_byte(self, byte: int) -> None:
        self._pending.append(byte)
        command = self._pending[0]
        if len(self._pending) > ARGUMENTS.get(command, 0):
            arguments = bytes(self._pending[1:])
            self._pending.clear()
            self._command(command, arguments)

    def _command(self, command: int, arguments: bytes) -> None:
        match command:
            case 0x20:
                self._mode = arguments[0] & 3
            case 0x21:
                self._columns = (arguments[0] & 0x7F, arguments[1] & 0x7F)
                self._column = self._columns[0]
            case 0x22:
                self._rows = (arguments[0] & 7, arguments[1] & 7)
                self._page = self._rows[0]
            case 0x81:
                self.contrast = arguments[0]
            case 0xD3:
                self._offset = arguments[0] & 0x3F
            case _:
                self._plain_command(command)

    def _plain_command(self, command: int) -> None:
        """Commands that carry their argument in their own low bits."""
        match command & 0xF0, command:
            case 0x00, _:
                self._column = self._column & 0x70 | command & 0x0F
            case 0x10, _:
                self._column = self._column & 0x0F | (command & 7) << 4
            case ((0x40 | 0x50 | 0x60 | 0x70), _):
                self._start_line = command & 0x3F
            case _, 0xA0 | 0xA1:
                self._columns_mirrored = command == 0xA0
            case _, 0xA4 | 0xA5:
                self.all_lit = command == 0xA5
            case _, 0xA6 | 0xA7:
                self.inverted = command == 0xA7
            case _, 0xAE | 0xAF:
                self.on = command == 0xAF
            case 0xB0, _:
                self._page = command & 7
            case 0xC0, _:
                self._rows_mirrored = command < 0xC8
            case _:
                if command not in UNSEEN:
                    raise ValueError(
                        f"SSD1306: command {command:#04x}: the data sheet has none such; see its section 9"
                    )


def _next(place: int, window: tuple[int, int]) -> tuple[int, bool]:
    """Return the place after `place` in a window of first and last, and whether it wrapped."""
    first, last = window
    return (first, True) if place == last else (place + 1, False)
