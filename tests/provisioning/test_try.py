"""`provisioning/try` and its pieces, with pip, apt-get and Python's venv replaced by stand-ins."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAND_IN_PYTHON = """#!/bin/bash
# Makes "environments" that are copies of itself and counts what it was asked to do.
printf '%s\\n' "$*" >>"{log}"
case "$*" in
"-c import venv, ensurepip") [ ! -e "{log}.no-venv" ] ;;
"-c import sys; print(sys.executable)") printf '%s\\n' "{python}" ;;
"-c "*sysconfig*) mkdir -p "$(dirname "$0")/../site" && cd "$(dirname "$0")/../site" && pwd ;;
"-c "*) exit 0 ;;
"-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
"-m pip "*) [ ! -e "{log}.no-network" ] || {{ echo 'ERROR: Could not find a version' && exit 1; }} ;;
"- "*) exec "{real}" "$@" ;;
*/bin/station*) shift && echo "started:$(printf ' <%s>' "$@")" && printf 'HOME=%s\\n' "$HOME" ;;
esac
"""


class Machine:
    """A copy of the checkout's provisioning, and a PATH on which the stand-ins come first."""

    def __init__(self, place: Path) -> None:
        self.checkout = place / "checkout"
        self.programs = place / "programs"
        self.log = place / "log"
        self.home = place / "home"
        for directory in (self.checkout, self.programs, self.home):
            directory.mkdir()
        shutil.copytree(ROOT / "provisioning", self.checkout / "provisioning")
        for name in ("setup.cfg", "pyproject.toml"):
            shutil.copy(ROOT / name, self.checkout)
        python = self.programs / "python3"
        self.program(
            "python3",
            STAND_IN_PYTHON.format(log=self.log, python=python, real=Path(sys.executable).resolve()),
        )
        self.program("mosquitto", "#!/bin/sh\n")

    def program(self, name: str, text: str) -> None:
        """Put a stand-in on the PATH."""
        path = self.programs / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def start(self, *arguments: str, **variables: str | None) -> subprocess.CompletedProcess[str]:
        """Run `provisioning/try`; a variable that is None is taken out of the environment."""
        environment = {"PATH": f"{self.programs}:{os.environ['PATH']}", "HOME": str(self.home)}
        environment = {name: value for name, value in {**environment, **variables}.items() if value is not None}
        return subprocess.run(
            [self.checkout / "provisioning/try", *arguments],
            capture_output=True,
            text=True,
            env=environment,
            timeout=60,
            check=False,
        )

    def asked(self) -> list[str]:
        """What the stand-in of Python was asked since the last call."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        self.log.write_text("", encoding="utf-8")
        return lines

    def installs(self) -> int:
        """How often pip was started since the last look at the log."""
        return sum(line.startswith("-m pip") for line in self.asked())


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine on which everything that `try` needs is there."""
    return Machine(tmp_path)


def test_arguments_are_handed_on_to_simulate(machine: Machine) -> None:
    done = machine.start("--demo", "a count", "--headless")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "started: <simulate> <--demo> <a count> <--headless>"


def test_a_second_start_installs_nothing(machine: Machine) -> None:
    machine.start()
    assert machine.installs() == 1

    done = machine.start()

    assert machine.installs() == 0
    assert done.stderr == ""


def test_changed_requirements_are_installed_at_the_next_start(machine: Machine) -> None:
    machine.start()
    machine.asked()
    with (machine.checkout / "setup.cfg").open("a", encoding="utf-8") as file:
        file.write("# another line\n")

    machine.start()

    assert machine.installs() == 1


def test_an_installation_that_was_cut_short_is_done_again(machine: Machine) -> None:
    (machine.log.parent / "log.no-network").touch()
    failed = machine.start()
    (machine.log.parent / "log.no-network").unlink()
    machine.asked()

    done = machine.start()

    assert failed.returncode == 1
    assert machine.installs() == 1
    assert done.returncode == 0, done.stderr


def test_without_a_network_pips_words_and_a_cure_are_said(machine: Machine) -> None:
    (machine.log.parent / "log.no-network").touch()

    done = machine.start()

    assert done.returncode == 1
    assert "ERROR: Could not find a version" in done.stderr
    assert "pip: could not get the libraries; is the network there" in done.stderr
    assert done.stdout == ""


def test_only_the_core_requirements_are_asked_for(machine: Machine) -> None:
    machine.start()

    wanted = (machine.checkout / ".venv-try/requirements.txt").read_text(encoding="utf-8")
    assert "msgspec >= 0.19\n" in wanted
    assert not {"evdev", "lgpio", "pytest"} & {line.split()[0] for line in wanted.splitlines()}


@pytest.mark.parametrize("home", [None, "", "/nowhere/at/all"])
def test_without_a_home_it_starts_with_one_beside_the_environment(machine: Machine, home: str | None) -> None:
    done = machine.start(HOME=home)

    assert done.returncode == 0, done.stderr
    assert f"HOME={machine.checkout}/.venv-try.home" in done.stdout


def test_in_a_checkout_that_cannot_be_written_the_cache_is_taken(machine: Machine) -> None:
    # For root every directory can be written: mktemp is what the script asks with.
    machine.program(
        "mktemp",
        f'#!/bin/bash\ncase "$*" in *{machine.checkout}/*) exit 1 ;; esac\nexec /usr/bin/mktemp "$@"\n',
    )

    done = machine.start()

    assert done.returncode == 0, done.stderr
    assert not (machine.checkout / ".venv-try").exists()
    assert [path.name[:4] for path in (machine.home / ".cache/custody-station").glob("try-*[0-9a-f]")] == ["try-"]


def test_with_neither_checkout_nor_cache_a_private_directory_is_taken(machine: Machine, tmp_path: Path) -> None:
    machine.program(
        "mktemp",
        '#!/bin/bash\ncase "$*" in *.probe*) exit 1 ;; esac\nexec /usr/bin/mktemp "$@"\n',
    )

    done = machine.start(TMPDIR=str(tmp_path), HOME=None)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / f"custody-station-{os.getuid()}").stat().st_mode & 0o777 == 0o700


def test_a_private_directory_that_is_a_link_is_not_trusted(machine: Machine, tmp_path: Path) -> None:
    machine.program(
        "mktemp",
        '#!/bin/bash\ncase "$*" in *.probe*) exit 1 ;; esac\nexec /usr/bin/mktemp "$@"\n',
    )
    (tmp_path / f"custody-station-{os.getuid()}").symlink_to(machine.home)

    done = machine.start(TMPDIR=str(tmp_path), HOME=None)

    assert done.returncode == 1
    assert "is not this user's" in done.stderr


def test_without_venv_root_gets_it_by_apt_without_starting_services(machine: Machine) -> None:
    missing = machine.log.parent / "log.no-venv"
    missing.touch()
    machine.program("id", "#!/bin/sh\necho 0\n")
    machine.program(
        "apt-get",
        f'#!/bin/sh\necho "$@" >>{machine.log}.apt\ncase "$*" in *" install "*) rm {missing} ;; esac\n',
    )
    _own_policy_file(machine)

    done = machine.start()

    assert done.returncode == 0, done.stderr
    update, install = Path(f"{machine.log}.apt").read_text(encoding="utf-8").splitlines()
    assert update.endswith(" update")
    assert install.endswith(" install --no-install-recommends python3-venv")
    assert not (machine.log.parent / "policy-rc.d").exists()


def test_while_apt_runs_services_are_forbidden(machine: Machine) -> None:
    (machine.log.parent / "log.no-venv").touch()
    policy = machine.log.parent / "policy-rc.d"
    machine.program("id", "#!/bin/sh\necho 0\n")
    machine.program("apt-get", f"#!/bin/sh\n{policy}; echo $? >>{machine.log}.apt\n")
    _own_policy_file(machine)

    machine.start()

    assert Path(f"{machine.log}.apt").read_text(encoding="utf-8").split() == ["101", "101"]
    assert not policy.exists()


def test_the_systems_own_policy_is_left_alone(machine: Machine) -> None:
    (machine.log.parent / "log.no-venv").touch()
    policy = machine.log.parent / "policy-rc.d"
    policy.write_text("the system's own", encoding="utf-8")
    machine.program("id", "#!/bin/sh\necho 0\n")
    machine.program("apt-get", "#!/bin/sh\nexit 1\n")
    _own_policy_file(machine)

    machine.start()

    assert policy.read_text(encoding="utf-8") == "the system's own"


def test_without_venv_and_not_root_it_says_what_to_type(machine: Machine) -> None:
    (machine.log.parent / "log.no-venv").touch()
    machine.program("id", "#!/bin/sh\necho 1000\n")
    machine.program("apt-get", "#!/bin/sh\nexit 99\n")

    done = machine.start()

    assert done.returncode == 1
    assert done.stderr.strip() == (
        "python's venv module: missing; type: sudo apt-get update && "
        "sudo apt-get install -y --no-install-recommends python3-venv"
    )


def test_without_a_broker_and_not_root_it_says_what_to_type_and_goes_on(machine: Machine) -> None:
    if Path("/usr/sbin/mosquitto").exists():
        (machine.checkout / "provisioning/lib/apt.sh").write_text(
            (ROOT / "provisioning/lib/apt.sh").read_text(encoding="utf-8").replace("/usr/sbin/mosquitto", "/nowhere"),
            encoding="utf-8",
        )
    machine.program("id", "#!/bin/sh\necho 1000\n")
    machine.program("apt-get", "#!/bin/sh\nexit 99\n")
    (machine.programs / "mosquitto").unlink()
    path = f"{machine.programs}:{_path_without('mosquitto', machine.log.parent / 'links')}"

    done = machine.start(PATH=path)

    assert done.returncode == 0, done.stderr
    assert "install -y --no-install-recommends mosquitto" in done.stderr
    assert "going on without a broker" in done.stderr
    assert done.stdout.startswith("started: <simulate>")


def _own_policy_file(machine: Machine) -> None:
    """Let the scripts of this machine write their policy below its own directory."""
    script = machine.checkout / "provisioning/lib/apt.sh"
    text = script.read_text(encoding="utf-8")
    assert "/usr/sbin/policy-rc.d" in text
    script.write_text(text.replace("/usr/sbin/policy-rc.d", str(machine.log.parent / "policy-rc.d")), encoding="utf-8")


def _path_without(program: str, links: Path) -> Path:
    """A directory with links to all programs of /usr/bin but one."""
    links.mkdir()
    for path in Path("/usr/bin").iterdir():
        if path.name != program:
            (links / path.name).symlink_to(path)
    return links
