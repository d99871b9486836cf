"""What a Python source imports, as dotted names: at its top, in a function, or for the type checker only."""

import ast
from collections.abc import Iterator
from pathlib import Path

OURS = ("station", "drivers")


def module_name(root: Path, path: Path) -> str:
    """`station/journal/__init__.py` below `root` is `station.journal`."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules(root: Path) -> dict[str, Path]:
    """Each module of the product below `root`, by its dotted name."""
    paths = (path for top in OURS for path in sorted((root / top).rglob("*.py")))
    return {module_name(root, path): path for path in paths}


def imports(name: str, path: Path, known: frozenset[str]) -> Iterator[tuple[str, int]]:
    """Yield (module, line) for each import of the module `name`.

    `from station import journal` is an import of `station.journal` where that is one of the `known` modules,
    and of `station` where it is a plain name.
    """
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(package, node)
            for alias in node.names:
                below = f"{base}.{alias.name}"
                yield (below if below in known else base), node.lineno


def _absolute(package: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    kept = parts[: len(parts) - node.level + 1]
    return ".".join([*kept, node.module] if node.module else kept)


def is_below(module: str, prefix: str) -> bool:
    """`station.domain.count` is below `station.domain` and below itself, not below `station.dom`."""
    return module == prefix or module.startswith(prefix + ".")
