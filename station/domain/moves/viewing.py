"""What the screen says of a list of moves, and of its events."""

from station.domain.core.effects import Verdict
from station.domain.core.facts import Facts
from station.domain.core.view import Phrase, Picture, Tone
from station.domain.moves.events import MoveRecorded
from station.domain.moves.state import Moves
from station.domain.session.viewing import fact_of, instruction_of, tag_end


def picture(moves: Moves, facts: Facts) -> Picture:
    """How much is in hand, or was put down; and what to do next."""
    held, done = len(moves.in_hand), len(moves.put_down)
    progress = Phrase("in_hand", (str(held),)) if held else Phrase("put_down", (str(done),))
    instruction = instruction_of(moves, facts, Phrase("scan_package_or_place" if held else "scan_package"))
    return Picture(Tone.CALM, fact_of(moves, facts, progress), None, instruction)


def verdict(event: object) -> Verdict | None:
    """How whoever scanned was answered."""
    return Verdict.NOTED if isinstance(event, MoveRecorded) else None


def describe(event: object) -> str:
    """What stands after the event's type."""
    if not isinstance(event, MoveRecorded):
        return ""
    amount = f" {event.quantity} {event.unit}".rstrip() if event.quantity else ""
    return f"..{tag_end(event.tag)}{amount} {event.from_place} -> {event.to_place}"


def detail(event: object) -> Phrase | None:
    """What the screen says of an event."""
    match event:
        case MoveRecorded(corrects=None, tag=tag, to_place=place):
            return Phrase("moved", (tag_end(tag), place))
        case MoveRecorded(tag=tag):
            return Phrase("taken_back", (tag_end(tag),))
        case _:
            return None
