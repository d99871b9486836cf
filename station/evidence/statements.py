"""What was said of a log from time to time: that its first N events have such a root. Each is held to the events."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from station.evidence.trust import Outside, Trust
from station.journal.reader import JournalCorrupt, Reader
from station.sealing.checkpoint import Checkpoint, open_cosigned
from station.sealing.note import NoteRefused, VerifierKey, open_note, split_note


class Statement(msgspec.Struct, frozen=True):
    """`who` says something of the first `size` events, in `note`; `kept_range` only stands with the journal's own.

    What the journal keeps must bear the station's signature; what comes from outside may come from paper.
    """

    who: str
    size: int
    note: bytes
    is_kept: bool = True
    kept_range: bytes | None = None


class Witnessed(msgspec.Struct, frozen=True):
    """A witness cosigned the first `size` events; `at_s` is 0 where that was not checked, for want of its key."""

    witness: str
    size: int
    at_s: int = 0


def own_checkpoints(reader: Reader) -> Iterator[Statement]:
    """The journal's own checkpoints."""
    for size, note, kept_range in reader.stored_checkpoints():
        yield Statement(f"checkpoint {size}", size, note, kept_range=kept_range)


def cosigned_checkpoints(reader: Reader, trust: Trust) -> Iterator[tuple[Statement, Witnessed]]:
    """What witnesses cosigned, as the journal keeps it; raise `JournalCorrupt` where a cosignature is wrong."""
    keys = {key.name: key for key in trust.witnesses}
    for name, size, note in reader.cosigned_checkpoints():
        who = f"the checkpoint that {name} cosigned"
        yield (
            Statement(who, size, note),
            _open_cosignature(who, note, keys[name]) if name in keys else Witnessed(name, size),
        )


def outside_checkpoint(given: Outside, trust: Trust) -> tuple[Statement, list[Witnessed]]:
    """A checkpoint from elsewhere, and who cosigned it. One that nobody signed is taken at its word, as from paper."""
    who = f"the checkpoint in {given.name}"
    _, names = _split_or_whole(given.note)
    found = [key for key in trust.witnesses if (key.name, key.key_id) in names]
    statement = Statement(who, 0, given.note, is_kept=False)
    statement = msgspec.structs.replace(statement, size=parse_statement(statement).size)
    return statement, [_open_cosignature(who, given.note, key) for key in found]


def parse_statement(statement: Statement) -> Checkpoint:
    """Return the checkpoint that a statement holds, whoever signed it.

    Raise `JournalCorrupt` for what is no checkpoint of that size.
    """
    try:
        checkpoint = Checkpoint.parse(_split_or_whole(statement.note)[0])
    except NoteRefused as refused:
        raise JournalCorrupt(f"{statement.who}: {refused}") from None
    if statement.size not in (0, checkpoint.size):
        raise JournalCorrupt(f"{statement.who}: is over {checkpoint.size} events; must be over {statement.size}")
    return checkpoint


def signer_of(statement: Statement, keys: Iterable[VerifierKey]) -> VerifierKey | None:
    """Return which of these keys signed a statement, or None.

    Raise `JournalCorrupt` where a signature of theirs is wrong.
    """
    _, names = _split_or_whole(statement.note)
    known = [key for key in keys if (key.name, key.key_id) in names]
    try:
        return open_note(statement.note, known).signed_by[0] if known else None
    except NoteRefused as refused:
        raise JournalCorrupt(f"{statement.who}: {refused}") from None


@lru_cache(maxsize=16)  # each note is asked about twice or thrice in a row
def _split_or_whole(note: bytes) -> tuple[bytes, frozenset[tuple[str, bytes]]]:
    """The text of a note, and the names and key IDs under it; all of it and none where it is no note."""
    try:
        text, lines = split_note(note)
    except NoteRefused:
        return note, frozenset()
    return text, frozenset((line.name, line.key_id) for line in lines)


def _open_cosignature(who: str, note: bytes, key: VerifierKey) -> Witnessed:
    try:
        cosigned = open_cosigned(note, key)
    except NoteRefused as refused:
        raise JournalCorrupt(f"{who}: {refused}") from None
    return Witnessed(key.name, cosigned.checkpoint.size, cosigned.at_s)
