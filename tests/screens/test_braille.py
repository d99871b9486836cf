"""A terminal shows the picture pixel for pixel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from station.screens import render_view
from station.screens.braille import braille_rows, image_of_braille
from tests.screens.views import VIEWS


@pytest.mark.parametrize("tone", sorted(VIEWS))
def test_a_screen_is_16_rows_of_64_and_comes_back_as_it_was(tone: str) -> None:
    picture = render_view(VIEWS[tone], "en", "UTC")
    rows = braille_rows(picture)
    assert [len(row) for row in rows] == [64] * 16
    assert all(0x2800 <= ord(character) <= 0x28FF for row in rows for character in row)
    assert image_of_braille(rows).tobytes() == picture.tobytes()


@given(st.binary(min_size=1024, max_size=1024))
def test_any_picture_comes_back_as_it_was(pixels: bytes) -> None:
    picture = Image.frombytes("1", (128, 64), pixels)
    assert image_of_braille(braille_rows(picture)).tobytes() == pixels


@pytest.mark.parametrize(
    ("x", "y", "character"),
    [(0, 0, "⠁"), (0, 1, "⠂"), (0, 2, "⠄"), (0, 3, "⡀"), (1, 0, "⠈"), (1, 1, "⠐"), (1, 2, "⠠"), (1, 3, "⢀")],
)
def test_each_dot_has_its_place(x: int, y: int, character: str) -> None:
    picture = Image.new("1", (4, 8))
    picture.putpixel((2 + x, 4 + y), 255)
    assert braille_rows(picture) == ["⠀⠀", "⠀" + character]
