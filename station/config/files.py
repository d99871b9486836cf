"""Settings files to one tree of values, each of which knows its file."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from station.config.faults import Fault, Place
from station.config.toml import quoted

FILE_BYTES_MAX = 262144
FILES_MAX = 64
DEPTH_MAX = 16


@dataclass(frozen=True)
class Node:
    """A dict of nodes, a list of nodes, or a scalar; and the file that it stands in."""

    value: object
    file: str

    @property
    def table(self) -> Mapping[str, "Node"] | None:
        """The keys, when this is a table."""
        return self.value if isinstance(self.value, dict) else None

    @property
    def items(self) -> Sequence["Node"] | None:
        """The elements, when this is an array."""
        return self.value if isinstance(self.value, list) else None

    def plain(self) -> object:
        """The value without files, for a message."""
        if self.table is not None:
            return {key: node.plain() for key, node in self.table.items()}
        return [node.plain() for node in self.items] if self.items is not None else self.value


def read_tree(path: Path, faults: list[Fault]) -> Node:
    """The file and its `conf.d/*.toml` in order of name, merged: see `merge`.

    Appends to `faults` what cannot be read; the tree then lacks it.
    """
    tree = Node({}, _label(path.name))
    for label, each in _files(path, faults):
        try:
            tree = merge(tree, _nodes(_parse(each), label, 0), faults)
        except OSError as error:
            faults.append(_unusable(label, f"cannot be read ({error.strerror}); check its name and rights"))
        except UnicodeDecodeError as error:
            faults.append(_unusable(label, f"is no UTF-8 text at byte {error.start}; save it as UTF-8"))
        except RecursionError:
            faults.append(_unusable(label, TOO_DEEP))
        except ValueError as error:
            faults.append(_unusable(label, f"is no TOML: {error}"))
    return tree


TOO_DEEP = f"is nested deeper than {DEPTH_MAX} levels; no setting is"


def _files(path: Path, faults: list[Fault]) -> Iterator[tuple[str, Path]]:
    yield _label(path.name), path
    folder = path.parent / "conf.d"
    try:
        names = sorted(each.name for each in folder.iterdir() if each.suffix == ".toml" and each.name[0] != ".")
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ValueError) as error:
        faults.append(_unusable("conf.d", f"cannot be listed ({error}); check its rights"))
        return
    if len(names) > FILES_MAX:
        faults.append(_unusable("conf.d", f"holds {len(names)} files; at most {FILES_MAX} are read"))
    for name in names[:FILES_MAX]:
        yield _label(f"conf.d/{name}"), folder / name


def _label(name: str) -> str:
    return name if name.isprintable() else quoted(name)


def _parse(path: Path) -> dict[str, object]:
    with path.open("rb") as file:
        text = file.read(FILE_BYTES_MAX + 1)
    if len(text) > FILE_BYTES_MAX:
        raise ValueError(f"more than {FILE_BYTES_MAX} bytes")
    return tomllib.loads(text.decode("utf-8"))


def _nodes(value: object, file: str, depth: int) -> Node:
    if depth > DEPTH_MAX:
        raise RecursionError
    if isinstance(value, dict):
        return Node({key: _nodes(item, file, depth + 1) for key, item in value.items()}, file)
    if isinstance(value, list):
        return Node([_nodes(item, file, depth + 1) for item in value], file)
    return Node(value, file)


def merge(first: Node, second: Node, faults: list[Fault], place: Place | None = None) -> Node:
    """`second` over `first`: tables merged, arrays of tables appended, any other value replaced.

    A table in one that is no table in the other is a fault.
    """
    place = place or Place()
    if first.table is not None and second.table is not None:
        merged = dict(first.table)
        for key, node in second.table.items():
            merged[key] = merge(merged[key], node, faults, place.child(key)) if key in merged else node
        return Node(merged, first.file)
    if _shape(first) == TABLES and second.value == []:
        return first
    if first.value != [] and _shape(first) != _shape(second):
        problem = f"is {_shape(second)} here but {_shape(first)} in {first.file}; make them alike"
        faults.append(Fault(second.file, place, "", problem))
    elif _shape(first) == TABLES:
        return Node([*(first.items or ()), *(second.items or ())], first.file)
    return second


TABLES = "an array of tables"


def _shape(node: Node) -> str:
    if node.table is not None:
        return "a table"
    if node.items and any(item.table is not None for item in node.items):
        return TABLES
    return "a value"


def _unusable(file: str, problem: str) -> Fault:
    return Fault(file, Place(), "", problem)
