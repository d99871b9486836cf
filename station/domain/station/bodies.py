"""What the body of a served command may be: a document of the table's kinds, or what the commands' own room reads."""

from typing import Any

from station.domain.commands import bodies
from station.domain.commands.bodies import BodyFaults
from station.domain.commands.verbs import Verb
from station.domain.documents.faults import DocumentFaults
from station.domain.station.duties import DOCUMENTS

SERVED: frozenset[str] = frozenset(str(verb) for verb in bodies.SERVED) | frozenset(DOCUMENTS)
"""The verbs that this release acts on; others that are known are refused as `not_served`."""
KNOWN: tuple[str, ...] = tuple(dict.fromkeys((*(str(verb) for verb in Verb), *DOCUMENTS)))
"""Every verb that may be sent, in the order in which they were agreed."""


def read_body(verb: str, raw: bytes) -> Any:
    """The body of a served verb; raise `BodyFaults` with every fault. Never raises anything else."""
    if verb not in DOCUMENTS:
        return bodies.read(verb, raw)
    try:
        return DOCUMENTS[verb][1].read(raw)
    except DocumentFaults as faults:
        raise BodyFaults(f"{verb}: {faults}") from None
