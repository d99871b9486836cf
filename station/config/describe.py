"""A field's type and rules in words that complete "must be ..."."""

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from station.config.table import Rule, Table
from station.config.toml import value_text

SCALARS = {int: "a whole number", str: "a text in quotes", bool: "true or false"}


def describe(wanted: Any) -> str:
    """Such as "a whole number 500..15000" or '"en" or "es"'."""
    origin, args = get_origin(wanted), get_args(wanted)
    if origin is Annotated:
        return _ruled(args[0], [rule.allowed for rule in args[1:] if isinstance(rule, Rule)])
    if origin in (Union, UnionType):
        return describe(members(wanted)[0])
    if origin is Literal:
        return either(args)
    if origin is tuple:
        number = "" if args[-1] is Ellipsis else f" of {len(args)}"
        return f"a list{number}, each {describe(args[0])}"
    return "a table" if issubclass(wanted, Table) else SCALARS[wanted]


def _ruled(base: Any, allowed: list[str]) -> str:
    if base is str and allowed:
        return allowed[0]
    if get_origin(base) is tuple and allowed:
        return f"{describe(base)} ({allowed[0]})"
    return " ".join([describe(base), *allowed])


def members(wanted: Any) -> list[Any]:
    """What a union or an optional may be, other than None; any other type stands for itself."""
    if get_origin(wanted) in (Union, UnionType):
        return [member for member in get_args(wanted) if member is not NoneType]
    return [wanted]


def either(choices: tuple[object, ...]) -> str:
    """The choices as TOML, such as '"a", "b" or "c"'."""
    *most, last = [value_text(choice) for choice in choices]
    return f"{', '.join(most)} or {last}" if most else last
