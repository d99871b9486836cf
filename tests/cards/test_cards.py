"""The list of cards and the sheet they are printed on."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import segno

from station.cards.setup import SETUP_CARDS, SetupCard
from station.cards.sheet import (
    LOCATIONS_MAX,
    UNCONFIRMED,
    PrintedCard,
    card_sheet,
    cards_json,
    cards_printout,
    station_cards,
)
from station.cards.symbols import code128_svg
from station.domain.identifiers import CommandCard, parse
from station.domain.station.duties import CARDS

from .code128 import decode, modules_of

LOCATIONS = ["Vault A", "Bóveda 2", "Display case 3, upper shelf on the left", "<script>alert(1)</script>"]


class Page(HTMLParser):
    """What a sheet holds: its tags balanced, the addresses it reaches for, its text."""

    VOID = frozenset({"meta"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.reached: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.reached += [value or "" for name, value in attrs if name in {"src", "href", "xlink:href", "data"}]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_verb_has_a_card_and_every_card_reads_as_what_it_says() -> None:
    drawn = station_cards(LOCATIONS)
    assert {card.verb for card in drawn} == {
        verb for verb, (_, kind) in CARDS.items() if kind.choices or verb == "location"
    }
    for card in drawn:
        assert parse(card.text.encode()) == CommandCard(card.verb, card.argument)
        assert card.title_en
        assert card.title_es
        assert card.title_en != card.title_es


def test_digits_and_locations_stand_in_order() -> None:
    drawn = station_cards(LOCATIONS)
    assert "".join(card.argument for card in drawn if card.verb == "digit") == "0123456789."
    assert [card.argument for card in drawn if card.verb == "location"] == LOCATIONS
    assert [card.title_en for card in drawn if card.argument == "Vault A"] == ["Location: Vault A"]
    assert [card.title_es for card in drawn if card.argument == "."] == ["Punto decimal"]


def test_without_locations_there_is_no_location_card() -> None:
    assert all(card.verb != "location" for card in station_cards())


def test_every_fault_of_the_locations_is_named_at_once() -> None:
    with pytest.raises(ValueError, match="61 characters") as raised:
        station_cards(["A", "x" * 61, "A", "", "a\tb"])
    lines = str(raised.value).splitlines()
    assert len(lines) == 4
    assert "cards: location 'A' stands there twice" in lines[1]


def test_locations_are_bounded() -> None:
    names = [f"Shelf {number}" for number in range(LOCATIONS_MAX)]
    assert len(station_cards(names)) > LOCATIONS_MAX
    with pytest.raises(ValueError, match="501 locations; at most 500"):
        station_cards([*names, "One more"])


def test_json_lists_verb_and_text_and_the_name_of_a_location() -> None:
    rows = json.loads(cards_printout(["Bóveda 2"], as_json=True))
    assert {"verb": "undo", "text": "CS1/undo/Z3"} in rows
    assert [row["name"] for row in rows if row["verb"] == "location"] == ["Bóveda 2"]
    assert [row["digit"] for row in rows if row["verb"] == "digit"] == list("0123456789.")
    assert all(parse(row["text"].encode()) == CommandCard(row["verb"], _argument(row)) for row in rows)
    assert len(rows) == len(station_cards(["Bóveda 2"]))


def _argument(row: dict[str, str]) -> str:
    return row.get("name") or row.get("digit") or row.get("argument") or ""


def test_another_argument_is_listed_as_such() -> None:
    card = PrintedCard("start-count", "P-7", "CS1/...", "Start a count: P-7", "Empezar un conteo: P-7")
    assert json.loads(cards_json([card])) == [{"verb": "start-count", "text": "CS1/...", "argument": "P-7"}]


def test_the_sheet_is_well_formed_and_reaches_for_nothing() -> None:
    html = cards_printout(LOCATIONS)
    page = Page(html)
    assert page.open == []
    assert page.reached == []
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert "url(" not in html
    assert "@import" not in html
    assert "<script>alert(1)</script>" in page.text


def test_the_sheet_shows_every_title_in_both_languages_and_every_text() -> None:
    text = Page(cards_printout(LOCATIONS)).text
    for card in station_cards(LOCATIONS):
        assert card.title_en in text
        assert card.title_es in text
        assert card.text in text


def test_every_bar_code_on_the_sheet_decodes_to_its_card() -> None:
    html = cards_printout(LOCATIONS)
    symbols = re.findall(r'<svg class="code128".*?</svg>', html)
    decoded = [decode(modules_of(symbol)) for symbol in symbols]
    assert len(decoded) == len(set(decoded))
    qr_texts = {card.text for card in station_cards(LOCATIONS)} - set(decoded)
    assert {parse(text.encode()) for text in qr_texts} == {
        CommandCard("location", "Display case 3, upper shelf on the left"),
        CommandCard("location", "<script>alert(1)</script>"),
    }
    assert len(re.findall(r'<svg[^>]*class="qr"', html)) == len(qr_texts)


def test_a_qr_code_is_drawn_as_segno_draws_it_and_says_what_it_needs() -> None:
    (card,) = [card for card in station_cards(["カート" * 20]) if card.verb == "location"]
    html = card_sheet([card])
    expected = segno.make(card.text, error="m", micro=False).svg_inline(
        scale=0.6, unit="mm", border=4, svgclass="qr", lineclass=None
    )
    assert expected in html
    assert "needs a 2D scanner" in html
    assert "code128" not in html.partition("<body>")[2]


def test_bars_keep_within_their_card_and_above_the_smallest_module() -> None:
    html = cards_printout(["Vault A", "Receiving dock", "Bóveda 2 <b>"])
    sizes = re.findall(r'viewBox="0 0 (\d+) 1".*?width:([\d.]+)mm', html)
    assert len(sizes) == len(station_cards()) + 3
    for modules, width_mm in sizes:
        assert 0.28 <= float(width_mm) / int(modules) <= 0.41
        assert float(width_mm) <= 180


def test_a_title_may_hold_any_text() -> None:
    assert "<title>A &amp; &lt;b&gt;</title>" in card_sheet([], title="A & <b>")


def test_an_empty_section_is_left_out() -> None:
    assert "<section>" not in card_sheet([])
    assert "Locations" not in card_sheet(station_cards())


@pytest.mark.parametrize("card", SETUP_CARDS, ids=lambda card: f"{card.model}-{card.purpose}")
def test_each_setup_card_says_whether_it_was_confirmed(card: SetupCard) -> None:
    html = card_sheet([], [card])
    assert (UNCONFIRMED[0] in html) is not card.confirmed
    assert (UNCONFIRMED[1] in html) is not card.confirmed
    text = Page(html).text
    for shown in (
        card.model,
        card.title_en,
        card.title_es,
        card.instruction_en,
        card.instruction_es,
        card.source,
    ):
        assert shown
        assert shown in text
    assert card.serial_command in text


def test_setup_cards_print_no_configuration_symbol() -> None:
    assert "<svg" not in card_sheet([], SETUP_CARDS)


def test_both_families_have_every_setting_and_lock_last() -> None:
    families: dict[str, list[str]] = {}
    for card in SETUP_CARDS:
        families.setdefault(card.model, []).append(card.purpose)
    assert list(families.values()) == [["terminator", "mute", "batch", "lock"]] * 2


def test_svg_path_is_drawn_from_the_quiet_zone_on() -> None:
    symbol = code128_svg("CS1/undo/Z3", 85)
    modules = modules_of(symbol)
    assert modules.startswith("0" * 10 + "1")
    assert modules.endswith("1" + "0" * 10)


def test_the_sheet_is_the_same_every_time() -> None:
    assert cards_printout(LOCATIONS) == cards_printout(LOCATIONS)


def test_no_card_module_is_imported_by_the_domain() -> None:
    root = Path(__file__).parents[2] / "station" / "domain"
    assert not [path for path in root.rglob("*.py") if "station.card" in path.read_text(encoding="utf-8")]
