"""SIGKILL at random moments under load: whatever was acknowledged is there, once, and the count goes on.

tests/run tests/torture                      a tenth: 20 kills
tests/run --long tests/torture               200 kills
TORTURE_SEED=7 tests/run tests/torture       from another seed; a failing test names its seed
"""

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.domain.identifiers import command_text
from tests.torture.child import Child, tags, wait_until
from tests.torture.gun import Gun, Verdict

SEED = int(os.environ.get("TORTURE_SEED") or 20261123)
SCANS_A_LIFE_MAX = 12


def tag(number: int) -> str:
    return f"1A40603000000010{number:08d}"


class Torture:
    """A gun, a station that is killed again and again, and what the gun was told."""

    def __init__(self, directory: Path, seed: int) -> None:
        self.gun = Gun()
        self.child = Child(directory, {"gun": self.gun.port})
        self.acknowledged: list[str] = []
        self.refused = 0
        self._random = random.Random(seed)
        self._next = 0

    def begin(self) -> None:
        """Open a free count at a location."""
        self.start()
        assert self._first_verdict("no code") == "refused"
        for card, subject in (("start-count", "free"), ("location", "Vault A")):
            self.gun.type(command_text(card, subject))
        self.scan_next()
        assert self.acknowledged, self.child.log()
        self.child.kill()

    def start(self) -> None:
        """Start the station and wait until it answers."""
        self.gun.unplugged()
        self.child.start()
        wait_until(lambda: self.gun.is_open() or not self.child.is_alive(), "the station opens the scanner's port")
        assert self.child.is_alive(), self.child.log()

    def life(self, *, is_killed: bool = True) -> None:
        """One start, one check that the count goes on, some scans, one kill at a random moment."""
        if is_killed and self._random.random() < 0.1:
            self._die_at_start()
            return
        self.start()
        assert self._first_verdict(self._random.choice(self.acknowledged)) == "already", self.child.log()
        for _ in range(self._random.randrange(SCANS_A_LIFE_MAX)):
            self.scan_next()
        if not is_killed:
            return
        self.gun.type(tag(self._next))
        wait_until_random_moment(self._random)
        self.child.kill()
        self._note(self.gun.answer(self.child.is_alive))

    def scan_next(self) -> None:
        """Scan a package and hear what came of it."""
        self.gun.type(tag(self._next))
        verdict = self.gun.answer(self.child.is_alive)
        assert verdict, f"no answer within the time-out\n{self.child.log()}"
        self._note(verdict)

    def _note(self, verdict: Verdict) -> None:
        """Without an answer the gun keeps its scan and types it again to the next station."""
        if verdict in ("counted", "already"):
            self.acknowledged.append(tag(self._next))
            self._next += 1
        self.refused += verdict == "refused"

    def _first_verdict(self, text: str) -> Verdict:
        """The answer to a scan that may be typed again: the port may have been flushed while it was opened."""
        for _ in range(50):
            self.gun.type(text)
            if verdict := self.gun.answer(self.child.is_alive, within_s=1.0):
                return verdict
        raise AssertionError(f"no answer\n{self.child.log()}")

    def _die_at_start(self) -> None:
        self.gun.unplugged()
        self.child.start()
        wait_until_random_moment(self._random, longest_s=0.6)
        self.child.kill()

    def close(self) -> None:
        self.child.close()
        self.gun.close()


def wait_until_random_moment(chance: random.Random, longest_s: float = 0.006) -> None:
    """Where in its work the station stands when it is killed is to be anybody's guess."""
    time.sleep(chance.random() * longest_s)


@pytest.fixture
def torture(tmp_path: Path) -> Iterator[Torture]:
    torture = Torture(tmp_path, SEED)
    yield torture
    torture.close()


@pytest.mark.parametrize("kills", [20, pytest.param(200, marks=pytest.mark.longest)])
def test_whatever_was_acknowledged_is_recorded_once_after_kills(torture: Torture, kills: int) -> None:
    print(f"TORTURE_SEED={SEED}")
    torture.begin()
    for _ in range(kills):
        torture.life()

    torture.life(is_killed=False)
    assert torture.child.stop() == 0, torture.child.log()
    leaves = torture.child.events()
    scanned = tags(leaves)
    assert set(torture.acknowledged) - set(scanned) == set()
    assert len(scanned) == len(set(scanned))
    assert {leaf.data["session"] for leaf in leaves if leaf.type == "count.scanned"} == {"C000001"}
    assert [leaf.type for leaf in leaves].count("epoch.began") == 1
    assert [int(leaf.sequence) for leaf in leaves] == list(range(len(leaves)))
    assert torture.refused == 0
    assert len(torture.acknowledged) > kills
    assert torture.child.call("verify", str(torture.child.directory)).returncode == 0
