"""The lock's line and the siren's, on gpiozero's pins. An undriven lock line is secured: high releases."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal

import gpiozero

from drivers.gpio_pins import Pins, check_library, pin_factory
from drivers.ports import Now
from drivers.timed_lock import TimedLock

LockLine = Literal["high-releases"]
SirenLine = Literal["sounds-when-high", "sounds-when-low"]


class GpioLock(TimedLock):
    """A strike or maglock whose line is driven secure from the first moment. The options are the settings' of [door].

    DeviceError where lgpio is missing. A chip or pin that cannot be had is told to `on_failed` and tried again, so
    that a station whose lock is broken still records.
    """

    def __init__(
        self,
        *,
        lock_pin: int,
        now: Now,
        lock_line: LockLine = "high-releases",
        siren_pin: int | None = None,
        siren: SirenLine = "sounds-when-high",
        pins: Pins = "real",
        on_failed: Callable[[str], None] = lambda _: None,
        on_works: Callable[[], None] = lambda: None,
    ) -> None:
        check_library("[door]", pins)
        self._lines = _GpioLines(pins, lock_pin, lock_line == "high-releases", siren_pin, siren == "sounds-when-high")
        super().__init__(self._lines, now=now, on_failed=on_failed, on_works=on_works)

    @property
    def chip(self) -> int | None:
        """The number N of /dev/gpiochipN that the line hangs on; None on mock pins, or while there is no chip."""
        return getattr(self._lines.factory, "chip", None)


class _GpioLines:
    """Claimed when they are first driven; given up when they fail, and claimed anew the next time."""

    def __init__(
        self, pins: Pins, lock_pin: int, high_releases: bool, siren_pin: int | None, high_sounds: bool
    ) -> None:
        self._pins = pins
        self._wiring: dict[str, tuple[int | None, bool]] = {
            "lock_pin": (lock_pin, high_releases),
            "siren_pin": (siren_pin, high_sounds),
        }
        self._devices: dict[str, Any] = {}
        self.factory: Any = None

    def drive_lock(self, is_released: bool) -> None:
        self._set_line("lock_pin", is_released)

    def sound_siren(self, is_on: bool) -> None:
        self._set_line("siren_pin", is_on)

    def let_go(self) -> None:
        for key in list(self._devices):
            self._give_up_line(key)
        if self.factory is not None:
            self.factory.close()

    def _set_line(self, key: str, is_active: bool) -> None:
        pin, active_high = self._wiring[key]
        if pin is None:
            return
        try:
            if key not in self._devices:
                self._devices[key] = self._claim_line(pin, active_high)
            self._devices[key].value = is_active
        except Exception:  # gpiozero's and lgpio's kinds: the line is given up, and the caller told
            self._give_up_line(key)
            raise

    def _claim_line(self, pin: int, active_high: bool) -> Any:
        """The line as an output, idle from its first moment."""
        if self.factory is None:
            self.factory = pin_factory("[door]", self._pins)
        return gpiozero.DigitalOutputDevice(pin, active_high=active_high, initial_value=False, pin_factory=self.factory)

    def _give_up_line(self, key: str) -> None:
        """Give up a line; the chip too where no other needs it, for it may be the chip that went away."""
        device = self._devices.pop(key, None)
        with suppress(Exception):  # gpiozero's and lgpio's kinds; it failed already
            if device is not None:
                device.close()
        if not self._devices and self.factory is not None:
            gone, self.factory = self.factory, None
            with suppress(Exception):  # as above
                gone.close()
