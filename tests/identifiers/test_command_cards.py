"""Command cards: their check characters, their round trip, and damage."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.identifiers import CommandCard, Refused, command_text, parse
from station.domain.identifiers.command_card import check_characters
from station.domain.station.duties import CARDS

NAMES = ["Vault A", "Bóveda 2", "Regal 1/3", "50%", "カート", "A~b_c.d-e", "😀" * 60, "x" * 60]
ARGUMENTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp", "Cn", "Co", "Zs")) | st.just(" "),
    min_size=1,
    max_size=60,
)


def reason(line: str) -> str:
    code = parse(line.encode())
    assert isinstance(code, Refused), code
    return code.reason


def checked(body: str) -> str:
    return f"{body}/{check_characters(body.encode().hex().upper())}"


def test_check_characters_of_the_standards_example() -> None:
    assert check_characters("ISO79") == "3W"


@pytest.mark.parametrize(
    ("verb", "argument", "text"),
    [
        ("undo", "", "CS1/undo/Z3"),
        ("start-count", "", "CS1/start-count/0R"),
        ("digit", "7", "CS1/digit/7/NB"),
        ("location", "Vault A", "CS1/location/Vault%20A/4J"),
    ],
)
def test_printed_cards_stay_readable(verb: str, argument: str, text: str) -> None:
    """Cards hang on walls: these texts may never change."""
    assert command_text(verb, argument) == text
    assert parse(text.encode()) == CommandCard(verb, argument)


@pytest.mark.parametrize("verb", list(CARDS))
@pytest.mark.parametrize("prefix", ["", "]C0", "]Q1", "]C1"])
def test_every_verb(verb: str, prefix: str) -> None:
    assert parse((prefix + command_text(verb)).encode()) == CommandCard(verb)


@pytest.mark.parametrize("digit", list("0123456789."))
def test_digit_cards(digit: str) -> None:
    assert parse(command_text("digit", digit).encode()) == CommandCard("digit", digit)


@pytest.mark.parametrize("name", NAMES)
def test_location_cards(name: str) -> None:
    assert parse(command_text("location", name).encode()) == CommandCard("location", name)


@given(st.from_regex("[a-z-]{1,20}", fullmatch=True), ARGUMENTS)
def test_round_trip(verb: str, argument: str) -> None:
    text = command_text(verb, argument)
    assert text.isascii()
    assert parse(text.encode()) == CommandCard(verb, argument)


@pytest.mark.parametrize(
    ("verb", "argument", "message"),
    [
        ("UNDO", "", "command card: verb 'UNDO'; it must be 1 to 20 of a-z and -"),
        ("a" * 21, "", "it must be 1 to 20 of a-z and -"),
        ("", "", "command card: verb ''; it must be"),
        ("location", "x" * 61, "it has 61 characters, at most 60 are allowed; shorten it"),
        ("location", "a\nb", "only printable characters are allowed"),
        ("location", "a\u202eb", "only printable characters are allowed"),
    ],
)
def test_a_card_that_cannot_be_says_why(verb: str, argument: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        command_text(verb, argument)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("CS1/undo/00", "bad_check"),
        ("CS1/location/Vault%20B/4J", "bad_check"),
        (checked("CS1/location/"), "bad_card"),
        (checked("CS1/location/%41"), "bad_card"),
        (checked("CS1/location/%c3%b3"), "bad_card"),
        (checked("CS1/location/%FF"), "bad_card"),
        (checked("CS1/location/%ED%A0%80"), "bad_card"),
        (checked("CS1/location/a%0Ab"), "bad_card"),
        (checked("CS1/location/" + "a" * 61), "bad_card"),
        (checked("CS1/location/a/b"), "bad_card"),
        (checked("CS1/Undo"), "bad_card"),
        (checked("CS1/" + "a" * 21), "bad_card"),
        (checked("CS1/"), "bad_card"),
        ("CS1/", "bad_card"),
        ("CS1/undo", "bad_card"),
        ("CS1/undo/Z3 ", "bad_card"),
        (" CS1/undo/Z3", "not_a_code"),
        ("cs1/UNDO/ym", "not_a_code"),
        (checked("CS2/undo"), "not_a_code"),
    ],
)
def test_bad_cards(line: str, expected: str) -> None:
    assert reason(line) == expected


def test_no_card_unlocks_anything() -> None:
    assert not any("unlock" in verb or "release" in verb for verb in CARDS)


_CARDS = [command_text(verb) for verb in CARDS]
_CARDS += [command_text("digit", d) for d in "0123456789."] + [command_text("location", n) for n in NAMES[:5]]


@pytest.mark.parametrize("card", _CARDS)
def test_any_single_substitution_is_no_command(card: str) -> None:
    for place, old in enumerate(card):
        for code in range(0x20, 0x7F):
            if chr(code) != old:
                damaged = card[:place] + chr(code) + card[place + 1 :]
                assert not isinstance(parse(damaged.encode()), CommandCard), damaged


@pytest.mark.parametrize("card", _CARDS)
def test_any_transposition_of_neighbours_is_no_command(card: str) -> None:
    for place in range(len(card) - 1):
        if card[place] != card[place + 1]:
            damaged = card[:place] + card[place + 1] + card[place] + card[place + 2 :]
            assert not isinstance(parse(damaged.encode()), CommandCard), damaged


@given(ARGUMENTS, st.data())
def test_damage_to_a_long_card_is_no_command(argument: str, draw: st.DataObject) -> None:
    card = command_text("location", argument)
    place = draw.draw(st.integers(0, len(card) - 1))
    other = draw.draw(st.characters(min_codepoint=0x20, max_codepoint=0x7E).filter(lambda c: c != card[place]))
    assert not isinstance(parse((card[:place] + other + card[place + 1 :]).encode()), CommandCard)


@pytest.mark.parametrize("card", _CARDS)
def test_a_cut_card_is_no_command(card: str) -> None:
    for length in range(len(card)):
        assert not isinstance(parse(card[:length].encode()), CommandCard)
