"""The rules of the fields of a plan or a roster (CONTRACTS.md, `import`), and how a breach of one is said."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

KINDS = ("guided",)
# What every JSON reader can hold exactly.
VERSION_MAX = 2**53 - 1
SHOWN_CHARS_MAX = 60

Rule = tuple[Callable[[Any], bool], str]


class Field(NamedTuple):
    """One field: what is right, and how that is said; of a secret one the value is never shown."""

    name: str
    is_right: Callable[[Any], bool]
    must: str
    is_needed: bool = False
    is_secret: bool = False


def faults_of(where: str, found: dict[str, Any], fields: tuple[Field, ...]) -> list[str]:
    """Every fault of the object at `where` (such as `packages[3].`); a field that no rule names is left alone."""
    faults = []
    for field in fields:
        if field.name not in found:
            if field.is_needed:
                faults.append(f"{where}{field.name} is missing: must be {field.must}")
        elif not field.is_right(found[field.name]):
            value = "" if field.is_secret else f" = {shown(found[field.name])}"
            faults.append(f"{where}{field.name}{value}: must be {field.must}")
    return faults


def shown(value: Any) -> str:
    """The beginning of a value as JSON; never raises, for one fault must not hide the others."""
    try:
        shown = msgspec.json.encode(value).decode()
    except RecursionError:
        return "brackets in brackets"
    return shown if len(shown) <= SHOWN_CHARS_MAX else f"{shown[:SHOWN_CHARS_MAX]}..."


def named(chars_max: int) -> Rule:
    """A text that stands on screens and in events."""
    return (
        lambda value: isinstance(value, str) and 1 <= len(value) <= chars_max and value.isprintable(),
        f"1 to {chars_max} printable characters",
    )


def text(chars_max: int) -> Rule:
    """A text for reports; empty where there is none."""
    return lambda value: isinstance(value, str) and len(value) <= chars_max, f"a text of at most {chars_max} characters"


def matching(pattern: str, must: str) -> Rule:
    """A text that the whole of `pattern` matches."""
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None, must


def is_version(value: Any) -> bool:
    """Whether this is a whole number that every JSON reader holds exactly."""
    return type(value) is int and 1 <= value <= VERSION_MAX


def is_moment(value: Any) -> bool:
    """Whether this is a moment with its offset from UTC, or empty."""
    try:
        return value == "" or datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def moment_ms(text: str) -> float:
    """A moment for which `is_moment` as UTC milliseconds since 1970; raise ValueError for any other text."""
    return datetime.fromisoformat(text).timestamp() * 1000


def _is_day(value: Any) -> bool:
    try:
        return value == "" or bool(date.fromisoformat(value).isoformat() == value)
    except (TypeError, ValueError):
        return False


_QUANTITY = matching(r"-?[0-9]{1,12}(\.[0-9]{1,6})?", 'a decimal in quotes, such as "25" or "3.5"')
MOMENT: Rule = (is_moment, "a moment such as 2026-11-23T14:00:00Z")
_FLAG: Rule = (lambda value: isinstance(value, bool), "true or false")

HEAD = (
    Field("plan", *named(64), is_needed=True),
    Field("version", is_version, f"a whole number of 1 to {VERSION_MAX}", is_needed=True),
    Field("kind", lambda value: value in KINDS, f"one of {', '.join(KINDS)}", is_needed=True),
    Field("location", *named(64), is_needed=True),
    Field("made_at", *MOMENT),
    Field("not_after", *MOMENT),
    Field("books", lambda value: isinstance(value, dict), "an object with a book's name for each"),
)
PACKAGE = (
    Field("tag", *matching("[0-9A-Z]{24}", "24 characters of 0-9 and A-Z"), is_needed=True),
    Field("item", lambda value: value != "" and text(200)[0](value), "a text of 1 to 200 characters", is_needed=True),
    Field("unit", *named(16)),
    Field("pos", *_QUANTITY),
    Field("metrc", *_QUANTITY),
    Field("location", *text(64)),
    Field("category", *text(64)),
    Field("batch", *text(64)),
    Field("expires", _is_day, "a day such as 2027-03-01"),
    Field("hold", *_FLAG),
    Field("recall", *_FLAG),
)
