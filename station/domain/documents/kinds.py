"""Taking in a plan or a roster: one way, whether it came by a command, over the control socket or from a file."""

import msgspec

from station.domain.core.decider import Document
from station.domain.core.event import Event


class Loaded(msgspec.Struct, frozen=True):
    """What was taken: its event, its document, and what to tell whoever brought it."""

    event: Event
    document: Document
    text: str
