"""One pass over a log: every leaf at its place, and every statement about the log held to the root at its size."""

import hashlib
import re
from collections.abc import Callable

import msgspec

from station.domain.station.leaf import Leaf
from station.evidence import statements as said
from station.evidence.leaves import Chunk
from station.evidence.statements import Statement
from station.evidence.trust import Trust, fingerprint_digits
from station.journal.reader import JournalCorrupt
from station.sealing.merkle import CompactRange, Subtrees
from station.sealing.note import ED25519, NoteRefused, VerifierKey

SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
KEY_EVENTS = ("station.started", "epoch.began", "key.rotated")
Documents = Callable[[str], bytes | None] | None
"""Finds a document by its SHA-256; None where there are none to look at."""
PRUNED_EVENT = "journal.pruned"


class Walk:
    """Walks over the events of a log, fed in their order; raises `JournalCorrupt` at the first fault.

    `hints` are keys that may be the station's.
    """

    def __init__(self, epoch: str, trust: Trust, statements: list[Statement], hints: list[VerifierKey]) -> None:
        self.epoch, self._origin = epoch, ""
        self.size = self.pruned = self.checkpoints = self.sealed = 0
        self.allowed_below, self._held_outside = -1, 0
        self.signed_by: VerifierKey | None = None
        self.is_confirmed = False
        self._trust = trust
        self._left = sorted(statements, key=lambda each: each.size, reverse=True)
        self._range, self._checked = CompactRange.EMPTY, 0
        self.keys = [key for key in (trust.key, *hints) if key]
        self._trusted = {key for key in self.keys if fingerprint_digits(key.fingerprint) == trust.wanted_fingerprint}
        self._announced: list[VerifierKey] = []
        self._documents = set[str]()
        self._grow_to(Subtrees.over(0, []), 0)

    def take_pruned(self, chunk: Chunk) -> None:
        """Take in the hashes of the first events, which were pruned."""
        try:
            self.take_chunk(chunk, None)
        finally:
            self.pruned = self.size

    def begin_station(self, source: str) -> None:
        """Hold the events that follow to this source, `/custody/<site>/<station>`."""
        self._check_origin(f"event {self.size}", f"{source[1:]}/{self.epoch}")

    def take_chunk(self, chunk: Chunk, document: Documents) -> None:
        """Take in the next events; `document` finds the documents that they name."""
        begin, end = chunk.subtrees.first, chunk.subtrees.end
        if begin != self.size:
            raise JournalCorrupt(f"event {begin}: must be {self.size}; rows are missing")
        telling = iter(chunk.telling)
        tells = next(telling, None)
        while self.size < end:
            due = min(end, self._left[-1].size) if self._left else end
            while tells and tells[0] < due:
                self._read_event(*tells, document)
                tells = next(telling, None)
            self._grow_to(chunk.subtrees, due)
        self._range = self._range.grown_to(chunk.subtrees, end)
        if chunk.fault:
            raise JournalCorrupt(chunk.fault)

    def _read_event(self, seq: int, leaf: bytes, document: Documents) -> None:
        found = msgspec.json.decode(leaf, type=Leaf)
        if isinstance(found.data, dict):
            self._take_event(seq, found, found.data, document)

    def finish(self) -> None:
        """After the last leaf: check that nothing was said of a longer log, and that the right key signed."""
        if self._left:
            beyond = self._left[-1]
            raise JournalCorrupt(
                f"event {self.size}: is not there; {beyond.who} covers {beyond.size} events: "
                "the end was cut off, or this is an older copy"
            )
        if self.pruned > max(self.allowed_below, 0):
            raise JournalCorrupt(f"event {max(self.allowed_below, 0)}: is not there, and no event says it was pruned")
        if self._trust.wanted_fingerprint and not self.is_confirmed:
            told = self.signed_by.fingerprint if self.signed_by else "not known"
            raise JournalCorrupt(
                f"checkpoint {self.sealed}: the key that signed it is {told}; that is not the one given"
            )

    def _take_event(self, seq: int, found: Leaf, told: dict[str, object], document: Documents) -> None:
        named, key, below = told.get("document"), told.get("key"), told.get("below")
        if document and isinstance(named, str) and SHA256.fullmatch(named) and named not in self._documents:
            self._documents.add(named)
            _check_document(seq, named, document(named))
        if found.type in KEY_EVENTS and isinstance(key, str):
            self._announce_key(seq, key)
        if found.type == PRUNED_EVENT and isinstance(below, int):
            self.allowed_below = max(self.allowed_below, below)

    def _announce_key(self, seq: int, text: str) -> None:
        try:
            key = VerifierKey.parse(text)
        except NoteRefused as refused:
            raise JournalCorrupt(f"event {seq}: {refused}") from None
        if key.algorithm == ED25519 and key not in self.keys:
            self.keys.append(key)
        self._announced.append(key)
        if fingerprint_digits(key.fingerprint) == self._trust.wanted_fingerprint:
            self._trusted.add(key)

    def _grow_to(self, following: Subtrees, size: int) -> None:
        """At most as far as the next statement reaches."""
        self.size = size
        while self._left and self._left[-1].size <= size:
            before, self._checked = self._checked, size
            self._check_statement(self._left.pop(), self._range.grown_to(following, size), before)

    def _check_statement(self, statement: Statement, events: CompactRange, before: int) -> None:
        checkpoint = said.parse_statement(statement)
        # Whoever can rewrite the journal can write checkpoints that fit: only another's word narrows the place.
        first = before if statement.kept_range is not None else self._held_outside
        if events.root() != checkpoint.root:
            raise JournalCorrupt(
                f"events {first} to {self.size - 1}: one of them is not what {statement.who} swears to"
            )
        self._check_origin(statement.who, checkpoint.origin)
        self._check_signature(statement, checkpoint.origin)
        self._held_outside = self._held_outside if statement.is_kept else self.size
        if statement.kept_range is not None:
            if statement.kept_range != events.encode():
                raise JournalCorrupt(f"{statement.who}: its compact range is not that of the events")
            self.checkpoints, self.sealed = self.checkpoints + 1, checkpoint.size

    def _check_origin(self, who: str, origin: str) -> None:
        self._origin = self._origin or origin
        if origin != self._origin or origin.rpartition("/")[2] != self.epoch:
            raise JournalCorrupt(f"{who}: is of {origin!r}; must be of {self._origin!r}, epoch {self.epoch!r}")

    def _check_signature(self, statement: Statement, origin: str) -> None:
        is_own = statement.kept_range is not None
        signer = said.signer_of(statement, self.keys)
        if signer is None:
            if statement.is_kept and self.keys:
                raise JournalCorrupt(f"{statement.who}: is not signed by the station's key")
            return
        if origin != f"{signer.name}/{self.epoch}":
            raise JournalCorrupt(f"{statement.who}: is signed by {signer.name!r}, the key of another station")
        is_trusted = signer in self._trusted
        if is_own or is_trusted:
            self.signed_by, self.is_confirmed = signer, is_trusted
        if is_trusted:
            # What a trusted key signed says which keys follow upon it.
            self._trusted.update(self._announced)


def _check_document(seq: int, named: str, content: bytes | None) -> None:
    if content is None or hashlib.sha256(content).hexdigest() != named:
        fault = "is not there" if content is None else "is not what was hashed"
        raise JournalCorrupt(f"event {seq}: the document that it names, {named}, {fault}")
