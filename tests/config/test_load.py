"""What good files become."""

import dataclasses
import os
import re
from pathlib import Path

import msgspec
import pytest

from station.config import Settings, SettingsError, check_files, kind_of, load
from station.config.devices import EvdevScanner, GpioIndicator, NoDisplay, OledDisplay, SerialScanner
from station.config.door import GpioDoor, NoDoor
from tests.config.conftest import EXAMPLE, STATION, FaultsOf, Load
from tests.config.keys import verifier_key

# The block of settings that other people's files are written after.
PROMISED = f"""
[station]
site = "greenleaf-414"
name = "vault-1"
duties = ["entry", "count"]
timezone = "America/Los_Angeles"
language = "en"
data_dir = "/var/lib/station"

[[scanner]]
name = "gun"
kind = "evdev"
match = {{ vendor = "05e0", product = "1200", port = "1-1.2" }}

[[scanner]]
name = "pole"
kind = "serial"
port = "/dev/station/scanner0"
baud = 9600
answer = true

[[badge_reader]]
name = "outside"
side = "outside"
kind = "serial"
port = "/dev/station/badge-outside"
baud = 9600

[door]
kind = "gpio"
contact_pin = 17
rex_pin = 27
tamper_pin = 22
lock_pin = 23
fire_pin = 24
contact = "closed-when-shut"
lock = "fail-secure-strike"
debounce_ms = 30
release_ms = 5000
rex_window_ms = 1500
held_warn_s = 30
held_alarm_s = 60

[entry]
people = 2
pairs = [["associate", "associate"], ["associate", "supervisor"]]
hours = "07:00-22:30"
second_badge_s = 15
lone_grace_s = 60

[display]
kind = "oled"
controller = "ssd1306"

[broker]
host = "broker.example"
port = 8883
tls = {{ ca = "/t/ca", cert = "/t/cert", key = "/t/key" }}

[backoffice]
command_key = "{verifier_key("greenleaf-commands")}"
release_key = "{verifier_key("greenleaf-releases")}"

[[witness]]
name = "greenleaf-backoffice"
key = "{verifier_key("greenleaf-backoffice", 4)}"
"""


def test_the_promised_settings_load(load_text: Load) -> None:
    settings = load_text(PROMISED)
    assert [kind_of(scanner) for scanner in settings.scanners] == ["evdev", "serial"]
    assert isinstance(settings.door, GpioDoor)
    assert settings.door.lock_pin == 23
    assert settings.entry.pairs[1] == ("associate", "supervisor")
    assert settings.broker is not None
    assert settings.broker.tls is not None
    assert settings.broker.tls.key == "/t/key"


def test_the_example_is_a_vault_station() -> None:
    settings = load(EXAMPLE)
    gun, pole = settings.scanners
    assert isinstance(gun, EvdevScanner)
    assert (gun.match.vendor, gun.match.serial, gun.match.port) == ("05e0", None, "1-1.2")
    assert (gun.terminator, gun.inter_key_ms) == (("enter", "kp-enter", "tab"), 200)
    assert isinstance(pole, SerialScanner)
    assert (pole.framing, pole.answer, pole.line_bytes_max) == ("line", True, 4096)
    assert isinstance(settings.display, OledDisplay)
    assert settings.display.address == 0x3C
    assert isinstance(settings.indicator, GpioIndicator)
    assert settings.broker is not None


def test_the_defaults_that_the_example_shows_in_comments_are_the_defaults(tmp_path: Path) -> None:
    shown = re.sub(r"(?m)^# (?=[a-z_0-9]+ = )", "", EXAMPLE.read_text())
    assert shown.count("\n# ") < EXAMPLE.read_text().count("\n# ") - 20
    (tmp_path / "station.toml").write_text(shown)
    assert load(tmp_path / "station.toml") == load(EXAMPLE)


def test_a_station_alone_has_no_devices(load_text: Load) -> None:
    settings = load_text(STATION)
    assert (settings.scanners, settings.broker, settings.simulated) == ((), None, None)
    assert (settings.door, settings.display) == (NoDoor(), NoDisplay())


def test_settings_are_frozen_and_hashable(load_text: Load) -> None:
    settings = load_text(PROMISED)
    assert hash(settings) == hash(load_text(PROMISED))
    with pytest.raises(AttributeError):
        settings.door = NoDoor()  # type: ignore[misc]


def test_conf_d_adds_scanners_merges_tables_and_the_later_file_holds(load_text: Load) -> None:
    settings = load_text(
        STATION + '[[scanner]]\nname = "a"\nkind = "simulated"\n[broker]\nhost = "one"\nport = 1883\n',
        b_later='[broker]\nhost = "three"\n[broker.tls]\nca = "/c"\n',
        a_early='[broker]\nhost = "two"\nwindow = 7\ntls = { ca = "/x", cert = "/y", key = "/z" }\n'
        '[[scanner]]\nname = "b"\nkind = "simulated"\n[station]\nduties = ["stock"]\n',
    )
    assert [scanner.name for scanner in settings.scanners] == ["a", "b"]
    assert settings.broker is not None
    assert (settings.broker.host, settings.broker.port, settings.broker.window) == ("three", 1883, 7)
    assert settings.broker.tls is not None
    assert (settings.broker.tls.ca, settings.broker.tls.cert) == ("/c", "/y")
    assert settings.station.duties == ("stock",)


def test_conf_d_takes_no_hidden_and_no_other_files(load_text: Load, tmp_path: Path) -> None:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / ".swap.toml").write_text("nonsense")
    (tmp_path / "conf.d" / "old.toml.bak").write_text("nonsense")
    assert load_text(STATION).station.name == "vault-1"


def test_an_empty_array_of_tables_in_conf_d_takes_nothing_away(load_text: Load) -> None:
    settings = load_text(STATION + '[[scanner]]\nname = "a"\nkind = "simulated"\n', more="scanner = []\n")
    assert len(settings.scanners) == 1


def test_a_link_among_the_files_of_conf_d_is_followed(load_text: Load, tmp_path: Path) -> None:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "elsewhere").write_text('[display]\nkind = "simulated"\n')
    (tmp_path / "conf.d" / "display.toml").symlink_to(tmp_path / "elsewhere")
    assert kind_of(load_text(STATION).display) == "simulated"


def test_check_files_names_what_is_missing_unreadable_or_open(load_text: Load, tmp_path: Path) -> None:
    ca, key = tmp_path / "ca.pem", tmp_path / "key.pem"
    ca.write_text("")
    key.write_text("")
    key.chmod(0o644)
    tls = f'tls = {{ ca = "{ca}", cert = "{tmp_path}", key = "{key}" }}'
    settings = load_text(STATION + f'[broker]\nhost = "b"\n{tls}\n')
    short = [dataclasses.replace(fault, found="") for fault in check_files(settings)]
    assert [str(fault) for fault in short] == [
        "[broker] tls.cert: must be a file.",
        "[broker] tls.key: can be read by every user; take that right away with chmod o=.",
    ]
    ca.unlink()
    assert "tls.ca" in str(check_files(settings)[0])
    assert "cannot be found (No such file or directory)" in str(check_files(settings)[0])


def test_check_files_names_what_this_user_may_not_read(
    load_text: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pem").write_text("")
    (tmp_path / "pem").chmod(0o600)
    tls = "tls = { " + ", ".join(f'{key} = "{tmp_path}/pem"' for key in ("ca", "cert", "key")) + " }"
    settings = load_text(STATION + f'[broker]\nhost = "b"\n{tls}\n')
    assert check_files(settings) == []
    # Tests may run as root, who may read everything.
    monkeypatch.setattr(os, "access", lambda path, _mode: path != tmp_path / "pem")
    assert {fault.problem for fault in check_files(settings)} == {
        "cannot be read by this user; let the station's group read it"
    }


def test_check_files_asks_nothing_without_tls(load_text: Load) -> None:
    assert check_files(load_text(STATION + '[broker]\nhost = "b"\n')) == []


def test_a_missing_file_is_a_settings_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path / "none.toml")
    text = "none.toml: cannot be read (No such file or directory); check its name and rights."
    assert str(caught.value) == text


@pytest.mark.parametrize("path", ["/", "a\0b"])
def test_a_path_that_is_no_file_is_a_settings_error(path: str) -> None:
    with pytest.raises(SettingsError):
        load(path)


def test_text_that_is_no_utf_8_and_files_too_long_are_refused(tmp_path: Path, faults_of: FaultsOf) -> None:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "latin.toml").write_bytes(b"# caf\xe9\n")
    faults = faults_of("#" * 300000)
    assert faults == [
        "station.toml: is no TOML: more than 262144 bytes.",
        "conf.d/latin.toml: is no UTF-8 text at byte 5; save it as UTF-8.",
    ]


def test_the_settings_can_be_copied_with_one_change(load_text: Load) -> None:
    changed = msgspec.structs.replace(load_text(PROMISED), door=NoDoor())
    assert isinstance(changed, Settings)
    assert changed.door == NoDoor()
