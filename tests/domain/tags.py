"""Names for what is scanned: `A` to `Z` are package tags, `A#3` is the Retail ID code of unit 3 of package A."""

import re

TAG_HEAD = "1A40603000000010000"
_LETTER = re.compile(r"([A-Z])(?:#([0-9]+))?", re.ASCII)


def tag(letter: str) -> str:
    """The tag of the package that a scenario calls by this letter."""
    return f"{TAG_HEAD}{ord(letter):05d}"


def text_of(word: str) -> str:
    """What a scanner reads where a scenario says `word`; any other word is read as it stands."""
    named = _LETTER.fullmatch(word)
    if named is None:
        return word
    letter, unit_index = named.groups()
    return tag(letter) if unit_index is None else f"https://app.1a4.com/landingpage/{tag(letter)}/{unit_index}"
