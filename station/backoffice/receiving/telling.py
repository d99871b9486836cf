"""Cosigns what may be cosigned, and tells each station the newest cosignature: on change and every `ACK_EVERY_S`."""

from collections.abc import Callable
from typing import NamedTuple

from station.backoffice.store.alarms import AlarmKind
from station.backoffice.store.epochs import Epoch
from station.backoffice.store.stations import Stations
from station.backoffice.store.store import Store
from station.backoffice.witness.witness import Witness
from station.relay.topics import Topics

ACK_EVERY_S = 30.0
FAULTS_OF_ONE = (ValueError, LookupError, TypeError, ArithmeticError, RecursionError)
"""What one message, or one epoch, can be at fault for. What the disk or the database says is nobody's, and passes."""


class Publication(NamedTuple):
    """One message for the broker, QoS 1."""

    topic: str
    payload: bytes
    retain: bool = False


class CosignatureTelling:
    """Each epoch fails alone: `alarm` is given its kind, station, epoch and text. Use it outside of a group.

    `shorter` are the epochs whose journal is surely shorter than what was signed of it.
    """

    def __init__(
        self,
        store: Store,
        site: str,
        alarm: Callable[[AlarmKind, str, str, str], None],
        now: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self._store, self._site, self._alarm, self._now, self._wall = store, site, alarm, now, wall
        self._stations = Stations(store)
        self._told: dict[str, tuple[int, bytes, float]] = {}
        self.shorter: set[int] = set()

    def begin_connection(self) -> None:
        """The broker may have forgotten everything: tell it all again."""
        self._told.clear()

    def due(self, station: str, witness: Witness, may_speak: Callable[[Epoch], bool]) -> Publication | None:
        """Cosign what is verified of those epochs of which we may speak; return what is to be told of it now."""
        for epoch in self._store.epochs_of(station):
            if may_speak(epoch):
                self._cosign_alone(epoch, witness)
        for current in self._stations.epochs_at_work(station):
            if may_speak(current) and (note := self._cosigned_alone(current, witness)):
                break
        else:
            return None
        told = self._told.get(station)
        if told and told[:2] == (current.id, note) and self._now() < told[2] + ACK_EVERY_S:
            return None
        self._told[station] = (current.id, note, self._now())
        return Publication(Topics(self._site, station).ack_topic(witness.name), note, retain=True)

    def _cosign_alone(self, epoch: Epoch, witness: Witness) -> None:
        try:
            witness.cosign_largest(epoch, int(self._wall()))
        except FAULTS_OF_ONE as error:
            self._alarm(AlarmKind.STUCK, epoch.station, epoch.name, f"cannot be cosigned: {error!r}")

    def _cosigned_alone(self, epoch: Epoch, witness: Witness) -> bytes | None:
        try:
            return witness.standing_cosignature(epoch, is_shorter=epoch.id in self.shorter)
        except FAULTS_OF_ONE as error:
            self._alarm(AlarmKind.STUCK, epoch.station, epoch.name, f"its cosignature cannot be told: {error!r}")
            return None
