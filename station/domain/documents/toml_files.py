"""The text of a TOML file as a tree."""

import tomllib

from station.domain.documents.faults import Fault, Place
from station.domain.documents.spelling import quoted
from station.domain.documents.trees import Node, tree_of

BYTES_MAX = 262144
DEPTH_MAX = 16
TOO_DEEP = f"is nested deeper than {DEPTH_MAX} levels; no setting is"


def read_toml(raw: bytes, file: str, faults: list[Fault]) -> Node | None:
    """The tree of a file that messages call `file`; None, and one more fault, where it cannot be read.

    Whoever reads `raw` from a disk reads at most `BYTES_MAX` + 1 bytes.
    """
    try:
        if len(raw) > BYTES_MAX:
            raise ValueError(f"more than {BYTES_MAX} bytes")
        return tree_of(tomllib.loads(raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8")), file, DEPTH_MAX)
    except UnicodeDecodeError as error:
        faults.append(unusable(file, f"is no UTF-8 text at byte {error.start}; save it as UTF-8"))
    except RecursionError:
        faults.append(unusable(file, TOO_DEEP))
    except ValueError as error:
        faults.append(unusable(file, f"is no TOML: {error}"))
    return None


def unusable(file: str, problem: str) -> Fault:
    """The fault of a file as a whole."""
    return Fault(file, Place(), "", problem)


def label(name: str) -> str:
    """A file's name for messages, which stay on one line whatever it is."""
    return name if name.isprintable() else quoted(name)
