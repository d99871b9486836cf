"""What the screens say: for each language a key -> a text with `{0}`, `{1}` where the phrase's arguments go.

`{0.duty}` is the word for the duty that the argument names.

The rooms say their own words (`phrases` of their rows); here they are put together.

The keys stand by the slot that they are meant for: a *fact* is large, a *detail* and an *instruction* are one line
of 21 characters each, a *duty* is one word of at most 6 characters.
"""

import re

from station.domain.core.duty import Said
from station.domain.core.view import Phrase
from station.domain.station.duties import ROWS

PLACE = re.compile(r"\{(\d)(\.duty)?\}")

Words = dict[str, Said]

DUTIES: Words = {f"duty_{row.name}": row.phrases.duty for row in ROWS if row.phrases.duty is not None}
FACTS: Words = {key: said for row in ROWS for key, said in row.phrases.facts.items()}
DETAILS: Words = {key: said for row in ROWS for key, said in row.phrases.details.items()}
INSTRUCTIONS: Words = {key: said for row in ROWS for key, said in row.phrases.instructions.items()}
_ALL = DUTIES | FACTS | DETAILS | INSTRUCTIONS
CATALOGUES = {
    "en": {key: said.en for key, said in _ALL.items()},
    "es": {key: said.es for key, said in _ALL.items()},
}


def worded_phrase(phrase: Phrase | None, language: str) -> str:
    """The text of `phrase`; an unknown language is read as English, an unknown key says itself, an argument that is
    missing is left blank. Never raises: a screen with a strange word is better than none."""
    if phrase is None:
        return ""
    catalogue = CATALOGUES.get(language, CATALOGUES["en"])
    text = catalogue.get(phrase.key, phrase.key)
    return PLACE.sub(lambda place: _argument_text(phrase, int(place[1]), language if place[2] else ""), text)


def duty_word(duty: str, language: str) -> str:
    """The word for a duty in the status bar; an unknown duty is its own word."""
    return CATALOGUES.get(language, CATALOGUES["en"]).get(f"duty_{duty}", duty)


def _argument_text(phrase: Phrase, at: int, duty_language: str) -> str:
    argument = phrase.args[at] if at < len(phrase.args) else ""
    return duty_word(argument, duty_language) if duty_language else argument
