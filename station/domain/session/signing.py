"""The end of a session that is sworn to: two different people sign the digest of what it holds.

After the first signature nothing is edited; a correction is a session of its own.
"""

import base64
import hashlib
from collections.abc import Iterable

from station.domain.core.decider import Decision
from station.domain.core.facts import Facts
from station.domain.session.cards import Card
from station.domain.session.events import SessionSigned
from station.domain.session.handover import is_among, known_lately
from station.domain.session.refusing import answered, refuse
from station.domain.session.state import Session

SIGNERS = 2
SHOWN_CHARS = 8


def digest_of(leaf_hashes: Iterable[bytes]) -> str:
    """SHA-256 over the leaf hashes of a session's events in order, as lower-case hex."""
    return hashlib.sha256(b"".join(leaf_hashes)).hexdigest()


def shown_digest(digest: str) -> str:
    """The first characters of a digest in base32 (RFC 4648), as the screen shows them."""
    return base64.b32encode(bytes.fromhex(digest)).decode()[:SHOWN_CHARS]


def decide_sign(session: Session, facts: Facts, scanner: str, leaf_hashes: Iterable[bytes]) -> Decision:
    """The card *sign*: whoever showed themselves within half a minute signs, nobody twice."""
    known = known_lately(session, facts.at)
    if known is None:
        return refuse(scanner, "no_badge", Card.SIGN)
    if is_among(session.signed, known.actor):
        return refuse(scanner, "same_person", Card.SIGN)
    return answered(SessionSigned(session.session, (known.actor,), digest_of(leaf_hashes), known.by), scanner)


def is_last_signature(session: Session, decided: Decision) -> bool:
    """Whether this decision signs, and everybody has signed with it."""
    is_signature = any(isinstance(event, SessionSigned) for event in decided.events)
    return is_signature and len(session.signed) + 1 >= SIGNERS
