"""The four recipes of the developer's page, followed word for word in a copy of the checkout: what they lead to works,
and no step touches more than it says.
"""

import os
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.architecture.recipes import (
    RecipeFault,
    Step,
    changed,
    commit,
    copy_checkout,
    follow,
    git,
    run_in,
    steps_of,
)

ROOT = Path(__file__).parents[2]
STEPS = steps_of((ROOT / "station" / "README.md").read_text("utf-8"))
RECIPES = tuple(dict.fromkeys(step.recipe for step in STEPS))
EVENT, DUTY, DRIVER, DOCUMENT = "An event", "A duty", "A driver", "A document"
ROOM, TABLE = "station/domain/greeting/", "station/domain/station/duties.py"
GENERATED = ("station/schemas/asyncapi.json", "station/schemas/events/", "tests/domain/golden_leaves.json")
PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider")
TOYS = "tests/architecture/toys.py"
OWN_TESTS = {
    EVENT: "tests/domain/test_scan_tested.py",
    DUTY: "tests/domain/test_greeting.py",
    DRIVER: "tests/drivers/test_pipe_source.py",
    DOCUMENT: "tests/domain/test_notice.py",
}
LEAF = "tests/domain/test_leaf.py::"
HOLD_FOR_ALL = (
    "tests/domain/test_table.py",
    f"{LEAF}test_each_event_type_has_a_sample_and_a_golden_leaf",
    f"{LEAF}test_an_event_is_written_as_its_golden_leaf",
    f"{LEAF}test_a_golden_leaf_is_read_as_its_event",
    "tests/schemas/test_files.py::test_a_file_says_what_the_structs_say",
    "tests/schemas/test_files.py::test_the_same_files_stand_there_as_the_generator_writes",
    "tests/screens/test_catalogues.py",
    "tests/drivers/test_catalog.py",
)
# Of the architecture what a toy could go against; not this file, which would follow the recipes of the copy again.
ARCHITECTURE = tuple(
    f"tests/architecture/test_{name}"
    for name in (
        "imports.py::test_every_import_of_the_product_goes_in_an_agreed_direction",
        "duties.py::test_no_duty_knows_another_and_nobody_else_knows_the_duties",
        "rooms.py::test_no_import_of_the_product_goes_round_in_a_circle",
        "rooms.py::test_no_room_imports_a_higher_floor",
        "rooms.py::test_only_rooms_that_were_agreed_on_are_there",
        "rooms.py::test_the_house_stays_small_enough_to_be_seen_at_a_glance",
        "pages.py",
    )
)


class Followed(NamedTuple):
    """The copy in which all was followed, what each recipe touched, and what the duty changed in the table."""

    root: Path
    touched: dict[str, list[str]]
    table: list[str]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout in which nothing was followed yet."""
    copy = tmp_path_factory.mktemp("checkout")
    copy_checkout(ROOT, copy)
    return copy


@pytest.fixture(scope="module")
def followed(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Followed:
    """Another one, in which every step of every recipe was followed."""
    root = tmp_path_factory.mktemp("followed") / "copy"
    shutil.copytree(checkout, root)
    touched, table = {}, []
    for recipe in RECIPES:
        for step in STEPS:
            if step.recipe == recipe:
                follow(root, step)
        commit(root, recipe)
        touched[recipe] = git(root, "diff", "--name-only", "HEAD~1").splitlines()
        if recipe == DUTY:
            table = git(root, "diff", "-U0", "HEAD~1", "--", TABLE).splitlines()[4:]
    return Followed(root, touched, [line for line in table if line[0] in "+-"])


def of_the_product(paths: list[str]) -> list[str]:
    """Of the paths those that are neither tests nor generated."""
    return [path for path in paths if not path.startswith(("tests/", *GENERATED))]


def test_the_page_has_the_four_recipes() -> None:
    assert RECIPES == (EVENT, DUTY, DRIVER, DOCUMENT)
    assert all(step.path or step.blocks for step in STEPS)


def test_a_duty_touches_its_own_room_and_one_line_of_the_table(followed: Followed) -> None:
    outside = [path for path in of_the_product(followed.touched[DUTY]) if not path.startswith(ROOM)]

    assert outside == [TABLE]
    assert followed.table == [
        "+from station.domain.greeting.duty import GREETING",
        "+from station.domain.greeting.state import Greeting",
        "+    greeting: Annotated[Greeting, GREETING] = Greeting()",
    ]


def test_a_document_is_one_file_in_the_room_of_its_duty_and_its_row(followed: Followed) -> None:
    product = of_the_product(followed.touched[DOCUMENT])

    assert [path for path in product if not path.startswith(ROOM)] == []
    assert git(followed.root, "diff", "--name-only", "--diff-filter=A", "HEAD~1", "--", ROOM).split() == [
        f"{ROOM}notice.py"
    ]


def test_an_event_touches_its_own_room(followed: Followed) -> None:
    assert {str(Path(path).parent) for path in of_the_product(followed.touched[EVENT])} == {"station/domain/session"}


def test_a_driver_is_one_file_its_options_and_a_line_of_the_catalog(followed: Followed) -> None:
    assert of_the_product(followed.touched[DRIVER]) == [
        "drivers/catalog.py",
        "drivers/pipe_source.py",
        "station/config/devices.py",
    ]


def test_of_the_tests_each_recipe_touches_the_samples_and_its_own(followed: Followed) -> None:
    tests = {path for paths in followed.touched.values() for path in paths if path.startswith("tests/")}

    assert tests - set(OWN_TESTS.values()) == {"tests/domain/golden_leaves.json", "tests/domain/samples.py"}


def test_every_file_that_a_step_names_was_touched(followed: Followed) -> None:
    assert [step for step in STEPS if step.blocks and step.path not in ("", *followed.touched[step.recipe])] == []


def test_what_was_followed_is_in_the_style_and_the_types_are_right(followed: Followed) -> None:
    paths = sorted({path for paths in followed.touched.values() for path in paths if path.endswith(".py")})
    cache = followed.root / ".mypy_cache"
    if (ROOT / ".mypy_cache").is_dir():  # with what was found out about all the other files
        shutil.copytree(ROOT / ".mypy_cache", cache)

    run_in(followed.root, "-m", "ruff", "check", "--no-cache", *paths)
    run_in(followed.root, "-m", "ruff", "format", "--check", "--no-cache", *paths)
    run_in(followed.root, "-m", "mypy", "--cache-dir", str(cache), *paths)


def test_the_toys_work_and_everything_that_holds_for_all_holds_for_them(followed: Followed) -> None:
    printed = run_in(followed.root, *PYTEST, TOYS, *OWN_TESTS.values(), *HOLD_FOR_ALL, *ARCHITECTURE)

    assert "passed" in printed
    assert "skipped" not in printed


# -- a step that is left out


@pytest.fixture
def again(checkout: Path) -> Iterator[Path]:
    """The copy in which nothing was followed yet, and nothing again afterwards."""
    yield checkout
    git(checkout, "reset", "--quiet", "--hard")
    git(checkout, "clean", "--quiet", "--force", "-d", "-x")


def follow_without(root: Path, left_out: Step, *tests: str, is_generated: bool = False) -> None:
    """Follow every step up to the end of a recipe but one, and run tests of what it comes to.

    Raise `RecipeFault` where it does not work. What is generated is left as it is unless it is asked for.
    """
    upto = RECIPES[: RECIPES.index(left_out.recipe) + 1]
    for step in STEPS:
        if step.recipe in upto and step != left_out and (step.path or is_generated):
            follow(root, step)
    run_in(root, *PYTEST, "-x", OWN_TESTS[left_out.recipe], *tests)


def _named(recipe: str, path: str) -> Step:
    return next(step for step in STEPS if step.recipe == recipe and step.path == path)


SILENT = (
    (EVENT, "station/domain/session/duty.py"),
    (DUTY, TABLE),
    (DRIVER, "drivers/catalog.py"),
    (DOCUMENT, f"{ROOM}duty.py"),
)
"""Steps without which every file is still well in itself, and nothing comes of it."""


@pytest.mark.parametrize(("recipe", "path"), SILENT)
def test_a_recipe_without_the_step_that_connects_it_does_not_work(again: Path, recipe: str, path: str) -> None:
    with pytest.raises(RecipeFault):
        follow_without(again, _named(recipe, path), *_of_toys(recipe))


@pytest.mark.long
@pytest.mark.parametrize("step", [step for step in STEPS if step.path not in OWN_TESTS.values()], ids=str)
def test_a_recipe_without_any_one_of_its_steps_does_not_work(again: Path, step: Step) -> None:
    """But for a test of its own: that one is missed by people alone."""
    with pytest.raises(RecipeFault):
        follow_without(again, step, *_of_toys(step.recipe), *HOLD_FOR_ALL, is_generated=True)


def test_a_recipe_of_which_no_step_is_left_out_works(again: Path) -> None:
    follow_without(again, Step(DRIVER, 0, "", ()), *_of_toys(DRIVER))


def _of_toys(recipe: str) -> tuple[str, ...]:
    """What of the toys is there once a recipe was followed, beside its own test."""
    return (f"{TOYS}::test_the_catalog_builds_the_driver_that_the_settings_name",) if recipe == DRIVER else ()


# -- what follows them


def test_a_block_changes_what_stands_there_once() -> None:
    assert changed("a\nb\nc\n", " b\n+new\n") == "a\nb\nnew\nc\n"
    assert changed("a\nb\n\nc\n", "-b\n+new\n\n c\n") == "a\nnew\n\nc\n"


@pytest.mark.parametrize("block", [" gone\n+new\n", " a\n+new\n", " b\n c\n+new\n", "+new\n", " a b\n+new\n"])
def test_a_block_whose_lines_do_not_stand_there_once_is_a_fault(block: str) -> None:
    with pytest.raises(RecipeFault, match="must stand there once"):
        changed("a\na\nb\nx\nc\na b c\n", block)


def test_a_step_says_which_it_is_where_it_cannot_be_followed(tmp_path: Path) -> None:
    (tmp_path / "drivers").mkdir()
    page = """
        <!-- The four recipes begin here -->
        ### A toy
        1. Its file `drivers/toy.py`:
           ```python
           x = 1
           ```
        2. Its change in `drivers/toy.py`, and see `drivers/ports.py`:
           ```diff
            x = 2
           +y = 1
           ```
        <!-- The four recipes end here -->
    """
    first, second = steps_of(textwrap.dedent(page))
    follow(tmp_path, first)

    assert (tmp_path / "drivers/toy.py").read_text() == "x = 1\n"
    with pytest.raises(RecipeFault, match=r"A toy, step 1, drivers/toy.py: is there already"):
        follow(tmp_path, first)
    with pytest.raises(RecipeFault, match=r"A toy, step 2, drivers/toy.py: 'x = 2.n': stands there 0 times"):
        follow(tmp_path, second)


def test_a_command_that_fails_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(RecipeFault, match="exit"):
        run_in(tmp_path, "-c", "import sys; sys.exit('no exit')")
    with pytest.raises(RecipeFault, match="must be a call of python"):
        follow(tmp_path, Step("A toy", 1, "", (("sh", "rm -r .\n"),)))
    assert os.listdir(tmp_path) == []
