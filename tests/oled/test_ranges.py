"""What is sent is what changed, and never much more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from drivers.oled_ranges import PictureRange, changed_ranges, frame_bytes

WIDTH_PX = 128
BLANK = bytes(1024)


def apply(old: bytes, new: bytes, ranges: list[PictureRange]) -> bytes:
    shown = bytearray(old)
    for area in ranges:
        part = area.bytes_of(new, WIDTH_PX)
        width = area.column_last - area.column_first + 1
        for at, page in enumerate(range(area.page_first, area.page_last + 1)):
            start = page * WIDTH_PX + area.column_first
            shown[start : start + width] = part[at * width : (at + 1) * width]
    return bytes(shown)


def changed(*places: tuple[int, int]) -> bytes:
    frame = bytearray(BLANK)
    for page, column in places:
        frame[page * WIDTH_PX + column] = 0xFF
    return bytes(frame)


@pytest.mark.parametrize(
    ("x", "y", "at", "byte"),
    [
        (0, 0, 0, 0x01),
        (0, 7, 0, 0x80),
        (127, 0, 127, 0x01),
        (0, 8, 128, 0x01),
        (5, 20, 2 * 128 + 5, 0x10),
        (127, 63, 1023, 0x80),
    ],
)
def test_a_pixel_lies_in_the_byte_that_the_data_sheet_says(x: int, y: int, at: int, byte: int) -> None:
    picture = Image.new("1", (128, 64))
    picture.putpixel((x, y), 255)
    frame = frame_bytes(picture)
    assert len(frame) == 1024
    assert {place: value for place, value in enumerate(frame) if value} == {at: byte}


def test_nothing_changed_sends_nothing_and_an_unknown_screen_gets_all() -> None:
    assert changed_ranges(BLANK, BLANK, WIDTH_PX, 10, 8) == []
    assert changed_ranges(None, BLANK, WIDTH_PX, 10, 8) == [PictureRange(0, 7, 0, 127)]
    assert changed_ranges(None, BLANK, WIDTH_PX, 7, 1) == [PictureRange(page, page, 0, 127) for page in range(8)]


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([(2, 5)], [PictureRange(2, 2, 5, 5)]),
        ([(2, 5), (2, 16)], [PictureRange(2, 2, 5, 16)]),  # 10 unchanged bytes between cost no more than a range
        ([(2, 5), (2, 17)], [PictureRange(2, 2, 5, 5), PictureRange(2, 2, 17, 17)]),
        ([(2, 5), (3, 5)], [PictureRange(2, 3, 5, 5)]),
        ([(2, 5), (3, 10)], [PictureRange(2, 3, 5, 10)]),  # a window of 12 bytes for 2 + 10
        ([(2, 5), (3, 11)], [PictureRange(2, 2, 5, 5), PictureRange(3, 3, 11, 11)]),
        ([(2, 5), (4, 5)], [PictureRange(2, 2, 5, 5), PictureRange(4, 4, 5, 5)]),
    ],
)
def test_ranges_grow_only_where_that_is_no_dearer(places: list[tuple[int, int]], expected: list[PictureRange]) -> None:
    assert changed_ranges(BLANK, changed(*places), WIDTH_PX, 10, 8) == expected


FRAMES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 127)), max_size=60).map(lambda places: changed(*places))


@given(FRAMES, FRAMES, st.sampled_from([(10, 8), (7, 1)]))
def test_the_ranges_make_the_old_picture_the_new_one(old: bytes, new: bytes, rule: tuple[int, int]) -> None:
    overhead_bytes, pages_max = rule
    ranges = changed_ranges(old, new, WIDTH_PX, overhead_bytes, pages_max)
    assert apply(old, new, ranges) == new
    assert all(area.page_last - area.page_first < pages_max for area in ranges)
    single = sum(1 + overhead_bytes for before, after in zip(old, new, strict=True) if before != after)
    assert sum(area.size_bytes + overhead_bytes for area in ranges) <= single


@given(st.binary(min_size=1024, max_size=1024), st.binary(min_size=1024, max_size=1024))
def test_a_wholly_new_picture_costs_little_more_than_a_full_frame(old: bytes, new: bytes) -> None:
    ranges = changed_ranges(old, new, WIDTH_PX, 10, 8)
    assert apply(old, new, ranges) == new
    assert sum(area.size_bytes + 10 for area in ranges) <= 1024 + 10 * 8
