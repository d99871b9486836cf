"""A hundred thousand forged proofs, every one refused; and where a size alone is wrong, what the recursion says.

A statement is forged where it is not true of the log, or its proof is not the one that RFC 6962 defines for it.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256

import pytest

from station.sealing.merkle import ProofRefused, check_consistency, check_inclusion
from tests.sealing.reference import Log, Misfit, grown_roots, included_root

FORGERIES = 50_000  # of each of the two kinds
LEAVES = [sha256(b"leaf %d" % number).digest() for number in range(150)]
LOG = Log(LEAVES)
Proof = tuple[bytes, ...]


@dataclass(frozen=True)
class Included:
    """What an inclusion proof is given for."""

    leaf: bytes
    index: int
    size: int
    root: bytes
    proof: Proof

    def check(self) -> None:
        check_inclusion(self.leaf, self.index, self.size, self.proof, self.root)

    def is_true(self) -> bool:
        return self == included(self.index, self.size)


@dataclass(frozen=True)
class Consistent:
    """What a consistency proof is given for."""

    old: int
    old_root: bytes
    size: int
    root: bytes
    proof: Proof

    def check(self) -> None:
        check_consistency(self.old, self.old_root, self.size, self.root, self.proof)

    def is_true(self) -> bool:
        return self == consistent(self.old, self.size)


Statement = Included | Consistent


def included(index: int, size: int) -> Included | None:
    if not 0 <= index < size <= len(LEAVES):
        return None
    return Included(LEAVES[index], index, size, LOG.root(0, size), LOG.path(index, 0, size))


def consistent(old: int, size: int) -> Consistent | None:
    if not 0 < old <= size <= len(LEAVES):
        return None
    return Consistent(old, LOG.root(0, old), size, LOG.root(0, size), LOG.proof(old, 0, size))


def flipped(hash: bytes, chance: random.Random) -> bytes:
    return (int.from_bytes(hash, "big") ^ 1 << chance.randrange(256)).to_bytes(32, "big")


def some_hash(statement: Statement, chance: random.Random) -> bytes:
    """One that a forger has at hand: of the log, of the proof, or made up."""
    return chance.choice([*statement.proof, statement.root, chance.choice(LEAVES), chance.randbytes(32)])


def forged_proof(statement: Statement, chance: random.Random) -> Statement:
    proof = list(statement.proof)
    at = chance.randrange(len(proof) + 1)
    match chance.randrange(6):
        case 0 if at < len(proof):
            proof[at] = flipped(proof[at], chance)
        case 1 if at < len(proof):
            del proof[at]
        case 2 if at < len(proof):
            other = chance.randrange(len(proof))
            proof[at], proof[other] = proof[other], proof[at]
        case 3 if at < len(proof):
            proof[at] = some_hash(statement, chance)
        case 4 if at < len(proof):
            proof[at] = proof[at][: chance.randrange(32)]
        case _:
            proof.insert(at, some_hash(statement, chance))
    return replace(statement, proof=tuple(proof))


def wrong_inclusion(statement: Statement, chance: random.Random) -> Statement:
    """Right hashes for another leaf, index, size or root. A wrong size comes with that size's own root."""
    assert isinstance(statement, Included)
    size = chance.randrange(1, len(LEAVES) + 1)
    match chance.randrange(5):
        case 0:
            return replace(statement, leaf=flipped(statement.leaf, chance))
        case 1:
            return replace(statement, leaf=some_hash(statement, chance))
        case 2:
            return replace(statement, index=chance.randrange(-2, statement.size + 3))
        case 3:
            return replace(statement, size=size, root=LOG.root(0, size))
        case _:
            return replace(statement, root=chance.choice([LOG.root(0, size), flipped(statement.root, chance)]))


def wrong_consistency(statement: Statement, chance: random.Random) -> Statement:
    """Right hashes for other sizes or roots. A wrong size comes with that size's own root."""
    assert isinstance(statement, Consistent)
    size = chance.randrange(len(LEAVES) + 1)
    root = chance.choice([LOG.root(0, size), some_hash(statement, chance)])
    match chance.randrange(6):
        case 0:
            return replace(statement, old_root=chance.choice([root, flipped(statement.old_root, chance)]))
        case 1:
            return replace(statement, root=chance.choice([root, flipped(statement.root, chance)]))
        case 2:
            return replace(statement, old=size, old_root=LOG.root(0, size))
        case 3:
            return replace(statement, size=size, root=LOG.root(0, size))
        case 4:
            return replace(statement, old_root=statement.root, root=statement.old_root)
        case _:
            return replace(statement, old=statement.size, size=statement.old)


def true_statement(kind: type[Statement], chance: random.Random) -> Statement:
    size = chance.randrange(1, len(LEAVES) + 1)
    made = included(chance.randrange(size), size) if kind is Included else consistent(chance.randint(1, size), size)
    assert made is not None
    return made


def is_accepted(statement: Statement) -> bool:
    try:
        statement.check()
    except ProofRefused:
        return False
    return True


@pytest.mark.parametrize(("kind", "wrong"), [(Included, wrong_inclusion), (Consistent, wrong_consistency)])
def test_every_forgery_is_refused(
    kind: type[Statement], wrong: Callable[[Statement, random.Random], Statement]
) -> None:
    chance = random.Random(6962)
    refused = 0
    accepted: list[Statement] = []
    while refused + len(accepted) < FORGERIES:
        original = true_statement(kind, chance)
        assert is_accepted(original)
        for _ in range(10):
            forgery = chance.choice([forged_proof, wrong])(original, chance)
            if forgery.is_true() or _says_nothing(forgery):
                continue
            if is_accepted(forgery):
                accepted.append(forgery)
            else:
                refused += 1

    assert accepted == []
    assert refused >= FORGERIES


def _says_nothing(forgery: Statement) -> bool:
    """Equal trees are consistent whatever their root, and any tree with the empty one: nobody is deceived."""
    match forgery:
        case Consistent(old=0, old_root=old_root, proof=()):
            return old_root == LOG.root(0, 0)
        case Consistent(proof=()):
            return forgery.old == forgery.size and forgery.old_root == forgery.root
    return False


def test_with_a_wrong_size_alone_the_recursion_decides() -> None:
    """A proof does not bind the size where another size has the same shape: the signed checkpoint does."""
    chance = random.Random(9162)
    verdicts: list[tuple[bool, bool]] = []
    for _ in range(20_000):
        true = true_statement(Included, chance)
        assert isinstance(true, Included)
        claimed = replace(true, size=chance.randrange(true.index + 1, len(LEAVES) + 1))
        verdicts.append((is_accepted(claimed), _leads_to_root(claimed)))

    assert [verdict for verdict in verdicts if verdict[0] != verdict[1]] == []
    assert {verdict[0] for verdict in verdicts} == {True, False}


def test_with_wrong_old_sizes_alone_the_recursion_decides() -> None:
    chance = random.Random(9163)
    verdicts: list[tuple[bool, bool]] = []
    while len(verdicts) < 20_000:
        true = true_statement(Consistent, chance)
        assert isinstance(true, Consistent)
        claimed = replace(true, old=chance.randint(1, 150), size=chance.randint(1, 150))
        if claimed.old < claimed.size:
            verdicts.append((is_accepted(claimed), _leads_to_roots(claimed)))

    assert [verdict for verdict in verdicts if verdict[0] != verdict[1]] == []
    assert {verdict[0] for verdict in verdicts} == {True, False}


def _leads_to_root(claimed: Included) -> bool:
    try:
        return included_root(claimed.leaf, claimed.index, claimed.size, claimed.proof) == claimed.root
    except Misfit:
        return False


def _leads_to_roots(claimed: Consistent) -> bool:
    try:
        return grown_roots(claimed.old, claimed.size, claimed.old_root, claimed.proof) == (
            claimed.old_root,
            claimed.root,
        )
    except Misfit:
        return False
