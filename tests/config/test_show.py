"""What is shown can be loaded again and is the same."""

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from station.config import Settings, load, settings_hash, show
from station.config.devices import BadgeReader, Display, Indicator, Keypad, Scanner
from station.config.door import Door
from station.config.show import plain
from station.domain.documents.spelling import found_text, key_text, quoted_key, value_text
from tests.config.conftest import EXAMPLE, STATION, Load
from tests.config.test_load import PROMISED

REQUIRED = {
    "name": '"x"',
    "match": '{ vendor = "0000", product = "ffff" }',
    "port": '"/dev/x"',
    "side": '"desk"',
    "controller": '"sh1106"',
    "contact_pin": "4",
    "lock_pin": "12",
    "contact": '"open-when-shut"',
    "lock": '"fail-secure-strike"',
}
TABLES: dict[str, Any] = {
    "[[scanner]]": Scanner,
    "[[keypad]]": Keypad,
    "[[badge_reader]]": BadgeReader,
    "[door]": Door,
    "[display]": Display,
    "[indicator]": Indicator,
}


def _smallest() -> Iterator[tuple[str, str]]:
    """A table for each kind of driver, with what it requires only."""
    for header, union in TABLES.items():
        for kind in union.__args__:
            needed = [field.name for field in fields(kind) if field.required]
            lines = [f"{name} = {REQUIRED[name]}" for name in needed]
            tag = kind.__struct_config__.tag
            lines += ["red_pin = 9"] if (header, tag) == ("[indicator]", "gpio") else []
            yield f"{header} {tag}", "\n".join([header, f'kind = "{tag}"', *lines, ""])


KINDS = dict(_smallest())


@pytest.mark.parametrize("text", [*KINDS.values(), PROMISED.replace(STATION, "")], ids=[*KINDS, "promised"])
def test_what_is_shown_loads_as_the_same(load_text: Load, text: str) -> None:
    settings = load_text(text if "[station]" in text else STATION + text)
    shown = show(settings)
    assert load_text(shown) == settings
    assert show(load_text(shown)) == shown


def test_what_is_shown_of_the_example_loads_as_the_same(load_text: Load) -> None:
    assert load_text(show(load(EXAMPLE))) == load(EXAMPLE)


DEFAULTS = """[station]
site = "greenleaf-414"
name = "vault-1"
duties = ["count"]
timezone = "America/Los_Angeles"
language = "en"
data_dir = "/var/lib/station"
site_key_file = "/etc/station/site.key"
pins = "real"

[[scanner]]
kind = "simulated"
name = "s"

[door]
kind = "none"

[entry]
people = 2
pairs = [["associate", "associate"], ["associate", "supervisor"]]
other_roles = []
hours = "07:00-22:30"
second_badge_s = 15
pin_s = 15
lone_grace_s = 60

[display]
kind = "none"

[indicator]
kind = "none"

[retention]
days = 400

[simulated]
"""


def test_defaults_are_shown_and_what_is_left_out_is_not(load_text: Load) -> None:
    assert show(load_text(STATION + '[simulated]\n[[scanner]]\nname = "s"\nkind = "simulated"\n')) == DEFAULTS


def test_the_hash_is_of_what_is_shown_and_changes_with_it(load_text: Load) -> None:
    settings = load_text(STATION)
    assert settings_hash(settings) == hashlib.sha256(show(settings).encode()).hexdigest()
    assert settings_hash(load_text("# other bytes, same settings\n" + STATION)) == settings_hash(settings)
    assert settings_hash(load_text(STATION.replace("vault-1", "vault-2"))) != settings_hash(settings)


def test_plain_keeps_the_names_of_the_file(load_text: Load) -> None:
    shown = plain(load_text(STATION + KINDS["[[scanner]] serial"]))
    assert "scanner" in shown
    assert "broker" not in shown


TOML_VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


def _deeper_than_shown(value: object, depth: int = 0) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return depth > 4 or any(_deeper_than_shown(item, depth + 1) for item in inner)


@given(TOML_VALUES, st.text())
def test_any_value_is_written_as_toml_on_one_line(value: object, key: str) -> None:
    text = f"{quoted_key(key)} = {value_text(value)}"
    assert len(text.splitlines()) == 1
    if not _deeper_than_shown(value):
        assert tomllib.loads(text) == {key: value}


def test_what_lies_too_deep_is_left_out() -> None:
    assert value_text([[[[[[1]]]]]]) == "[[[[[...]]]]]"


@given(st.text(min_size=0, max_size=300))
def test_messages_hold_no_control_characters_and_have_a_limit(text: str) -> None:
    for shown, limit in ((found_text(text), 60), (key_text(text), 40)):
        assert shown.isprintable()
        assert len(shown) <= limit


def test_a_settings_file_of_every_kind_but_one_door_and_display(load_text: Load, tmp_path: Path) -> None:
    many = [text for name, text in KINDS.items() if name.startswith("[[")]
    numbered = [
        text.replace('"x"', f'"x{at}"').replace("/dev/x", f"/dev/x{at}").replace('"0000"', f'"000{at % 10}"')
        for at, text in enumerate(many)
    ]
    settings = load_text(STATION + "".join(numbered))
    assert isinstance(settings, Settings)
    assert sum(map(len, (settings.scanners, settings.keypads, settings.badge_readers))) == len(many)
    assert load(tmp_path / "station.toml") == settings
