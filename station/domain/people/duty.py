"""The row of the people: who they are is known to every duty."""

from station.domain.core.duty import DocumentKind, Duty
from station.domain.people.events import RosterLoaded
from station.domain.people.loading import held_roster, put_back_roster, take_roster
from station.domain.people.roster import parse, stored
from station.domain.people.state import People, evolve


def describe(event: object) -> str:
    """How many people a roster names."""
    return f"{event.people} people" if isinstance(event, RosterLoaded) else ""


ROSTER = DocumentKind(
    name="roster",
    read=parse,
    stored=stored,
    take=take_roster,
    event=RosterLoaded,
    held=held_roster,
    put_back=put_back_roster,
)

PEOPLE = Duty(
    name="people",
    initial=People(),
    owns=(RosterLoaded,),
    evolve=evolve,
    describe=describe,
    documents=(ROSTER,),
    left_out=frozenset({"roster"}),  # a document: kept by its hash, and put back
)
