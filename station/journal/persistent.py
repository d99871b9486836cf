"""States as plain values and back: structs whose fields may be persistent maps, sets and lists of `rpds`.

Those have no types that a decoder could read; the fields' annotations name them in quotes (`"HashTrieMap[str, int]"`),
and are read here. What a value does not hold is as the struct has it by default.
"""

from typing import Any, Generic, TypeVar, cast, get_args, get_origin, get_type_hints

import msgspec
from rpds import HashTrieMap, HashTrieSet, List

Key = TypeVar("Key")
Value = TypeVar("Value")
State = TypeVar("State")


class MapOf(Generic[Key, Value]):
    """Stands for `HashTrieMap` in an annotation."""


class SetOf(Generic[Value]):
    """Stands for `HashTrieSet` in an annotation."""


class ListOf(Generic[Value]):
    """Stands for `List` in an annotation."""


_NAMES = {"HashTrieMap": MapOf, "HashTrieSet": SetOf, "List": ListOf}


def plain(value: Any) -> Any:
    """A state as what JSON can hold: a map is a list of pairs, in the order of its keys."""
    return msgspec.to_builtins(value, enc_hook=_plain_collection)


def _plain_collection(value: Any) -> Any:
    match value:
        case HashTrieMap():
            return [[plain(key), plain(each)] for key, each in sorted(value.items())]
        case HashTrieSet():
            return [plain(each) for each in sorted(value)]
        case List():
            return [plain(each) for each in value]
    raise TypeError(f"{type(value).__name__}: has no plain form; give it one here")


def restored(kind: type[State], value: Any) -> State:
    """The state of that type again; raise msgspec.ValidationError where the value is none."""
    return cast(State, _restored(kind, value))


def _restored(kind: Any, value: Any) -> Any:
    origin, args = get_origin(kind), get_args(kind)
    if origin is MapOf:
        return HashTrieMap({_restored(args[0], key): _restored(args[1], each) for key, each in _pairs(value)})
    if origin in (SetOf, ListOf):
        made = [_restored(args[0], each) for each in msgspec.convert(value, list[Any])]
        return HashTrieSet(made) if origin is SetOf else List(made)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and _has_collections(kind):
        held, hints = msgspec.convert(value, dict[str, Any]), _hints(kind)
        return kind(**{name: _restored(hints[name], held[name]) for name in hints if name in held})
    return msgspec.convert(value, kind)


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    return msgspec.convert(value, list[tuple[Any, Any]])


def _hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    found = get_type_hints(kind, localns=_NAMES)
    return {name: found[name] for name in kind.__struct_fields__}


def _has_collections(kind: type[msgspec.Struct]) -> bool:
    return any(_names_collection(hint) for hint in _hints(kind).values())


def _names_collection(hint: Any) -> bool:
    if get_origin(hint) in _NAMES.values() or any(_names_collection(each) for each in get_args(hint)):
        return True
    return isinstance(hint, type) and issubclass(hint, msgspec.Struct) and _has_collections(hint)
