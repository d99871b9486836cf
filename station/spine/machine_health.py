"""What only the machine knows of its own health."""

import os
from pathlib import Path
from typing import Any

TEMPERATURE = Path("/sys/class/thermal/thermal_zone0/temp")
# Bit 0: undervoltage now (Raspberry Pi firmware, get_throttled).
THROTTLED = Path("/sys/devices/platform/soc/soc:firmware/get_throttled")


def machine_health(directory: Path) -> dict[str, Any]:
    """Free bytes of the data directory's disk, temperature in degrees Celsius, undervoltage; None where unknown."""
    disk = os.statvfs(directory)
    millidegrees = _read_number(TEMPERATURE, 10)
    throttled = _read_number(THROTTLED, 16)
    return {
        "disk_free_bytes": disk.f_bavail * disk.f_frsize,
        "temperature_c": None if millidegrees is None else millidegrees / 1000,
        "undervoltage": None if throttled is None else bool(throttled & 1),
    }


def _read_number(path: Path, base: int) -> int | None:
    try:
        return int(path.read_text().strip(), base)
    except (OSError, ValueError):
        return None
