"""A field's type and rules in words that complete "must be ..."."""

from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from msgspec.structs import FieldInfo, fields

from station.domain.documents.fields import Hidden, Length, Rule, Served, Table, Unique
from station.domain.documents.spelling import TOML, Dialect, value_text


class Ruled(NamedTuple):
    """What stands in an `Annotated[...]`, by when it is asked."""

    base: Any
    lengths: tuple[Length, ...]
    served: tuple[Served, ...]
    rules: tuple[Rule, ...]
    unique: tuple[str, ...]
    is_hidden: bool


@cache
def ruled_of(annotated: Any) -> Ruled:
    """A type and its rules; kept, because sorting them is slow."""
    base, *found = get_args(annotated)
    return Ruled(
        base,
        tuple(rule for rule in found if isinstance(rule, Length)),
        tuple(rule for rule in found if isinstance(rule, Served)),
        tuple(rule for rule in found if isinstance(rule, Rule) and not isinstance(rule, Length)),
        tuple(rule.what for rule in found if isinstance(rule, Unique)),
        any(isinstance(rule, Hidden) for rule in found),
    )


SCALARS = {int: "a whole number", str: "a text in quotes", bool: "true or false", dict: "an object"}


@cache
def describe(wanted: Any, dialect: Dialect = TOML) -> str:
    """Such as "a whole number 500..15000" or '"en" or "es"'."""
    origin, args = get_origin(wanted), get_args(wanted)
    if origin is Annotated:
        return _ruled(ruled_of(wanted), dialect)
    if origin in (Union, UnionType):
        return describe(members(wanted)[0], dialect)
    if origin is Literal:
        return either(args)
    if origin is tuple:
        number = "" if args[-1] is Ellipsis else f" of {len(args)}"
        return f"a list{number}, each {describe(args[0], dialect)}"
    plain = origin or wanted
    return dialect.table_text(needed_keys(plain)) if issubclass(plain, Table) else SCALARS[plain]


def _ruled(ruled: Ruled, dialect: Dialect) -> str:
    base, allowed = ruled.base, [rule.allowed for rule in (*ruled.lengths, *ruled.rules)]
    if allowed and (base is str or get_origin(base) is dict or ruled.lengths):
        return allowed[0]
    if get_origin(base) is tuple and allowed:
        return f"{describe(base, dialect)} ({allowed[0]})"
    return " ".join([describe(base, dialect), *allowed])


def members(wanted: Any) -> list[Any]:
    """What a union or an optional may be, other than None; any other type stands for itself."""
    if get_origin(wanted) in (Union, UnionType):
        return [member for member in get_args(wanted) if member is not NoneType]
    return [wanted]


@cache
def fields_of(table: type[Table]) -> tuple[FieldInfo, ...]:
    """The fields of a table; kept, because msgspec reads their types anew at each call."""
    return fields(table)


@cache
def needed_keys(table: type[Table]) -> list[str]:
    """The keys that may not be left out."""
    return [field.encode_name for field in fields_of(table) if field.required]


@cache
def holds_secrets(wanted: Any) -> bool:
    """Whether something in a value of this type is hidden, so that what stands in its place may be a secret too."""
    if get_origin(wanted) is Annotated:
        ruled = ruled_of(wanted)
        return ruled.is_hidden or holds_secrets(ruled.base)
    if get_origin(wanted) in (Union, UnionType, tuple):
        return any(holds_secrets(member) for member in get_args(wanted) if member not in (NoneType, Ellipsis))
    is_table = isinstance(wanted, type) and issubclass(wanted, Table)
    return is_table and any(holds_secrets(field.type) for field in fields_of(wanted))


def either(choices: tuple[object, ...]) -> str:
    """The choices as a file spells them, such as '"a", "b" or "c"'."""
    *most, last = [value_text(choice) for choice in choices]
    return f"{', '.join(most)} or {last}" if most else last
