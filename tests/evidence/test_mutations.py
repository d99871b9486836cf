"""Ten thousand mutations of a witnessed journal, each detected against the witness's checkpoint. Seeded."""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from station.evidence.trust import Trust
from station.evidence.verify import Verified, check_journal
from station.journal.journal import Row
from station.sealing.merkle import leaf_hash
from tests.evidence.journals import STATION, Made, Memory, sealed

SEED = 20261123
MUTATIONS = 10_000


class Bench:
    """One witnessed journal as an image, and what it takes to harm a copy of it."""

    def __init__(self, directory: Path) -> None:
        self.made = Made(directory / "whole")
        self.image = self.made.image()
        self.chance = random.Random(SEED)

    def copy(self) -> Memory:
        return Memory(self.image)

    def witnessed_seq(self) -> int:
        return self.chance.randrange(self.made.size)

    def flipped(self, part: bytes) -> Memory:
        """One bit of this part of the file the other way round."""
        at = self.image.find(part)
        assert at > 0
        assert part not in self.image[at + 1 :]
        bit = self.chance.randrange(len(part) * 8)
        image = bytearray(self.image)
        image[at + bit // 8] ^= 1 << bit % 8
        return Memory(bytes(image))

    def refilled(self, rows: list[Row], checkpoints: list[tuple[int, bytes, bytes]]) -> Memory:
        """The journal with these events and checkpoints instead of its own."""
        copy = self.copy()
        copy.do("DELETE FROM event")
        copy.do("DELETE FROM checkpoint")
        copy.connection().executemany("INSERT INTO event VALUES (?, ?, ?, ?)", rows)
        copy.connection().executemany("INSERT INTO checkpoint VALUES (?, ?, ?)", checkpoints)
        return copy

    def rewritten(self) -> list[Row]:
        """The events with one of the past told otherwise, and a hash that fits it."""
        seq, rows = self.witnessed_seq(), list(self.made.rows)
        leaf = msgspec.json.decode(rows[seq][1])
        leaf["data"]["by"] = f"somebody else {self.chance.random()}"
        raw = msgspec.json.encode(leaf)
        rows[seq] = (seq, raw, leaf_hash(raw), rows[seq][3])
        return rows

    def resealed(self, rows: list[Row]) -> list[tuple[int, bytes, bytes]]:
        """Fresh checkpoints over these events, signed with the station's own key."""
        return sealed((row[2] for row in rows), self.made.epoch)


def bit_in_leaf(bench: Bench) -> Memory:
    return bench.flipped(bench.made.rows[bench.chance.randrange(len(bench.made.rows))][1])


def bit_in_hash(bench: Bench) -> Memory:
    # A leaf's hash also stands in ranges where it is a perfect subtree of its own.
    seqs = [row[0] for row in bench.made.rows if bench.image.count(row[2]) == 1]
    return bench.flipped(bench.made.rows[bench.chance.choice(seqs)][2])


def bit_in_checkpoint(bench: Bench) -> Memory:
    size, note, _ = bench.chance.choice(bench.made.sealed[:-1])
    copy = bench.copy()
    return _with_bit(bench, copy, "UPDATE checkpoint SET note = ? WHERE size = ?", note, size)


def bit_in_range(bench: Bench) -> Memory:
    size, _, kept_range = bench.chance.choice(bench.made.sealed)
    return _with_bit(bench, bench.copy(), "UPDATE checkpoint SET range = ? WHERE size = ?", kept_range, size)


def bit_in_cosigned(bench: Bench) -> Memory:
    return _with_bit(bench, bench.copy(), "UPDATE cosigned SET note = ? WHERE size = ?", bench.made.witnessed, 50)


def _with_bit(bench: Bench, copy: Memory, statement: str, content: bytes, size: int) -> Memory:
    flipped = bytearray(content)
    bit = bench.chance.randrange(len(content) * 8)
    flipped[bit // 8] ^= 1 << bit % 8
    copy.do(statement, bytes(flipped), size)
    return copy


def row_deleted(bench: Bench) -> Memory:
    copy, seq = bench.copy(), bench.witnessed_seq()
    copy.do("DELETE FROM event WHERE seq = ?", seq)
    if bench.chance.random() < 0.5:  # and those after it moved up
        copy.do("UPDATE event SET seq = -seq WHERE seq > ?", seq)
        copy.do("UPDATE event SET seq = -seq - 1 WHERE seq < 0")
    return copy


def rows_swapped(bench: Bench) -> Memory:
    copy = bench.copy()
    one, other = bench.chance.sample(range(bench.made.size), 2)
    for seq, (_, leaf, kept_hash, _) in ((one, bench.made.rows[other]), (other, bench.made.rows[one])):
        copy.do("UPDATE event SET leaf = ?, hash = ? WHERE seq = ?", leaf, kept_hash, seq)
    return copy


def tail_cut(bench: Bench) -> Memory:
    copy, kept = bench.copy(), bench.witnessed_seq()
    copy.do("DELETE FROM event WHERE seq >= ?", kept)
    if bench.chance.random() < 0.8:  # by somebody who takes away all that tells of it
        copy.do("DELETE FROM checkpoint WHERE size > ?", kept)
        copy.do("DELETE FROM cosigned")
    return copy


def older_copy(bench: Bench) -> Memory:
    kept = bench.witnessed_seq()
    rows = bench.made.rows[:kept]
    copy = bench.refilled(rows, bench.resealed(rows))
    copy.do("DELETE FROM cosigned")
    return copy


def rewritten_past(bench: Bench) -> Memory:
    return bench.refilled(bench.rewritten(), bench.made.sealed)


def rewritten_past_with_the_key(bench: Bench) -> Memory:
    rows = bench.rewritten()
    copy = bench.refilled(rows, bench.resealed(rows))
    if bench.chance.random() < 0.5:
        copy.do("DELETE FROM cosigned")
    return copy


KINDS: tuple[Callable[[Bench], Memory], ...] = (
    bit_in_leaf,
    bit_in_hash,
    bit_in_checkpoint,
    bit_in_range,
    bit_in_cosigned,
    row_deleted,
    rows_swapped,
    tail_cut,
    older_copy,
    rewritten_past,
    rewritten_past_with_the_key,
)


def found_in(copy: Memory, trust: Trust) -> Verified:
    try:
        return check_journal(copy.reader(), trust, [STATION.verifier])
    finally:
        copy.close()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"))


def test_the_journal_holds_before_anybody_harms_it(bench: Bench) -> None:
    held = found_in(bench.copy(), bench.made.trust)

    assert (held.fault, held.events, held.is_key_confirmed) == ("", 53, True)


def test_every_one_of_ten_thousand_mutations_is_detected(bench: Bench) -> None:
    seen: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for number in range(MUTATIONS):
        kind = KINDS[number % len(KINDS)]
        found = found_in(kind(bench), bench.made.trust)
        seen[kind.__name__] += 1
        missed[kind.__name__] += not found.fault
    assert +missed == Counter()
    assert min(seen[kind.__name__] for kind in KINDS) >= MUTATIONS // len(KINDS)


def test_without_the_witness_a_thief_of_the_key_is_not_seen_so_the_witness_it_is_that_sees_him(bench: Bench) -> None:
    alone = Trust(STATION.verifier)
    tried = 0
    while tried < 20:
        copy = (older_copy, rewritten_past_with_the_key)[tried % 2](bench)
        if copy.do("SELECT 1 FROM checkpoint"):  # a copy older than the first has nothing that the key signed
            copy.do("DELETE FROM cosigned")
            assert found_in(copy, alone).fault == ""
            tried += 1


def test_a_bit_anywhere_in_the_file_is_found_or_changes_nothing_that_is_sworn(bench: Bench) -> None:
    found = 0
    for _ in range(1_000):
        image = bytearray(bench.image)
        bit = bench.chance.randrange(len(image) * 8)
        image[bit // 8] ^= 1 << bit % 8
        copy = Memory(bytes(image))
        if check_journal(copy.reader(), bench.made.trust, [STATION.verifier]).fault:
            found += 1
        else:
            assert copy.do("SELECT seq, leaf, hash FROM event") == [row[:3] for row in bench.made.rows]
    assert found > 250
