"""Settings files to `Settings`, or to every fault in them."""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any, get_args, get_origin

from msgspec.structs import FieldInfo, fields

from station.config.check import Checker, RefusedError, nearest
from station.config.faults import Fault, Place, SettingsError
from station.config.files import Node, read_tree
from station.config.structs import Settings, across
from station.config.toml import key_text


def load(path: str | PathLike[str]) -> Settings:
    """The settings in the TOML file `path` and in `conf.d/*.toml` beside it, with every default filled in.

    Raises `SettingsError` with every fault at once. Whether the files that the settings name are there,
    `check_files` says.
    """
    faults: list[Fault] = []
    tree = read_tree(Path(path), faults)
    if not faults:
        settings = _Tables(tree, faults).settings()
        if settings and not faults:
            return settings
    raise SettingsError(faults)


class _Tables:
    """The top of the tree, whose keys are all tables: `[door]`, or `[[scanner]]` where several may stand."""

    def __init__(self, tree: Node, faults: list[Fault]) -> None:
        self._tree = tree
        self._keys = tree.table or {}
        self._checker = Checker(faults)
        self._fields = {field.encode_name: field for field in fields(Settings)}

    def settings(self) -> Settings | None:
        """All of it, or None when any table was refused."""
        excused = self._unknown_tables()
        values: dict[str, Any] = {}
        for key, field in self._fields.items():
            with suppress(RefusedError):
                values[key] = self._table(key, field, excused)
        for table, key, problem in across(values):
            place = Place(f"[{table}]").child(key)
            self._checker.note((self._keys[table].table or {})[key], place, problem)
        if len(values) < len(self._fields):
            return None
        return Settings(**{self._fields[key].name: value for key, value in values.items()})

    def _table(self, key: str, field: FieldInfo, excused: frozenset[str]) -> object:
        node = self._keys.get(key)
        if node is None:
            if field.required and key not in excused:
                self._checker.note(self._tree, Place(f"[{key}]"), "missing; every station has one", show=False)
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
            meant = nearest(key, self._fields)
            excused.add(meant)
            known = ", ".join(self._header(each) for each in self._fields)
            hint = f"did you mean {self._header(meant)}?" if meant else f"known are {known}"
            self._checker.note(node, Place(_as_written(key, node)), f"unknown table; {hint}", show=False)
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
