"""The bar patterns, against a decoder of the tests' own."""

import pytest
from barcode.codex import Code128
from hypothesis import given
from hypothesis import strategies as st

from station.cards.symbols import code128_fits, code128_modules, code128_svg

from .code128 import decode, modules_of


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=60))
def test_any_printable_text_round_trips(text: str) -> None:
    assert decode(modules_of(code128_svg(text, 1_000))) == text


@pytest.mark.parametrize(
    "text", ["CS1/undo/Z3", "CS1/location/1234567/00", "12345", "123456", "A1234B12C", "9", "99", "9912"]
)
def test_runs_of_digits_round_trip(text: str) -> None:
    assert decode(modules_of(code128_svg(text, 1_000))) == text


@pytest.mark.parametrize("text", ["CS1/undo/Z3", "CS1/location/Vault%20A/4J", "CS1/digit/./85"])
def test_another_encoder_draws_the_same_bars(text: str) -> None:
    assert code128_modules(text) == "".join(Code128(text).build())


@pytest.mark.parametrize("text", ["é", "a\n", "\x7f", "\x1d"])
def test_what_set_b_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="only printable ASCII is allowed"):
        code128_modules(text)


def test_a_moved_bar_does_not_decode() -> None:
    modules = modules_of(code128_svg("CS1/undo/Z3", 85))
    place = modules.index("1") + 30
    damaged = modules[:place] + ("0" if modules[place] == "1" else "1") + modules[place + 1 :]
    with pytest.raises((AssertionError, KeyError)):
        decode(damaged)


def test_fitting_counts_the_quiet_zones() -> None:
    needed_mm = (len(code128_modules("CS1/undo/Z3")) + 20) * 0.28
    assert code128_fits("CS1/undo/Z3", needed_mm + 0.01)
    assert not code128_fits("CS1/undo/Z3", needed_mm - 0.01)
