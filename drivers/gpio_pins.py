"""gpiozero's pins, always on lgpio, so that no fallback hides a fault; or its mock pins."""

from typing import Any, Literal

import gpiozero
from gpiozero.pins.mock import MockFactory, MockPWMPin

from station.errors import DeviceError

Pins = Literal["real", "mock"]


def pin_factory(where: str, pins: Pins) -> Any:
    """What gives pins; DeviceError where that cannot be, which begins with `where`, such as `[indicator]`."""
    return MockFactory(pin_class=MockPWMPin) if pins == "mock" else _lgpio_factory(where)


def check_library(where: str, pins: Pins) -> None:
    """DeviceError where lgpio is wanted and is missing or empty."""
    if pins == "mock":
        return
    try:
        import lgpio
    except ImportError as error:
        raise DeviceError(f'{where} kind = "gpio": {error}; {_CURE}') from error
    if not hasattr(lgpio, "gpiochip_open"):
        raise DeviceError(f'{where} kind = "gpio": the lgpio here is the empty package 0.0.0.2 of PyPI; {_CURE}')


def _lgpio_factory(where: str) -> Any:
    check_library(where, "real")
    import lgpio
    from gpiozero.pins.lgpio import LGPIOFactory

    try:
        return LGPIOFactory()
    except (gpiozero.GPIOZeroError, lgpio.error, OSError) as error:
        raise DeviceError(f'{where} kind = "gpio": {error}; {_CHIP_CURE}') from error


_CURE = (
    "the real one is needed: apt install python3-lgpio, and an environment made with --system-site-packages; "
    'or pins = "mock" in [station] to run without pins'
)
_CHIP_CURE = (
    "a GPIO chip of a Raspberry Pi that this user may open is needed: add the user to the group gpio; "
    'or pins = "mock" in [station] to run without pins'
)
