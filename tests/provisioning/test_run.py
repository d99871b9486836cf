"""How `tests/run` counts and reports: all steps run, and the last line is the tests' figures alone."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.tally import closing_line, main, skip_reasons, slowest

ROOT = Path(__file__).parents[2]
FILE = """<testsuites><testsuite>
<testcase classname="a" name="passes"/>
<testcase classname="a" name="fails"><failure message="no"/></testcase>
<testcase classname="a" name="fails"><error message="in its teardown"/></testcase>
<testcase classname="a" name="breaks"><error message="in its fixture"/></testcase>
<testcase classname="b" name="passes"/>
<testcase classname="b" name="rig"><skipped message="no QEMU"/></testcase>
<testcase classname="b" name="reader"><skipped message="no evdev"/></testcase>
<testcase classname="b" name="replug"><skipped message="no evdev"/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def figures(tmp_path: Path) -> Path:
    """What pytest wrote about eight tests, one of which it names twice."""
    path = tmp_path / "main.xml"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_a_test_that_failed_and_broke_counts_once(figures: Path) -> None:
    assert closing_line([figures]) == "2 passed, 2 failed, 3 skipped"


def test_files_are_added_up_and_a_missing_one_counts_as_nothing(figures: Path, tmp_path: Path) -> None:
    rig = tmp_path / "rig.xml"
    rig.write_text('<testsuite><testcase classname="rig" name="count"/></testsuite>', encoding="utf-8")

    assert closing_line([figures, rig, tmp_path / "absent.xml"]) == "3 passed, 2 failed, 3 skipped"


def test_reasons_stand_once_with_their_number(figures: Path) -> None:
    assert skip_reasons([figures]) == ["2 tests: no evdev", "1 tests: no QEMU"]


def test_the_slowest_tests_stand_first_with_setup_call_and_teardown(tmp_path: Path) -> None:
    path = tmp_path / "main.xml"
    timed = "".join(f'<testcase classname="a" name="t{number}" time="{number}.04"/>' for number in range(30))
    path.write_text(f'<testsuite>{timed}<testcase classname="a" name="t7" time="90"/></testsuite>', encoding="utf-8")

    lines = slowest([path])
    assert lines[:2] == ["    97.0 s  a::t7", "    29.0 s  a::t29"]
    assert len(lines) == 20


def test_nothing_was_run_is_no_success_in_disguise(capsys: pytest.CaptureFixture[str]) -> None:
    main([])

    assert capsys.readouterr().out == "0 passed, 0 failed, 0 skipped\n"


def run_steps(work: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run shell lines with the steps of tests/run at hand."""
    sourced = "set -eu; . provisioning/lib/say.sh; . provisioning/lib/apt.sh; . provisioning/lib/environment.sh"
    return subprocess.run(
        [
            "bash",
            "-c",
            f'{sourced}; work={work}; checkout={ROOT}; . tests/steps.sh\npython() {{ python3 "$@"; }}\n{script}',
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_steps_after_a_failed_one_still_run_and_the_whole_fails(tmp_path: Path, figures: Path) -> None:
    done = run_steps(tmp_path, "step first false; step second echo seen; report")

    assert "seen" in done.stdout.splitlines()
    lines = done.stdout[done.stdout.index("== summary") :].splitlines()
    assert lines[1].split() == ["first", "0.0", "s", "FAILED", "(exit", "code", "1)"]
    assert lines[2].split()[-1] == "passed"
    assert lines[-2:] == ["1 steps FAILED", closing_line([figures])]
    assert done.returncode == 1


def test_when_all_steps_pass_the_whole_passes(tmp_path: Path) -> None:
    done = run_steps(tmp_path, "step only true; report")

    assert done.returncode == 0
    assert "FAILED" not in done.stdout


def test_the_report_names_the_slowest_tests_before_its_last_line(tmp_path: Path) -> None:
    case = '<testsuite><testcase classname="a" name="slow" time="12.3"/></testsuite>'
    (tmp_path / "main.xml").write_text(case, encoding="utf-8")
    done = run_steps(tmp_path, "step only true; report")

    lines = done.stdout.splitlines()
    assert lines[lines.index("== slowest tests") + 1].split() == ["12.3", "s", "a::slow"]
    assert lines[-1] == "1 passed, 0 failed, 0 skipped"


def test_what_was_skipped_stands_at_the_end(tmp_path: Path, figures: Path) -> None:
    done = run_steps(tmp_path, "step_if no-such-program shellcheck true; skipped shellcheck 'it is missing'; report")

    end = done.stdout[done.stdout.index("SKIPPED, so not checked here:") :]
    assert "  shellcheck: it is missing\n" in end
    assert "  2 tests: no evdev\n" in end
    assert end.splitlines()[-1] == closing_line([figures])


@pytest.mark.parametrize(
    ("call", "status"),
    [
        ("run_pytest main quick", 5),
        ("run_pytest main quick tests/domain", 0),
        ("run_pytest rig rig", 0),
    ],
)
def test_no_test_at_all_is_a_fault_unless_some_were_asked_for(tmp_path: Path, call: str, status: int) -> None:
    done = run_steps(tmp_path, f"python() {{ return 5; }}; {call}")

    assert done.returncode == status


@pytest.mark.parametrize(
    ("required", "outcome", "status"),
    [("", "<skipped/>", 0), ("1", "<skipped/>", 1), ("1", "", 0), ("1", "<failure/>", 3)],
)
def test_a_rig_that_was_skipped_fails_where_it_is_required(
    tmp_path: Path, required: str, outcome: str, status: int
) -> None:
    (tmp_path / "rig.xml").write_text(f'<testsuite><testcase name="a">{outcome}</testcase></testsuite>')
    pytest_status = status if "failure" in outcome else 0
    only_pytest = f'python() {{ [ "$1" != -m ] || return {pytest_status}; python3 "$@"; }}'

    done = run_steps(tmp_path, f"{only_pytest}; RIG_REQUIRED={required}; run_pytest rig rig")

    assert done.returncode == status, done.stderr


def test_shell_scripts_are_found_by_name_and_by_first_line(tmp_path: Path) -> None:
    found = run_steps(tmp_path, "shell_scripts").stdout.splitlines()

    assert {"provisioning/try", "provisioning/lib/apt.sh", "tests/run", ".ci/run"} <= set(found)
    assert not [path for path in found if path.endswith(".py")]


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        ("", "", 0),
        ("NoNewPrivileges=yes\n", "", 1),
        ("KeyringMode", "KeyringModes", 1),
        ("/opt/station/venv/bin/station run", "/nowhere/at/all run", 1),
    ],
)
def test_a_unit_that_lost_its_hardening_or_is_misspelt_is_found(
    tmp_path: Path, before: str, after: str, status: int
) -> None:
    if run_steps(tmp_path, "has systemd-analyze").returncode:
        pytest.skip("systemd-analyze is missing")
    shutil.copytree(ROOT / "systemd", tmp_path / "copy/systemd")
    unit = tmp_path / "copy/systemd/station.service"
    text = unit.read_text(encoding="utf-8")
    assert before in text
    unit.write_text(text.replace(before, after), encoding="utf-8")

    done = run_steps(tmp_path, f"cd {tmp_path}/copy; check_units")

    assert done.returncode == status, done.stdout


@pytest.mark.parametrize(("tests", "fresh", "status"), [(0, 0, 0), (1, 0, 1), (0, 1, 1)])
def test_the_build_machine_is_told_the_seconds_of_each_step_and_last_the_figures(
    tmp_path: Path, tests: int, fresh: int, status: int
) -> None:
    for name in (".ci/run", "provisioning/lib/say.sh"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for name, code in (("tests/run", tests), ("tests/fresh/run", fresh)):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/bash\necho "3 passed, {code} failed, 0 skipped"\nexit {code}\n', encoding="utf-8")
        path.chmod(0o755)

    done = subprocess.run([tmp_path / ".ci/run"], capture_output=True, text=True, timeout=60, check=False)

    *_, first, second, whole, _, last = done.stdout.splitlines()
    assert re.fullmatch(rf"tests/run +[0-9.]+ s of +[0-9]+  {'FAILED' if tests else 'passed'}", first)
    assert re.fullmatch(rf"fresh machines +[0-9.]+ s of +[0-9]+  {'FAILED' if fresh else 'passed'}", second)
    assert re.fullmatch(r"whole +[0-9.]+ s of +2100", whole), "what the build machine may take: 35 minutes"
    assert last == f"3 passed, {tests} failed, 0 skipped"
    assert done.returncode == status
