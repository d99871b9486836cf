"""Random messages, honest and hostile, restarts and lost tails: no epoch is blocked for ever, none is cosigned twice
differently, and nothing ends the receiver."""

import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from station.sealing.checkpoint import open_checkpoint, open_cosigned
from station.sealing.merkle import leaf_hash, root_of
from station.sealing.note import SigningKey, split_note
from tests.backoffice.test_junk_signatures import junk_lines
from tests.backoffice.world import VAULT, WITNESS, FakeStation, Message, Office

SEQS = st.integers(0, 40) | st.just(10**15)
KINDS = ("event/count.scanned", "withheld", "checkpoint", "info", "health", "state", f"ack/{WITNESS.name}")
EVENTS_MAX = 60


class OfficeMachine(RuleBasedStateMachine):
    """The vault is honest; somebody else at the broker is not, and has no key."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.office = Office(Path(self._folder.name) / "office.db")
        self.vault = FakeStation()
        self.office.approve(self.vault)
        self.roots: dict[tuple[str, int], bytes] = {}
        self.judged = self.lives = 0
        self.vault.write(1)

    def teardown(self) -> None:
        """The attack ends: the station sends what nobody cosigned again and again, as its relay does."""
        for _ in range(30):
            self.hear()
            self.office.take(self.vault.info(), *self.vault.events(), self.vault.checkpoint(), self.vault.health())
            self.office.pass_s(3)
            self.judge()
            if self.is_cosigned(len(self.vault.leaves)):
                break
        else:
            raise AssertionError(f"blocked for ever: {self.office.alarms()}")
        epoch = self.office.store.ensure_epoch(VAULT, self.vault.epoch)
        assert self.office.stored(self.vault)[: epoch.verified] == self.vault.leaves
        self.office.store.close()
        self._folder.cleanup()

    # The vault

    @precondition(lambda self: len(self.vault.leaves) < EVENTS_MAX)
    @rule(count=st.integers(1, 6), delivered=st.sets(st.integers(0, 5)), with_checkpoint=st.booleans())
    def write(self, count: int, delivered: set[int], with_checkpoint: bool) -> None:
        self.hear()
        first = len(self.vault.leaves)
        self.vault.write(count, tag=f"life {self.lives}")
        self.office.take(*(self.vault.event(first + each) for each in delivered if each < count))
        if with_checkpoint:
            self.office.take(self.vault.checkpoint())

    @rule(first=st.integers(0, 40), count=st.integers(1, 20))
    def send_again(self, first: int, count: int) -> None:
        end = min(len(self.vault.leaves), first + count)
        self.office.take(*self.vault.events(min(first, end), end), self.vault.health(), self.vault.info())

    @rule(lost=st.integers(1, 8))
    def lose_tail(self, lost: int) -> None:
        """The card lost its last events after they were sent."""
        del self.vault.leaves[max(1, len(self.vault.leaves) - lost) :]
        self.lives += 1
        self.vault.boot = f"boot-{self.lives}"
        self.hear()

    def hear(self) -> None:
        """A cosignature over another past than ours, or over more: the journal was rolled back, a new epoch begins."""
        for origin, size in list(self.roots):
            if origin == self.vault.origin and not self.is_ours(size):
                before, self.lives = self.vault, self.lives + 1
                self.vault = FakeStation(epoch=f"epoch-{self.lives:03d}")
                self.vault.boot = f"boot-{self.lives}"
                self.vault.write(1, "epoch.began", reason="rolled back", previous=before.epoch)
                return

    def is_ours(self, size: int) -> bool:
        leaves = self.vault.leaves[:size]
        return len(leaves) == size and root_of(list(map(leaf_hash, leaves))) == self.roots[self.vault.origin, size]

    def is_cosigned(self, size: int) -> bool:
        return (self.vault.origin, size) in self.roots and self.is_ours(size)

    # Somebody else

    @rule(seq=SEQS, kind=st.sampled_from(["count.scanned", "key.rotated", "epoch.began"]), word=st.integers(0, 30))
    def forge_event(self, seq: int, kind: str, word: int) -> None:
        content = {"previous": self.vault.epoch, "key": "k", "note": "n", "word": str(word)}
        self.office.take((f"{self.vault.base}/event/{kind}", self.vault.leaf(seq, kind, **content)))

    @rule(seq=SEQS, byte=st.integers(0, 255))
    def forge_withheld(self, seq: int, byte: int) -> None:
        self.say("withheld", {"epoch": self.vault.epoch, "seq": seq, "hash": f"{byte:02x}" * 32})

    @rule(head=SEQS | st.just(-1))
    def forge_health(self, head: int) -> None:
        self.say("health", {"head": head, "epoch": self.vault.epoch})

    @rule(epoch=st.sampled_from(["made-up", "other"]))
    def forge_epoch(self, epoch: str) -> None:
        made_up = FakeStation(epoch=epoch)
        made_up.write(1, "epoch.began", reason="made up", previous=self.vault.epoch)
        self.say("info", {"epoch": epoch})
        self.office.take(*made_up.events())

    @rule(lines=st.sampled_from([1, 63, 98]), is_ours=st.booleans(), is_stranger=st.booleans())
    def forge_checkpoint(self, lines: int, is_ours: bool, is_stranger: bool) -> None:
        """The station's own with junk below it, or a stranger's over other leaves."""
        signer = self.vault.copy()
        if is_stranger:
            signer.key = SigningKey(signer.key.name, 1, b"z" * 32)
            signer.write(2, tag="forged")
        topic, note = signer.checkpoint()
        self.office.take((topic, note + junk_lines(lines, signer.key.name if is_ours else "junk")))

    @rule(kind=st.sampled_from(KINDS), payload=st.binary(max_size=60) | st.text(max_size=40).map(str.encode))
    def nonsense(self, kind: str, payload: bytes) -> None:
        self.office.take((f"{self.vault.base}/{kind}", payload))

    def say(self, kind: str, body: dict[str, object]) -> None:
        message: Message = (f"{self.vault.base}/{kind}", json.dumps(body).encode())
        self.office.take(message)

    # The office

    @rule()
    def restart(self) -> None:
        self.office.restart()

    @rule(seconds=st.sampled_from([1, 5, 40]))
    def wait(self, seconds: int) -> None:
        self.office.pass_s(seconds)

    @invariant()
    def judge(self) -> None:
        """What was published as cosigned: one root for each size, and only what the station signed."""
        for each in self.office.published[self.judged :]:
            if "/ack/" in each.topic:
                open_cosigned(each.payload, WITNESS.verifier)
                found = open_checkpoint(each.payload, [self.vault.key.verifier])
                assert len(split_note(each.payload)[1]) == 2, "the station's line and ours"
                assert self.roots.setdefault((found.origin, found.size), found.root) == found.root
        self.judged = len(self.office.published)


TestOffice = OfficeMachine.TestCase
TestOffice.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
