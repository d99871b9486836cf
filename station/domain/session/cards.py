"""The cards that all sessions share."""

from enum import StrEnum

from station.domain.core.duty import CardKind, Said

DIGITS = "0123456789."
_NUMBERS = frozenset(DIGITS)


class Card(StrEnum):
    """The verbs of these cards."""

    LOCATION = "location"
    DIGIT = "digit"
    ENTER = "enter"
    CLEAR = "clear"
    NOTHING_MORE = "nothing-more"
    UNDO = "undo"
    PAUSE = "pause"
    RESUME = "resume"
    SUBMIT = "submit"
    CLOSE = "close"
    ABANDON = "abandon"
    SIGN = "sign"
    PERSON = "person"
    STATUS = "status"
    LANGUAGE = "language"
    TEST = "test"
    SEEN = "seen"


NOT_SERVED = frozenset({Card.NOTHING_MORE, Card.SUBMIT, Card.STATUS, Card.LANGUAGE})
"""Printed already, and acted on by nothing of this release."""

CARDS = (
    CardKind(
        verb=Card.LOCATION,
        title=Said("Location", "Ubicación"),
        choices=(),
        takes=bool,
        must="a location's name",
        argument_name="name",
    ),
    CardKind(
        verb=Card.DIGIT,
        title=Said("Digit", "Cifra"),
        choices=tuple(DIGITS),
        takes=_NUMBERS.__contains__,
        must="one of 0-9 or .",
        argument_name="digit",
        titles={".": Said("Decimal point", "Punto decimal")},
    ),
    CardKind(verb=Card.ENTER, title=Said("Enter the quantity", "Confirmar la cantidad")),
    CardKind(verb=Card.CLEAR, title=Said("Clear the digits", "Borrar las cifras")),
    CardKind(verb=Card.NOTHING_MORE, title=Said("Nothing more here", "Nada más aquí")),
    CardKind(verb=Card.UNDO, title=Said("Undo the last scan", "Deshacer la última lectura")),
    CardKind(verb=Card.PAUSE, title=Said("Pause", "Pausar")),
    CardKind(verb=Card.RESUME, title=Said("Resume", "Reanudar")),
    CardKind(verb=Card.SUBMIT, title=Said("Submit the count", "Enviar el conteo")),
    CardKind(verb=Card.CLOSE, title=Said("Close", "Cerrar")),
    CardKind(verb=Card.ABANDON, title=Said("Abandon", "Abandonar")),
    CardKind(verb=Card.SIGN, title=Said("Sign", "Firmar")),
    CardKind(
        verb=Card.PERSON,
        title=Said("Person", "Persona"),
        choices=(),
        takes=bool,
        must="the id of a person of the roster",
        argument_name="id",
    ),
    CardKind(verb=Card.STATUS, title=Said("Status", "Estado")),
    CardKind(verb=Card.LANGUAGE, title=Said("Language: English or Spanish", "Idioma: inglés o español")),
    CardKind(verb=Card.TEST, title=Said("Test the scanner", "Probar el lector")),
    CardKind(verb=Card.SEEN, title=Said("I have seen it", "Lo he visto")),
)
