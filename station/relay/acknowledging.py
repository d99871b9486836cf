"""What witnesses cosigned of this epoch, held against the station's own checkpoints (C2SP tlog-cosignature). Pure.

Only a cosignature on exactly what this journal signed acknowledges anything. One on more than the journal holds, or on
another root, says that the journal is an older copy or was written over: then a new epoch must begin.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from station.domain.station.messages import Alert, as_json
from station.sealing.checkpoint import Checkpoint, open_checkpoint, open_cosigned
from station.sealing.note import NoteRefused, VerifierKey, split_note

CURE = "compare [[witness]] name and key with those that the witness shows; its own log says what it signed"


class OwnCheckpoints(Protocol):
    """The durable part of the journal, as far as acknowledgements are held against it."""

    def head(self) -> int:
        """Return the highest durable seq, -1 in an empty journal."""

    def checkpoints_between(self, first_size: int, last_size: int) -> list[tuple[int, bytes]]:
        """Return (size, signed note) of the checkpoints of these sizes."""


class WitnessCosigned(NamedTuple):
    """The witness has cosigned everything below `size`; `note` carries the cosignature."""

    witness: str
    size: int
    note: bytes


class WitnessContradicts(NamedTuple):
    """The witness holds more than this journal, or another past: it is not what it was when `note` was signed."""

    text: str
    note: bytes


class Acknowledgements:
    """Keeps the newest cosignature of each configured witness; `known` are sizes that the journal already tells of.

    `own` gives the station's keys, of now and before: what they did not sign says nothing against the journal.
    """

    def __init__(
        self,
        own: Callable[[], Iterable[VerifierKey]],
        origin: str,
        witnesses: Mapping[str, VerifierKey],
        journal: OwnCheckpoints,
        known: Mapping[str, int],
    ) -> None:
        self._own, self._origin, self._witnesses, self._journal = own, origin, witnesses, journal
        self._sizes = {name: known.get(name, 0) for name in witnesses}
        self._refused: dict[str, str] = {}

    @property
    def acked(self) -> int:
        """The highest seq that every witness has cosigned; -1 where one has nothing yet."""
        return min(self._sizes.values()) - 1

    def read_acknowledgement(self, witness: str, note: bytes) -> WitnessCosigned | WitnessContradicts | None:
        """Read a note that came on `ack/<witness>`; return its news or None. One that proves nothing is an alert."""
        if witness not in self._witnesses or not note:
            return None
        try:
            checkpoint = open_cosigned(note, self._witnesses[witness]).checkpoint
            if checkpoint.origin != self._origin:
                return None  # still of an epoch that has ended
            news = self._compare_with_own(witness, checkpoint, note)
        except NoteRefused as refused:
            self._refused[witness] = str(refused)
            return None
        self._refused.pop(witness, None)
        return news

    def refusal_alerts(self) -> dict[str, dict[str, Any]]:
        """Return `code/instance` -> payload for each witness whose newest note was refused."""
        return {f"ack-refused/{name}": as_json(Alert(reason=why, cure=CURE)) for name, why in self._refused.items()}

    def _compare_with_own(
        self, witness: str, checkpoint: Checkpoint, note: bytes
    ) -> WitnessCosigned | WitnessContradicts | None:
        size, here = checkpoint.size, self._journal.head() + 1
        own = self._journal.checkpoints_between(size, size)
        if not own or split_note(own[0][1])[0] != split_note(note)[0]:
            open_checkpoint(note, self._own())
            if size > here:
                return WitnessContradicts(
                    f"journal: {here} events here, witness {witness} has {size}: an older copy", note
                )
            return WitnessContradicts(f"journal: witness {witness} has another past below event {size}", note)
        if size <= self._sizes[witness]:
            return None
        self._sizes[witness] = size
        return WitnessCosigned(witness, size, note)
