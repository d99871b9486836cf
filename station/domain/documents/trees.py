"""A file as a tree of values, each of which knows where it stands."""

from collections.abc import Mapping, Sequence

import msgspec

from station.domain.documents.faults import Fault, Place


class Node(msgspec.Struct, frozen=True):
    """A dict of nodes, a list of nodes, or a scalar; the file that it stands in, and its line where that is known."""

    value: object
    file: str
    line: int = 0

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


def tree_of(value: object, file: str, depth_max: int) -> Node:
    """The tree of a decoded value; raise RecursionError where it is deeper than `depth_max`."""
    if depth_max < 0:
        raise RecursionError
    if isinstance(value, dict):
        return Node({key: tree_of(item, file, depth_max - 1) for key, item in value.items()}, file)
    if isinstance(value, list):
        return Node([tree_of(item, file, depth_max - 1) for item in value], file)
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
