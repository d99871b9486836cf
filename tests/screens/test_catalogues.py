"""The words of both languages: the same keys, the same places for arguments, and room for the longest."""

import re
from pathlib import Path

import pytest
from PIL import Image

from station.domain.core.view import Phrase
from station.domain.identifiers.codes import RefusalReason
from station.screens import catalogues
from station.screens.catalogues import CATALOGUES, PLACE, duty_word, worded_phrase
from station.screens.fitting import FACT_HEIGHT_PX, fit_fact
from station.screens.fonts import CHARACTERS
from station.screens.icons import TONE_SIDE_PX
from station.screens.picture import GAP_PX, LINE_COLUMNS, USED_PX

REASONS = [
    "empty",
    "too_long",
    "control_characters",
    "not_ascii",
    "not_a_code",
    "bad_check",
    "bad_retail_id",
    "unknown_command",
    "foreign_code",
    "no_session",
    "no_location",
    "no_plan",
    "bad_card",
    "cut_off",
    "paused",
    "no_package",
    "bad_quantity",
    "nothing_to_undo",
    "already_open",
    "refusals_unseen",
    "keys_lost",
    "too_slow",
    "alt_keypad",
    "inbox_full",
    "not_recording",
    "not_served",
    "not_my_duty",
    "no_badge",
    "no_person",
    "other_person",
    "same_person",
    "signed",
    "floor_taken",
    "whole_package",
    "in_hand",
    "same_place",
    "not_put_down",
    "carried_on",
]
WORST = {
    "clock_says": ("2027-12-31 23:59",),
    "progress": ("99999", "99999"),
    "counted": ("9999999",),
    "keyed": ("99999.999",),
    "scanned": ("012345",),
    "unit": ("012345", "9999"),
    "already": ("012345",),
    "unknown": ("012345",),
    "located": ("Vault A, shelf 12",),
    "quantity": ("012345", "9999.99", "mg"),
    "undo_asked": ("012345",),
    "undone": ("012345",),
    "opened": ("P-2026-11-23-A",),
    "plan_loaded": ("P-2026-11-23-AA",),
    "message": ("123456789012345678901",),
    "closed": ("99",),
    "source_lost": ("scanner-2",),
    "second_badge": ("15",),
    "pin": ("15",),
    "inside": ("12",),
    "inside_estimate": ("12",),
    "inside_unsure": ("12",),
    "alone_for": ("600",),
    "held_open": ("60",),
    "first_shown": ("alexandra",),
    "pin_of": ("alexandra",),
    "granted": ("12",),
    "one_inside": ("alexandra",),
    "exited": ("alexandra",),
    "identified": ("alexandra",),
    "head_counted": ("12",),
    "pauses_in": ("60",),
    "identified_in": ("alexandra",),
    "handed_over": ("alexandra",),
    "signed_by": ("A1B2C3D4", "alexandra"),
    "picked_up": ("012345",),
    "list_opened": ("M000001",),
    "list_closed": ("99",),
    "refused_floor_taken": ("count",),
    "in_hand": ("12",),
    "put_down": ("999",),
    "moved": ("012345", "Vault A"),
    "taken_back": ("012345",),
}
"""The longest arguments that must be shown whole; beyond them the fitting's rule cuts."""
LANGUAGES = sorted(CATALOGUES)


def slot(name: str, language: str) -> dict[str, str]:
    words: catalogues.Words = vars(catalogues)[name]
    return {key: getattr(said, language) for key, said in words.items()}


def whole(key: str, language: str) -> str:
    return worded_phrase(Phrase(key, WORST.get(key, ())), language)


@pytest.mark.parametrize("name", ["DUTIES", "FACTS", "DETAILS", "INSTRUCTIONS"])
def test_both_languages_have_the_same_keys_in_the_same_slot(name: str) -> None:
    assert list(slot(name, "es")) == list(slot(name, "en"))


@pytest.mark.parametrize("key", sorted(CATALOGUES["en"]))
def test_both_languages_have_the_same_places_and_the_worst_case_fills_them(key: str) -> None:
    places = sorted(PLACE.findall(CATALOGUES["en"][key]))
    assert sorted(PLACE.findall(CATALOGUES["es"][key])) == places
    assert len(WORST.get(key, ())) == len(places)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_stands_in_two_slots(language: str) -> None:
    slots = [slot(name, language) for name in ("DUTIES", "FACTS", "DETAILS", "INSTRUCTIONS")]
    assert sum(map(len, slots)) == len(CATALOGUES[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_line_fits_with_the_longest_arguments(language: str) -> None:
    keys = [*slot("DETAILS", language), *slot("INSTRUCTIONS", language)]
    assert {key: text for key in keys if len(text := whole(key, language)) > LINE_COLUMNS} == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width_px", [USED_PX, USED_PX - TONE_SIDE_PX - GAP_PX])
def test_each_fact_fits_whole_and_no_smaller_than_8x16(language: str, width_px: int) -> None:
    for key in slot("FACTS", language):
        fitted = fit_fact(whole(key, language), width_px)
        assert " ".join(fitted.lines) == whole(key, language), key
        smallest = 8 if len(fitted.lines) == 1 or width_px == USED_PX else 6
        assert fitted.font.width_px >= smallest, key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width_px", [USED_PX, USED_PX - TONE_SIDE_PX - GAP_PX])
def test_no_dot_of_a_fact_is_lost_beside_another_line_or_outside_its_slot(language: str, width_px: int) -> None:
    for key in slot("FACTS", language):
        fitted = fit_fact(whole(key, language), width_px)
        together, alone = Image.new("1", (width_px, FACT_HEIGHT_PX)), 0
        for line, top in zip(fitted.lines, fitted.tops, strict=True):
            fitted.font.draw_text(together, 0, top, line)
            page = Image.new("1", (width_px, fitted.font.height_px))
            fitted.font.draw_text(page, 0, 0, line)
            alone += dots(page)
        assert dots(together) == alone, key


def dots(picture: Image.Image) -> int:
    return sum(map(int.bit_count, picture.tobytes()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_duty_is_one_short_word(language: str) -> None:
    assert {word for word in slot("DUTIES", language).values() if not re.fullmatch(r"[A-Z][a-z]{0,5}", word)} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_letter_of_every_text_has_a_glyph(language: str) -> None:
    assert set("".join(CATALOGUES[language].values())) <= set(CHARACTERS)


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_of_a_refusal_has_words(reason: str) -> None:
    key = f"refused_{reason}"
    assert key not in (whole(key, "en"), whole(key, "es"))
    assert whole(key, "en") != whole(key, "es")


REASON_IN_SOURCE = re.compile(r"""(?:refuse\(\w+, |[Ss]poil(?:ed)?\()"(\w+)\"""")
PHRASE_IN_SOURCE = re.compile(r"""Phrase\("(\w+)\"""")


def in_sources(pattern: re.Pattern[str], *folders: str) -> set[str]:
    root = Path(catalogues.__file__).parents[2]
    paths = [path for folder in folders for path in (root / folder).rglob("*.py")]
    return {found for path in paths for found in pattern.findall(path.read_text())}


def test_whatever_the_code_can_say_has_words() -> None:
    reasons = in_sources(REASON_IN_SOURCE, "station/domain", "drivers") | {str(reason) for reason in RefusalReason}
    phrases = in_sources(PHRASE_IN_SOURCE, "station/domain")
    assert {"too_long", "not_served", "cut_off"} <= reasons
    assert "scan_package" in phrases
    assert phrases | {f"refused_{reason}" for reason in reasons} <= set(CATALOGUES["en"])


def test_arguments_take_their_places_and_braces_in_them_stay() -> None:
    assert worded_phrase(Phrase("quantity", ("012345", "3.5", "g")), "en") == "..012345 = 3.5 g"
    assert worded_phrase(Phrase("located", ("{0} {1}",)), "en") == "At {0} {1}"


def test_a_duty_that_an_argument_names_is_said_by_its_word() -> None:
    assert worded_phrase(Phrase("refused_floor_taken", ("moves",)), "es") == "Mover: sigue abierto"
    assert worded_phrase(Phrase("refused_floor_taken", ("count",)), "en") == "Count: still open"
    assert worded_phrase(Phrase("refused_floor_taken", ("martian",)), "en") == "martian: still open"


def test_what_is_not_known_is_said_and_never_raised() -> None:
    assert worded_phrase(None, "en") == ""
    assert worded_phrase(Phrase("refused_martian"), "es") == "refused_martian"
    assert worded_phrase(Phrase("paused"), "tlh") == "Paused"
    assert worded_phrase(Phrase("progress", ("3",)), "en") == "3/"
    assert worded_phrase(Phrase("paused", ("more", "than", "fits")), "en") == "Paused"
    assert duty_word("count", "es") == "Conteo"
    assert duty_word("count", "tlh") == "Count"
    assert duty_word("returns", "es") == "returns"
