"""A state with something else than its default in every field, however deep: what a snapshot must not forget."""

import enum
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgspec
from rpds import HashTrieMap, HashTrieSet, List

from station.journal.persistent import ListOf, MapOf, SetOf

T = TypeVar("T")

_NAMES = {"HashTrieMap": MapOf, "HashTrieSet": SetOf, "List": ListOf}
_PLAIN: dict[Any, Any] = {str: "filled", int: 7, float: 0.5, bytes: b"\x07", bool: True, Decimal: Decimal("7.5")}


def filled(kind: type[T]) -> T:
    """A struct of this kind, no field of which is as it is by default. Raise `TypeError` for what cannot be filled."""
    return cast(T, _struct(kind))


def _struct(kind: Any) -> Any:
    hints = get_type_hints(kind, localns=_NAMES)
    defaults = dict(zip(reversed(kind.__struct_fields__), reversed(kind.__struct_defaults__), strict=False))
    return kind(**{name: _other_than(hints[name], defaults.get(name)) for name in kind.__struct_fields__})


def _other_than(hint: Any, default: Any) -> Any:
    """A value of this type; of a flag or an enum that it is not the default decides which."""
    if hint is bool:
        return default is not True
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return next(each for each in hint if each is not default)
    if get_origin(hint) is Literal:
        return next(each for each in get_args(hint) if each != default)
    return _value(hint)


def _value(hint: Any) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    match origin:
        case _ if origin is MapOf:
            return HashTrieMap({_value(args[0]): _value(args[1])})
        case _ if origin in (SetOf, ListOf):
            return (HashTrieSet if origin is SetOf else List)([_value(args[0])])
        case _ if origin is Annotated:
            return _value(args[0])
        case _ if origin in (Union, UnionType):
            return _value(next(each for each in args if each is not NoneType))
        case _ if origin in (tuple, frozenset, list):
            return origin(_value(each) for each in args if each is not Ellipsis)
        case _ if origin is dict:
            return {_value(args[0]): _value(args[1])}
        case _ if origin is not None:
            raise TypeError(f"{hint}: cannot be filled; say here how")
    return _of_class(hint)


def _of_class(kind: Any) -> Any:
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind is Any or kind is object:
        return "filled"
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return list(kind)[-1]
    if isinstance(kind, type) and (issubclass(kind, msgspec.Struct) or hasattr(kind, "_fields")):
        return _struct(kind) if issubclass(kind, msgspec.Struct) else _named(kind)
    raise TypeError(f"{kind}: cannot be filled; say here how")


def _named(kind: Any) -> Any:
    return kind(*(_value(hint) for hint in get_type_hints(kind, localns=_NAMES).values()))
