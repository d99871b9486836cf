"""The log's lines about what goes wrong and right again: each alert's begin with its cure, and its end."""

from typing import Any

import structlog

from station.domain.core.conditions import Conditions
from station.domain.station.alerts import alerts
from station.domain.station.state import Station

SOURCE = "source/"

log = structlog.get_logger()


class AlertLog:
    """Compares the alerts of now with those of the last look. Nothing is open before the first: a start says all."""

    def __init__(self) -> None:
        self._seen: tuple[Station, Conditions] | None = None
        self._open: dict[str, dict[str, Any]] = {}

    def log_changes(self, station: Station, conditions: Conditions) -> None:
        """Log what has begun and ended since the last look; `station` as far as it is durable."""
        if self._seen is not None and self._seen[0] is station and self._seen[1] == conditions:
            return
        self._seen = (station, conditions)
        found = alerts(station, conditions)
        for name in sorted(found.keys() - self._open.keys()):
            log.warning("source.lost" if name.startswith(SOURCE) else "alert begins", **_fields_of(name), **found[name])
        for name in sorted(self._open.keys() - found.keys()):
            log.info("source.found" if name.startswith(SOURCE) else "alert ends", **_fields_of(name))
        self._open = found


def _fields_of(name: str) -> dict[str, str]:
    """A device that is lost is named as its events name it."""
    source = name.removeprefix(SOURCE)
    return {"alert": name} if source == name else {"source": source, "alert": name}
