"""What of the settings something in this release acts on."""

from drivers import catalog
from station.domain.documents.fields import Served

TABLES_OF_LATER = frozenset(["camera", "scale"])
"""Tables that CONTRACTS names and nothing acts on yet: each goes from here into `Settings` with its consumer."""
NO_DRIVER = "has no driver yet"


def driven(role: str) -> Served:
    """The kinds of a device that there is a driver for."""
    return Served(lambda: catalog.kinds_of(role), NO_DRIVER)


def driven_door() -> Served:
    """A door needs a driver of its switches and one of its lock; where there is no door, the lock's alone."""
    return Served(_door_kinds, NO_DRIVER)


def _door_kinds() -> list[str]:
    switches = [*catalog.kinds_of("door"), "none"]
    return [kind for kind in switches if kind in catalog.kinds_of("lock")]
