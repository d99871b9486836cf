"""The cards of the vault's entry."""

from enum import StrEnum

from station.domain.core.duty import CardKind, Said


class Card(StrEnum):
    """The verbs of these cards."""

    VISITOR = "visitor"
    HOLD_OPEN = "hold-open"
    HEAD_COUNT = "head-count"
    EXPLAIN = "explain"
    CLOCK = "clock"


CARDS = (
    CardKind(verb=Card.VISITOR, title=Said("A visitor comes with me", "Entra una visita conmigo")),
    CardKind(verb=Card.HOLD_OPEN, title=Said("Hold the door open", "Mantener la puerta abierta")),
    CardKind(verb=Card.HEAD_COUNT, title=Said("People inside", "Personas adentro"), choices=("", *map(str, range(10)))),
    CardKind(
        verb=Card.EXPLAIN, title=Said("Explain the alarm", "Explicar la alarma"), choices=("rescue", "key", "test")
    ),
    CardKind(verb=Card.CLOCK, title=Said("The clock is right", "El reloj está bien")),
)
