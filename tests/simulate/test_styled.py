"""Styled lines: as plain text, for a terminal, as a picture."""

import xml.etree.ElementTree as ET

import pytest

from station.simulate.styled import RESET, SGR, Run, ansi_text, fit_line, plain_text
from station.simulate.svg import COLOURS, svg_picture

LINE = (Run("network  ", "dim"), Run("up", "green"), Run(", 0 waiting"))
SVG = "{http://www.w3.org/2000/svg}"


def test_plain_is_the_characters_alone() -> None:
    assert plain_text(LINE) == "network  up, 0 waiting"
    assert plain_text(()) == ""


def test_each_style_is_begun_and_ended() -> None:
    assert ansi_text(LINE) == f"{SGR['dim']}network  {RESET}{SGR['green']}up{RESET}, 0 waiting"


def test_no_control_character_reaches_the_terminal() -> None:
    assert ansi_text((Run("a\x1b[2Jb\x07\x9bc\n"),)) == "a?[2Jb??c?"


@pytest.mark.parametrize(
    ("columns", "text"),
    [(0, ""), (3, "net"), (10, "network  u"), (22, plain_text(LINE)), (25, plain_text(LINE) + "   ")],
)
def test_a_line_is_cut_or_padded_to_its_columns(columns: int, text: str) -> None:
    assert plain_text(fit_line(LINE, columns)) == text


def test_a_cut_line_keeps_its_styles() -> None:
    assert [run.style for run in fit_line(LINE, 10)] == ["dim", "green", ""]


def drawn(*lines: tuple[Run, ...]) -> ET.Element:
    return ET.fromstring(svg_picture(list(lines)))


def test_a_picture_is_as_large_as_its_lines() -> None:
    picture = drawn((Run("0123456789"),), (Run("x"),))

    assert (picture.get("width"), picture.get("height")) == (str(10 * 8 + 24), str(2 * 16 + 24))


def test_text_stands_in_its_column_and_colour() -> None:
    (text,) = drawn((Run("abc"), Run("  up ", "green"))).findall(f"{SVG}text")[1:]

    assert (text.text, text.get("x"), text.get("fill")) == ("up", str(12 + 5 * 8), COLOURS["green"])


def test_text_is_escaped() -> None:
    (text,) = drawn((Run("<&>"),)).findall(f"{SVG}text")

    assert text.text == "<&>"


def test_braille_is_drawn_dot_by_dot() -> None:
    (path,) = drawn((Run("\u2800\u2801\u28ff", "pixels"),)).findall(f"{SVG}path")
    moves = (path.get("d") or "").split("z")[:-1]

    assert moves[0] == "M20 12h3v3h-3"
    assert {move.partition("h")[0] for move in moves[1:]} == {f"M{x} {y}" for x in (28, 32) for y in (12, 16, 20, 24)}
    assert path.get("fill") == COLOURS["pixels"]


def test_a_key_has_a_background_and_a_blank_line_nothing() -> None:
    picture = drawn((Run(" s ", "key"),), (Run("   "),))

    assert len(picture.findall(f"{SVG}rect")) == 2
    assert len(picture.findall(f"{SVG}text")) == 1


def test_every_style_has_a_colour() -> None:
    assert set(COLOURS) == set(SGR) - {""}
