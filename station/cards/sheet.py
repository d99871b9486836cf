"""The printed cards by which people command a station, and the sheet to print them on."""

import json
from collections.abc import Iterable, Sequence
from html import escape

import msgspec

from station.cards.setup import SETUP_CARDS, SetupCard
from station.cards.symbols import code128_fits, code128_svg, qr_svg
from station.domain.core.duty import CardKind
from station.domain.identifiers import command_text
from station.domain.session.cards import Card
from station.domain.station.duties import CARDS

LOCATIONS_MAX = 500
LOCATION, DIGIT = Card.LOCATION, Card.DIGIT
KINDS = tuple(kind for _, kind in CARDS.values())

UNCONFIRMED = ("unconfirmed: check against the manual", "sin confirmar: verifíquelo en el manual")

# Two columns on A4 and on Letter, whichever is narrower, less the frame.
_NARROW_MM = 85.0
_WIDE_MM = 180.0


class PrintedCard(msgspec.Struct, frozen=True):
    """One command card: `text` is what its code carries, the titles say it to people."""

    verb: str
    argument: str
    text: str
    title_en: str
    title_es: str


def station_cards(locations: Sequence[str] = ()) -> list[PrintedCard]:
    """Return every card of a station: one a command, one a digit, one a location, in the order of use.

    Raises ValueError, naming each one, when a location can't stand on a card or stands there twice.
    """
    faults = list(_location_faults(locations))
    if faults:
        raise ValueError("\n".join(faults))
    drawn: list[PrintedCard] = []
    for kind in KINDS:
        arguments = locations if kind.verb == LOCATION else kind.choices
        drawn.extend(_command_card(kind, argument) for argument in arguments)
    return drawn


def cards_printout(locations: Sequence[str] = (), *, as_json: bool = False) -> str:
    """What `station cards` prints: the sheet as HTML, or the list as JSON.

    Raises ValueError as `station_cards` does.
    """
    drawn = station_cards(locations)
    return cards_json(drawn) if as_json else card_sheet(drawn, SETUP_CARDS)


def cards_json(drawn: Iterable[PrintedCard]) -> str:
    """A JSON list of `{"verb", "text"}`; a location has its `name` as well, a digit its `digit`."""
    rows = []
    for card in drawn:
        row = {"verb": card.verb, "text": card.text}
        if card.argument:
            row[CARDS[card.verb][1].argument_name] = card.argument
        rows.append(row)
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def card_sheet(drawn: Iterable[PrintedCard], setup: Iterable[SetupCard] = (), *, title: str = "Custody Station") -> str:
    """Render cards as one self-contained HTML page, to be printed on A4 or Letter in both languages."""
    drawn = list(drawn)
    digits = [card for card in drawn if card.verb == DIGIT]
    locations = [card for card in drawn if card.verb == LOCATION]
    commands = [card for card in drawn if card.verb not in {DIGIT, LOCATION}]
    body = (
        _section_html("Commands", "Órdenes", map(_card_html, commands))
        + _section_html("Digits", "Cifras", map(_card_html, digits))
        + _section_html("Locations", "Ubicaciones", map(_card_html, locations))
        + _section_html("Scanner setup", "Ajuste del lector", map(_setup_html, setup))
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )


def _command_card(kind: CardKind, argument: str) -> PrintedCard:
    english, spanish = kind.titles.get(argument, kind.title)
    if argument and argument not in kind.titles:
        english, spanish = f"{english}: {argument}", f"{spanish}: {argument}"
    return PrintedCard(str(kind.verb), argument, command_text(kind.verb, argument), english, spanish)


def _location_faults(locations: Sequence[str]) -> Iterable[str]:
    if len(locations) > LOCATIONS_MAX:
        yield f"cards: {len(locations)} locations; at most {LOCATIONS_MAX} are allowed; print them in parts"
        return
    for place, name in enumerate(locations):
        try:
            if not name:
                raise ValueError("cards: location '': must be a location's name; leave it out")
            command_text(LOCATION, name)
        except ValueError as error:
            yield str(error)
        if name in locations[:place]:
            yield f"cards: location {name!r} stands there twice; every location has one card; leave one out"


def _section_html(english: str, spanish: str, items: Iterable[str]) -> str:
    inner = "".join(items)
    if not inner:
        return ""
    heading = f'<h1>{english} <span lang="es">{spanish}</span></h1>'
    return f'<section>{heading}<div class="cards">\n{inner}</div></section>\n'


def _card_html(card: PrintedCard) -> str:
    wide = "" if code128_fits(card.text, _NARROW_MM) else " wide"
    if not wide:
        symbol = code128_svg(card.text, _NARROW_MM)
    elif code128_fits(card.text, _WIDE_MM):
        symbol = code128_svg(card.text, _WIDE_MM)
    else:
        symbol = qr_svg(card.text) + _note_html("needs a 2D scanner", "requiere un lector 2D")
    return (
        f'<article class="card{wide}"><h2>{escape(card.title_en)}</h2>'
        f'<p class="es" lang="es">{escape(card.title_es)}</p>{symbol}'
        f"<code>{escape(card.text)}</code></article>\n"
    )


def _setup_html(card: SetupCard) -> str:
    serial = f"<p>RS-232: <code>{escape(card.serial_command)}</code></p>" if card.serial_command else ""
    doubt = "" if card.confirmed else _note_html(*UNCONFIRMED)
    return (
        f'<article class="card wide setup"><h2>{escape(card.model)}: {escape(card.title_en)}</h2>'
        f'<p class="es" lang="es">{escape(card.title_es)}</p>{doubt}<p>{escape(card.instruction_en)}</p>'
        f'<p lang="es">{escape(card.instruction_es)}</p>{serial}'
        f'<p class="source">{escape(card.source)}</p></article>\n'
    )


def _note_html(english: str, spanish: str) -> str:
    return f'<p class="note">{english} / <span lang="es">{spanish}</span></p>'


_STYLE = """
@page { margin: 10mm }
* { box-sizing: border-box }
body { margin: 0 auto; width: 190mm; font: 11pt/1.15 sans-serif; color: #000; background: #fff }
section + section { break-before: page }
h1 { margin: 0 0 3mm; font-size: 15pt } h1 span { font-weight: normal }
.cards { display: grid; grid-template-columns: 1fr 1fr; gap: 2mm }
.card { border: 0.3mm dashed #777; padding: 1.5mm 2mm; text-align: center; break-inside: avoid }
.card { overflow: hidden }
.wide { grid-column: span 2 }
h2 { margin: 0; font-size: 14pt; overflow-wrap: anywhere }
p { margin: 1mm 0 } .es { margin: 0 0 1mm; font-size: 12pt; overflow-wrap: anywhere }
svg { display: block; margin: 0 auto 1mm } svg.code128 path { fill: #000 }
code { font: 8pt monospace; overflow-wrap: anywhere }
.setup { text-align: left } .setup code { font-size: 11pt; font-weight: bold }
.note { font-weight: bold; border-left: 1.5mm solid #000; padding-left: 2mm; text-align: left }
.source { font-size: 8pt }
"""
