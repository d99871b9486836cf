"""Opening through luma's own I2C class, down to the calls on the bus."""

import errno
from collections.abc import Callable

import pytest
from luma.core.error import DeviceNotFoundError, DevicePermissionError
from luma.core.interface.serial import i2c

from drivers.oled_controllers import CONTROLLERS, glass_opener


class Smbus:
    """What luma asks of smbus2."""

    def __init__(self, error: OSError | None = None) -> None:
        self.error = error
        self.blocks: list[tuple[int, int, list[int]]] = []

    def write_i2c_block_data(self, address: int, register: int, block: list[int]) -> None:
        if self.error is not None:
            raise self.error
        self.blocks.append((address, register, block))


def wired(smbus: Smbus) -> Callable[..., i2c]:
    """Luma's own class on this bus instead of the one that the port names."""
    return lambda port, address: i2c(bus=smbus, port=port, address=address)


@pytest.mark.parametrize("name", sorted(CONTROLLERS))
def test_the_panel_is_asked_with_a_command_that_does_nothing(name: str) -> None:
    smbus = Smbus()
    glass = glass_opener(CONTROLLERS[name], address=0x3D, connect=wired(smbus))()
    assert smbus.blocks[0] == (0x3D, 0x00, [0xE3])
    assert smbus.blocks[-1] == (0x3D, 0x00, [0xAF])
    smbus.blocks.clear()
    glass.data([1, 2, 3])
    assert smbus.blocks == [(0x3D, 0x40, [1, 2, 3])]


@pytest.mark.parametrize("number", [errno.EIO, errno.EREMOTEIO, errno.ETIMEDOUT, errno.ENODEV])
def test_nobody_answers(number: int) -> None:
    smbus = Smbus(OSError(number, "gone"))
    with pytest.raises(OSError, match=r"display on /dev/i2c-1 at 0x3c: .*; a panel answers at 0x3c or 0x3d; check"):
        glass_opener(CONTROLLERS["ssd1306"], connect=wired(smbus))()


@pytest.mark.parametrize("error", [DeviceNotFoundError("no bus"), DevicePermissionError("not allowed")])
def test_the_bus_cannot_be_opened(error: Exception) -> None:
    def connect(**_where: int) -> i2c:
        raise error

    with pytest.raises(OSError, match=f"display on /dev/i2c-3 at 0x3d: {error}; "):
        glass_opener(CONTROLLERS["sh1106"], port=3, address=0x3D, connect=connect)()
