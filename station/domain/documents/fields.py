"""What a field may hold: the base of every table, and the rules that its fields carry in `Annotated[...]`."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Protocol, runtime_checkable

import msgspec


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One table of a settings file, or one object of a document. Its fields' types and rules are what is checked."""

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Pairs of a key and what is wrong with it beside the others, each field alone being well."""
        yield from ()


class Kind(Table, frozen=True, tag_field="kind"):
    """One of several tables that may stand in one place; `kind` in the file chooses the struct by its tag."""


def kind_of(options: Kind) -> str:
    """The `kind` that the file names for these options, such as "evdev"."""
    return str(type(options).__struct_config__.tag)


@runtime_checkable
class Rule(Protocol):
    """A limit on a value of the right type. `allowed` completes "must be ..."."""

    @property
    def allowed(self) -> str: ...

    def problem(self, value: object) -> str | None:
        """What is wrong, or None."""


def _must_be(allowed: str, why: str) -> str:
    return f"must be {allowed}; {why}" if why else f"must be {allowed}"


@dataclass(frozen=True)
class Range:
    """A whole number from `low` to `high`, both included; the key's name says the unit."""

    low: int
    high: int
    why: str = ""

    @property
    def allowed(self) -> str:
        return f"{self.low}..{self.high}"

    def problem(self, value: object) -> str | None:
        well = isinstance(value, int) and self.low <= value <= self.high
        return None if well else _must_be(self.allowed, self.why)


@dataclass(frozen=True)
class Text:
    """A text that `pattern` matches whole (ASCII classes)."""

    pattern: str
    allowed: str
    why: str = ""

    def problem(self, value: object) -> str | None:
        well = isinstance(value, str) and self.compiled.fullmatch(value)
        return None if well else _must_be(self.allowed, self.why)

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The pattern, made once."""
        return re.compile(self.pattern, re.ASCII)


@dataclass(frozen=True)
class Characters:
    """A text of `low` to `high` characters; `printable` where it stands on screens and in events."""

    low: int
    high: int
    printable: bool = False

    @property
    def allowed(self) -> str:
        many = f"{self.low} to {self.high}" if self.low else f"at most {self.high}"
        return f"{many} printable characters" if self.printable else f"a text of {many} characters"

    def problem(self, value: object) -> str | None:
        well = isinstance(value, str) and self.low <= len(value) <= self.high
        return None if well and (not self.printable or str(value).isprintable()) else _must_be(self.allowed, "")


@dataclass(frozen=True)
class OneOf:
    """A text that is one of these today; a file of a later release, once taken, may hold another."""

    choices: tuple[str, ...]

    @property
    def allowed(self) -> str:
        return f"one of {', '.join(self.choices)}"

    def problem(self, value: object) -> str | None:
        if value in self.choices:
            return None
        near = get_close_matches(str(value)[:64], self.choices, n=1)
        return _must_be(self.allowed, f'did you mean "{near[0]}"?' if near else "")


@dataclass(frozen=True)
class Items:
    """A list of `low` to `high` different values."""

    low: int
    high: int

    @property
    def allowed(self) -> str:
        return f"{self.low}..{self.high} different values"

    def problem(self, value: object) -> str | None:
        if not isinstance(value, Sequence) or not self.low <= len(value) <= self.high:
            return _must_be(self.allowed, "")
        return None if len(set(value)) == len(value) else _must_be(self.allowed, "")


@dataclass(frozen=True)
class Length:
    """A list of `low` to `high` of `what`, counted before any of them is looked at; `cure` says what to do."""

    low: int
    high: int
    what: str
    cure: str = ""

    @property
    def allowed(self) -> str:
        return f"a list of {self._many} {self.what}"

    def problem(self, value: object) -> str | None:
        if isinstance(value, Sequence) and self.low <= len(value) <= self.high:
            return None
        stand = f"{len(value)} stand here; " if isinstance(value, Sequence) else ""
        return stand + _must_be(self._many if stand else self.allowed, self.cure)

    @property
    def _many(self) -> str:
        return f"{self.low} to {self.high}" if self.low else f"at most {self.high}"


@dataclass(frozen=True)
class Ask:
    """A function that says what is wrong with a text, or None."""

    question: Callable[[str], str | None]
    allowed: str

    def problem(self, value: object) -> str | None:
        return self.question(str(value))


@dataclass(frozen=True)
class Described:
    """Words for what the type alone limits."""

    allowed: str

    def problem(self, value: object) -> str | None:
        """Nothing: the type has been checked."""


@dataclass(frozen=True)
class Served:
    """The kinds of a table that something in this release serves; asked when a table is checked."""

    kinds: Callable[[], Collection[str]]
    otherwise: str


@dataclass(frozen=True)
class Unique:
    """No two places of what is checked at once may hold the same `what`, whichever tables they stand in."""

    what: str


@dataclass(frozen=True)
class Hidden:
    """The value may hold a secret, so no message shows it, nor what lies in it."""
