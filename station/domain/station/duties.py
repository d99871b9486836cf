"""THE TABLE: every room whose state the station keeps, a line each. Nothing else in the station names a duty.

A line gives a room's state its name, and its row (`core/duty.py`): the registry of events, who evolves upon what, who
has the floor for a scan, snapshots, catalogues, cards, schemas, alerts and kinds of documents all come from here.
"""

from collections.abc import Iterator
from typing import Annotated, get_args, get_type_hints

import msgspec

from station.domain.commands.duty import COMMANDS
from station.domain.commands.state import Commanded
from station.domain.core.duty import CardKind, DocumentKind, Duty
from station.domain.core.event import Event
from station.domain.count.duty import COUNT
from station.domain.count.state import Count
from station.domain.entry.duty import ENTRY
from station.domain.entry.state import Entry
from station.domain.lifecycle.duty import LIFECYCLE
from station.domain.lifecycle.state import Lifecycle
from station.domain.moves.duty import MOVES
from station.domain.moves.state import Moves
from station.domain.people.duty import PEOPLE
from station.domain.people.state import People
from station.domain.session.duty import SESSION
from station.domain.session.refusing import Latched


class Rooms(msgspec.Struct, frozen=True):
    """The state of each room, by the name of its row."""

    lifecycle: Annotated[Lifecycle, LIFECYCLE] = Lifecycle()
    session: Annotated[Latched, SESSION] = Latched()
    people: Annotated[People, PEOPLE] = People()
    commands: Annotated[Commanded, COMMANDS] = Commanded()
    count: Annotated[Count, COUNT] = Count()
    entry: Annotated[Entry, ENTRY] = Entry()
    moves: Annotated[Moves, MOVES] = Moves()


def _rows() -> Iterator[Duty]:
    for name, hint in get_type_hints(Rooms, include_extras=True).items():
        state, row = get_args(hint)
        assert (row.name, type(row.initial)) == (name, state), f"{name}: the row is named {row.name}"
        yield row


ROWS: tuple[Duty, ...] = tuple(_rows())
SESSIONS: tuple[Duty, ...] = tuple(row for row in ROWS if row.session)
SETTINGS: tuple[str, ...] = tuple(dict.fromkeys(row.setting for row in ROWS if row.setting))
"""What may stand in `[station] duties`."""
EVENTS: dict[str, type[Event]] = {event.TYPE: event for row in ROWS for event in row.owns}
OWNER: dict[type[Event], Duty] = {event: row for row in ROWS for event in row.owns}
CARDS: dict[str, tuple[Duty, CardKind]] = {card.verb: (row, card) for row in ROWS for card in row.cards}
DOCUMENTS: dict[str, tuple[Duty, DocumentKind]] = {kind.name: (row, kind) for row in ROWS for kind in row.documents}
DOCUMENT_OF: dict[type[Event], DocumentKind] = {kind.event: kind for _, kind in DOCUMENTS.values()}


def is_served(row: Duty, duties: tuple[str, ...]) -> bool:
    """Whether the settings name this room; a journal that does not say its duties (they are empty) serves all."""
    return not row.setting or not duties or row.setting in duties
