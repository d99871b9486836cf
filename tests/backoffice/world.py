"""A little station that signs what it sends, a clock that stands still, and the receiver, without a broker."""

import contextlib
import json
from pathlib import Path
from typing import Any

from station.backoffice.receiving.receiver import Receiver
from station.backoffice.receiving.telling import Publication
from station.backoffice.store.store import Store
from station.sealing.checkpoint import Checkpoint, open_cosigned, sign_checkpoint
from station.sealing.merkle import leaf_hash, root_of
from station.sealing.note import COSIGNATURE, SigningKey

SITE = "greenleaf-414"
VAULT = "vault-1"
EPOCH = "20261123T140405Z-7f3a"
LATER = "20261124T080000Z-11aa"
WITNESS = SigningKey("greenleaf-backoffice", COSIGNATURE, b"w" * 32)

Message = tuple[str, bytes]


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> float:
        return self.seconds

    def wall(self) -> float:
        return 1_790_000_000.0 + self.seconds


class FakeStation:
    """Leaves in a list, and the messages about them."""

    def __init__(self, name: str = VAULT, epoch: str = EPOCH, seed: bytes = b"s" * 32, site: str = SITE) -> None:
        self.name, self.epoch, self.site = name, epoch, site
        self.key = SigningKey(f"custody/{site}/{name}", 1, seed)
        self.leaves: list[bytes] = []
        self.boot = "boot-a"

    def copy(self) -> "FakeStation":
        """A station that was cloned, or put back, here."""
        twin = FakeStation(self.name, self.epoch, site=self.site)
        twin.key, twin.leaves, twin.boot = self.key, self.leaves.copy(), self.boot
        return twin

    @property
    def base(self) -> str:
        return f"custody/v1/{self.site}/{self.name}"

    @property
    def origin(self) -> str:
        return f"custody/{self.site}/{self.name}/{self.epoch}"

    def leaf(self, seq: int, event_type: str = "count.scanned", **content: Any) -> bytes:
        attributes = {
            "specversion": "1.0",
            "id": f"{self.epoch}-{seq}",
            "source": f"/custody/{self.site}/{self.name}",
            "type": event_type,
            "time": "2026-11-23T14:04:05.123Z",
            "sequence": f"{seq:012d}",
            "epoch": self.epoch,
            "boot": self.boot,
            "data": content or {"tag": "1A4060300000001000012345"},
        }
        return json.dumps(attributes).encode()

    def write(self, count: int = 1, event_type: str = "count.scanned", **content: Any) -> None:
        """Append events."""
        for _ in range(count):
            self.leaves.append(self.leaf(len(self.leaves), event_type, **content))

    def event(self, seq: int) -> Message:
        """The message of one leaf."""
        return f"{self.base}/event/{json.loads(self.leaves[seq])['type']}", self.leaves[seq]

    def events(self, first: int = 0, end: int | None = None) -> list[Message]:
        return [self.event(seq) for seq in range(first, len(self.leaves) if end is None else end)]

    def withheld(self, seq: int) -> Message:
        body = {"epoch": self.epoch, "seq": seq, "hash": leaf_hash(self.leaves[seq]).hex()}
        return f"{self.base}/withheld", json.dumps(body).encode()

    def note(self, size: int | None = None) -> bytes:
        """A checkpoint over the first `size` leaves."""
        size = len(self.leaves) if size is None else size
        root = root_of([leaf_hash(each) for each in self.leaves[:size]])
        return sign_checkpoint(Checkpoint(self.origin, size, root), self.key)

    def checkpoint(self, size: int | None = None) -> Message:
        return f"{self.base}/checkpoint", self.note(size)

    def info(self) -> Message:
        body = {"epoch": self.epoch, "key": str(self.key.verifier), "version": "0.3"}
        return f"{self.base}/info", json.dumps(body).encode()

    def health(self, head: int | None = None) -> Message:
        return f"{self.base}/health", json.dumps({"head": len(self.leaves) - 1 if head is None else head}).encode()


class Office:
    """A receiver over a database file; what it published is kept."""

    def __init__(self, path: Path, **options: Any) -> None:
        self.path = path
        self.clock = Clock()
        self.published: list[Publication] = []
        self._options = options
        self._open()

    def _open(self) -> None:
        self.store = Store.open_for_writing(self.path)
        self.receiver = Receiver(self.store, SITE, WITNESS, now=self.clock.now, wall=self.clock.wall, **self._options)

    def restart(self) -> None:
        """As after a kill: nothing of memory is left."""
        self.store.close()
        self._open()

    def take(self, *messages: Message) -> None:
        self.published += self.receiver.take_group(messages)

    def pass_s(self, seconds: float) -> list[Publication]:
        """Let time pass, with a tick each second; return what was published meanwhile."""
        before = len(self.published)
        for _ in range(max(1, int(seconds))):
            self.clock.seconds += min(1.0, seconds)
            self.published += self.receiver.publications_due()
        return self.published[before:]

    def approve(self, station: FakeStation) -> None:
        self.published += self.receiver.approve_key(station.name, station.key.verifier)

    def acked(self, station: str = VAULT) -> int:
        """The size of the newest cosignature that was published for a station."""
        mine = [each for each in self.published if f"/{station}/ack/" in each.topic]
        return open_cosigned(mine[-1].payload, WITNESS.verifier).checkpoint.size if mine else 0

    def asked(self) -> list[tuple[int, int]]:
        """What was asked for again, as (from, to)."""
        bodies = [json.loads(each.payload) for each in self.published if each.topic.endswith("/resend")]
        return [(body["from"], body["to"]) for body in bodies]

    def contiguous(self, station: FakeStation) -> int:
        epoch = self.store.find_epoch(station.name, station.epoch)
        return -1 if epoch is None else epoch.contiguous

    def durable(self, station: FakeStation) -> int:
        """How many leaves another connection sees."""
        with contextlib.closing(Store.open_for_reading(self.path)) as store:
            epoch = store.find_epoch(station.name, station.epoch)
            return 0 if epoch is None else sum(1 for _ in store.stored_leaves(epoch))

    def stored(self, station: FakeStation) -> list[bytes | None]:
        epoch = self.store.find_epoch(station.name, station.epoch)
        return [] if epoch is None else [leaf for _, _, leaf in self.store.stored_leaves(epoch)]

    def alarms(self) -> list[tuple[str, int | None]]:
        """Kind and first differing event of every alarm."""
        return [(each.kind, each.seq) for each in self.receiver.alarms.standing_alarms()]
