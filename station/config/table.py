"""The base of every table of the settings, and the rules that its fields carry in `Annotated[...]`."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import msgspec


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One table. Its fields' types and rules are what the checker reads."""

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Pairs of a key and what is wrong with it beside the others, each field alone being well."""
        yield from ()


class Kind(Table, frozen=True, tag_field="kind"):
    """One driver's options; `kind` in the file chooses the struct by its tag."""


def kind_of(options: Kind) -> str:
    """The `kind` that the settings name for these options, such as "evdev"."""
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
        well = isinstance(value, str) and re.fullmatch(self.pattern, value, re.ASCII)
        return None if well else _must_be(self.allowed, self.why)


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
class Ask:
    """A function that says what is wrong with a text, or None."""

    question: Callable[[str], str | None]
    allowed: str

    def problem(self, value: object) -> str | None:
        return self.question(str(value))


@dataclass(frozen=True)
class Unique:
    """No two places of the settings may hold the same `what`, whichever tables they stand in."""

    what: str


@dataclass(frozen=True)
class Hidden:
    """The value may hold a secret, so no message shows it."""
