"""What each key types: layouts, shift, caps lock, AltGr, control keys, accents."""

import pytest

from drivers.evdev_keymap import CAPS_LOCK, Keymap, Stroke, Terminator
from drivers.evdev_layouts import KEYPAD, LAYOUTS, Layout
from tests.drivers.typist import (
    ENTER,
    F8,
    KP_ENTER,
    LEFT_ALT,
    LEFT_CTRL,
    LEFT_SHIFT,
    RIGHT_ALT,
    RIGHT_BRACKET,
    RIGHT_SHIFT,
    TAB,
    Key,
    tap,
)

LEFT_META, NUM_LOCK, VOLUME_UP, F1, UP, ESC, BACKSPACE = 125, 69, 115, 59, 103, 1, 14
A, Q, Z, Y, E, M, SEVEN, TWO, THREE, FOUR = 30, 16, 44, 21, 18, 50, 8, 3, 4, 5


def play(keymap: Keymap, keys: list[Key]) -> list[str | Stroke]:
    """What was typed by each pressed key that typed something."""
    typed: list[str | Stroke] = []
    for code, value in keys:
        if value == 1:
            typed.append(keymap.press_key(code))
        else:
            keymap.release_key(code)
    return [one for one in typed if one != ""]


@pytest.mark.parametrize(
    ("layout", "keys", "text"),
    [
        # Each by hand from a picture of the keyboard, not from the table.
        ("us", tap(Y) + tap(Z) + tap(12) + tap(53), "yz-/"),
        ("us", tap(LEFT_SHIFT, TWO) + tap(LEFT_SHIFT, 40) + tap(43), '@"\\'),
        ("us", tap(LEFT_SHIFT, 39) + tap(LEFT_SHIFT, 53) + tap(13) + tap(LEFT_SHIFT, 7), ":?=^"),
        ("uk", tap(LEFT_SHIFT, TWO) + tap(LEFT_SHIFT, 40) + tap(43) + tap(86), '"@#\\'),
        ("uk", tap(LEFT_SHIFT, THREE) + tap(RIGHT_ALT, FOUR) + tap(LEFT_SHIFT, 41), "£€¬"),
        ("de", tap(Y) + tap(Z) + tap(53) + tap(LEFT_SHIFT, SEVEN), "zy-/"),
        ("de", tap(LEFT_SHIFT, 52) + tap(LEFT_SHIFT, 12) + tap(LEFT_SHIFT, 11) + tap(12), ":?=ß"),
        ("de", tap(RIGHT_ALT, Q) + tap(RIGHT_ALT, SEVEN) + tap(RIGHT_ALT, 12) + tap(RIGHT_ALT, 27), "@{\\~"),
        ("de", tap(RIGHT_ALT, E) + tap(RIGHT_ALT, M) + tap(RIGHT_ALT, 86) + tap(RIGHT_ALT, 9), "€µ|["),
        ("es", tap(39) + tap(LEFT_SHIFT, 39) + tap(53) + tap(LEFT_SHIFT, SEVEN) + tap(12), "ñÑ-/'"),
        ("es", tap(LEFT_SHIFT, 52) + tap(LEFT_SHIFT, 12) + tap(13) + tap(43), ":?¡ç"),
        ("es", tap(RIGHT_ALT, 2) + tap(RIGHT_ALT, TWO) + tap(RIGHT_ALT, 26) + tap(RIGHT_ALT, 41), "|@[\\"),
        ("es", tap(RIGHT_ALT, E) + tap(RIGHT_ALT, 40) + tap(RIGHT_ALT, 43), "€{}"),
    ],
)
def test_keys_type_what_is_printed_on_them(layout: Layout, keys: list[Key], text: str) -> None:
    assert play(Keymap(layout), keys) == list(text)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_types_all_of_ascii(layout: Layout) -> None:
    plain, shift, altgr, _ = LAYOUTS[layout]
    typed = {*plain.values(), *shift.values(), *(altgr or {}).values()}

    assert typed >= {chr(code) for code in range(0x20, 0x7F)}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_to_z_and_the_digits_stand_once_each(layout: Layout) -> None:
    plain, shift, _, _ = LAYOUTS[layout]

    for char in "abcdefghijklmnopqrstuvwxyz0123456789":
        assert list(plain.values()).count(char) == 1
    for char in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        assert list(shift.values()).count(char) == 1
    assert len(plain) == len(shift) == 49


@pytest.mark.parametrize("shift", [LEFT_SHIFT, RIGHT_SHIFT])
def test_either_shift_shifts_until_it_is_released(shift: int) -> None:
    keymap = Keymap()

    assert play(keymap, [(shift, 1), (A, 1), (A, 0), (Z, 1), (shift, 0), (A, 1)]) == ["A", "Z", "a"]


def test_two_shifts_are_held_until_both_are_released() -> None:
    keys = [(LEFT_SHIFT, 1), (RIGHT_SHIFT, 1), (LEFT_SHIFT, 0), (A, 1), (RIGHT_SHIFT, 0), (A, 1)]

    assert play(Keymap(), keys) == ["A", "a"]


def test_caps_lock_turns_letters_and_only_letters() -> None:
    keys = tap(CAPS_LOCK) + tap(A) + tap(TWO) + tap(LEFT_SHIFT, A) + tap(LEFT_SHIFT, TWO) + tap(CAPS_LOCK) + tap(A)

    assert play(Keymap(), keys) == ["A", "2", "a", "@", "a"]


def test_caps_lock_turns_letters_with_marks_but_not_sharp_s() -> None:
    assert play(Keymap("de"), tap(CAPS_LOCK) + tap(39) + tap(12)) == ["Ö", "ß"]
    assert play(Keymap("es"), tap(CAPS_LOCK) + tap(39) + tap(43)) == ["Ñ", "Ç"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_number_pad_types_digits_in_every_layout(layout: Layout) -> None:
    keys = [key for code in (79, 80, 81, 75, 76, 77, 71, 72, 73, 82) for key in tap(code)]

    assert play(Keymap(layout), tap(NUM_LOCK) + keys) == list("1234567890")


@pytest.mark.parametrize(("gs", "keys"), [("ctrl-]", tap(LEFT_CTRL, RIGHT_BRACKET)), ("f8", tap(F8))])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_gs_key_is_the_gs1_separator_in_every_layout(layout: Layout, gs: str, keys: list[Key]) -> None:
    assert play(Keymap(layout, gs=gs), keys) == ["\x1d"]  # type: ignore[arg-type]


def test_f8_is_strange_unless_it_is_the_gs_key() -> None:
    assert play(Keymap(), tap(F8)) == [Stroke.STRANGE]


@pytest.mark.parametrize(
    ("keys", "char"),
    [
        (tap(LEFT_CTRL, A), "\x01"),
        (tap(97, A), "\x01"),
        (tap(LEFT_CTRL, Z), "\x1a"),
        (tap(LEFT_CTRL, 26), "\x1b"),
        (tap(LEFT_CTRL, 43), "\x1c"),
        (tap(LEFT_CTRL, LEFT_SHIFT, 7), "\x1e"),
        (tap(LEFT_CTRL, LEFT_SHIFT, 12), "\x1f"),
        (tap(LEFT_CTRL, LEFT_SHIFT, TWO), "\x00"),
        (tap(LEFT_CTRL, 36), "\n"),
        (tap(LEFT_CTRL, M), "\r"),
    ],
)
def test_control_codes_arrive_as_such(keys: list[Key], char: str) -> None:
    assert play(Keymap(), keys) == [char]


def test_control_goes_by_the_letter_not_by_the_place() -> None:
    assert play(Keymap("de"), tap(LEFT_CTRL, Y)) == ["\x1a"]


@pytest.mark.parametrize(
    ("name", "keys", "otherwise"),
    [
        ("enter", tap(ENTER), "\r"),
        ("kp-enter", tap(KP_ENTER), "\r"),
        ("tab", tap(TAB), "\t"),
        ("ctrl-j", tap(LEFT_CTRL, 36), "\n"),
        ("ctrl-m", tap(LEFT_CTRL, M), "\r"),
    ],
)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_terminator_ends_where_it_is_set_and_else_is_a_character(
    layout: Layout, name: Terminator, keys: list[Key], otherwise: str
) -> None:
    others: list[Terminator] = [other for other in ("enter", "tab") if other != name]

    assert play(Keymap(layout, [name]), keys) == [Stroke.END]
    assert play(Keymap(layout, others), keys) == [otherwise]


@pytest.mark.parametrize("code", KEYPAD)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_digits_under_alt_are_no_digits(layout: Layout, code: int) -> None:
    assert play(Keymap(layout), tap(LEFT_ALT, code)) == [Stroke.ALT_KEYPAD]


def test_in_the_us_layout_either_alt_is_alt() -> None:
    assert play(Keymap("us"), tap(RIGHT_ALT, 79)) == [Stroke.ALT_KEYPAD]
    assert play(Keymap("us"), tap(RIGHT_ALT, Q)) == [Stroke.STRANGE]


@pytest.mark.parametrize("modifiers", [(LEFT_CTRL, LEFT_ALT), (LEFT_ALT, LEFT_CTRL), (RIGHT_ALT,)])
def test_altgr_may_be_typed_as_ctrl_with_alt(modifiers: tuple[int, ...]) -> None:
    assert play(Keymap("de"), tap(*modifiers, Q) + tap(A)) == ["@", "a"]


@pytest.mark.parametrize(
    "keys",
    [tap(LEFT_ALT, 62), tap(LEFT_META, 19), tap(LEFT_ALT, TAB), tap(LEFT_META, 79), tap(F1), tap(UP), tap(88)],
)
def test_keys_that_are_no_character_are_strange(keys: list[Key]) -> None:
    assert play(Keymap(), keys) == [Stroke.STRANGE]


def test_locks_and_keys_beyond_the_keyboard_are_nothing() -> None:
    assert play(Keymap(), tap(NUM_LOCK) + tap(70) + tap(VOLUME_UP + 100)) == []


def test_backspace_and_escape_are_told_apart() -> None:
    assert play(Keymap(), tap(BACKSPACE) + tap(ESC)) == [Stroke.BACKSPACE, Stroke.ESCAPE]


@pytest.mark.parametrize(
    ("layout", "keys", "text"),
    [
        ("de", tap(41) + tap(57), "^"),
        ("de", tap(LEFT_SHIFT, 13) + tap(57), "`"),
        ("de", tap(41) + tap(A), "â"),
        ("de", tap(13) + tap(LEFT_SHIFT, E), "É"),
        ("de", tap(41) + tap(Q), "^q"),
        ("de", tap(41) + tap(41), "^^"),
        ("es", tap(40) + tap(A) + tap(LEFT_SHIFT, 40) + tap(22), "áü"),
        ("es", tap(26) + tap(57) + tap(57), "` "),
    ],
)
def test_an_accent_waits_for_the_next_key(layout: Layout, keys: list[Key], text: str) -> None:
    assert "".join(str(one) for one in play(Keymap(layout), keys)) == text


def test_an_accent_that_waits_is_told_and_let_go_of() -> None:
    keymap = Keymap("de")
    keymap.press_key(41)

    assert keymap.end_accent()
    assert not keymap.end_accent()
    assert keymap.press_key(A) == "a"


def test_forgetting_releases_every_key() -> None:
    keymap = Keymap("de")
    for code in (LEFT_SHIFT, CAPS_LOCK, LEFT_CTRL, 41):
        keymap.press_key(code)
    keymap.forget_keys()

    assert keymap.press_key(A) == "a"
