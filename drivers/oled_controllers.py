"""The controllers of 128x64 OLEDs: how each is opened by luma and how each is told where bytes go.

luma opens the bus and sends the controller's own first commands; its `display()` would send every byte each time,
so the ranges are sent here. Source of the commands: the data sheets SSD1306 (section 9, 10) and SH1106 (section 5).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from luma.core.error import Error as LumaError
from luma.core.interface.serial import i2c
from luma.oled.device import sh1106, ssd1306

from drivers.oled_ranges import PictureRange

NOTHING = 0xE3
"""The command that does nothing, in both controllers."""


class Glass(Protocol):
    """What is used of a luma device."""

    def command(self, *commands: int) -> None:
        """Send commands with their arguments, at most 32 bytes."""

    def data(self, data: list[int]) -> None:
        """Send bytes of the picture."""

    def contrast(self, level: int) -> None:
        """Set the brightness, 0..255."""

    def cleanup(self) -> None:
        """Let go of the bus."""


class _Standing:
    """luma blanks a panel when Python ends, unless it is told before the first command that the picture persists."""

    def capabilities(self, *args: Any, **kwargs: Any) -> None:
        super().capabilities(*args, **kwargs)  # type: ignore[misc]
        self.persist = True


class StandingSsd1306(_Standing, ssd1306):  # type: ignore[misc]
    """luma's SSD1306 that leaves its picture standing."""


class StandingSh1106(_Standing, sh1106):  # type: ignore[misc]
    """luma's SH1106 that leaves its picture standing."""


def _ssd1306_window(area: PictureRange) -> tuple[int, ...]:
    """COLUMNADDR and PAGEADDR; with horizontal addressing the bytes then fill the window line by line."""
    return (0x21, area.column_first, area.column_last, 0x22, area.page_first, area.page_last)


def _sh1106_window(area: PictureRange) -> tuple[int, ...]:
    """Page, then the column's low and high half; its memory has 132 columns, the glass shows those from 2."""
    column = area.column_first + 2
    return (0xB0 | area.page_first, column & 0x0F, 0x10 | column >> 4)


@dataclass(frozen=True)
class Controller:
    """`overhead_bytes` on the bus for a range beside its picture bytes (address, control byte and commands of one
    transfer, address and control byte of the next); `revive` puts a panel that forgot its settings in order."""

    device: Callable[..., Glass]
    window: Callable[[PictureRange], tuple[int, ...]]
    pages_max: int
    overhead_bytes: int
    revive: tuple[int, ...]


CONTROLLERS = {
    "ssd1306": Controller(
        device=StandingSsd1306,
        window=_ssd1306_window,
        pages_max=8,
        overhead_bytes=2 + 6 + 2,
        # charge pump, horizontal addressing, segments and lines turned, pins, memory shown, not inverted, on
        revive=(0x8D, 0x14, 0x20, 0x00, 0xA1, 0xC8, 0xDA, 0x12, 0xD9, 0xF1, 0xDB, 0x40, 0xA4, 0xA6, 0xAF),
    ),
    "sh1106": Controller(
        device=StandingSh1106,
        window=_sh1106_window,
        pages_max=1,
        overhead_bytes=2 + 3 + 2,
        # segments and lines turned, pins, memory shown, not inverted, on
        revive=(0xA1, 0xC8, 0xDA, 0x12, 0xA4, 0xA6, 0xAF),
    ),
}


def glass_opener(controller: Controller, port: int = 1, address: int = 0x3C, connect: Any = i2c) -> Callable[[], Glass]:
    """A function that opens the panel at `address` on `/dev/i2c-<port>`; it raises OSError where none answers."""

    def open_glass() -> Glass:
        try:
            bus = connect(port=port, address=address)
        except LumaError as error:
            raise _no_panel_error(port, address, error) from error
        try:
            # Asked first, because luma keeps every device that it begins to open until the program ends.
            bus.command(NOTHING)
            return controller.device(bus)
        except (LumaError, OSError) as error:
            bus.cleanup()
            raise _no_panel_error(port, address, error) from error

    return open_glass


def _no_panel_error(port: int, address: int, error: Exception) -> OSError:
    return OSError(
        f"display on /dev/i2c-{port} at 0x{address:02x}: {error}; a panel answers at 0x3c or 0x3d; "
        "check its wires, that I2C is switched on, and that the station may use it"
    )
