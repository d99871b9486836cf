"""A bundle: one zip of events, their proofs, the checkpoint over them, a page for people and a verifier."""

import json
from pathlib import Path

import msgspec

from station.errors import IntegrityError, StationError, UsageError
from station.evidence import page
from station.evidence.exports import HeldJournal, Selection
from station.evidence.standalone import verify as inspector
from station.evidence.statements import Statement, signer_of
from station.sealing.checkpoint import Checkpoint
from station.sealing.merkle import inclusion_proofs, root_of
from station.sealing.note import VerifierKey, split_note

EVENTS_MAX = 20_000
README = """\
A bundle of a custody station: events, and the proof that they stood in its journal when it signed a checkpoint.

Look:    open index.html in a browser.
Check:   python3 verify.py --fingerprint "..."      in this folder, or: python3 verify.py BUNDLE.zip ...
         The fingerprint is that of the station's key, from the paper that two people signed. The key in key.txt
         is worth what that comparison is worth: anybody can make a key. A witness's key (--witness) comes from
         the witness. Best take verify.py from its publisher; it is the same in every bundle of a release.

events/         one event a file, the very bytes that the station hashed, published and signed
proofs.json     for each event the hashes that lead from it to the root (RFC 6962)
checkpoint.txt  the signed root: origin, number of events, root; signatures of the station and of witnesses (C2SP)
key.txt         the station's verifier key
contents.txt    SHA-256 of every other file (sha256sum -c contents.txt): shows damage, proves nothing
index.html, verify.py, README.txt   for convenience: held by contents.txt only, signed by nobody
"""


class SealedCheckpoint(msgspec.Struct, frozen=True):
    """A checkpoint, as a note with all signatures known of it, and the station's key that signed it."""

    note: bytes
    checkpoint: Checkpoint
    key: VerifierKey


def newest_sealed(held: HeldJournal, covers_seq: int = -1) -> SealedCheckpoint:
    """The newest checkpoint that covers this seq, and rather one that a witness cosigned.

    Raise `StationError` where there is none, or none signed by a key that is known.
    """
    last = held.reader.newest_checkpoint()
    if last is None or last[0] <= covers_seq:
        covered = last[0] - 1 if last else -1
        raise StationError(
            f"event {covers_seq}: no checkpoint covers it yet; the newest covers up to {covered}; "
            "the station signs one within a minute: try again, or end before it with --to"
        )
    cosigned = [(size, note) for _, size, note in held.reader.cosigned_checkpoints() if size > covers_seq]
    notes = [note for size, note in cosigned if size == max(cosigned)[0]] or [last[1]]
    note = _merge_signatures(notes)
    checkpoint = Checkpoint.parse(split_note(note)[0])
    key = signer_of(Statement("checkpoint", checkpoint.size, note), held.account.walk.keys)
    if key is None:
        raise UsageError(f"checkpoint {checkpoint.size}: the station's key is not known here; give it by --key")
    return SealedCheckpoint(note, checkpoint, key)


def _merge_signatures(notes: list[bytes]) -> bytes:
    """The first note with the signature lines of the others; all are over one text, which was checked."""
    text = split_note(notes[0])[0]
    lines = [line for note in notes for line in note[len(text) + 1 :].splitlines(keepends=True)]
    return text + b"\n" + b"".join(dict.fromkeys(lines))


def make_bundle(held: HeldJournal, selection: Selection) -> tuple[bytes, list[int]]:
    """The zip, the same for the same journal and selection, and the seqs in it; raise `StationError`.

    Without an end, it ends with the last event that a checkpoint covers.
    """
    events = held.selected_events(selection)
    last = held.reader.newest_checkpoint()
    if last and not selection.last:
        events = [event for event in events if event[0] < last[0]] or events
    if len(events) > EVENTS_MAX:
        raise UsageError(f"export: {len(events)} events; at most {EVENTS_MAX} in one bundle; choose a shorter range")
    sealed = newest_sealed(held, events[-1][0])
    hashes = [kept_hash for _, kept_hash in held.reader.all_leaf_hashes()][: sealed.checkpoint.size]
    if root_of(hashes) != sealed.checkpoint.root:
        raise IntegrityError("export: the journal changed while it was read; try again")
    proofs = inclusion_proofs(hashes, [seq for seq, _ in events])
    files = {f"events/{seq:012d}.json": leaf for seq, leaf in events}
    files["proofs.json"] = _proofs_json(sealed.checkpoint.size, events, proofs)
    files["checkpoint.txt"] = sealed.note
    files["key.txt"] = f"{sealed.key}\n".encode()
    files["index.html"] = page.record_page(
        sealed.note, sealed.checkpoint, sealed.key, events, selection.subject
    ).encode()
    files["README.txt"] = README.encode("ascii")
    files["verify.py"] = verifier_source()
    files[inspector.CONTENTS] = inspector.contents_text(files)
    return inspector.zip_bytes(files), [seq for seq, _ in events]


def verifier_source() -> bytes:
    """The single-file verifier of this release."""
    return Path(inspector.__file__).read_bytes()


def _proofs_json(size: int, events: list[tuple[int, bytes]], proofs: list[list[bytes]]) -> bytes:
    told = {str(seq): [hash.hex() for hash in proof] for (seq, _), proof in zip(events, proofs, strict=True)}
    return (json.dumps({"size": size, "proofs": told}, indent=1) + "\n").encode("ascii")
