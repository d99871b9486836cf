"""Bundles of somebody who makes contents.txt fit what he changed."""

import json
import random

import pytest

from station.evidence.standalone import verify as inspector
from station.sealing.checkpoint import Checkpoint, cosign, sign_checkpoint
from station.sealing.merkle import ProofRefused, check_inclusion, inclusion_proofs, leaf_hash, root_of
from tests.evidence.bundles import FINGERPRINT, SEED, WITNESS, Files, refusal
from tests.evidence.journals import AT_S, OFFICE, STATION, THIEF, Made

# -- somebody who makes contents.txt fit --


def test_an_event_that_was_changed_is_named_though_contents_fit(files: Files) -> None:
    name = "events/000000000005.json"
    files[name] = files[name].replace(b"Vault A", b"Vault B")

    assert refusal(files) == f"{name}: is not the event that the checkpoint covers"


def test_events_exchanged_left_out_or_added_are_named(files: Files) -> None:
    five, six = "events/000000000005.json", "events/000000000006.json"
    exchanged = {**files, five: files[six], six: files[five]}
    assert refusal(exchanged).startswith(five)
    without = {name: content for name, content in files.items() if name != six}
    assert refusal(without) == "proofs.json: proves events that are not there: [6]"
    added = {**files, "events/000000000009.json": files[six]}
    assert refusal(added).startswith("events/000000000009.json: its proof is too short")
    assert refusal({**files, "events/000000000099.json": files[six]}).endswith("that the checkpoint covers")


def test_an_event_left_out_with_its_proof_makes_a_selection_that_says_so(files: Files) -> None:
    del files["events/000000000005.json"]
    proofs = json.loads(files["proofs.json"])
    del proofs["proofs"]["5"]
    files["proofs.json"] = json.dumps(proofs).encode()
    files["contents.txt"] = inspector.contents_text(files)

    account = "\n".join(inspector.account(inspector.check(files)))
    assert "a selection: others between them are not in this bundle" in account


@pytest.mark.parametrize(("was", "becomes"), [(b'"000000000005"', b'"000000000006"'), (b"/vault-1", b"/vault-2")])
def test_an_event_that_says_it_stands_elsewhere_is_named_though_a_thief_of_the_key_signed_it(
    files: Files, made: Made, was: bytes, becomes: bytes
) -> None:
    leaves = [row[1] for row in made.rows[:50]]
    leaves[5] = leaves[5].replace(was, becomes)
    hashes = [leaf_hash(leaf) for leaf in leaves]
    text = Checkpoint(f"custody/greenleaf-414/vault-1/{made.epoch}", 50, root_of(hashes))
    proofs = {"5": [each.hex() for each in inclusion_proofs(hashes, [5])[0]]}
    kept = {name: content for name, content in files.items() if not name.startswith("events/")}
    kept |= {"events/000000000005.json": leaves[5], "checkpoint.txt": sign_checkpoint(text, STATION)}
    kept["proofs.json"] = json.dumps({"size": 50, "proofs": proofs}).encode()

    assert refusal(kept).startswith("events/000000000005.json: says that it is ")


def forged(files: Files, made: Made) -> Files:
    """The whole bundle made anew by a thief with a key of his own, under the station's name."""
    hashes = [leaf_hash(row[1].replace(b"Vault A", b"Vault B")) for row in made.rows[:50]]
    events = {seq: made.rows[seq][1].replace(b"Vault A", b"Vault B") for seq in range(3, 8)}
    note = sign_checkpoint(Checkpoint(f"custody/greenleaf-414/vault-1/{made.epoch}", 50, root_of(hashes)), THIEF)
    proofs = dict(zip(map(str, events), inclusion_proofs(hashes, list(events)), strict=True))
    told = {"size": 50, "proofs": {seq: [each.hex() for each in proof] for seq, proof in proofs.items()}}
    return {
        **files,
        **{f"events/{seq:012d}.json": leaf for seq, leaf in events.items()},
        "checkpoint.txt": note,
        "key.txt": f"{THIEF.verifier}\n".encode(),
        "proofs.json": json.dumps(told).encode(),
    }


def test_a_forger_is_told_by_the_paper_and_without_it_nothing_is_called_confirmed(files: Files, made: Made) -> None:
    bundle = forged(files, made)

    assert refusal(bundle, FINGERPRINT).startswith("key.txt: its fingerprint is ")
    assert refusal(bundle, "", (WITNESS,)) == "checkpoint.txt: is not signed by office"
    assert refusal(bundle) == ""
    account = "\n".join(inspector.account(inspector.check(bundle)))
    assert "KEY NOT CONFIRMED: anybody can make a bundle" in account
    assert "confirmed: " not in account


def test_another_key_beside_a_checkpoint_of_the_stations_is_refused(files: Files) -> None:
    files["key.txt"] = f"{THIEF.verifier}\n".encode()

    assert refusal(files) == f"checkpoint.txt: is not signed by {STATION.name}"


def test_a_signature_or_a_cosignature_of_something_else_is_refused(files: Files) -> None:
    text, _, lines = files["checkpoint.txt"].partition(b"\n\n")
    other = text.replace(b"\n50\n", b"\n51\n") + b"\n\n" + lines
    assert refusal({**files, "checkpoint.txt": other}) == f"checkpoint.txt: the signature of {STATION.name} is wrong"

    resigned = sign_checkpoint(Checkpoint.parse(text + b"\n"), STATION)
    wrong = resigned + lines.split(b"\n")[1] + b"\n"
    assert refusal({**files, "checkpoint.txt": wrong}, "", (WITNESS,)) == ""
    moved = bytearray(cosign(resigned, OFFICE, AT_S))
    later = cosign(resigned, OFFICE, AT_S + 1)
    assert len(moved) == len(later)
    spoiled = bytes(moved).replace(bytes(moved).split(b"\xe2\x80\x94 office ")[1][:16], later.split(b"office ")[1][:16])
    assert refusal({**files, "checkpoint.txt": spoiled}, "", (WITNESS,)) == (
        "checkpoint.txt: the signature of office is wrong"
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("proofs.json", b"[" * 100_000),
        ("proofs.json", b"{}"),
        ("proofs.json", b'{"size": 50, "proofs": {"3": 7}}'),
        ("proofs.json", b'{"size": 49, "proofs": {}}'),
        ("proofs.json", b"\xff"),
        ("key.txt", b""),
        ("key.txt", b"\xff\xfe\n"),
        ("key.txt", b"a+b+c\n"),
        ("key.txt", f"{OFFICE.verifier}\n".encode()),
        ("checkpoint.txt", b""),
        ("checkpoint.txt", b"a\n50\nb\n\n"),
        ("checkpoint.txt", b"\xff\n"),
    ],
)
def test_a_file_that_is_nothing_is_named(files: Files, name: str, content: bytes) -> None:
    assert refusal({**files, name: content}).startswith(name)


def test_a_file_that_does_not_belong_there_or_is_missing_is_named(files: Files) -> None:
    assert refusal({**files, "events/../x": b""}) == "'events/../x': does not belong here"
    assert refusal({**files, "events/1.json": b""}) == "'events/1.json': does not belong here"
    del files["README.txt"]
    assert refusal(files) == "README.txt: is missing"


def test_a_proof_is_taken_by_it_just_where_the_stations_own_check_takes_it() -> None:
    chance = random.Random(SEED)
    leaves = [bytes([number]) for number in range(40)]
    hashes = [leaf_hash(leaf) for leaf in leaves]
    for size in range(1, 40):
        root = root_of(hashes[:size])
        for index, proof in enumerate(inclusion_proofs(hashes[:size], range(size))):
            tried = (
                [*proof] if chance.random() < 0.5 else [*proof, *chance.choices(hashes, k=chance.randrange(2))][::-1]
            )
            at, of = chance.choice([(index, size), (index + 1, size), (index, size + 1), (index, max(size - 1, 1))])
            assert holds(leaves[index], at, of, tried, root) == station_holds(hashes[index], at, of, tried, root)


def holds(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    try:
        return inspector.root_by_proof(leaf, index, size, proof) == root
    except inspector.Fault:
        return False


def station_holds(hash: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    try:
        check_inclusion(hash, index, size, proof, root)
    except ProofRefused:
        return False
    return True


def test_a_key_with_another_keys_id_and_a_checkpoint_of_another_station_are_refused(files: Files) -> None:
    name, _, material = str(STATION.verifier).split("+", 2)
    assert refusal({**files, "key.txt": f"{name}+00000000+{material}\n".encode()}).startswith("key.txt: ")

    note = sign_checkpoint(Checkpoint("custody/greenleaf-414/vault-2/epoch", 50, bytes(32)), STATION)
    assert refusal({**files, "checkpoint.txt": note}).startswith("checkpoint.txt: is of 'custody/greenleaf-414/vault-2")
