"""Bundles for tests: made, and refused."""

from station.evidence.bundle import make_bundle
from station.evidence.exports import HeldJournal, Selection
from station.evidence.standalone import verify as inspector
from station.evidence.trust import Trust
from station.journal.reader import Reader
from tests.evidence.journals import OFFICE, STATION, Made

SEED = 20261123
WITNESS = inspector.Key(OFFICE.verifier.name, 4, OFFICE.verifier.public)
FINGERPRINT = STATION.verifier.fingerprint
Files = dict[str, bytes]


def made_of(made: Made, selection: Selection, trust: Trust | None = None) -> bytes:
    reader = Reader.open_at(made.path)
    try:
        return make_bundle(HeldJournal(made.directory, trust or Trust(STATION.verifier), reader), selection)[0]
    finally:
        reader.close()


def refusal(files: Files, fingerprint: str = "", witnesses: tuple[inspector.Key, ...] = ()) -> str:
    """Why a bundle of these files does not hold, with a contents.txt that fits them; empty where it holds."""
    files["contents.txt"] = inspector.contents_text(files)
    try:
        inspector.check(inspector.read_zip(inspector.zip_bytes(files)), fingerprint, witnesses)
    except inspector.Fault as fault:
        return str(fault)
    return ""
