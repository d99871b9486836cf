"""What `tests/fresh/run` carries into a fresh root, and that clearing one away never reaches through a mount."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run_lines(lines: str, home: Path, *before: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run shell lines with the pieces of tests/fresh at hand; `before` is a command to run the shell with."""
    pieces = "set -eu; . provisioning/lib/say.sh; . tests/fresh/root.sh; . tests/fresh/inside.sh"
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), **variables}
    return subprocess.run(
        [*before, "bash", "-c", f"checkout={ROOT}; {pieces}\n{lines}"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_local_directories_of_pips_settings_come_along(tmp_path: Path) -> None:
    for name in ("wheels", "index/simple", "index/files", ".config/pip"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "ca.crt").touch()
    (tmp_path / ".config/pip/pip.conf").write_text(
        f"[global]\ncert = {tmp_path}/ca.crt\nextra-index-url = https://index.example/simple file://{tmp_path}/index/simple\n",
        encoding="utf-8",
    )

    found = run_lines("pip_directories", tmp_path, PIP_FIND_LINKS=f"{tmp_path}/wheels {tmp_path}/absent")

    assert [line for line in found.stdout.splitlines() if line.startswith(str(tmp_path))] == [
        f"{tmp_path}/index",
        f"{tmp_path}/wheels",
    ]


def test_a_user_without_settings_names_no_directory_of_the_home(tmp_path: Path) -> None:
    done = run_lines("pip_directories", tmp_path)

    assert done.returncode == 0, done.stderr
    assert str(tmp_path) not in done.stdout


def test_roots_are_kept_by_suite_and_week(tmp_path: Path) -> None:
    done = run_lines("root_tarball trixie", tmp_path, FRESH_CACHE=f"{tmp_path}/roots")

    week = subprocess.run(["date", "+%G-w%V"], capture_output=True, text=True, check=True).stdout.strip()
    assert done.stdout.strip() == f"{tmp_path}/roots/trixie-{week}.tar"


def test_figures_name_the_suite(tmp_path: Path) -> None:
    run_lines(f"figure {tmp_path}/trixie provisioning/try '20.1 s'", tmp_path)

    assert (tmp_path / "trixie.figures").read_text(encoding="utf-8").split() == [
        "trixie",
        "provisioning/try",
        "20.1",
        "s",
    ]


def test_a_tree_is_removed(tmp_path: Path) -> None:
    (tmp_path / "tree/below").mkdir(parents=True)

    assert run_lines(f"remove_tree {tmp_path}/tree", tmp_path).returncode == 0
    assert not (tmp_path / "tree").exists()


def test_nothing_is_removed_through_a_mount(tmp_path: Path) -> None:
    kept, tree = tmp_path / "kept", tmp_path / "tree"
    kept.mkdir()
    (kept / "file").touch()
    (tree / "bound").mkdir(parents=True)
    alone = ["unshare", "--mount", "--propagation", "private"]
    if subprocess.run([*alone, "mount", "--bind", kept, tree / "bound"], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")

    done = run_lines(f"mount --bind {kept} {tree}/bound; remove_tree {tree}", tmp_path, *alone)

    assert done.returncode == 1
    assert "something is mounted below it" in done.stderr
    assert (kept / "file").exists()


@pytest.mark.parametrize(
    ("last", "status", "expected"),
    [
        ("214 events, chain verified, 0 waiting", 0, 0),
        ("214 events, chain verified, 3 waiting", 0, 1),
        ("214 events, chain verified, 0 waiting", 1, 1),
    ],
)
def test_only_the_promised_line_and_exit_code_0_will_do(tmp_path: Path, last: str, status: int, expected: int) -> None:
    root = tmp_path / "trixie"
    stand_ins = f"""
    unpack_root() {{ mkdir -p "$2/srv"; }}
    git_here() {{ echo HEAD; }}
    git() {{ :; }}
    in_root() {{ case "$*" in *--headless) echo '{last}'; return {status} ;; esac; }}
    """

    done = run_lines(f"{stand_ins}\ntry_suite trixie {root}", tmp_path)

    assert done.returncode == expected, done.stdout + done.stderr
    assert ("FAILED" in (tmp_path / "trixie.figures").read_text(encoding="utf-8")) is bool(expected)


@pytest.mark.parametrize(("suite", "runs_tests"), [("bookworm", False), ("trixie", True)])
def test_the_tests_run_where_their_python_runs_nowhere_else(tmp_path: Path, suite: str, runs_tests: bool) -> None:
    root = tmp_path / suite
    stand_ins = f"""
    unpack_root() {{ mkdir -p "$2/srv"; }}
    git_here() {{ echo HEAD; }}
    git() {{ :; }}
    in_root() {{ echo "$*" >>{tmp_path}/calls; echo '7 events, chain verified, 0 waiting'; }}
    """

    done = run_lines(f"{stand_ins}\ntry_suite {suite} {root}", tmp_path)

    calls = (tmp_path / "calls").read_text(encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert calls.count("--headless") == 1
    assert ("tests/run --quick" in calls) is runs_tests


def test_each_step_of_a_fresh_machine_says_its_seconds(tmp_path: Path) -> None:
    stand_ins = """
    unpack_root() { mkdir -p "$2/srv"; }
    git_here() { echo HEAD; }
    git() { :; }
    in_root() { echo '7 events, chain verified, 0 waiting'; }
    """

    run_lines(f"{stand_ins}\ntry_suite trixie {tmp_path}/trixie", tmp_path)

    lines = (tmp_path / "trixie.figures").read_text(encoding="utf-8").splitlines()
    seconds = [line.removeprefix("trixie").strip().split("  ")[0] for line in lines if line.endswith(" s")]
    assert seconds == [
        "root unpacked",
        "provisioning/try",
        "provisioning/try, again, with no HOME",
        "tests/run --quick",
        "all of it",
    ]
