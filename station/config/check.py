"""Checks a tree of settings against the structs' own field types and rules, and notes every fault."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec.structs import FieldInfo, fields

from station.config.describe import describe, either, members
from station.config.faults import Fault, Place
from station.config.files import Node
from station.config.table import Hidden, Rule, Table, Unique
from station.config.toml import found_text, key_text


class RefusedError(Exception):
    """A value was refused; the fault that says so is noted already."""


class Checker:
    """Turns nodes into values. Faults gather in `faults`; a refused value raises `RefusedError`."""

    def __init__(self, faults: list[Fault]) -> None:
        self._faults = faults
        self._taken: dict[tuple[str, object], str] = {}

    def note(self, node: Node, place: Place, problem: str, *, show: bool = True) -> None:
        """Note a fault of the value in `node`."""
        found = found_text(node.plain()) if show and not place.hidden else ""
        self._faults.append(Fault(node.file, place, found, problem))

    def refused(self, node: Node, place: Place, problem: str, *, show: bool = True) -> RefusedError:
        """Note a fault; the caller raises what this returns."""
        self.note(node, place, problem, show=show)
        return RefusedError()

    def value(self, node: Node, wanted: Any, place: Place, says: str = "") -> object:
        """The value in `node` as type `wanted`; `says` describes an outer type with its rules."""
        says = says or describe(wanted)
        origin = get_origin(wanted)
        if origin is Annotated:
            return self._ruled(node, wanted, place, says)
        if origin in (Union, UnionType):
            return self._member(node, members(wanted), place)
        if origin is Literal:
            return self._choice(node, get_args(wanted), place)
        if origin is tuple:
            return self._items(node, get_args(wanted), place, says)
        if issubclass(wanted, Table):
            return self.struct(node, wanted, place)
        if type(node.value) is not wanted:
            raise self.refused(node, place, f"must be {says}")
        return node.value

    def _ruled(self, node: Node, wanted: Any, place: Place, says: str) -> object:
        base, *rules = get_args(wanted)
        if any(isinstance(rule, Hidden) for rule in rules):
            place = Place(place.table, place.key, hidden=True)
        value = self.value(node, base, place, says)
        for rule in rules:
            if isinstance(rule, Rule) and (problem := rule.problem(value)):
                raise self.refused(node, place, problem)
            if isinstance(rule, Unique):
                self._take(node, rule.what, value, place)
        return value

    def _take(self, node: Node, what: str, value: object, place: Place) -> None:
        other = self._taken.setdefault((what, value), f"{node.file} {place}")
        if other != f"{node.file} {place}":
            raise self.refused(node, place, f"is taken by {other}; no {what} may stand twice")

    def _member(self, node: Node, kinds: list[Any], place: Place) -> object:
        if len(kinds) == 1:
            return self.value(node, kinds[0], place)
        tags = {kind.__struct_config__.tag: kind for kind in kinds}
        if node.table is None:
            raise self.refused(node, place, "must be a table")
        kind = node.table.get("kind")
        if kind is None:
            raise self.refused(node, place.child("kind"), _kind_missing(node.table, tags), show=False)
        tag = self._choice(kind, tuple(tags), place.child("kind"))
        return self.struct(node, tags[tag], place, kinds)

    def _choice(self, node: Node, choices: tuple[object, ...], place: Place) -> object:
        for choice in choices:
            if type(choice) is type(node.value) and choice == node.value:
                return choice
        texts = [choice for choice in choices if isinstance(choice, str)]
        near = nearest(node.value, texts) if isinstance(node.value, str) else ""
        hint = f'; did you mean "{near}"?' if near else ""
        raise self.refused(node, place, f"must be {either(choices)}{hint}")

    def _items(self, node: Node, args: tuple[Any, ...], place: Place, says: str) -> tuple[object, ...]:
        items = node.items
        if items is None or (args[-1] is not Ellipsis and len(items) != len(args)):
            raise self.refused(node, place, f"must be {says}")
        types = [args[0]] * len(items) if args[-1] is Ellipsis else list(args)
        return self.all_of([(item, kind, place) for item, kind in zip(items, types, strict=True)])

    def all_of(self, wanted: list[tuple[Node, Any, Place]]) -> tuple[object, ...]:
        """Every value, or, when some are refused, every one of their faults."""
        values = []
        for node, kind, place in wanted:
            with suppress(RefusedError):
                values.append(self.value(node, kind, place))
        if len(values) < len(wanted):
            raise RefusedError
        return tuple(values)

    def struct(self, node: Node, wanted: type[Table], place: Place, kinds: Sequence[Any] = ()) -> Table:
        """The table in `node` as `wanted`, one of `kinds`."""
        if node.table is None:
            raise self.refused(node, place, "must be a table")
        excused = self._unknown_keys(node, wanted, place, kinds)
        values, wanted_fields = {}, fields(wanted)
        for field in wanted_fields:
            with suppress(RefusedError):
                values[field.name] = self._field(node, field, place, excused)
        if len(values) < len(wanted_fields):
            raise RefusedError
        made = wanted(**values)
        for key, problem in made.contradictions():
            value = node.table.get(key) or Node(getattr(made, key), node.file)
            self.note(value, place.child(key), problem)
        return made

    def _field(self, node: Node, field: FieldInfo, place: Place, excused: frozenset[str]) -> object:
        keys = node.table or {}
        if field.encode_name in keys:
            return self.value(keys[field.encode_name], field.type, place.child(field.encode_name))
        if field.required and field.encode_name not in excused:
            self.note(node, place.child(field.encode_name), f"missing; must be {describe(field.type)}", show=False)
        if field.required:
            raise RefusedError
        return field.default

    def _unknown_keys(self, node: Node, wanted: type[Table], place: Place, kinds: Sequence[Any]) -> frozenset[str]:
        """Note every unknown key; the keys that they were meant to be, which are not called missing too."""
        config = wanted.__struct_config__
        known = [*([config.tag_field] if config.tag_field else []), *_keys(wanted)]
        excused = set()
        for key, value in (node.table or {}).items():
            if key in known:
                continue
            others = [str(kind.__struct_config__.tag) for kind in kinds if key in _keys(kind)]
            if others:
                self.note(
                    value,
                    place.child(key),
                    f'belongs to kind {either(tuple(others))}, not to "{config.tag}"',
                    show=False,
                )
                continue
            meant = nearest(key, known)
            excused.add(meant)
            hint = f"did you mean {meant}?" if meant else f"known are {', '.join(known)}"
            self.note(value, place.child(key), f"unknown key; {hint}", show=False)
        return frozenset(excused)


def nearest(key: str, known: Iterable[str]) -> str:
    """The known key that `key` was probably meant to be, or ""."""
    return next(iter(get_close_matches(key[:64], known, n=1)), "")


def _kind_missing(table: Iterable[str], tags: Iterable[str]) -> str:
    """A misspelled `kind` is named, because without it no other key can be judged."""
    near = next(iter(get_close_matches("kind", table, n=1)), "")
    return f"missing; must be {either(tuple(tags))}" + (f"; is it {key_text(near)}?" if near else "")


def _keys(wanted: type[Table]) -> list[str]:
    return [field.encode_name for field in fields(wanted)]
