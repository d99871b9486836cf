"""Checks a tree of values against the structs' own field types and rules, and notes every fault."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from difflib import get_close_matches
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo

from station.domain.documents.describing import (
    describe,
    either,
    fields_of,
    holds_secrets,
    members,
    needed_keys,
    ruled_of,
)
from station.domain.documents.faults import Fault, Place
from station.domain.documents.fields import Served, Table
from station.domain.documents.judging import fields_with_judges
from station.domain.documents.spelling import TOML, Dialect, key_text
from station.domain.documents.trees import Node


class RefusedError(Exception):
    """A value was refused; the fault that says so is noted already."""


class Checker:
    """Turns nodes into values. Faults gather in `faults`; a refused value raises `RefusedError`."""

    def __init__(self, faults: list[Fault], dialect: Dialect = TOML) -> None:
        self._faults = faults
        self._dialect = dialect
        self._taken: dict[tuple[str, object], tuple[str, Place]] = {}

    def note(self, node: Node, place: Place, problem: str, *, show: bool = True) -> None:
        """Note a fault of the value in `node`."""
        found = self._dialect.found_text(node.plain()) if show and not place.hidden else ""
        self._faults.append(Fault(node.file, place, found, problem, node.line, self._dialect.ending))

    def refused(self, node: Node, place: Place, problem: str, *, show: bool = True) -> RefusedError:
        """Note a fault; the caller raises what this returns."""
        self.note(node, place, problem, show=show)
        return RefusedError()

    def value(self, node: Node, wanted: Any, place: Place, says: str = "") -> object:
        """The value in `node` as type `wanted`; `says` describes an outer type with its rules."""
        origin = get_origin(wanted)
        if origin is Annotated:
            return self._ruled(node, wanted, place, says or describe(wanted, self._dialect))
        if origin in (Union, UnionType):
            is_none = node.value is None and NoneType in get_args(wanted)
            return None if is_none else self._member(node, members(wanted), place)
        if origin is Literal:
            return self._choice(node, get_args(wanted), place)
        if origin is tuple:
            return self._items(node, wanted, place, says)
        if origin is dict and node.table is not None:
            return node.plain()
        if origin is None and issubclass(wanted, Table):
            return self.struct(node, wanted, place)
        if type(node.value) is not wanted:
            raise self.refused(node, place, f"must be {says or describe(wanted, self._dialect)}")
        return node.value

    def _ruled(self, node: Node, wanted: Any, place: Place, says: str) -> object:
        ruled = ruled_of(wanted)
        place = place.concealed() if ruled.is_hidden else place
        for length in ruled.lengths:
            if node.items is not None and (problem := length.problem(node.items)):
                raise self.refused(node, place, problem, show=False)
        for served in ruled.served:
            if node.table is not None and "kind" in node.table:
                tags = {kind.__struct_config__.tag for kind in members(ruled.base)}
                self._check_served(node.table["kind"], served, tags, place.child("kind"))
        value = self.value(node, ruled.base, place, says)
        for rule in ruled.rules:
            if problem := rule.problem(value):
                raise self.refused(node, place, problem)
        for what in ruled.unique:
            self._take(node, what, value, place)
        return value

    def _check_served(self, kind: Node, rule: Served, tags: Collection[object], place: Place) -> None:
        """Refuse a kind that nothing serves; a slip of the pen is left to the choice among the `tags`."""
        served = tuple(rule.kinds())
        if not isinstance(kind.value, str) or kind.value in served:
            return
        if kind.value in tags or not nearest(kind.value, served):
            raise self.refused(kind, place, f"{rule.otherwise}; allowed are {either(served)}")

    def _take(self, node: Node, what: str, value: object, place: Place) -> None:
        other = self._taken.setdefault((what, value), (node.file, place))
        if other != (node.file, place):
            by = " ".join(part for part in map(str, other) if part)
            raise self.refused(node, place, f"is taken by {by}; no {what} may stand twice")

    def _member(self, node: Node, kinds: list[Any], place: Place) -> object:
        if len(kinds) == 1:
            return self.value(node, kinds[0], place)
        tags = {kind.__struct_config__.tag: kind for kind in kinds}
        if node.table is None:
            raise self._no_table(node, kinds[0], place)
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

    def _items(self, node: Node, wanted: Any, place: Place, says: str) -> tuple[object, ...]:
        args, items = get_args(wanted), node.items
        if items is None or (args[-1] is not Ellipsis and len(items) != len(args)):
            problem = f"must be {says or describe(wanted, self._dialect)}"
            raise self.refused(node, place, problem, show=not holds_secrets(wanted))
        types = [args[0]] * len(items) if args[-1] is Ellipsis else list(args)
        places = [place.item(at) if self._dialect.numbers_items else place for at in range(len(items))]
        return self.all_of(list(zip(items, types, places, strict=True)))

    def _no_table(self, node: Node, wanted: type[Table], place: Place) -> RefusedError:
        problem = f"must be {self._dialect.table_text(needed_keys(wanted))}"
        return self.refused(node, place, problem, show=not holds_secrets(wanted))

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
            raise self._no_table(node, wanted, place)
        strict = self._dialect.refuses_unknown_keys
        excused = self._unknown_keys(node, wanted, place, kinds) if strict else frozenset[str]()
        values, wanted_fields = {}, fields_with_judges(wanted)
        for field, judge in wanted_fields:
            found = node.table.get(field.encode_name)
            # Most values are right, and a place is named only where one may not be.
            if found is not None and judge(found.value, set()):
                values[field.name] = found.value
                continue
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
            problem = f"missing; must be {describe(field.type, self._dialect)}"
            self.note(node, place.child(field.encode_name), problem, show=False)
        if field.required:
            raise RefusedError
        return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()

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
    return [field.encode_name for field in fields_of(wanted)]
