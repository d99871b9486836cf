"""The display's controller and the tap's stream, without a guest."""

from __future__ import annotations

import pytest
from PIL import Image

from tests.rig.devices.oled import records_of
from tests.rig.devices.ssd1306 import Ssd1306

UPRIGHT = bytes([0x00, 0xA1, 0xC8, 0xAF, 0x20, 0x00])


def lit(image: Image.Image) -> set[tuple[int, int]]:
    """Return the points (x, y) that are lit."""
    return {(x, y) for x in range(128) for y in range(64) if image.getpixel((x, y))}


@pytest.fixture
def chip() -> Ssd1306:
    chip = Ssd1306()
    chip.feed(UPRIGHT)
    return chip


def window(first: int, last: int, page_first: int, page_last: int) -> bytes:
    return bytes([0x00, 0x21, first, last, 0x22, page_first, page_last])


def test_the_lowest_bit_of_a_byte_is_its_topmost_point(chip: Ssd1306) -> None:
    chip.feed(window(0, 127, 0, 7))
    chip.feed(bytes([0x40, 0x81]))
    assert lit(chip.picture()) == {(0, 0), (0, 7)}


def test_a_window_is_filled_row_by_row_and_begins_again(chip: Ssd1306) -> None:
    chip.feed(window(10, 11, 2, 3))
    chip.feed(bytes([0x40, 1, 2, 4, 8, 16]))
    assert {place: byte for place, byte in enumerate(chip.memory) if byte} == {
        2 * 128 + 10: 16,
        2 * 128 + 11: 2,
        3 * 128 + 10: 4,
        3 * 128 + 11: 8,
    }
    assert chip.frames == 1


def test_vertical_addressing_fills_column_by_column(chip: Ssd1306) -> None:
    chip.feed(bytes([0x00, 0x20, 0x01]) + window(5, 6, 0, 1)[1:])
    chip.feed(bytes([0x40, 1, 2, 3]))
    assert (chip.memory[5], chip.memory[128 + 5], chip.memory[6]) == (1, 2, 3)


def test_page_addressing_stays_in_its_page(chip: Ssd1306) -> None:
    chip.feed(bytes([0x00, 0x20, 0x02, 0xB3, 0x0F, 0x17]))
    chip.feed(bytes([0x40, 9, 8]))
    assert (chip.memory[3 * 128 + 127], chip.memory[3 * 128]) == (9, 8)


def test_an_argument_may_come_in_the_next_write(chip: Ssd1306) -> None:
    chip.feed(bytes([0x00, 0x81]))
    assert chip.contrast == 0x7F
    chip.feed(bytes([0x00, 0x30]))
    assert chip.contrast == 0x30


def test_control_bytes_may_stand_before_each_byte(chip: Ssd1306) -> None:
    chip.feed(bytes([0x80, 0xA7, 0x80, 0x81, 0x80, 0x11, 0x40, 0xFF, 0xFF]))
    assert (chip.inverted, chip.contrast) == (True, 0x11)
    assert bytes(chip.memory[:2]) == b"\xff\xff"


def test_what_is_off_is_black_and_what_is_inverted_is_lit(chip: Ssd1306) -> None:
    chip.feed(bytes([0x40, 0x01]))
    chip.feed(bytes([0x00, 0xA7]))
    assert len(lit(chip.picture())) == 128 * 64 - 1
    chip.feed(bytes([0x00, 0xAE]))
    assert lit(chip.picture()) == set()
    chip.feed(bytes([0x00, 0xA6, 0xAF, 0xA5]))
    assert len(lit(chip.picture())) == 128 * 64


def test_mirrored_columns_and_rows_turn_the_picture_round(chip: Ssd1306) -> None:
    chip.feed(bytes([0x40, 0x01]))
    chip.feed(bytes([0x00, 0xA0, 0xC0]))
    assert lit(chip.picture()) == {(127, 63)}


def test_start_line_and_offset_move_the_picture_up(chip: Ssd1306) -> None:
    chip.feed(bytes([0x40, 0x80]))
    chip.feed(bytes([0x00, 0x42]))
    assert lit(chip.picture()) == {(0, 5)}
    chip.feed(bytes([0x00, 0xD3, 0x05]))
    assert lit(chip.picture()) == {(0, 0)}


def test_power_on_forgets_everything(chip: Ssd1306) -> None:
    chip.feed(bytes([0x40, 0xFF]))
    chip.power_on()
    assert (chip.on, any(chip.memory)) == (False, False)


def test_a_command_that_no_data_sheet_has_is_refused(chip: Ssd1306) -> None:
    with pytest.raises(ValueError, match="0xff"):
        chip.feed(b"\x00\xff")


def test_the_taps_stream_is_split_wherever_it_was_cut() -> None:
    stream = b"\x3c\x02\x00ab" + b"\x3c\x01\x01" + bytes(257)
    for cut in range(len(stream)):
        first, rest = records_of(stream[:cut])
        second, rest = records_of(rest + stream[cut:])
        assert (first + second, rest) == ([(0x3C, b"ab"), (0x3C, bytes(257))], b"")
