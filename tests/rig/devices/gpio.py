"""The pins: gpio-sim's 58 lines in the place of a Pi 4B's, numbered as BCM numbers them."""

from __future__ import annotations

from tests.rig.guest import Guest


class Pins:
    """What hangs on the pins: switches that drive a line, meters that read one."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        # The hardware script makes exactly one chip, so its name holds for every boot.
        self._chip = guest.check("echo /sys/devices/platform/gpio-sim.*/gpiochip0").strip()

    def drive(self, line: int, level: int) -> None:
        """Put a level on an input; again after each open, for opening a line sets the pull asked for."""
        self._guest.write(f"{self.folder(line)}/pull", [b"pull-up" if level else b"pull-down"])

    def value(self, line: int) -> int:
        """Return the level on a line, 0 or 1. An output that its program let go shows the pull again."""
        return int(self._guest.get(f"{self.folder(line)}/value"))

    def consumers(self) -> dict[int, str]:
        """Return who holds which line, as `gpioinfo` would."""
        debug = "/sys/kernel/debug"
        self._guest.check(f"[ -e {debug}/gpio ] || mount -t debugfs debugfs {debug}")
        text = self._guest.get(f"{debug}/gpio").decode(errors="replace")  # of a line that is being let go
        return parse_consumers(text)

    def folder(self, line: int) -> str:
        """Where the kernel shows it: `pull`, which a test writes, and `value`."""
        return f"{self._chip}/sim_gpio{line}"


def parse_consumers(text: str) -> dict[int, str]:
    """Read debugfs `gpio`: ` gpio-17 (name |consumer ) in hi`, numbered from the chip's base."""
    held: dict[int, str] = {}
    base = 0
    for line in text.splitlines():
        if line.startswith("gpiochip"):
            base = int(line.split("GPIOs ")[1].split("-")[0])
        elif "|" in line and line.strip().startswith("gpio-"):
            number = int(line.split("gpio-")[1].split()[0])
            held[number - base] = line.split("|")[1].split(")")[0].strip()
    return held
