"""Every published vector, where the folder `shared` stands beside the checkout; its files are not ours to commit."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from station.sealing.checkpoint import Checkpoint, open_checkpoint, open_cosigned
from station.sealing.merkle import (
    EMPTY_ROOT,
    CompactRange,
    ProofRefused,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
)
from station.sealing.note import ED25519, KeyRefused, NoteRefused, VerifierKey, open_note

VECTORS = Path(__file__).parents[3] / "shared" / "data" / "c2sp"
PROOF_FILES = 58

pytestmark = pytest.mark.skipif(
    not VECTORS.is_dir(), reason="no folder shared/data/c2sp beside the checkout: the published vectors are not there"
)


def _json(name: str) -> Any:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def _hash(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _is_accepted(vector: dict[str, Any]) -> bool:
    proof = [_hash(text) for text in vector["proof"] or ()]
    try:
        if "leafIdx" in vector:
            check_inclusion(
                _hash(vector["leafHash"]), vector["leafIdx"], vector["treeSize"], proof, _hash(vector["root"])
            )
        else:
            check_consistency(vector["size1"], _hash(vector["root1"]), vector["size2"], _hash(vector["root2"]), proof)
    except ProofRefused:
        return False
    return True


def test_every_proof_is_judged_as_published() -> None:
    """The roots of size 0 in two files are not the empty tree's, so the rule for the empty tree refuses them too."""
    paths = sorted((VECTORS / "merkle").rglob("*.json"))
    vectors = {path.relative_to(VECTORS).as_posix(): json.loads(path.read_bytes()) for path in paths}
    wrong = [name for name, vector in vectors.items() if _is_accepted(vector) == vector["wantErr"]]

    assert wrong == []
    assert len(vectors) == PROOF_FILES
    assert sum(not vector["wantErr"] for vector in vectors.values()) == 12


def test_every_note_opens_under_its_keys() -> None:
    types = []
    for vector in _json("signed-note-vectors.json")["vectors"]:
        note = vector["note"].encode()
        for vkey in (known["vkey"] for known in vector["verifies"]):
            types.append(_opened_by(note, vkey))

    assert sorted(types) == [1, 1, 1, 4, 6]


def _opened_by(note: bytes, vkey: str) -> int:
    """The type of the key; ML-DSA-44 (6) is not ours, and is refused by its number."""
    if len(vkey) > 1000:
        with pytest.raises(KeyRefused, match="type 6; must be 1"):
            VerifierKey.parse(vkey)
        return 6
    key = VerifierKey.parse(vkey)
    assert str(key) == vkey
    if key.algorithm == ED25519:
        assert open_note(note, [key]).signed_by == (key,)
        with pytest.raises(NoteRefused):
            open_note(note.replace(b"\n", b"!\n", 1), [key])
    else:
        assert open_cosigned(note, key).at_s == 1779573024
        with pytest.raises(NoteRefused):
            open_cosigned(note.replace(b"\n", b"!\n", 1), key)
    return key.algorithm


def test_a_log_of_15_leaves_has_the_signed_root_at_every_size() -> None:
    log = _json("merkle-log-15-leaves.json")
    key, hashes = VerifierKey.parse(log["vkey"]), [leaf_hash(leaf.encode()) for leaf in log["leaves"]]
    signed = [open_checkpoint(log["checkpoints"][str(size)].encode(), [key]) for size in range(16)]
    growing = CompactRange.EMPTY
    for size, checkpoint in enumerate(signed):
        assert (checkpoint.size, checkpoint.root) == (size, growing.root())
        growing = growing.extend(hashes[size : size + 1])
    _check_all_proofs(hashes, signed)


def _check_all_proofs(hashes: list[bytes], signed: list[Checkpoint]) -> None:
    for new in signed:
        for old in signed[: new.size + 1]:
            proof = consistency_proof(hashes[: new.size], old.size)
            check_consistency(old.size, old.root, new.size, new.root, proof)
        for index in range(new.size):
            proof = inclusion_proof(hashes[: new.size], index)
            check_inclusion(hashes[index], index, new.size, proof, new.root)


def test_a_witness_made_of_these_parts_answers_as_published() -> None:
    """Only what a witness decides by proof and signature; the protocol around it is not sealing's."""
    published = _json("witness-add-checkpoint.json")
    key = VerifierKey.parse(published["log_vkey"])
    assert key.public.hex() == published["log_public_key_hex"]
    seen = Checkpoint(key.name, 0, EMPTY_ROOT)
    statuses = []
    for step in published["steps"]:
        status, seen = _witnessed(step["request"], key, seen)
        statuses.append(status)

    assert statuses == [step["status"] for step in published["steps"]]


def _witnessed(request: str, key: VerifierKey, seen: Checkpoint) -> tuple[int, Checkpoint]:
    head, _, note = request.partition("\n\n")
    old, *proof = head.split("\n")
    old_size = int(old.removeprefix("old "))
    try:
        new = open_checkpoint(note.encode(), [key])
        if old_size > new.size:
            return 400, seen
        if old_size != seen.size:
            return 409, seen
        check_consistency(seen.size, seen.root, new.size, new.root, [_hash(line) for line in proof])
    except NoteRefused:
        return 403, seen
    except ProofRefused:
        return 422, seen
    return 200, new
