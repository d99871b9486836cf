"""Settings files to one tree of values, each of which knows its file."""

from collections.abc import Iterator
from pathlib import Path

from station.domain.documents.faults import Fault
from station.domain.documents.toml_files import BYTES_MAX, label, read_toml, unusable
from station.domain.documents.trees import Node, merge

FILES_MAX = 64


def read_tree(path: Path, faults: list[Fault]) -> Node:
    """The file and its `conf.d/*.toml` in order of name, merged: see `merge`.

    Appends to `faults` what cannot be read; the tree then lacks it.
    """
    tree = Node({}, label(path.name))
    for name, each in _files(path, faults):
        try:
            with each.open("rb") as file:
                raw = file.read(BYTES_MAX + 1)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            faults.append(unusable(name, f"cannot be read ({why}); check its name and rights"))
            continue
        more = read_toml(raw, name, faults)
        tree = merge(tree, more, faults) if more else tree
    return tree


def _files(path: Path, faults: list[Fault]) -> Iterator[tuple[str, Path]]:
    yield label(path.name), path
    folder = path.parent / "conf.d"
    try:
        names = sorted(each.name for each in folder.iterdir() if each.suffix == ".toml" and each.name[0] != ".")
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ValueError) as error:
        faults.append(unusable("conf.d", f"cannot be listed ({error}); check its rights"))
        return
    if len(names) > FILES_MAX:
        faults.append(unusable("conf.d", f"holds {len(names)} files; at most {FILES_MAX} are read"))
    for name in names[:FILES_MAX]:
        yield label(f"conf.d/{name}"), folder / name
