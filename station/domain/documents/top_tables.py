"""The top of a settings file, whose keys are all tables: `[door]`, or `[[scanner]]` where several may stand."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args, get_origin

from msgspec.structs import FieldInfo

from station.domain.documents.checking import Checker, RefusedError, nearest
from station.domain.documents.describing import fields_of
from station.domain.documents.faults import Fault, Place
from station.domain.documents.fields import Table
from station.domain.documents.spelling import key_text
from station.domain.documents.trees import Node

T = TypeVar("T", bound=Table)
Across = Callable[[Mapping[str, object]], Iterable[tuple[str, str, str]]]


def _no_problem(_: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    yield from ()


@dataclass(frozen=True)
class TopRules:
    """What holds of the tables as a whole.

    `across` gives triples of table, key and problem that only several tables show, of those that are well; `whose` are
    the settings; `not_served` are tables that this release knows by name only.
    """

    whose: str
    across: Across = _no_problem
    not_served: Collection[str] = ()


def read_tables(tree: Node, wanted: type[T], rules: TopRules, faults: list[Fault]) -> T | None:
    """All tables as `wanted`, or None when any was refused; every fault is appended to `faults`.

    A field of `wanted` that holds several is `[[...]]` in the file, any other `[...]`.
    """
    return _TopTables(tree, wanted, rules, faults).read()


class _TopTables(Generic[T]):
    def __init__(self, tree: Node, wanted: type[T], rules: TopRules, faults: list[Fault]) -> None:
        self._tree, self._wanted, self._rules = tree, wanted, rules
        self._keys = tree.table or {}
        self._checker = Checker(faults)
        self._fields = {field.encode_name: field for field in fields_of(wanted)}

    def read(self) -> T | None:
        excused = self._unknown_tables()
        values: dict[str, Any] = {}
        for key, field in self._fields.items():
            with suppress(RefusedError):
                values[key] = self._table(key, field, excused)
        for table, key, problem in self._rules.across(values):
            place = Place(f"[{table}]").child(key)
            self._checker.note((self._keys[table].table or {})[key], place, problem)
        if len(values) < len(self._fields):
            return None
        return self._wanted(**{self._fields[key].name: value for key, value in values.items()})

    def _table(self, key: str, field: FieldInfo, excused: frozenset[str]) -> object:
        node = self._keys.get(key)
        if node is None:
            if field.required and key not in excused:
                problem = f"missing; every {self._rules.whose} has one"
                self._checker.note(self._tree, Place(f"[{key}]"), problem, show=False)
            if field.required:
                raise RefusedError
            return field.default
        if get_origin(field.type) is tuple:
            return self._array(key, node, get_args(field.type)[0])
        if node.table is None:
            raise self._checker.refused(node, Place(key=key), f"must be one table, [{key}]")
        return self._checker.value(node, field.type, Place(f"[{key}]"))

    def _array(self, key: str, node: Node, kind: object) -> tuple[object, ...]:
        if node.items is None:
            problem = f"must be [[{key}]], which may stand more than once"
            raise self._checker.refused(node, Place(f"[{key}]"), problem, show=False)
        places = _numbered(key, node.items)
        return self._checker.all_of([(item, kind, place) for item, place in zip(node.items, places, strict=True)])

    def _unknown_tables(self) -> frozenset[str]:
        """Note every unknown table; the known ones that they were meant to be."""
        excused = set()
        for key, node in self._keys.items():
            if key in self._fields:
                continue
            problem = "nothing of this release acts on it; take it out"
            if key not in self._rules.not_served:
                meant = nearest(key, self._fields)
                excused.add(meant)
                known = ", ".join(self._header(each) for each in self._fields)
                problem = "unknown table; " + (
                    f"did you mean {self._header(meant)}?" if meant else f"known are {known}"
                )
            self._checker.note(node, Place(_as_written(key, node)), problem, show=False)
        return frozenset(excused)

    def _header(self, key: str) -> str:
        return f"[[{key}]]" if get_origin(self._fields[key].type) is tuple else f"[{key}]"


def _as_written(key: str, node: Node) -> str:
    if node.table is not None:
        return f"[{key_text(key)}]"
    return f"[[{key_text(key)}]]" if node.items else key_text(key)


def _numbered(key: str, items: Iterable[Node]) -> list[Place]:
    """Places such as `[[scanner]] 2`, counted within each file."""
    seen: Counter[str] = Counter()
    places = []
    for item in items:
        seen[item.file] += 1
        places.append(Place(f"[[{key}]] {seen[item.file]}"))
    return places
