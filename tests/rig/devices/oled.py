"""The display: an SSD1306 at 0x3c on /dev/i2c-1 of the guest, whose picture a test can see."""

from __future__ import annotations

import struct

from PIL import Image

from tests.rig.devices.ssd1306 import Ssd1306
from tests.rig.guest import Guest

TAP = "/dev/rig-i2c-tap"
PARAMETERS = "/sys/module/rig_i2c/parameters"
RECORD = struct.Struct("<BH")


class Oled:
    """A panel that has been on the bus since power came; it keeps its picture when the guest restarts."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        self._chip = Ssd1306()
        self._rest = b""
        guest.attached.append(self)
        self.attach()

    def attach(self) -> None:
        """Begin to listen on a freshly booted guest's bus."""
        self._rest = b""

    def power_on(self) -> None:
        """Forget the picture, as a panel does that lost its power."""
        self.chip.power_on()

    @property
    def chip(self) -> Ssd1306:
        """The controller as of now: `contrast`, `inverted`, `on`, `memory`, `frames`."""
        self._drain()
        return self._chip

    def picture(self) -> Image.Image:
        """Return what an eye sees now, 128x64, mode `1`."""
        return self.chip.picture()

    def unplug(self) -> None:
        """Take it off the bus: every write then fails (ENXIO)."""
        self._guest.write(f"{PARAMETERS}/nak", [b"Y"])

    def plug(self) -> None:
        """Put it back on the bus, blank and switched off, as it comes from a power cut of its own."""
        self.power_on()
        self._guest.write(f"{PARAMETERS}/nak", [b"N"])

    def _drain(self) -> None:
        dropped = int(self._guest.get(f"{PARAMETERS}/dropped"))
        if dropped:
            raise OverflowError(f"Oled: {dropped} writes lost: the tap holds 4 MiB; look at it more often")
        records, self._rest = records_of(self._rest + self._guest.get(TAP))
        for _, message in records:
            self._chip.feed(message)


def records_of(stream: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Split the tap's stream into (bus address, message) and the unfinished rest.

    A record is one byte address, two bytes length (little-endian), then that many bytes.
    """

    records, place = [], 0
    while len(stream) >= place + RECORD.size:
        address, length = RECORD.unpack_from(stream, place)
        end = place + RECORD.size + length
        if len(stream) < end:
            break
        records.append((address, stream[place + RECORD.size : end]))
        place = end
    return records, stream[place:]
