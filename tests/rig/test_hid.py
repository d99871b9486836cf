"""Text to key reports, without a guest; and debugfs' list of pins."""

from __future__ import annotations

import string

import pytest

from tests.rig.devices.gpio import parse_consumers
from tests.rig.devices.hid import KEYBOARD_DESCRIPTOR, RELEASED, key_of, reports_of


@pytest.mark.parametrize(
    ("character", "key"),
    [
        ("a", (0, 0x04)),
        ("Z", (2, 0x1D)),
        ("1", (0, 0x1E)),
        ("0", (0, 0x27)),
        (")", (2, 0x27)),
        ("\n", (0, 0x28)),
        ("\t", (0, 0x2B)),
        ("\r", (0, 0x58)),
        ("/", (0, 0x38)),
        ("?", (2, 0x38)),
        ("\x1d", (1, 0x30)),
    ],
)
def test_keys_are_those_of_the_usage_table(character: str, key: tuple[int, int]) -> None:
    assert key_of(character) == key


def test_every_printable_ascii_character_has_its_own_key() -> None:
    printable = string.ascii_letters + string.digits + string.punctuation + " "
    assert len({key_of(character) for character in printable}) == 95


@pytest.mark.parametrize("character", ["\x00", "é", "\x7f"])
def test_other_characters_have_none(character: str) -> None:
    with pytest.raises(ValueError, match="no other has a key"):
        reports_of(character)


def test_each_press_is_followed_by_a_release_so_that_a_double_letter_counts_twice() -> None:
    pressed = bytes([0, 0, 0x1E, 0, 0, 0, 0, 0])
    assert reports_of("11") == [pressed, RELEASED, pressed, RELEASED]


def test_the_descriptor_is_one_collection_of_whole_items() -> None:
    # HID 1.11, 6.2.2.2: the two low bits of an item's first byte say how many bytes follow.
    place = 0
    while place < len(KEYBOARD_DESCRIPTOR) - 1:
        place += 1 + (KEYBOARD_DESCRIPTOR[place] & 3)
    assert place == len(KEYBOARD_DESCRIPTOR) - 1
    assert KEYBOARD_DESCRIPTOR[-1] == 0xC0


def test_pins_are_numbered_from_their_chips_first() -> None:
    text = (
        "gpiochip0: GPIOs 966-1023, parent: platform/gpio-sim.0, pinctrl-bcm2711, can sleep:\n"
        " gpio-983 (                    |lg                  ) in  lo IRQ \n"
        " gpio-988 (RIG                 |lock lamp           ) out hi \n"
    )
    assert parse_consumers(text) == {17: "lg", 22: "lock lamp"}
