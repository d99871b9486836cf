"""The fonts are Spleen's, bit for bit, and text lands where it is told to."""

import unicodedata

import pytest
from PIL import Image

from station.screens.fonts import CHARACTERS, SIZES, Font, drawable_text, font_of_size
from tests.screens.spleen import bits, bits_path, console_font


def rows(picture: Image.Image) -> list[str]:
    width = picture.width
    dots = "".join("#" if dot else "." for dot in picture.convert("L").tobytes())
    return [dots[at : at + width] for at in range(0, len(dots), width)]


@pytest.mark.parametrize("size", SIZES)
def test_our_file_is_what_the_distribution_s_font_holds(size: tuple[int, int]) -> None:
    if not console_font(*size).exists():
        pytest.skip(f"{console_font(*size)} is missing: apt-get install fonts-spleen")
    assert bits_path(*size).read_bytes() == bits(console_font(*size).read_bytes())


@pytest.mark.parametrize("size", SIZES)
def test_every_visible_character_has_ink_of_its_own(size: tuple[int, int]) -> None:
    face = font_of_size(*size)
    pictures = {}
    for character in CHARACTERS:
        picture = Image.new("1", size)
        face.draw_text(picture, 0, 0, character)
        pictures[character] = picture.tobytes()
    blank = {character for character, picture in pictures.items() if not any(picture)}
    assert blank == {" ", "\u00a0"}
    for letter in "áéíóúüñÁÉÍÓÚÜÑ":
        assert pictures[letter] != pictures[unicodedata.normalize("NFD", letter)[0]]


def test_a_letter_is_drawn_dot_by_dot() -> None:
    picture = Image.new("1", (6, 12))
    font_of_size(6, 12).draw_text(picture, 0, 0, "g")
    assert rows(picture) == [
        "......",
        "......",
        "......",
        ".####.",
        "#...#.",
        "#...#.",
        "#...#.",
        "#...#.",
        ".###..",
        "....#.",
        "####..",
        "......",
    ]
    assert font_of_size(6, 12).ink_rows("g") == (3, 11)


def test_a_text_advances_by_its_width_and_what_lies_outside_is_left_out() -> None:
    wide, narrow = Image.new("1", (18, 12)), Image.new("1", (9, 12))
    font_of_size(6, 12).draw_text(wide, 0, 0, "ABC")
    font_of_size(6, 12).draw_text(narrow, -6, 0, "ABC")
    assert [row[6:15] for row in rows(wide)] == rows(narrow)
    assert font_of_size(6, 12).width_of("ABC") == 18


def test_a_blank_text_has_no_ink() -> None:
    assert font_of_size(16, 32).ink_rows("") == font_of_size(16, 32).ink_rows("  ") == (0, 0)


@pytest.mark.parametrize("odd", ["\n", "\x1d", "€", "漢", "\U0001f600"])
def test_a_character_without_a_glyph_is_a_question_mark(odd: str) -> None:
    drawn, expected = Image.new("1", (6, 12)), Image.new("1", (6, 12))
    font_of_size(6, 12).draw_text(drawn, 0, 0, odd)
    font_of_size(6, 12).draw_text(expected, 0, 0, "?")
    assert drawn.tobytes() == expected.tobytes()


def test_accents_join_their_letters() -> None:
    assert drawable_text("man\u0303ana\u00ad") == "mañana"


def test_a_file_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="font 6x12: 11 bytes were found; 2292 are needed; install the package again"):
        Font(6, 12, bytes(11))
