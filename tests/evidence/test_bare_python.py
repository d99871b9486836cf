"""The verifier out of a bundle, run by a bare python3 with nothing installed."""

import ast
import hashlib
import io
import random
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from station.evidence.bundle import verifier_source
from station.evidence.standalone import verify as inspector
from station.evidence.trust import Trust
from station.evidence.verify import verify
from tests.evidence.bundles import FINGERPRINT, SEED, Files
from tests.evidence.journals import OFFICE, STATION, THIEF

# -- with a bare python3 and nothing installed --


def bare(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The verifier from the bundle, without site packages, environment or the source tree."""
    command = [sys.executable, "-I", "-S", "verify.py", *arguments]
    return subprocess.run(command, cwd=cwd, env={}, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def desk(tmp_path: Path, raw: bytes) -> Path:
    """An inspector's folder: the bundle, and the verifier out of it."""
    (tmp_path / "bundle.zip").write_bytes(raw)
    (tmp_path / "verify.py").write_bytes(inspector.read_zip(raw)["verify.py"])
    return tmp_path


def test_a_bare_python_checks_a_bundle(desk: Path) -> None:
    loud = bare(desk, "bundle.zip")
    assert (loud.returncode, loud.stderr) == (0, "")
    assert "KEY NOT CONFIRMED" in loud.stdout
    assert "NONE CHECKED" in loud.stdout

    sure = bare(desk, "bundle.zip", "--fingerprint", FINGERPRINT, "--witness", str(OFFICE.verifier), "--events")
    assert sure.returncode == 0
    assert "witness    office cosigned the checkpoint at 2026-11-18T11:08:20Z" in sure.stdout
    assert f"key        confirmed: {FINGERPRINT}" in sure.stdout
    assert "3 2026-11-18T11:06:40.003Z count.located C000001" in sure.stdout


def test_a_bare_python_refuses_a_changed_byte_and_a_foreign_fingerprint(desk: Path, raw: bytes) -> None:
    chance = random.Random(SEED)
    for _ in range(12):
        changed = bytearray(raw)
        changed[chance.randrange(len(raw))] ^= 1
        (desk / "changed.zip").write_bytes(changed)
        found = bare(desk, "changed.zip")
        assert (found.returncode, found.stderr, found.stdout[:7]) == (6, "", "FAULT: ")
    other = bare(desk, "bundle.zip", "--fingerprint", THIEF.verifier.fingerprint)
    assert (other.returncode, "key.txt: its fingerprint is" in other.stdout) == (6, True)
    assert bare(desk, "nothing.zip").returncode == 6
    assert bare(desk, "bundle.zip", "--witness", "office").returncode == 6


def test_an_unpacked_bundle_is_checked_in_its_place(desk: Path, raw: bytes) -> None:
    folder = desk / "unpacked"
    zipfile.ZipFile(io.BytesIO(raw)).extractall(folder)
    assert bare(folder).returncode == 0

    (folder / "index.html").write_text("another page")
    changed = bare(folder)
    assert "FAULT: index.html: its bytes are not those in contents.txt" in changed.stdout
    shutil.copy(folder / "key.txt", folder / "copy.txt")
    assert "'copy.txt': does not belong here" in bare(folder).stdout


def test_sha256sum_knows_the_contents_too(files: Files) -> None:
    for line in files["contents.txt"].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == digest


def test_station_verify_says_the_same(desk: Path, raw: bytes) -> None:
    held = verify(desk / "bundle.zip", Trust(STATION.verifier, "", (OFFICE.verifier,)))
    assert (held.fault, held.events, held.sealed, held.is_key_confirmed) == ("", 5, 50, True)
    (desk / "bundle.zip").write_bytes(raw[:-1])
    assert verify(desk / "bundle.zip").fault.startswith("zip: from byte ")


def test_the_verifier_is_short_and_needs_the_standard_library_alone() -> None:
    tree = ast.parse(verifier_source())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names
    assert len(verifier_source().splitlines()) <= 400


def test_an_unpacked_bundle_with_a_link_or_a_folder_of_its_own_is_refused(tmp_path: Path, raw: bytes) -> None:
    zipfile.ZipFile(io.BytesIO(raw)).extractall(tmp_path)
    inspector.read_bundle(tmp_path)
    (tmp_path / "more").mkdir()
    with pytest.raises(inspector.Fault, match="'more': is not a file of a bundle"):
        inspector.read_bundle(tmp_path)
    (tmp_path / "more").rmdir()
    (tmp_path / "key.txt").rename(tmp_path.parent / "elsewhere.txt")
    (tmp_path / "key.txt").symlink_to(tmp_path.parent / "elsewhere.txt")
    with pytest.raises(inspector.Fault, match=r"'key\.txt': is not a file of a bundle"):
        inspector.read_bundle(tmp_path)
