"""What is built for the guest: the parts that can be tried without building anything."""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path

import pytest

from tests.rig import conftest, environment, host, initramfs, kernel, machine

MODULES_DEP = """\
kernel/fs/9p/9p.ko: kernel/net/9p/9pnet.ko kernel/fs/netfs/netfs.ko
kernel/net/9p/9pnet.ko:
kernel/net/9p/9pnet_virtio.ko: kernel/drivers/virtio/virtio.ko kernel/net/9p/9pnet.ko
kernel/fs/netfs/netfs.ko:
kernel/drivers/virtio/virtio.ko:
"""


def test_modules_load_after_what_they_need_and_once() -> None:
    order = initramfs.load_order(MODULES_DEP, ["9pnet_virtio", "9p", "built_in"])
    names = [Path(path).stem for path in order]
    assert sorted(names) == ["9p", "9pnet", "9pnet_virtio", "netfs", "virtio"]
    assert names.index("9pnet") < names.index("9pnet_virtio")
    assert names.index("netfs") < names.index("9p")


@pytest.mark.skipif(shutil.which("cpio") is None, reason="NO RIG: cpio is not installed")
def test_the_archive_begins_as_the_kernel_wants_it(tmp_path: Path) -> None:
    (tmp_path / "init").write_text("#!/bin/sh\n")

    unpacked = gzip.decompress(initramfs.archive_of(tmp_path))
    assert unpacked.startswith(b"070701")
    assert b"init\0" in unpacked


def test_requirements_are_those_of_setup_cfg_with_the_hardware() -> None:
    names = environment.requirements((host.CHECKOUT / "setup.cfg").read_text())
    assert {name.split()[0] for name in names} >= {"evdev", "lgpio", "pyudev", "luma.oled", "peewee"}


def test_paths_of_the_environment_are_the_guests() -> None:
    assert environment.Environment("environment-x").python == "/opt/rig/environment-x/bin/python"


def test_the_key_changes_with_a_name_and_with_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    first = host.digest_of([tmp_path / "a"])
    (tmp_path / "a").rename(tmp_path / "b")
    second = host.digest_of([tmp_path / "b"])
    (tmp_path / "b").write_bytes(b"2")
    assert len({first, second, host.digest_of([tmp_path / "b"])}) == 3


def test_missing_packages_are_named_with_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "PACKAGES", {"there": "sh", "gone": "no-such-program", "lost": "/no/such/*"})
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    asked = r"missing: gone lost; as root: apt-get install .* gone lost"
    with pytest.raises(host.RigUnavailable, match=asked):
        host.ensure_packages()


def test_a_failed_step_shows_its_last_words() -> None:
    with pytest.raises(host.RigUnavailable, match="exit code 7; it said:\nwhy"):
        host.run(["sh", "-c", "echo why; exit 7"])
    with pytest.raises(host.RigUnavailable, match="run it by hand"):
        host.run(["no-such-program"])


def test_what_is_half_built_is_never_kept(tmp_path: Path) -> None:
    kept = tmp_path / "kernel-1"
    with pytest.raises(IsADirectoryError), host.building(tmp_path, kept) as folder:
        folder.write_text("cannot be")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "building-left-by-a-killed-session").mkdir()
    with host.building(tmp_path, kept) as folder:
        (folder / "whole").touch()
    assert [path.name for path in tmp_path.iterdir()] == ["kernel-1"]
    assert (kept / "whole").exists()


def test_old_versions_are_removed_the_newest_kept(tmp_path: Path) -> None:
    for age in range(5):
        (tmp_path / f"kernel-{age}").mkdir()
        os.utime(tmp_path / f"kernel-{age}", (1000 - age, 1000 - age))
    (tmp_path / "environment-0").mkdir()
    host.keep_newest(tmp_path, "kernel")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "environment-0",
        "kernel-0",
        "kernel-1",
        "kernel-2",
    ]


def test_the_kernels_name_comes_from_apt(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "linux-image-amd64\n  Depends: linux-image-6.1.0-56-amd64\n"
    monkeypatch.setattr(host, "run", lambda _: said)
    assert kernel.newest_version() == "6.1.0-56-amd64"


def test_no_kernel_in_the_archive_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "run", lambda _: "")
    with pytest.raises(host.RigUnavailable, match="enable Debian's main archive"):
        kernel.newest_version()


def test_the_command_line_names_every_share_and_socket(tmp_path: Path) -> None:
    pc = machine.x86_64(Path("/k"), Path("/i"), {"hostroot": Path("/"), "cache": Path("/c")})
    command = pc.command(tmp_path / "disk", tmp_path, {1883: 18830, 8883: 18831})
    text = " ".join(command)
    for needed in (
        "id=hostroot,path=/,",
        "mount_tag=cache",
        f"path={tmp_path}/agent",
        "guestfwd=tcp:10.0.2.100:1883-cmd:socat STDIO TCP4:127.0.0.1:18830,",
        "guestfwd=tcp:10.0.2.100:8883-cmd:socat STDIO TCP4:127.0.0.1:18831",
        "-no-reboot",
    ):
        assert needed in text
    assert text.count("readonly=on") == 2
    assert "module_blacklist=i2c_i801,iTCO_wdt" in command[command.index("-append") + 1]


def test_no_rig_skips_by_hand_and_fails_where_every_check_must_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "NOT_RUN", [])
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="NO RIG: no qemu"):
        conftest.no_rig("no qemu")
    assert conftest.NOT_RUN == ["no qemu"]
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no qemu"):
        conftest.no_rig("no qemu")
