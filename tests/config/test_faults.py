"""The full text of each kind of fault."""

# ruff: noqa: E501 - a fault is one line, and stands here as people see it

import pytest

from drivers import catalog
from station.config import Fault, Place, SettingsError, faults_text
from station.domain.station.duties import SETTINGS
from station.errors import DeviceError, IntegrityError, NetworkError, StationError, UsageError
from tests.config.conftest import STATION, FaultsOf, Load
from tests.config.keys import verifier_key
from tests.config.test_load import PROMISED

DOOR = """
[door]
kind = "gpio"
contact_pin = 17
lock_pin = 23
contact = "closed-when-shut"
lock = "fail-secure-strike"
"""
GUN = """
[[scanner]]
name = "gun"
kind = "evdev"
match = { vendor = "05e0", product = "1200" }
"""
POLE = """
[[scanner]]
name = "pole"
kind = "serial"
port = "/dev/ttyUSB0"
"""
BROKER = '[broker]\nhost = "b"\n'
MAGLOCK = "needs hardwired_rex = true and hardwired_fire = true; a maglock holds people in unless an exit button and the fire alarm cut its power without software."

ONE_FAULT = [
    # ranges, with the reason
    (
        DOOR + "release_ms = 90000",
        "station.toml [door] release_ms = 90000: must be 500..15000; a strike coil overheats beyond that.",
    ),
    (DOOR + "held_warn_s = 4", "station.toml [door] held_warn_s = 4: must be 5..600."),
    (
        DOOR + "rex_pin = 2",
        "station.toml [door] rex_pin = 2: must be 4..27; BCM numbers; 0 to 3 belong to the HAT's memory and to the I2C display.",
    ),
    (
        '[display]\nkind = "oled"\ncontroller = "sh1106"\naddress = 0x70',
        "station.toml [display] address = 112: must be 60..61; that is 0x3c or 0x3d, chosen on the module.",
    ),
    # wrong types
    (
        DOOR + 'release_ms = "5 s"',
        'station.toml [door] release_ms = "5 s": must be a whole number 500..15000.',
    ),
    (
        DOOR + "release_ms = 5000.0",
        "station.toml [door] release_ms = 5000.0: must be a whole number 500..15000.",
    ),
    (DOOR + "release_ms = true", "station.toml [door] release_ms = true: must be a whole number 500..15000."),
    (POLE + "answer = 1", "station.toml [[scanner]] 1 answer = 1: must be true or false."),
    (
        POLE + "baud = true",
        "station.toml [[scanner]] 1 baud = true: must be "
        + "300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600 or 115200.",
    ),
    (BROKER + "tls = 5", "station.toml [broker] tls = 5: must be a table."),
    (
        GUN + 'terminator = "enter"',
        'station.toml [[scanner]] 1 terminator = "enter": must be a list, each "enter", "kp-enter", "tab", "ctrl-j" or "ctrl-m" (1..5 different values).',
    ),
    # lists
    (GUN + "terminator = []", "station.toml [[scanner]] 1 terminator = []: must be 1..5 different values."),
    (
        GUN + 'terminator = ["tab", "tab"]',
        'station.toml [[scanner]] 1 terminator = ["tab", "tab"]: must be 1..5 different values.',
    ),
    (
        GUN + 'terminator = ["tab", "entr"]',
        'station.toml [[scanner]] 1 terminator = "entr": must be "enter", "kp-enter", "tab", "ctrl-j" or "ctrl-m"; did you mean "enter"?',
    ),
    (
        '[entry]\npairs = [["associate"]]',
        'station.toml [entry] pairs = ["associate"]: must be a list of 2, each a role of the roster, 1..32 characters a-z, 0-9 and -.',
    ),
    # choices
    (
        POLE + 'framing = "crfl"',
        'station.toml [[scanner]] 1 framing = "crfl": must be "line", "cr", "lf", "crlf", "etx" or "quiet"; did you mean "crlf"?',
    ),
    (POLE + "bytesize = 9", "station.toml [[scanner]] 1 bytesize = 9: must be 7 or 8."),
    (
        '[display]\nkind = "olde"',
        'station.toml [display] kind = "olde": must be "oled", "simulated" or "none"; did you mean "oled"?',
    ),
    # missing
    (
        '[[keypad]]\nkind = "simulated"',
        "station.toml [[keypad]] 1 name: missing; must be a name of 1..32 characters a-z, 0-9, - and _.",
    ),
    (
        '[[keypad]]\nname = "pad"',
        'station.toml [[keypad]] 1 kind: missing; must be "evdev" or "simulated".',
    ),
    (
        '[[keypad]]\nname = "pad"\nknd = "evdev"',
        'station.toml [[keypad]] 1 kind: missing; must be "evdev" or "simulated"; is it knd?',
    ),
    (
        '[[keypad]]\nname = "pad"\nkind = "evdev"\nmatch = { vendor = "05e0" }',
        "station.toml [[keypad]] 1 match.product: missing; must be 4 hex digits in lower case.",
    ),
    (
        '[[keypad]]\nname = "pad"\nkind = "evdev"',
        "station.toml [[keypad]] 1 match: missing; must be a table.",
    ),
    # unknown keys and tables; their values, which may be secrets, are never shown
    (DOOR + "relase_ms = 1", "station.toml [door] relase_ms: unknown key; did you mean release_ms?"),
    (
        BROKER + 'password = "hunter2"',
        "station.toml [broker] password: unknown key; known are host, port, tls, keepalive_s, window, reconnect_max_s.",
    ),
    (
        DOOR.replace("lock_pin", "lok_pin"),
        "station.toml [door] lok_pin: unknown key; did you mean lock_pin?",
    ),
    (
        GUN + "baud = 9600",
        'station.toml [[scanner]] 1 baud: belongs to kind "serial", not to "evdev".',
    ),
    (
        '[[badge_reader]]\nname = "b"\nside = "desk"\nkind = "simulated"\nport = "/dev/x"',
        'station.toml [[badge_reader]] 1 port: belongs to kind "serial", not to "simulated".',
    ),
    (
        BROKER + '"two\\nlines" = 1',
        'station.toml [broker] "two\\nlines": unknown key; known are host, port, tls, keepalive_s, window, reconnect_max_s.',
    ),
    ('[dor]\nkind = "none"', "station.toml [dor]: unknown table; did you mean [door]?"),
    ("[scaner]\nx = 1", "station.toml [scaner]: unknown table; did you mean [[scanner]]?"),
    ("[[brokers]]\nx = 1", "station.toml [[brokers]]: unknown table; did you mean [broker]?"),
    (
        "[zzz]",
        "station.toml [zzz]: unknown table; known are [station], [[scanner]], [[badge_reader]], [[keypad]], [door], [entry], [display], [indicator], [retention], [broker], [backoffice], [[witness]], [simulated].",
    ),
    # what nothing in this release acts on
    ('[[scale]]\nname = "s"', "station.toml [[scale]]: nothing of this release acts on it; take it out."),
    ('[[camera]]\nname = "c"', "station.toml [[camera]]: nothing of this release acts on it; take it out."),
    ("[camera]", "station.toml [camera]: nothing of this release acts on it; take it out."),
    (
        '[[badge_reader]]\nname = "b"\nside = "desk"\nkind = "osdp"',
        'station.toml [[badge_reader]] 1 kind = "osdp": has no driver yet; allowed are "evdev", "serial" or "simulated".',
    ),
    # one table or several
    ('[scanner]\nname = "a"', "station.toml [scanner]: must be [[scanner]], which may stand more than once."),
    ('[[door]]\nkind = "none"', 'station.toml door = [{ kind = "none" }]: must be one table, [door].'),
    # two that may not be alike
    (
        GUN + '[[keypad]]\nname = "gun"\nkind = "simulated"',
        'station.toml [[keypad]] 1 name = "gun": is taken by station.toml [[scanner]] 1 name; no name of a source may stand twice.',
    ),
    (
        DOOR + '[indicator]\nkind = "gpio"\nred_pin = 23',
        "station.toml [indicator] red_pin = 23: is taken by station.toml [door] lock_pin; no GPIO pin may stand twice.",
    ),
    (
        DOOR + "rex_pin = 17",
        "station.toml [door] rex_pin = 17: is taken by station.toml [door] contact_pin; no GPIO pin may stand twice.",
    ),
    (
        POLE + '[[badge_reader]]\nname = "b"\nside = "desk"\nkind = "serial"\nport = "/dev/ttyUSB0"',
        'station.toml [[badge_reader]] 1 port = "/dev/ttyUSB0": is taken by station.toml [[scanner]] 1 port; no serial port may stand twice.',
    ),
    (
        GUN + GUN.replace("gun", "gun2"),
        'station.toml [[scanner]] 2 match = { vendor = "05e0", product = "1200" }: is taken by station.toml [[scanner]] 1 match; no USB device match may stand twice.',
    ),
    # what only several keys show
    (DOOR.replace("fail-secure-strike", "maglock"), f'station.toml [door] lock = "maglock": {MAGLOCK}'),
    (
        DOOR.replace("fail-secure-strike", "maglock") + "hardwired_rex = true",
        f'station.toml [door] lock = "maglock": {MAGLOCK}',
    ),
    (
        DOOR + "held_alarm_s = 20",
        "station.toml [door] held_warn_s = 30: must be less than held_alarm_s = 20; the warning comes first.",
    ),
    (
        '[indicator]\nkind = "gpio"',
        'station.toml [indicator] kind = "gpio": needs a buzzer_pin, red_pin, amber_pin or green_pin; or kind = "none".',
    ),
    # texts
    (
        BROKER.replace('"b"', '"b.example:8883"'),
        'station.toml [broker] host = "b.example:8883": must be a host name or an IP address, without the port.',
    ),
    (
        GUN.replace("05e0", "05E0"),
        'station.toml [[scanner]] 1 match.vendor = "05E0": must be 4 hex digits in lower case; lsusb shows them as vendor:product.',
    ),
    (
        "[simulated]\ncontrol = 'run/x'",
        'station.toml [simulated] control = "run/x": must be an absolute path of at most 107 ASCII characters; Linux allows a Unix socket no more.',
    ),
    (
        '[entry]\nhours = "22:00-07:00"',
        'station.toml [entry] hours = "22:00-07:00": must be two times of a day such as "07:00-22:30", the first before the second.',
    ),
    (
        '[backoffice]\ncommand_key = "abc"',
        'station.toml [backoffice] command_key = "abc": must be a verifier key, name+8 hex digits+base64; copy the whole line.',
    ),
]


@pytest.mark.parametrize(("text", "fault"), ONE_FAULT)
def test_one_fault(faults_of: FaultsOf, text: str, fault: str) -> None:
    assert faults_of(STATION + text) == [fault]


DUTIES_OF_THE_TABLE = " or ".join((", ".join(f'"{name}"' for name in SETTINGS[:-1]), f'"{SETTINGS[-1]}"'))
STATION_FAULTS = [
    (
        'name = "vault-1"',
        'name = "Vault 1"',
        'station.toml [station] name = "Vault 1": must be a name of 1..32 characters a-z, 0-9 and -; it is part of MQTT topics, where all means every station.',
    ),
    (
        'name = "vault-1"',
        'name = "all"',
        'station.toml [station] name = "all": must be a name of 1..32 characters a-z, 0-9 and -; it is part of MQTT topics, where all means every station.',
    ),
    (
        "America/Los_Angeles",
        "America/Los_Angelos",
        'station.toml [station] timezone = "America/Los_Angelos": unknown timezone; did you mean "America/Los_Angeles"?',
    ),
    (
        "America/Los_Angeles",
        "xx",
        'station.toml [station] timezone = "xx": unknown timezone; a timezone of the IANA database such as "America/Los_Angeles".',
    ),
    (
        'site = "greenleaf-414"\n',
        "",
        "station.toml [station] site: missing; must be a name of 1..32 characters a-z, 0-9 and -.",
    ),
    ('site = "', 'stie = "', "station.toml [station] stie: unknown key; did you mean site?"),
    (
        '"count"',
        '"cuont"',
        f'station.toml [station] duties = "cuont": must be {DUTIES_OF_THE_TABLE}; did you mean "count"?',
    ),
    (STATION, "", "station.toml [station]: missing; every station has one."),
    ("[station]", "[staton]", "station.toml [staton]: unknown table; did you mean [station]?"),
    (
        'name = "vault-1"',
        'name = "vault-1',
        "station.toml: is no TOML: Illegal character '\\n' (at line 4, column 16).",
    ),
]


@pytest.mark.parametrize(("good", "bad", "fault"), STATION_FAULTS)
def test_one_fault_in_the_table_of_the_station(faults_of: FaultsOf, good: str, bad: str, fault: str) -> None:
    assert good in STATION
    assert faults_of(STATION.replace(good, bad)) == [fault]


DEVICES = [
    (POLE, "scanner", "serial", "[[scanner]] 1"),
    ('[[keypad]]\nname = "k"\nkind = "simulated"', "keypad", "simulated", "[[keypad]] 1"),
    (
        '[[badge_reader]]\nname = "b"\nside = "desk"\nkind = "simulated"',
        "badge_reader",
        "simulated",
        "[[badge_reader]] 1",
    ),
    (DOOR, "door", "gpio", "[door]"),
    (DOOR, "lock", "gpio", "[door]"),
    ('[display]\nkind = "none"', "display", "none", "[display]"),
    ('[indicator]\nkind = "none"', "indicator", "none", "[indicator]"),
]


@pytest.mark.parametrize("device", DEVICES)
def test_a_kind_of_each_device_is_refused_as_soon_as_it_has_no_driver(
    faults_of: FaultsOf, load_text: Load, monkeypatch: pytest.MonkeyPatch, device: tuple[str, str, str, str]
) -> None:
    text, role, kind, where = device
    load_text(STATION + text)
    monkeypatch.delitem(catalog.CATALOG, (role, kind))
    (fault,) = faults_of(STATION + text)
    assert fault.startswith(f'station.toml {where} kind = "{kind}": has no driver yet; allowed are "')


def test_five_mistakes_show_five_faults(faults_of: FaultsOf) -> None:
    text = STATION.replace("Los_Angeles", "Los_Angelos") + DOOR + "release_ms = 90000\nrelock_ms = 3\n"
    assert faults_of(text + '[broker]\nhost = "b"\nport = "8883"\n[displai]\n') == [
        "station.toml [displai]: unknown table; did you mean [display]?",
        'station.toml [station] timezone = "America/Los_Angelos": unknown timezone; did you mean "America/Los_Angeles"?',
        "station.toml [door] relock_ms: unknown key; did you mean release_ms?",
        "station.toml [door] release_ms = 90000: must be 500..15000; a strike coil overheats beyond that.",
        'station.toml [broker] port = "8883": must be a whole number 1..65535.',
    ]


def test_faults_name_the_file_of_conf_d_and_count_its_tables(faults_of: FaultsOf) -> None:
    faults = faults_of(
        STATION + POLE + BROKER,
        more='[[scanner]]\nname = "pole"\nkind = "simulated"\n[broker]\nport = 0\n',
    )
    assert faults == [
        'conf.d/more.toml [[scanner]] 1 name = "pole": is taken by station.toml [[scanner]] 1 name; no name of a source may stand twice.',
        "conf.d/more.toml [broker] port = 0: must be 1..65535.",
    ]


def test_a_table_in_one_file_and_a_value_in_another_is_a_fault(faults_of: FaultsOf) -> None:
    faults = faults_of("door = 5\n" + STATION + POLE, more='scanner = 5\n[door]\nkind = "none"\n')
    assert faults == [
        "conf.d/more.toml scanner: is a value here but an array of tables in station.toml; make them alike.",
        "conf.d/more.toml door: is a table here but a value in station.toml; make them alike.",
    ]


def test_every_file_that_cannot_be_read_is_named(faults_of: FaultsOf) -> None:
    faults = faults_of("a = [", b="x = 1\nx = 2\n", c="a." * 30 + "a = 1", d="a = " + "[" * 5000)
    assert faults == [
        "station.toml: is no TOML: Invalid value (at end of document).",
        "conf.d/b.toml: is no TOML: Cannot overwrite a value (at line 2, column 6).",
        "conf.d/c.toml: is nested deeper than 16 levels; no setting is.",
        "conf.d/d.toml: is nested deeper than 16 levels; no setting is.",
    ]


def test_more_files_than_anyone_needs_are_refused(faults_of: FaultsOf) -> None:
    assert faults_of(STATION, **{f"f{number}": "" for number in range(65)}) == [
        "conf.d: holds 65 files; at most 64 are read."
    ]


def test_each_purpose_has_its_own_key(faults_of: FaultsOf) -> None:
    key = verifier_key("greenleaf")
    faults = faults_of(STATION + f'[backoffice]\ncommand_key = "{key}"\nrelease_key = "{key}"\n')
    assert len(faults) == 1
    assert "is taken by station.toml [backoffice] command_key; no verifier key may stand twice." in faults[0]


ENTRY = PROMISED[PROMISED.index("[door]") : PROMISED.index("[entry]")]
READER = PROMISED[PROMISED.index("[[badge_reader]]") : PROMISED.index("[door]")]
DUTIES = 'station.toml [station] duties = ["entry", "count"]: "entry" needs a '


def test_a_station_for_entry_has_a_door_and_a_reader_outside(faults_of: FaultsOf) -> None:
    assert faults_of(PROMISED.replace(ENTRY, "")) == [DUTIES + '[door]; add it or take "entry" out.']
    reader = DUTIES + '[[badge_reader]] with side = "outside"; add it or take "entry" out.'
    assert faults_of(PROMISED.replace(READER, "")) == [reader]
    assert faults_of(PROMISED.replace('side = "outside"', 'side = "inside"')) == [reader]


def test_a_door_that_is_refused_itself_is_not_called_missing_too(faults_of: FaultsOf) -> None:
    assert faults_of(PROMISED.replace("lock_pin = 23", "lock_pin = 99")) == [
        "station.toml [door] lock_pin = 99: must be 4..27; BCM numbers; 0 to 3 belong to the HAT's memory and to the I2C display."
    ]


def test_long_values_and_keys_are_clipped(faults_of: FaultsOf) -> None:
    (fault,) = faults_of(STATION + BROKER + "port = 9" + "9" * 90)
    assert fault.startswith("station.toml [broker] port = 0x") or "..." in fault
    (fault,) = faults_of(STATION + f"[broker]\nhost = '{'x' * 5000}'")
    assert len(fault) < 200
    (fault,) = faults_of(STATION + BROKER + "k" * 5000 + " = 1")
    assert len(fault) < 200
    (fault,) = faults_of(STATION + BROKER + "port = 0x" + "f" * 9000)
    assert len(fault) < 200


def test_faults_text_ends_with_their_number(load_text: Load) -> None:
    fault = Fault("f.toml", Place("[door]", "lock"), '"x"', "is bad")
    assert faults_text(SettingsError([fault])) == 'f.toml [door] lock = "x": is bad.\n1 fault.'
    assert str(Fault("", Place(), "", "is bad.")) == ": is bad."
    with pytest.raises(SettingsError) as caught:
        load_text(STATION + "[a]\n[b]\n")
    assert faults_text(caught.value).endswith("\n2 faults.")


def test_each_error_has_its_exit_code() -> None:
    errors: list[type[StationError]] = [
        StationError,
        UsageError,
        SettingsError,
        DeviceError,
        NetworkError,
        IntegrityError,
    ]
    assert [error.exit_code for error in errors] == [1, 2, 3, 4, 5, 6]
    assert all(issubclass(error, StationError) for error in errors)
