"""A state through a snapshot and back, as a start does it."""

from collections.abc import Mapping
from types import MappingProxyType

from station.domain.station.state import Station
from station.journal import snapshot

NO_DOCUMENTS: Mapping[str, bytes] = MappingProxyType({})


def decoded(raw: bytes, documents: Mapping[str, bytes] = NO_DOCUMENTS) -> Station:
    """The state of a snapshot; the documents that it names by their SHA-256."""
    return snapshot.decode(raw, snapshot.VERSION, documents.__getitem__)


def through_snapshot(station: Station, documents: Mapping[str, bytes] = NO_DOCUMENTS) -> Station:
    """The state as it comes back."""
    return decoded(snapshot.encode(station), documents)
