"""Values and keys as a file spells them, for messages: TOML (https://toml.io/en/v1.0.0) and JSON."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

FOUND_CHARS_MAX = 60
KEY_CHARS_MAX = 40
DEPTH_MAX = 4

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


@dataclass(frozen=True)
class Dialect:
    """How one language of files is spoken of, so that a fault says things as whoever wrote the file would."""

    found_text: Callable[[object], str]
    """The beginning of a value."""
    table_text: Callable[[Sequence[str]], str]
    """What completes "must be ..." for a table that needs these keys."""
    numbers_items: bool
    """Whether the place of a value in a list says which it is, counted from 0."""
    refuses_unknown_keys: bool
    ending: str
    """What ends a fault's line."""


def value_text(value: object, depth: int = 0) -> str:
    """One value as TOML; what lies deeper than `DEPTH_MAX` becomes `...`."""
    if depth > DEPTH_MAX:
        return "..."
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping):
        pairs = (f"{quoted_key(key)} = {value_text(item, depth + 1)}" for key, item in value.items())
        return "{ " + ", ".join(pairs) + " }" if value else "{}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(value_text(item, depth + 1) for item in value) + "]"
    return hex_if_huge(value)


def hex_if_huge(value: object) -> str:
    """Numbers and dates as they print; Python refuses to print integers of thousands of digits in decimal."""
    if isinstance(value, int) and value.bit_length() > 256:
        return hex(value)
    return str(value)


def quoted(text: str) -> str:
    """A TOML basic string: control characters escaped, so that a message stays on its line."""
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    return char if char.isprintable() else f"\\U{ord(char):08X}"


def quoted_key(key: str) -> str:
    """A key, bare where TOML allows it."""
    return key if _BARE_KEY.fullmatch(key) else quoted(key)


def key_text(key: str) -> str:
    """A key for a message, clipped to `KEY_CHARS_MAX`."""
    return clip(quoted_key(key), KEY_CHARS_MAX)


def found_text(value: object) -> str:
    """A value for a message, clipped to `FOUND_CHARS_MAX`."""
    return clip(value_text(value), FOUND_CHARS_MAX)


def clip(text: str, chars_max: int) -> str:
    """At most `chars_max` characters, the last three of them `...` when something is left out."""
    return text if len(text) <= chars_max else text[: chars_max - 3] + "..."


def shown(value: object) -> str:
    """The beginning of a value as JSON on one line; never raises, for one fault must not hide the others."""
    try:
        text = msgspec.json.encode(value).decode()
    except RecursionError:
        return "brackets in brackets"
    clipped = text if len(text) <= FOUND_CHARS_MAX else f"{text[:FOUND_CHARS_MAX]}..."
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in clipped)


def object_text(needed: Sequence[str]) -> str:
    """Such as "an object with tag and item"."""
    *most, last = needed or ("",)
    named = f"{', '.join(most)} and {last}" if most else last
    return f"an object with {named}" if named else "an object"


TOML = Dialect(found_text, lambda _: "a table", numbers_items=False, refuses_unknown_keys=True, ending=".")
"""Settings: people write them by hand, so that a key which nothing reads is a mistake."""
JSON = Dialect(shown, object_text, numbers_items=True, refuses_unknown_keys=False, ending="")
"""Documents: other programs write them, and may say more than this release reads."""
