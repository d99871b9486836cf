"""Sizes, names and what may stand in a committed file, held over the checkout."""

import ast
import configparser
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 40
TOP_LEVEL = frozenset(
    [
        ".ci",
        ".gitignore",
        "CHANGELOG.md",
        "README.md",
        "drivers",
        "provisioning",
        "pyproject.toml",
        "setup.cfg",
        "station",
        "systemd",
        "tests",
    ]
)
BANNED_WORDS = frozenset(
    [
        "manager",
        "managers",
        "helper",
        "helpers",
        "util",
        "utils",
        "handler",
        "handlers",
        "process",
        "processes",
    ]
)
# Put together here, so that this file is no find of its own.
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
OVERRIDE = "class Text(HTMLParser):\n    def handle_data(self, data): ..."


def committed_files(root: Path) -> list[str]:
    """What belongs to the checkout, as paths below it; what git ignores does not."""
    listed = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    found = subprocess.run(listed, cwd=root, capture_output=True, check=True, text=True).stdout.split("\0")
    return sorted(path for path in found if path and (root / path).is_file())


def texts(root: Path) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of each committed file that is text."""
    for path in committed_files(root):
        content = (root / path).read_bytes()
        if b"\0" not in content:
            yield path, content.decode("utf-8", "replace")


def code(root: Path) -> Iterator[tuple[str, str]]:
    """Yield (path, text) of each committed program: Python and shell."""
    for path, text in texts(root):
        if path.endswith((".py", ".sh")) or text.startswith("#!"):
            yield path, text


def trees(root: Path) -> Iterator[tuple[str, ast.Module]]:
    """Yield (path, syntax tree) of each committed Python file."""
    for path, text in code(root):
        if path.endswith(".py"):
            yield path, ast.parse(text, path)


def long_files(root: Path) -> list[str]:
    """Programs over the limit."""
    sizes = ((path, len(text.splitlines())) for path, text in code(root))
    return [f"{path}: {lines} lines; at most {FILE_LINES_MAX}" for path, lines in sizes if lines > FILE_LINES_MAX]


def long_functions(root: Path) -> list[str]:
    """Functions over the limit, from their `def` to their last line."""
    found = []
    for path, tree in trees(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES_MAX:
                    found.append(f"{path}:{node.lineno} {node.name}: {lines} lines; at most {FUNCTION_LINES_MAX}")
    return found


def words(identifier: str) -> set[str]:
    """`ScanHandler` and `scan_handler` are both scan and handler."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", identifier)}


def banned_names(root: Path) -> list[str]:
    """Modules, classes and functions with a word that says nothing; anything that is called just `data`."""
    found = []
    for path, tree in trees(root):
        if words(Path(path).stem) & BANNED_WORDS or Path(path).stem == "data":
            found.append(f"{path}: the file's name")
        found += [f"{path}:{line} {name}" for name, line in _names(tree) if _is_banned(name)]
        found += [f"{path}:{line} data" for line in _called_data(tree)]
    return found


def _is_banned(name: str) -> bool:
    return bool(words(name) & BANNED_WORDS)


def _names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno


def _called_data(tree: ast.Module) -> Iterator[int]:
    given = _names_given_by_others(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Name(id="data", ctx=ast.Store()) | ast.arg(arg="data") if node not in given:
                yield node.lineno
            case ast.FunctionDef(name="data") | ast.ClassDef(name="data") if node not in given:
                yield node.lineno


def _names_given_by_others(tree: ast.Module) -> set[ast.AST]:
    """A struct's fields (CloudEvents calls one of them `data`), and the names that a subclass or a Protocol follows."""
    given: set[ast.AST] = set()
    for owner in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        given |= {statement.target for statement in owner.body if isinstance(statement, ast.AnnAssign)}
        for method in owner.body if owner.bases else ():
            if isinstance(method, ast.FunctionDef):
                given |= {method, *method.args.args}
    return given


def unfinished(root: Path) -> list[str]:
    """Lines that promise work instead of doing it."""
    return [
        f"{path}:{number}: {line.strip()}"
        for path, text in texts(root)
        for number, line in enumerate(text.splitlines(), 1)
        if UNFINISHED.search(line)
    ]


def strange_entries(root: Path) -> set[str]:
    """Top-level entries that nobody agreed on."""
    return {path.partition("/")[0] for path in committed_files(root)} - TOP_LEVEL


def marks_of_this_machine() -> set[str]:
    """Texts that could come only from the machine that this runs on: its name, its places, pip's settings."""
    marks = {str(ROOT), str(ROOT.parent) + "/", socket.gethostname()}
    settings = configparser.RawConfigParser()
    settings.read(["/etc/pip.conf", Path("~/.config/pip/pip.conf").expanduser(), Path("~/.pip/pip.conf").expanduser()])
    lines = [value for section in settings.sections() for _, value in settings.items(section)]
    lines += [value for name, value in os.environ.items() if name in {"PIP_INDEX_URL", "PIP_FIND_LINKS"}]
    marks |= {mark.removeprefix("file://") for line in lines for mark in line.split() if "/" in mark}
    # Short or everyday texts would be found anywhere.
    everyday = {
        "/etc/ssl/certs/ca-certificates.crt",
        "localhost",
        "raspberrypi",
        "/tmp/",
        "https://pypi.org/simple",
    }
    return {mark for mark in marks if len(mark) > 6 and mark not in everyday and mark.count("/") != 1}


def traces(root: Path, marks: set[str]) -> list[str]:
    """Committed files that name one of the marks."""
    return [f"{path}: {mark}" for path, text in texts(root) for mark in sorted(marks) if mark in text]


def test_no_file_is_too_long() -> None:
    assert long_files(ROOT) == []


def test_no_function_is_too_long() -> None:
    assert long_functions(ROOT) == []


def test_names_say_something() -> None:
    assert banned_names(ROOT) == []


def test_nothing_is_left_for_later() -> None:
    assert unfinished(ROOT) == []


def test_the_top_level_holds_only_what_was_agreed() -> None:
    assert strange_entries(ROOT) == set()


def test_no_committed_file_names_the_machine_it_was_made_on() -> None:
    assert traces(ROOT, marks_of_this_machine()) == []


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """An empty git checkout."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / "station").mkdir()
    return tmp_path


def _write(checkout: Path, text: str, path: str = "station/count.py") -> None:
    (checkout / path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("lines", "faults"), [(400, 0), (401, 1)])
def test_the_longest_file_has_400_lines(checkout: Path, lines: int, faults: int) -> None:
    _write(checkout, "x = 1\n" * lines)

    assert len(long_files(checkout)) == faults


@pytest.mark.parametrize(("lines", "faults"), [(40, 0), (41, 1)])
def test_the_longest_function_has_40_lines(checkout: Path, lines: int, faults: int) -> None:
    _write(checkout, "class A:\n    async def f(self):\n" + "        x = 1\n" * (lines - 1))

    assert len(long_functions(checkout)) == faults


@pytest.mark.parametrize(
    "text",
    [
        "class ScanHandler: ...",
        "class USBManager: ...",
        "def process_scan(): ...",
        "async def helper(): ...",
        "data = 1",
        "def f(data): ...",
        "class A:\n    def f(self, data): ...",
        "class A(B):\n    def f(self):\n        data = 1",
        "def data(): ...",
        "for data in (): ...",
    ],
)
def test_a_name_that_says_nothing_is_found(checkout: Path, text: str) -> None:
    _write(checkout, text)

    assert len(banned_names(checkout)) == 1


def test_a_file_whose_name_says_nothing_is_found(checkout: Path) -> None:
    _write(checkout, "", "station/scan_utils.py")

    assert banned_names(checkout) == ["station/scan_utils.py: the file's name"]


@pytest.mark.parametrize(
    "text", ["class Leaf:\n    data: str", "data_dir = 1", "def processor(): ...", "x.data = 1", OVERRIDE]
)
def test_a_field_of_a_format_and_longer_words_are_let_be(checkout: Path, text: str) -> None:
    _write(checkout, text)

    assert banned_names(checkout) == []


def test_a_promise_is_found_and_an_ignored_file_is_not_read(checkout: Path) -> None:
    promise = "# TO" + "DO: later\n"
    _write(checkout, promise)
    _write(checkout, promise, "ignored.py")
    _write(checkout, "ignored.py\n", ".gitignore")

    assert unfinished(checkout) == ["station/count.py:1: " + promise.strip()]


def test_a_strange_entry_is_found(checkout: Path) -> None:
    _write(checkout, "", "notes.txt")

    assert strange_entries(checkout) == {"notes.txt"}


def test_a_trace_of_a_machine_is_found_and_a_picture_is_not_text(checkout: Path) -> None:
    _write(checkout, "x = '/srv/build-7/wheels'")
    (checkout / "station/picture.png").write_bytes(b"\0/srv/build-7")

    assert traces(checkout, {"/srv/build-7"}) == ["station/count.py: /srv/build-7"]
