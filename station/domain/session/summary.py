"""Events in the shapes that sessions share, in a few words; a duty says beside them what is its own."""

from station.domain.core.view import Phrase
from station.domain.session.events import Keyed, Located, Paused, Quantity, Scanned, TagEvent, UndoAsked, Undone
from station.domain.session.viewing import tag_end


def describe(event: object) -> str:
    """What stands after the type of an event of one of these shapes; empty for any other."""
    match event:
        case Quantity(tag=tag, quantity=quantity, unit=unit):
            return f"..{tag_end(tag)} = {quantity} {unit}".rstrip()
        case TagEvent(tag=tag):
            return f"..{tag_end(tag)}"
        case Located(location=text) | Keyed(text=text) | Paused(reason=text):
            return text
        case _:
            return ""


def detail(event: object) -> Phrase | None:
    """What the screen says of an event of one of these shapes; None for any other."""
    match event:
        case Located(location=location):
            return Phrase("located", (location,))
        case Scanned(tag=tag, unit_index=int(unit_index)):
            return Phrase("unit", (tag_end(tag), str(unit_index)))
        case Quantity(tag=tag, quantity=quantity, unit=unit):
            return Phrase("quantity", (tag_end(tag), quantity, unit))
        case UndoAsked(tag=tag):
            return Phrase("undo_asked", (tag_end(tag),))
        case Undone(tag=tag):
            return Phrase("undone", (tag_end(tag),))
        case _:
            return None
