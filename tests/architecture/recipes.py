"""The recipes of the developer's page: read as steps, and followed word for word in a copy of the checkout.

A step is a numbered line; the first path that it names before its blocks is the file that these are about. A block of
Python is the whole of a new file. A block `diff` changes a file: its lines without `+` must stand there, together and
once. A block `sh` is run.
"""

import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

BEGINS, ENDS = "<!-- The four recipes begin here", "<!-- The four recipes end here"
_HEADING = re.compile(r"^### (.+)$", re.MULTILINE)
_STEP = re.compile(r"^\d+\. ", re.MULTILINE)
_PATH = re.compile(r"`((?:station|drivers|tests)/[\w/]+\.py)`")
_BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
COMMAND_S_MAX = 300


class RecipeFault(AssertionError):
    """A step that cannot be followed; says which, and why."""


class Step(NamedTuple):
    """One numbered line of a recipe: its file, empty where it names none, and its blocks as (language, text)."""

    recipe: str
    number: int
    path: str
    blocks: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.recipe}, step {self.number}"


def steps_of(page: str) -> list[Step]:
    """Every step of the recipes of a page, in order."""
    part = page.split(BEGINS, 1)[1].split(ENDS, 1)[0]
    _, *headed = _HEADING.split(part)
    return [step for name, text in zip(headed[::2], headed[1::2], strict=True) for step in _steps(name, text)]


def _steps(recipe: str, text: str) -> Iterator[Step]:
    _, *texts = _STEP.split(text)
    for number, step in enumerate(texts, 1):
        path = _PATH.search(step.partition("```")[0])
        blocks = tuple((lang, textwrap.dedent(_indented(body, indent))) for indent, lang, body in _BLOCK.findall(step))
        yield Step(recipe, number, path[1] if path else "", blocks)


def _indented(body: str, indent: str) -> str:
    """The lines of a block without the indentation of its fence, and with it a line that an editor has emptied."""
    return "".join(line.removeprefix(indent) for line in body.splitlines(keepends=True))


def changed(text: str, block: str) -> str:
    """A file's text after a block `diff`. Raise `RecipeFault` unless what it builds on stands there once."""
    old = "".join(line[1:] or "\n" for line in block.splitlines(keepends=True) if line[0] != "+")
    new = "".join(line[1:] or "\n" for line in block.splitlines(keepends=True) if line[0] != "-")
    found = len(re.findall(f"^{re.escape(old)}", text, re.MULTILINE))
    if not old or found != 1:
        raise RecipeFault(f"{old!r}: stands there {found} times; must stand there once")
    return re.sub(f"^{re.escape(old)}", lambda _: new, text, count=1, flags=re.MULTILINE)


def follow(root: Path, step: Step) -> None:
    """Do what a step says in the checkout `root`."""
    for language, block in step.blocks:
        try:
            _FOLLOW[language](root, step.path, block)
        except (RecipeFault, OSError, KeyError) as error:
            raise RecipeFault(f"{step}, {step.path}: {error}") from None


def _write(root: Path, path: str, block: str) -> None:
    file = root / path
    if file.exists():
        raise RecipeFault("is there already; a new file must be new")
    file.parent.mkdir(exist_ok=True)
    file.write_text(block, encoding="utf-8")


def _change(root: Path, path: str, block: str) -> None:
    file = root / path
    file.write_text(changed(file.read_text("utf-8"), block), encoding="utf-8")


def _run(root: Path, path: str, block: str) -> None:
    del path
    for line in block.splitlines():
        program, *arguments = shlex.split(line)
        if program != "python":
            raise RecipeFault(f"{line}: must be a call of python")
        run_in(root, *arguments)


_FOLLOW = {"python": _write, "diff": _change, "sh": _run}


def run_in(root: Path, *arguments: str) -> str:
    """Run the interpreter in the checkout `root`; return what it printed. Raise `RecipeFault` where it fails."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env={"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin", "HOME": str(root)},
        capture_output=True,
        text=True,
        timeout=COMMAND_S_MAX,
        check=False,
    )
    if done.returncode:
        raise RecipeFault(f"{' '.join(arguments)}:\n{done.stdout[-4000:]}{done.stderr[-2000:]}")
    return done.stdout


def copy_checkout(root: Path, copy: Path) -> None:
    """Copy what git knows or would know of the checkout `root` into a repository of its own, and commit it there."""
    listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for path in filter(None, listed.split("\0")):
        if (root / path).is_file():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / path, copy / path)
    git(copy, "init", "--quiet")
    commit(copy, "the checkout")


def commit(copy: Path, message: str) -> None:
    """Commit whatever stands in the copy now."""
    git(copy, "add", "--all")
    git(copy, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--no-verify", "-m", message)


def git(root: Path, *arguments: str) -> str:
    """What git prints."""
    return subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True, timeout=COMMAND_S_MAX
    ).stdout
