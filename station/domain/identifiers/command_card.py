"""Command cards: a printed code that starts, undoes or closes something.

`CS1/<verb>[/<argument>]/<cc>`. The argument is percent-encoded UTF-8, at most 60 characters once decoded.
`cc` are the two check characters of ISO/IEC 7064 MOD 1271-36 over the upper-case hexadecimal of the ASCII
bytes before the last slash. Hexadecimal, because MOD 1271-36 knows `0`-`9` and `A`-`Z` only, while a card
holds lower case, `/`, `%` and `-`. A character is then two places of a base-36 number modulo 1271 = 31 * 41.
Two characters differ by at most 15 * 36 + 15 = 555, so every single substitution shows; a transposition of
neighbours multiplies that difference by 36**2 - 1 = 24 (mod 1271), so it shows as well.
Code 128 and QR check themselves: this catches cards that were typed, drawn or cut from other codes.
"""

import re
from urllib.parse import quote, unquote_to_bytes

from station.domain.identifiers.codes import CommandCard, RefusalReason

PREFIX = b"CS1/"
ARGUMENT_CHARS_MAX = 60

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VERB = re.compile("[a-z-]{1,20}", re.ASCII)
_CARD = re.compile(rb"(CS1/([a-z-]{1,20})(?:/((?:[0-9A-Za-z_.~-]|%[0-9A-F]{2})+))?)/([0-9A-Z]{2})", re.ASCII)


def command_text(verb: str, argument: str = "") -> str:
    """Return the text of a card, to be printed as a code; which verbs there are, and what they take, the duties say.

    Raises ValueError for what cannot be a verb, or an argument that no card can carry.
    """
    if not _VERB.fullmatch(verb):
        raise ValueError(f"command card: verb {verb!r}; it must be 1 to 20 of a-z and -; correct it")
    fault = _argument_fault(argument)
    if fault:
        raise ValueError(f"command card {verb}: argument {argument!r}; {fault}")
    body = f"CS1/{verb}/{quote(argument, safe='')}" if argument else f"CS1/{verb}"
    return f"{body}/{check_characters(body.encode('ascii').hex().upper())}"


def decode_card(line: bytes) -> CommandCard | RefusalReason:
    """Read a line that begins with `CS1/`, or answer why it is no card. Any verb is read."""
    card = _CARD.fullmatch(line)
    if card is None:
        return RefusalReason.BAD_CARD
    body, verb, encoded, check = card.groups(default=b"")
    if check_characters(body.hex().upper()) != check.decode("ascii"):
        return RefusalReason.BAD_CHECK
    return _with_argument(verb.decode("ascii"), encoded)


def check_characters(text: str) -> str:
    """Return the two check characters of ISO/IEC 7064 MOD 1271-36 for a text of `[0-9A-Z]`."""
    total = 0
    for character in text:
        total = (total * 36 + _ALPHABET.index(character)) % 1271
    first, second = divmod((1 - total * 36 * 36) % 1271, 36)
    return _ALPHABET[first] + _ALPHABET[second]


def _with_argument(verb: str, encoded: bytes) -> CommandCard | RefusalReason:
    try:
        argument = unquote_to_bytes(encoded).decode("utf-8")
    except UnicodeDecodeError:
        return RefusalReason.BAD_CARD
    # One spelling a card: `%41` for `A` is refused.
    if _argument_fault(argument) or quote(argument, safe="").encode("ascii") != encoded:
        return RefusalReason.BAD_CARD
    return CommandCard(verb, argument)


def _argument_fault(argument: str) -> str:
    if len(argument) > ARGUMENT_CHARS_MAX:
        return f"it has {len(argument)} characters, at most {ARGUMENT_CHARS_MAX} are allowed; shorten it"
    return "" if argument.isprintable() else "only printable characters are allowed; leave out control characters"
