"""Whatever a file holds, `load` gives settings or a SettingsError."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from station.config import Settings, SettingsError, faults_text, load, show
from station.domain.documents.spelling import value_text
from tests.config.conftest import EXAMPLE
from tests.config.test_load import PROMISED
from tests.config.test_show import TOML_VALUES

TEXTS = [EXAMPLE.read_text(), PROMISED]
WORDS = sorted({word for text in TEXTS for word in re.findall(r"\[+[a-z_]+\]+|[a-z_]+(?= =)|= [^\n#]+", text)})
VALUE = re.compile(r"= [^\n#]+")


def _judge(text: bytes, more: bytes = b"") -> None:
    """Load it. A fault is one line with a colon; settings can be shown and loaded again."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "station.toml"
        path.write_bytes(text)
        (Path(folder) / "conf.d").mkdir()
        (Path(folder) / "conf.d" / "more.toml").write_bytes(more)
        loaded = _load(path)
        if isinstance(loaded, SettingsError):
            lines = faults_text(loaded).split("\n")
            assert len(lines) == len(loaded.faults) + 1 > 1
            assert all(".toml" in line and ": " in line and len(line) < 700 for line in lines[:-1])
            return
        path.write_text(show(loaded))
        (Path(folder) / "conf.d" / "more.toml").write_bytes(b"")
        assert load(path) == loaded


def _load(path: Path) -> Settings | SettingsError:
    try:
        return load(path)
    except SettingsError as error:
        return error


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(TEXTS), st.integers(0, 10000), TOML_VALUES)
def test_one_value_becomes_any_other(text: str, at: int, value: object) -> None:
    places = list(VALUE.finditer(text))
    place = places[at % len(places)]
    _judge((text[: place.start()] + f"= {value_text(value)}" + text[place.end() :]).encode())


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(TEXTS), st.integers(0, 10000), st.integers(0, 60), st.binary(max_size=12))
def test_bytes_are_cut_and_pasted(text: str, at: int, cut: int, paste: bytes) -> None:
    whole = text.encode()
    at %= len(whole)
    _judge(whole[:at] + paste + whole[at + cut :])


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(TEXTS), st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)), max_size=4))
def test_words_change_places(text: str, swaps: list[tuple[str, str]]) -> None:
    for old, new in swaps:
        text = text.replace(old, new, 1)
    _judge(text.encode())


@settings(deadline=None, max_examples=150)
@given(st.permutations(TEXTS), st.integers(0, 10000), st.integers(0, 10000))
def test_pieces_of_one_file_over_another(texts: list[str], first: int, last: int) -> None:
    lines = texts[1].split("\n")
    first, last = sorted((first % len(lines), last % len(lines)))
    _judge(texts[0].encode(), "\n".join(lines[first:last]).encode())


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(st.sampled_from(["station", "scanner", "door", "broker", "x"]), TOML_VALUES))
def test_tables_of_anything(tables: dict[str, object]) -> None:
    _judge("\n".join(f"{key} = {value_text(value)}" for key, value in tables.items()).encode())
