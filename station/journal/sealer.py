"""Signs checkpoints over what the journal thread commits, each to be stored in the transaction of its last event.

At once where an event asks for it, every hundred events, else a minute after the last one while there is something new.
Ed25519 signs one text always alike, so a commit of unknown outcome that is tried again never makes a second statement.
"""

from collections.abc import Callable, Iterable

from station.journal.reader import JournalCorrupt, Reader
from station.sealing.checkpoint import Checkpoint, sign_checkpoint
from station.sealing.merkle import CompactRange
from station.sealing.note import SigningKey

SEAL_EVENTS_MAX = 100
SEAL_EVERY_MS = 60_000

CheckpointRow = tuple[int, bytes, bytes]
"""size, signed note, compact range: as in the table."""


def origin_of(key_name: str, epoch: str) -> str:
    """The origin of an epoch's checkpoints: `custody/<site>/<station>/<epoch>`."""
    return f"{key_name}/{epoch}"


class Sealer:
    """Makes one epoch's checkpoints. The caller appends the hashes that it has committed, and tells so."""

    def __init__(
        self, key: SigningKey, epoch: str, sealed: CompactRange, since: Iterable[bytes], now: Callable[[], int]
    ) -> None:
        self._key, self._origin = key, origin_of(key.name, epoch)
        self._sealed, self._since = sealed, list(since)
        self._next: CompactRange | None = None
        self._now = now
        self._sealed_at: int | None = None  # none in this run: the first commit covers what an earlier one left

    @classmethod
    def resume(cls, key: SigningKey, reader: Reader, now: Callable[[], int]) -> "Sealer":
        """Go on where the journal stands; raise `JournalCorrupt` where its newest checkpoint can't be read."""
        newest = reader.newest_checkpoint()
        try:
            sealed = CompactRange.EMPTY if newest is None else CompactRange.decode(newest[0], newest[2])
        except ValueError as error:
            raise JournalCorrupt(f"checkpoint: {error}") from None
        since = [hash for _, hash in reader.all_leaf_hashes(sealed.size)]
        return cls(key, reader.epoch(), sealed, since, now)

    def use_key(self, key: SigningKey) -> None:
        """Sign with this key from the next checkpoint on."""
        self._key = key

    def checkpoint_due(self, hashes: list[bytes], is_urgent: bool) -> CheckpointRow | None:
        """Make the checkpoint that belongs to a commit of these leaf hashes; None where none is due."""
        count = len(self._since) + len(hashes)
        is_due = self._sealed_at is None or self._now() - self._sealed_at >= SEAL_EVERY_MS
        if not count or not (is_urgent or is_due or count >= SEAL_EVENTS_MAX):
            self._next = None
            return None
        self._next = found = self._sealed.extend([*self._since, *hashes])
        note = sign_checkpoint(Checkpoint(self._origin, found.size, found.root()), self._key)
        return found.size, note, found.encode()

    def note_committed(self, hashes: list[bytes]) -> None:
        """Take in that these leaf hashes are durable, with the checkpoint that was made for them, if one was."""
        if self._next is None:
            self._since += hashes
        else:
            self._sealed, self._since, self._next = self._next, [], None
            self._sealed_at = self._now()
