"""`station verify`: what a journal, an export or a bundle holds, checked from its bytes, up to the first fault."""

from functools import partial
from pathlib import Path

import msgspec

from station.domain.station.leaf import Leaf
from station.errors import UsageError
from station.evidence import leaves, statements
from station.evidence.standalone import verify as inspector
from station.evidence.statements import Statement, Witnessed
from station.evidence.trust import Trust
from station.evidence.walk import Walk
from station.journal.reader import READ_FAULTS, JournalCorrupt, Reader
from station.sealing.merkle import leaf_hash
from station.sealing.note import NoteRefused, SigningKey, VerifierKey

JOURNAL_NAME = "journal.db"
KEY_NAME = "station.key"
NO_TRUST = Trust()


class Verified(msgspec.Struct, frozen=True):
    """What was checked; `fault` says which event or checkpoint is wrong and why, and is empty where all holds.

    `events` hold, the `pruned` first of them by their hashes alone; the first `sealed` stand under a checkpoint of the
    station, signed by the key of `fingerprint` (empty where none was known). `outside` names checkpoints from
    elsewhere that hold. `is_selection` where events between the first and the last are not there.
    """

    epoch: str
    events: int
    fault: str = ""
    kind: str = "journal"
    pruned: int = 0
    checkpoints: int = 0
    sealed: int = 0
    fingerprint: str = ""
    is_key_confirmed: bool = False
    witnessed: tuple[Witnessed, ...] = ()
    outside: tuple[str, ...] = ()
    is_selection: bool = False


class Verification:
    """What a verification has found so far, so that a fault can say what held before it."""

    def __init__(self, kind: str, trust: Trust) -> None:
        self.kind, self.trust, self.epoch = kind, trust, ""
        self.walk = Walk("", trust, [], [])
        self.witnessed: list[Witnessed] = []

    def begin_walk(self, epoch: str, said: list[Statement], hints: list[VerifierKey]) -> Walk:
        """Add what was given from outside, and start the walk."""
        self.epoch = epoch
        for given in self.trust.outside:
            statement, witnessed = statements.outside_checkpoint(given, self.trust)
            said.append(statement)
            self.witnessed += witnessed
        for key in self.trust.witnesses:
            if all(key.name != found.witness for found in self.witnessed):
                raise JournalCorrupt(f"witness {key.name}: cosigned nothing that is here; give its --checkpoint")
        self.walk = Walk(epoch, self.trust, said, hints)
        return self.walk

    def as_verified(self, fault: str = "") -> Verified:
        walk, signer = self.walk, self.walk.signed_by
        return Verified(
            self.epoch,
            walk.size,
            fault,
            self.kind,
            walk.pruned,
            walk.checkpoints,
            walk.sealed,
            signer.fingerprint if signer else "",
            walk.is_confirmed,
            tuple(dict.fromkeys(self.witnessed)),
            tuple(given.name for given in self.trust.outside),
        )


def verify(path: Path, trust: Trust = NO_TRUST) -> Verified:
    """Check a journal (its file or data directory), an export in JSON lines, or a bundle (zip or folder)."""
    if path.is_dir():
        is_bundle = (path / inspector.CONTENTS).exists() and not (path / JOURNAL_NAME).exists()
        return verify_bundle(path, trust) if is_bundle else verify_journal(path / JOURNAL_NAME, trust)
    with path.open("rb") as file:
        beginning = file.read(2)
    if beginning == b"PK":
        return verify_bundle(path, trust)
    return verify_export(path, trust) if beginning == b'{"' else verify_journal(path, trust)


def verify_journal(path: Path, trust: Trust = NO_TRUST) -> Verified:
    """Check every event of the journal at `path`, and every checkpoint over them."""
    reader = Reader.open_at(path)
    try:
        return check_journal(reader, trust, key_beside(path), path)
    finally:
        reader.close()


def check_journal(
    reader: Reader, trust: Trust = NO_TRUST, hints: list[VerifierKey] | None = None, path: Path | None = None
) -> Verified:
    """The same of an open journal, which lies at `path`; `hints` are keys that may be the station's."""
    account = Verification("journal", trust)
    try:
        walk_journal(reader, account, hints or [], path)
    except READ_FAULTS as fault:
        return account.as_verified(str(fault))
    return account.as_verified()


def walk_journal(reader: Reader, account: Verification, hints: list[VerifierKey], path: Path | None = None) -> None:
    """Check an open journal; raise one of `READ_FAULTS` at the first fault, and leave in `account` what held.

    With its `path`, several processors share the work.
    """
    account.epoch = reader.epoch()
    said: list[Statement] = []
    keeps_checkpoints = reader.keeps_checkpoints()
    if keeps_checkpoints:
        said += statements.own_checkpoints(reader)
        for statement, witnessed in statements.cosigned_checkpoints(reader, account.trust):
            said.append(statement)
            account.witnessed.append(witnessed)
    walk = account.begin_walk(account.epoch, said, hints)
    if keeps_checkpoints:
        for chunk in leaves.in_chunks(0, reader.pruned_hashes(), leaves.pruned_chunk):
            walk.take_pruned(chunk)
    for _, leaf in reader.leaves(walk.size, 1):
        place = leaves.LeafPlace(_read_leaf(f"event {walk.size}", leaf).source, account.epoch)
        walk.begin_station(place.source)
        for chunk in leaves.of_journal(reader, path, walk.size, place):
            walk.take_chunk(chunk, reader.document)
    walk.finish()


def key_beside(path: Path) -> list[VerifierKey]:
    """The public part of the key beside a journal, if it may be read; a hint only, and no proof."""
    try:
        return [SigningKey.parse(path.with_name(KEY_NAME).read_text(encoding="ascii").strip()).verifier]
    except (OSError, ValueError):
        return []


def verify_export(path: Path, trust: Trust = NO_TRUST) -> Verified:
    """Check leaves, one a line. Only where they begin with the first event can a checkpoint be held to them."""
    account = Verification("export", trust)
    lines = path.read_bytes().removesuffix(b"\n").split(b"\n")
    try:
        first = _read_leaf("line 1", lines[0])
        if int(first.sequence) == 0 and int(_read_leaf(f"line {len(lines)}", lines[-1]).sequence) == len(lines) - 1:
            walk = account.begin_walk(first.epoch, [], [])
            walk.begin_station(first.source)
            rows = ((seq, leaf, leaf_hash(leaf)) for seq, leaf in enumerate(lines))
            place = leaves.LeafPlace(first.source, first.epoch)
            for chunk in leaves.in_chunks(0, rows, partial(leaves.looked_at, place=place)):
                walk.take_chunk(chunk, None)
            walk.finish()
            return account.as_verified()
        return _verify_selection(lines, trust)
    except (JournalCorrupt, NoteRefused) as fault:
        return account.as_verified(str(fault))


def _verify_selection(lines: list[bytes], trust: Trust) -> Verified:
    if trust != NO_TRUST:
        raise UsageError("export: holds only some events, which no checkpoint covers by themselves; export a bundle")
    last, epoch, source = -1, "", ""
    for number, leaf in enumerate(lines, 1):
        found = _read_leaf(f"line {number}", leaf)
        epoch, source = epoch or found.epoch, source or found.source
        if int(found.sequence) <= last or (found.epoch, found.source) != (epoch, source):
            fault = f"line {number}: is event {found.id} of {found.source!r}; must follow upon event {last} of {epoch}"
            return Verified(epoch, number - 1, fault, "export", is_selection=True)
        last = int(found.sequence)
    return Verified(epoch, len(lines), kind="export", is_selection=True)


def _read_leaf(where: str, leaf: bytes) -> Leaf:
    try:
        found = msgspec.json.decode(leaf, type=Leaf)
        int(found.sequence)
    except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
        raise JournalCorrupt(f"{where}: {fault}; must be an event as it was published") from None
    return found


def verify_bundle(path: Path, trust: Trust = NO_TRUST) -> Verified:
    """Check a bundle as the verifier within it does."""
    if trust.outside:
        raise UsageError("--checkpoint: a bundle has one of its own; give the witness's key by --witness")
    witnesses = tuple(inspector.Key(key.name, key.algorithm, key.public) for key in trust.witnesses)
    try:
        report = inspector.check(inspector.read_bundle(path), trust.wanted_fingerprint, witnesses)
    except inspector.Fault as fault:
        return Verified("", 0, str(fault), "bundle", is_selection=True)
    checkpoint, seqs = report.checkpoint, [seq for seq, *_ in report.events]
    if trust.key and trust.key.name != report.key.name:
        return Verified("", 0, f"key.txt: is the key of {report.key.name!r}; must be of {trust.key.name!r}", "bundle")
    return Verified(
        checkpoint.origin.rpartition("/")[2],
        len(seqs),
        kind="bundle",
        checkpoints=1,
        sealed=checkpoint.size,
        fingerprint=report.key.fingerprint(),
        is_key_confirmed=report.is_confirmed,
        witnessed=tuple(Witnessed(name, checkpoint.size, at_s) for name, at_s in report.witnessed),
        is_selection=len(seqs) != seqs[-1] - seqs[0] + 1,
    )
