"""The pages for people: what they link to, show and list is there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from station import cli
from station.backoffice import cli as backoffice
from station.domain.station.alerts import CURES
from station.errors import StationError
from station.evidence.bundle import README as BUNDLE
from station.screens.catalogues import CATALOGUES
from station.simulate.scene import DOOR_KEYS, KEYS
from tests.architecture.recipes import BEGINS, ENDS
from tests.architecture.test_rooms import SHARED, STATION

ROOT = Path(__file__).parents[2]
README, TECHNICIAN, DEVELOPER, INSPECTOR = (
    "README.md",
    "provisioning/README.md",
    "station/README.md",
    "station/evidence/README.md",
)
PAGES = (
    README,
    TECHNICIAN,
    DEVELOPER,
    INSPECTOR,
    "station/CONTRIBUTING.md",
    "station/SECURITY.md",
    "station/DECISIONS.md",
    "tests/journal/before/README.md",
)
README_LINES_MAX = 80

LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(?:station|drivers|provisioning|systemd|tests)/[A-Za-z0-9_./-]*")
PROGRAMS = {"station": cli.main, "backoffice": backoffice.main}
PLACEHOLDER = re.compile(r"\{\d\}")


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def without_recipes(text: str) -> str:
    """A page without the recipes, which name files that are not there yet; `test_recipes.py` follows them."""
    before, begins, rest = text.partition(BEGINS)
    return before + rest.partition(ENDS)[2] if begins else text


def dead_links(page: str, text: str) -> list[str]:
    """Links to files that are not there; a link is meant from the page's own folder."""
    targets = [target for target in LINK.findall(text) if "://" not in target]
    return [target for target in targets if not (ROOT / page).parent.joinpath(target).exists()]


def blocks(text: str) -> Iterator[str]:
    """Yield each line of the indented blocks, without what follows as a remark."""
    for line in text.splitlines():
        if line.startswith("    ") and line.strip():
            yield line.strip().partition(" # ")[0].strip()


def shown(text: str) -> Iterator[str]:
    """Yield what a page shows to be typed: the lines of its blocks, and what stands between backticks."""
    yield from blocks(text)
    yield from CODE.findall(text)


def missing_paths(text: str) -> list[str]:
    """Paths of this checkout that a page names and that are not there."""
    return [
        path
        for code in shown(text)
        if "..." not in code
        for path in PATH.findall(code)
        if PATH.match(code.split("/")[0] + "/") and code.startswith(path) and not (ROOT / path).exists()
    ]


def wrong_commands(text: str) -> list[str]:
    """Lines that call `station` or `backoffice` by a command or an option that it has not."""
    return [line for line in shown(text) if (words := _words_of(line)) and not _is_known(words)]


def _words_of(line: str) -> list[str]:
    """A call of one of our programs, from its name on; empty where it is none."""
    line = line.removeprefix("sudo ").replace("python -m station.backoffice ", "backoffice ")
    program, _, rest = line.partition(" ")
    name = program.rpartition("/")[2]
    if name not in PROGRAMS or not rest or not re.match(r"[a-z-]", rest):
        return []
    return [name, *shlex.split(rest)]


def _is_known(words: list[str]) -> bool:
    command: click.Command = PROGRAMS[words[0]]
    rest = words[1:]
    while isinstance(command, click.Group):
        if not rest or rest[0].startswith("-"):
            break
        found = command.commands.get(rest.pop(0))
        if found is None:
            return False
        command = found
    known = {option for parameter in command.params for option in parameter.opts}
    asked = {word.partition("=")[0] for word in rest if re.fullmatch(r"-[a-z]|--[a-z-]+(=.*)?", word)}
    return asked <= known | {"--help", "-h"}


def first_cells(text: str, heading: str) -> list[str]:
    """The first cell of each row of the table under a heading, without its head."""
    part = text.split(f"{heading}\n", 1)[1].split("\n#", 1)[0]
    return [line.split(" | ")[0].removeprefix("| ") for line in part.splitlines() if line.startswith("| ")][1:]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_to_a_file(page: str) -> None:
    assert dead_links(page, text_of(page)) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_a_page_names_is_there(page: str) -> None:
    assert missing_paths(without_recipes(text_of(page))) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_a_page_shows_is_one(page: str) -> None:
    assert wrong_commands(text_of(page)) == []


def test_what_is_shown_is_found_at_all() -> None:
    technician = [words for line in shown(text_of(TECHNICIAN)) if (words := _words_of(line))]

    assert ["station", "import", "roster", "roster.json"] in technician
    assert len(technician) > 15


def test_each_reader_is_sent_to_their_page_from_the_first_one() -> None:
    assert {TECHNICIAN, DEVELOPER, INSPECTOR} <= set(LINK.findall(text_of(README)))
    assert len(text_of(README).splitlines()) <= README_LINES_MAX


def test_the_demos_are_those_that_ship() -> None:
    demos = set(re.findall(r"--demo ([a-z-]+)", "".join(map(text_of, PAGES))))
    shipped = {path.stem for path in (ROOT / "station" / "simulate" / "scenarios").glob("*.scenario")}

    assert demos == shipped - {"portrait"}
    option = next(each for each in cli.simulate.params if each.name == "demo")
    assert set(re.findall(r"[a-z-]+", str(getattr(option, "help", "")))) >= demos


def test_the_keys_of_the_tour_are_those_of_the_simulator() -> None:
    keys = {key for row in (*KEYS, *DOOR_KEYS) for name, _ in row for key in ([name] if name == "Tab" else name)}
    told = CODE.findall(text_of(README).split("**Do it yourself.**")[1].split("\n\n")[0])

    assert {key for key in told if "/" not in key} - keys == set()
    assert len(told) > 15


def test_the_developers_page_lists_each_room_and_none_other() -> None:
    listed = {room for cell in first_cells(text_of(DEVELOPER), "## The rooms") for room in CODE.findall(cell)}
    rooms = {f"station/{name}/" for name in STATION} | {f"station/domain/{name}/" for name in (*SHARED, "<duty>")}

    assert {room for room in listed if room.startswith("station/")} == rooms


def test_the_technicians_page_has_each_alert_with_its_cure() -> None:
    rows = [line for line in text_of(TECHNICIAN).splitlines() if line.startswith("| `")]

    assert [cure for cure in CURES.values() if not any(row.endswith(f"| {cure} |") for row in rows)] == []


def test_what_the_technicians_page_says_of_screens_a_screen_says() -> None:
    told = [
        said for cell in first_cells(text_of(TECHNICIAN), "### By what the screen says") for said in CODE.findall(cell)
    ]
    english = {PLACEHOLDER.sub("", text).strip() for text in CATALOGUES["en"].values()}

    assert set(told) - english == set()
    assert len(told) > 30


def test_what_the_technicians_page_says_of_the_log_the_program_logs() -> None:
    logged = "\n".join(path.read_text("utf-8") for path in (ROOT / "station").rglob("*.py"))
    told = [
        said for cell in first_cells(text_of(TECHNICIAN), "### By what the log says") for said in CODE.findall(cell)
    ]

    assert [said for said in told if f'("{said}"' not in logged] == []
    assert len(told) > 10


def test_the_inspectors_page_names_each_file_of_a_bundle() -> None:
    named = {
        each
        for cell in first_cells(text_of(INSPECTOR), "## Check a bundle with nothing but Python")
        for each in CODE.findall(cell)
    }
    files = set(re.findall(r"(?m)^([a-z]+(?:/|\.[a-z]+))", BUNDLE)) | {"verify.py", "README.txt"}

    assert named == files


def test_the_exit_codes_are_those_of_the_errors() -> None:
    told = {int(code) for code in re.findall(r"(\d) [a-z]", text_of(DEVELOPER).split("Exit codes:")[1].split("\n")[0])}
    used = {StationError.exit_code, *(error.exit_code for error in _below(StationError))}

    assert used <= told
    assert told == {0, 1, 2, 3, 4, 5, 6}


def _below(error: type[StationError]) -> Iterator[type[StationError]]:
    for each in error.__subclasses__():
        yield each
        yield from _below(each)


def test_each_decision_is_a_heading_under_its_day_and_the_newest_stand_last() -> None:
    lines = text_of("station/DECISIONS.md").splitlines()
    days = [line[3:13] for line in lines if line.startswith("## ")]
    headings = [line for line in lines if line.startswith("### ")]

    assert days == sorted(set(days))
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in days)
    assert len(headings) == len(set(headings)) > 50


@pytest.mark.parametrize("package", ["station", "drivers"])
def test_the_packages_say_that_they_are_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()
    assert "* = **/*" in text_of("setup.cfg")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see [there](nowhere.md#part)", "nowhere.md"),
        ("![a picture](station/simulate/none.svg)", "station/simulate/none.svg"),
    ],
)
def test_a_dead_link_is_found(text: str, found: str) -> None:
    assert dead_links(README, text) == [found]


def test_a_path_that_is_not_there_is_found() -> None:
    assert missing_paths("`station/attic/` and\n\n    tests/walk --quick # no\n    tests/run\n") == [
        "tests/walk",
        "station/attic/",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "    station invent --json",
        "    sudo /opt/station/venv/bin/station access --yesterday",
        "    .venv-try/bin/station roster burn",
        "    python -m station.backoffice run --fast # never",
        "call `station verify DIR --quick`",
    ],
)
def test_a_command_that_there_is_not_is_found(line: str) -> None:
    assert len(wrong_commands(line)) == 1


@pytest.mark.parametrize("line", ["    station roster show --json", "the `station` program", "`station/cli.py`"])
def test_a_command_that_there_is_and_what_is_none_are_let_be(line: str) -> None:
    assert wrong_commands(line) == []
