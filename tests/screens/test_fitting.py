"""The largest font that fits, and the rule for what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.screens.fitting import FACT_HEIGHT_PX, clipped_text, compact_count, fit_fact, in_two

WIDTHS_PX = (98, 126)


@pytest.mark.parametrize(
    ("text", "width_px", "font_width_px", "lines"),
    [
        ("37/50", 98, 16, ("37/50",)),
        ("Listo", 126, 16, ("Listo",)),
        ("119/120", 98, 12, ("119/120",)),
        ("1199/1200", 98, 8, ("1199/1200",)),
        ("1199/1200", 126, 12, ("1199/1200",)),
        ("NOT RECORDING", 98, 8, ("NOT", "RECORDING")),
        ("Ya puede desconectar", 126, 8, ("Ya puede", "desconectar")),
        ("Ya puede desconectar ahora", 98, 6, ("Ya puede descone", "ctar ahora")),
        ("0123456789abcdefghij", 98, 6, ("0123456789abcdef", "ghij")),
        ("0123456789abcdefghijklmnopqrstuvwxyz", 98, 6, ("0123456789abcdef", "ghijklmnopqrst..")),
        ("", 98, 16, ("",)),
    ],
)
def test_a_fact_takes_the_largest_font_that_fits(
    text: str, width_px: int, font_width_px: int, lines: tuple[str, ...]
) -> None:
    fitted = fit_fact(text, width_px)
    assert (fitted.font.width_px, fitted.lines) == (font_width_px, lines)


def test_digits_of_one_font_stand_on_one_line_whatever_stands_beside_them() -> None:
    assert fit_fact("37/50", 98).tops == fit_fact("37", 98).tops == (-2,)


def test_a_word_that_is_too_high_moves_up_or_takes_a_smaller_font() -> None:
    assert fit_fact("Ready", 126).tops == (-5,)
    assert fit_fact("Ñandy", 126).font.width_px == 12


@given(st.text(max_size=60), st.sampled_from(WIDTHS_PX))
def test_whatever_the_text_it_stays_in_its_slot_and_in_order(text: str, width_px: int) -> None:
    fitted = fit_fact(text, width_px)
    assert all(fitted.font.width_of(line) <= width_px for line in fitted.lines)
    assert len(fitted.lines) == len(fitted.tops) <= 2
    shown = "".join(fitted.lines)
    whole = text.startswith(shown) or text == " ".join(fitted.lines)
    assert whole or text.startswith(shown.removesuffix(".."))


@given(st.text(alphabet="gÁ8/q,", min_size=1, max_size=10), st.sampled_from(WIDTHS_PX))
def test_one_line_never_loses_a_row_of_ink(text: str, width_px: int) -> None:
    fitted = fit_fact(text, width_px)
    first, end = fitted.font.ink_rows(text)
    assert fitted.tops[0] + first >= 0
    assert fitted.tops[0] + end <= FACT_HEIGHT_PX


def test_two_lines_are_as_even_as_can_be() -> None:
    assert in_two("one two three four", 15) == ("one two", "three four")
    assert in_two("unbreakable", 12) == ()
    assert in_two("far toolongforthis", 12) == ()


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        ("Scan a package", 21, "Scan a package"),
        ("x" * 21, 21, "x" * 21),
        ("x" * 22, 21, "x" * 19 + ".."),
        ("abc", 1, "."),
        ("abc", 0, ""),
    ],
)
def test_a_line_is_cut_at_its_end_and_says_so(text: str, columns: int, expected: str) -> None:
    assert clipped_text(text, columns) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0"),
        (-1, "0"),
        (999, "999"),
        (1000, "1.0k"),
        (1299, "1.2k"),
        (9999, "9.9k"),
        (10_000, "10k"),
        (999_999, "999k"),
        (1_250_000, "1.2M"),
        (12_000_000, "12M"),
        (10**15, "999G"),
    ],
)
def test_a_large_count_is_short_and_never_more_than_it_is(count: int, expected: str) -> None:
    assert compact_count(count) == expected


@given(st.integers(0, 10**12))
def test_a_count_takes_at_most_four_characters(count: int) -> None:
    assert len(compact_count(count)) <= 4
