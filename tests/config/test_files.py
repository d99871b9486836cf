"""How several files become one tree."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.config.files import read_tree
from station.domain.documents.faults import Fault
from station.domain.documents.trees import Node, merge


def _tree(tmp_path: Path, *texts: str) -> tuple[Node, list[str]]:
    """The tree of a first file and of more in conf.d, and its faults."""
    (tmp_path / "conf.d").mkdir(exist_ok=True)
    (tmp_path / "station.toml").write_text(texts[0])
    for number, text in enumerate(texts[1:]):
        (tmp_path / "conf.d" / f"{number}.toml").write_text(text)
    faults: list[Fault] = []
    tree = read_tree(tmp_path / "station.toml", faults)
    return tree, [str(fault) for fault in faults]


def _merged(tmp_path: Path, *texts: str) -> object:
    tree, faults = _tree(tmp_path, *texts)
    assert faults == []
    return tree.plain()


def test_tables_are_merged_at_every_depth(tmp_path: Path) -> None:
    assert _merged(tmp_path, "[a]\nx = 1\n[a.b]\ny = 2\n", "[a.b]\nz = 3\n", "[a.b]\ny = 4\n") == {
        "a": {"x": 1, "b": {"y": 4, "z": 3}}
    }


def test_arrays_of_tables_are_appended_in_order_of_files(tmp_path: Path) -> None:
    assert _merged(tmp_path, "[[s]]\nn = 1\n", "[[s]]\nn = 2\n[[s]]\nn = 3\n", "[[s]]\nn = 4\n") == {
        "s": [{"n": 1}, {"n": 2}, {"n": 3}, {"n": 4}]
    }


def test_lists_of_values_are_replaced_whole(tmp_path: Path) -> None:
    assert _merged(tmp_path, "a = [1, 2]\n", "a = [3]\n") == {"a": [3]}
    assert _merged(tmp_path, "a = [1, 2]\n", "a = []\n") == {"a": []}


def test_an_empty_array_adds_nothing_and_takes_nothing(tmp_path: Path) -> None:
    assert _merged(tmp_path, "[[s]]\nn = 1\n", "s = []\n") == {"s": [{"n": 1}]}
    assert _merged(tmp_path, "s = []\n", "[[s]]\nn = 1\n") == {"s": [{"n": 1}]}


def test_each_value_knows_its_file(tmp_path: Path) -> None:
    tree, _ = _tree(tmp_path, "[a]\nx = 1\ny = 1\n[[s]]\n", "[a]\ny = 2\n[[s]]\n")
    assert tree.table is not None
    table, several = tree.table["a"].table, tree.table["s"].items
    assert table is not None
    assert several is not None
    assert (table["x"].file, table["y"].file) == ("station.toml", "conf.d/0.toml")
    assert [item.file for item in several] == ["station.toml", "conf.d/0.toml"]


VALUE, TABLE, TABLES = "a value", "a table", "an array of tables"


@pytest.mark.parametrize(
    ("first", "second", "was", "now"),
    [
        ("a = 0\n", "[a]\n", VALUE, TABLE),
        ("[a]\n", "a = 0\n", TABLE, VALUE),
        ("[[a]]\n", "a = 0\n", TABLES, VALUE),
        ("[[a]]\n", "[a]\n", TABLES, TABLE),
        ("a = false\n", "[[a]]\n", VALUE, TABLES),
        ('a = ""\n', "[[a]]\n", VALUE, TABLES),
        ("[a]\n", "[[a]]\n", TABLE, TABLES),
    ],
)
def test_unlike_shapes_are_faults(tmp_path: Path, first: str, second: str, was: str, now: str) -> None:
    _, faults = _tree(tmp_path, first, second)
    assert faults == [f"conf.d/0.toml a: is {now} here but {was} in station.toml; make them alike."]


def test_an_unlike_shape_within_a_table_names_its_place(tmp_path: Path) -> None:
    _, faults = _tree(tmp_path, "[broker]\ntls = 5\n", "[broker.tls]\nca = 5\n")
    assert faults == ["conf.d/0.toml broker.tls: is a table here but a value in station.toml; make them alike."]


def test_files_are_read_in_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "conf.d").mkdir()
    for name in ("b", "a", "C"):
        (tmp_path / "conf.d" / f"{name}.toml").write_text(f'last = "{name}"\n')
    assert _merged(tmp_path, "") == {"last": "b"}


def test_a_file_called_conf_d_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "conf.d").write_text("x = 1\n")
    (tmp_path / "station.toml").write_text("y = 2\n")
    assert read_tree(tmp_path / "station.toml", []).plain() == {"y": 2}


def test_a_folder_that_ends_in_toml_and_a_dead_link_are_faults(tmp_path: Path) -> None:
    (tmp_path / "conf.d" / "dir.toml").mkdir(parents=True)
    (tmp_path / "conf.d" / "dead.toml").symlink_to(tmp_path / "nowhere")
    _, faults = _tree(tmp_path, "x = 1\n")
    assert faults == [
        "conf.d/dead.toml: cannot be read (No such file or directory); check its name and rights.",
        "conf.d/dir.toml: cannot be read (Is a directory); check its name and rights.",
    ]


def test_a_file_name_cannot_break_the_line(tmp_path: Path) -> None:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "a\nb.toml").write_text("x = \n")
    _, faults = _tree(tmp_path, "")
    assert faults == ['"conf.d/a\\nb.toml": is no TOML: Invalid value (at line 1, column 5).']


def test_sixteen_levels_are_read_and_seventeen_are_not(tmp_path: Path) -> None:
    assert _tree(tmp_path, ".".join("a" * 16) + " = 1\n")[1] == []
    assert _tree(tmp_path, ".".join("a" * 17) + " = 1\n")[1] == [
        "station.toml: is nested deeper than 16 levels; no setting is."
    ]


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    assert _merged(tmp_path, "#" * 262144) == {}
    assert _tree(tmp_path, "#" * 262145)[1] == ["station.toml: is no TOML: more than 262144 bytes."]


SCALARS = st.integers() | st.text(max_size=3)
TREES = st.dictionaries(
    st.sampled_from("abc"), SCALARS | st.dictionaries(st.sampled_from("abc"), SCALARS, max_size=3), max_size=3
)


def _node(value: object, file: str) -> Node:
    if isinstance(value, dict):
        return Node({key: _node(item, file) for key, item in value.items()}, file)
    return Node(value, file)


@given(TREES)
def test_an_empty_file_changes_nothing(tree: dict[str, object]) -> None:
    faults: list[Fault] = []
    assert merge(_node(tree, "f"), _node({}, "g"), faults).plain() == tree
    assert merge(_node({}, "f"), _node(tree, "g"), faults).plain() == tree
    assert merge(_node(tree, "f"), _node(tree, "g"), faults).plain() == tree
    assert faults == []


@given(TREES, TREES)
def test_the_later_value_holds_and_no_key_is_lost(first: dict[str, object], second: dict[str, object]) -> None:
    faults: list[Fault] = []
    merged = merge(_node(first, "f"), _node(second, "g"), faults).plain()
    assert isinstance(merged, dict)
    assert set(merged) == {*first, *second}
    for key, value in second.items():
        assert merged[key] == value or (isinstance(value, dict) and value.items() <= merged[key].items())
    unlike = [key for key in first if key in second and isinstance(first[key], dict) != isinstance(second[key], dict)]
    assert [fault.place.key for fault in faults if "." not in fault.place.key] == [
        key for key in second if key in unlike
    ]
