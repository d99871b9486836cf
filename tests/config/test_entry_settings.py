"""Badge readers, the site's key, the siren: what their settings may say."""

# ruff: noqa: E501 - a fault is one line, and stands here as people see it

import os
from pathlib import Path

import pytest

from station.config import check_files, load, site_key
from station.config.devices import EvdevBadgeReader, SerialBadgeReader
from station.config.door import GpioDoor
from station.errors import DeviceError
from tests.config.conftest import EXAMPLE, STATION, FaultsOf, Load

KEY = bytes(range(32))
CURE = "copy the site.key of the back office there, 0600, owned by the station's user"
SERIAL = '[[badge_reader]]\nname = "b"\nside = "outside"\nkind = "serial"\nport = "/dev/x"\n'
EVDEV = '[[badge_reader]]\nname = "b"\nside = "desk"\nkind = "evdev"\nmatch = { vendor = "0c27", product = "3bfa" }\n'
KEYPAD = '[[keypad]]\nname = "{}"\nkind = "simulated"\nside = "{}"\n'
DOOR = '[door]\nkind = "gpio"\ncontact_pin = 17\nlock_pin = 23\ncontact = "closed-when-shut"\nlock = "fail-secure-strike"\n'


def test_a_reader_gives_plain_numbers_where_nothing_else_is_said(load_text: Load) -> None:
    serial, evdev = load_text(STATION + SERIAL + EVDEV.replace('"b"', '"c"')).badge_readers
    assert isinstance(serial, SerialBadgeReader)
    assert isinstance(evdev, EvdevBadgeReader)
    assert (serial.format, serial.framing, evdev.format, evdev.inter_key_ms) == ("plain", None, "plain", 200)


@pytest.mark.parametrize("form", ["plain", "26", "34", "h10302", "h10304", "uid", "rdm6300"])
def test_every_format_can_be_named(load_text: Load, form: str) -> None:
    (reader,) = load_text(f'{STATION}{SERIAL}format = "{form}"\n').badge_readers
    assert isinstance(reader, SerialBadgeReader)
    assert reader.format == form


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            SERIAL + 'format = "37"',
            'station.toml [[badge_reader]] 1 format = "37": must be "plain", "26", "34", "h10302", "h10304", "uid" or "rdm6300".',
        ),
        (
            EVDEV + 'format = "rdm6300"',
            'station.toml [[badge_reader]] 1 format = "rdm6300": must be "plain", "26", "34", "h10302", "h10304" or "uid".',
        ),
        (
            SERIAL + 'format = "rdm6300"\nframing = "line"',
            'station.toml [[badge_reader]] 1 framing = "line": must be "etx", or left out; a frame of format "rdm6300" ends with ETX.',
        ),
        (
            SERIAL + 'framing = "stx"',
            'station.toml [[badge_reader]] 1 framing = "stx": must be "line", "cr", "lf", "crlf", "etx" or "quiet"; did you mean "etx"?',
        ),
        (
            DOOR + "siren_pin = 23",
            "station.toml [door] siren_pin = 23: is taken by station.toml [door] lock_pin; no GPIO pin may stand twice.",
        ),
        (
            DOOR + 'siren_pin = 25\nsiren = "loud"',
            'station.toml [door] siren = "loud": must be "sounds-when-high" or "sounds-when-low".',
        ),
        (
            KEYPAD.format("a", "inside"),
            'station.toml [[keypad]] 1 side = "inside": must be "outside"; did you mean "outside"?',
        ),
        (
            KEYPAD.format("a", "outside") + KEYPAD.format("b", "outside"),
            'station.toml [[keypad]] 2 side = "outside": is taken by station.toml [[keypad]] 1 side; no side of a keypad may stand twice.',
        ),
        (
            "[entry]\npin_s = 60\n",
            "station.toml [entry] pin_s = 60: must be 5..30; longer would leave the keypad to whoever comes next.",
        ),
        (
            STATION.replace("[station]", "[station]\nsite_key_file = 'site.key'"),
            'station.toml [station] site_key_file = "site.key": must be an absolute path.',
        ),
    ],
)
def test_a_fault_says_where_what_and_what_is_allowed(faults_of: FaultsOf, text: str, fault: str) -> None:
    assert faults_of(text if "[station]" in text else STATION + text) == [fault]


@pytest.mark.parametrize("pin", [*range(4, 9), 14, 15])
def test_a_lock_pin_that_is_high_while_the_pi_starts_is_refused(faults_of: FaultsOf, load_text: Load, pin: int) -> None:
    text = STATION + DOOR.replace("lock_pin = 23", f"lock_pin = {pin}")
    (fault,) = faults_of(text)
    assert fault.startswith(f"station.toml [door] lock_pin = {pin}: must be 9..27 without 14 and 15: ")
    assert load_text(text + "lock_pulled_down = true\n").door.lock_pin == pin  # type: ignore[union-attr]


@pytest.mark.parametrize("pin", [*range(9, 14), *range(18, 28)])
def test_a_lock_pin_that_is_low_while_the_pi_starts_is_taken(load_text: Load, pin: int) -> None:
    text = STATION + DOOR.replace("lock_pin = 23", f"lock_pin = {pin}")
    assert load_text(text).door.lock_pin == pin  # type: ignore[union-attr]


def test_a_frame_of_rdm6300_may_say_its_framing_itself(load_text: Load) -> None:
    load_text(f'{STATION}{SERIAL}format = "rdm6300"\nframing = "etx"\n')


def test_what_the_drivers_of_the_door_are_given_is_all_of_its_wiring_and_nothing_twice(load_text: Load) -> None:
    door = load_text(STATION + DOOR + "siren_pin = 25\n").door
    assert isinstance(door, GpioDoor)
    sensing, locking = door.sensing(), door.locking()
    assert locking == {
        "lock_pin": 23,
        "lock_line": "high-releases",
        "siren_pin": 25,
        "siren": "sounds-when-high",
    }
    assert sensing["contact"] == "closed-when-shut"
    assert not set(sensing) & set(locking)
    rest = set(door.__struct_fields__) - set(sensing) - set(locking)
    # Times are the policy's; the rest only declares how the door is built.
    assert rest == {
        "release_ms",
        "rex_window_ms",
        "held_warn_s",
        "held_alarm_s",
        "lock",
        "lock_pulled_down",
        "hardwired_rex",
        "hardwired_fire",
    }


def faults_with(load_text: Load, path: Path, text: str = SERIAL) -> list[str]:
    settings = load_text(STATION.replace("[station]", f'[station]\nsite_key_file = "{path}"') + text)
    return [str(fault) for fault in check_files(settings)]


def written(path: Path, content: str = KEY.hex() + "\n", mode: int = 0o600) -> Path:
    path.write_text(content)
    path.chmod(mode)
    return path


def test_a_site_key_that_is_well_is_no_fault_and_is_read(load_text: Load, tmp_path: Path) -> None:
    path = written(tmp_path / "site.key")

    assert faults_with(load_text, path) == []
    assert site_key.read(path) == KEY


def test_a_station_without_badge_readers_needs_none(load_text: Load, tmp_path: Path) -> None:
    assert faults_with(load_text, tmp_path / "away", text="") == []


@pytest.mark.parametrize("content", ["", KEY.hex()[1:], "zz" * 32, KEY.hex() + KEY.hex()])
def test_a_file_that_holds_no_key_is_a_fault_that_does_not_show_it(
    load_text: Load, tmp_path: Path, content: str
) -> None:
    path = written(tmp_path / "site.key", content)
    (fault,) = faults_with(load_text, path)

    assert fault.startswith('[station] site_key_file = "')
    assert fault.endswith(f": is no site key; must be 64 hex digits; {CURE}.")
    assert KEY.hex()[2:20] not in fault
    with pytest.raises(DeviceError, match="is no site key; must be 64 hex digits; copy the site") as caught:
        site_key.read(path)
    assert KEY.hex()[2:20] not in str(caught.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_a_fault(load_text: Load, tmp_path: Path, mode: int) -> None:
    path = written(tmp_path / "site.key", mode=mode)
    (fault,) = faults_with(load_text, path)

    assert fault.endswith("others may read it; must be 0600; chmod it, or have a new key made for the site.")
    with pytest.raises(DeviceError, match="others may read it; must be 0600"):
        site_key.read(path)


def test_a_key_that_is_away_or_a_folder_is_a_fault(load_text: Load, tmp_path: Path) -> None:
    (away,) = faults_with(load_text, tmp_path / "away")
    (folder,) = faults_with(load_text, tmp_path)

    assert away.endswith(f": cannot be read (No such file or directory); {CURE}.")
    assert folder.endswith(f": must be a file; {CURE}.")
    with pytest.raises(DeviceError, match=r"away': cannot be read \(No such file or directory\); copy the site.key"):
        site_key.read(tmp_path / "away")


def test_a_file_of_other_bytes_is_no_key(load_text: Load, tmp_path: Path) -> None:
    path = written(tmp_path / "site.key")
    path.write_bytes(b"\xff" * 64)

    assert "is no site key" in faults_with(load_text, path)[0]
    with pytest.raises(DeviceError, match="is no site key"):
        site_key.read(path)


def test_the_example_loads_with_its_door_and_readers_taken_out_of_their_comments(tmp_path: Path) -> None:
    """The lines that show a vault's door begin with `#: `, so that they can be had by taking that away."""
    text = EXAMPLE.read_text().replace("#: ", "").replace('duties = ["count"]', 'duties = ["entry", "count"]')
    (tmp_path / "station.toml").write_text(text)
    settings = load(tmp_path / "station.toml")

    assert [reader.side for reader in settings.badge_readers] == ["outside", "inside"]
    assert [keypad.side for keypad in settings.keypads] == [None, "outside"]
    assert isinstance(settings.door, GpioDoor)
    assert settings.door.siren_pin == 25
    assert settings.entry.people == 2
    assert os.fspath(settings.station.site_key_file) == "/etc/station/site.key"
