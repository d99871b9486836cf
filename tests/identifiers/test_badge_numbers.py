"""Badge numbers: each format's bits, parities and checksums, and the one text of each number."""

import hashlib
import hmac
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.identifiers.badge_number import (
    TEXT_MUST,
    BadgeNumber,
    BadgeRefused,
    Format,
    badge_hmac,
    decode,
    parse,
    parse_site_key,
)

KEY = bytes(range(32))
# name: bits, even parity over the data bits, odd parity over the data bits, facility bits, card bits; written out a
# second time here, from the formats' public descriptions, bits counted from 1 as these do.
FORMATS: dict[Format, tuple[int, range, range, int, int]] = {
    "26": (26, range(2, 14), range(14, 26), 8, 16),
    "34": (34, range(2, 18), range(18, 34), 16, 16),
    "h10302": (37, range(2, 20), range(19, 37), 0, 35),
    "h10304": (37, range(2, 20), range(19, 37), 16, 19),
}
NAMES = {"26": "26", "34": "34", "h10302": "H10302", "h10304": "H10304"}


def sent(form: Format, facility: int, card: int) -> str:
    """The bits as the reader sends them, the first first."""
    bits, even, odd, facility_bits, card_bits = FORMATS[form]
    inner = (f"{facility:0{facility_bits}b}" if facility_bits else "") + f"{card:0{card_bits}b}"
    numbered = dict(enumerate(inner, start=2))
    first = sum(numbered[at] == "1" for at in even) % 2
    last = (sum(numbered[at] == "1" for at in odd) + 1) % 2
    assert len(inner) == bits - 2
    return f"{first}{inner}{last}"


def hexed(bits: str) -> str:
    return f"{int(bits, 2):0{-(-len(bits) // 4)}x}"


@st.composite
def badges(draw: st.DrawFn) -> tuple[Format, int, int]:
    form = draw(st.sampled_from(sorted(FORMATS)))
    _, _, _, facility_bits, card_bits = FORMATS[form]
    return form, draw(st.integers(0, 2**facility_bits - 1)), draw(st.integers(0, 2**card_bits - 1))


def refusal(line: bytes, form: Format) -> str:
    with pytest.raises(BadgeRefused) as caught:
        decode(line, form)
    return caught.value.reason


def test_a_card_of_the_26_bit_format_as_others_publish_it() -> None:
    # The example of proxmark3's documentation: raw 2006ec0c86 is facility 118, card 1603. Its 26 lowest bits:
    assert decode(b"2ec0c86", "26").text == "26:118:1603"
    assert decode(b"10111011000000110010000110", "26").text == "26:118:1603"


@given(badges())
def test_every_number_of_every_format_is_read_from_bits_and_from_hex(badge: tuple[Format, int, int]) -> None:
    form, facility, card = badge
    bits = sent(form, facility, card)
    text = f"{NAMES[form]}:{card}" if form == "h10302" else f"{NAMES[form]}:{facility}:{card}"

    assert decode(bits.encode(), form).text == text
    assert decode(hexed(bits).upper().encode(), form).text == text
    assert parse(text).text == text


@given(badges(), st.data())
def test_one_turned_bit_is_always_seen(badge: tuple[Format, int, int], drawn: st.DataObject) -> None:
    form, facility, card = badge
    bits = sent(form, facility, card)
    at = drawn.draw(st.integers(0, len(bits) - 1))
    turned = bits[:at] + "10"[int(bits[at])] + bits[at + 1 :]
    # The one bit under both parities of 37 looks like a swapped pair.
    assert refusal(turned.encode(), form) == ("parity_swapped" if (len(bits), at) == (37, 18) else "parity")


@given(badges())
def test_swapped_wires_are_always_seen_and_said(badge: tuple[Format, int, int]) -> None:
    form, facility, card = badge
    swapped = sent(form, facility, card).translate(str.maketrans("01", "10"))

    with pytest.raises(BadgeRefused, match="D0 and D1 are swapped") as caught:
        decode(swapped.encode(), form)
    assert caught.value.reason == "parity_swapped"


def test_the_two_formats_of_37_bits_are_told_apart_by_the_settings_alone() -> None:
    bits = sent("h10304", 12, 3456).encode()

    assert decode(bits, "h10304").text == "H10304:12:3456"
    assert decode(bits, "h10302").text == f"H10302:{12 << 19 | 3456}"


def test_a_number_is_keyed_by_its_format_and_its_facility_too() -> None:
    alike = [
        decode(b"3456", "plain"),
        decode(sent("26", 0, 3456).encode(), "26"),
        decode(sent("26", 12, 3456).encode(), "26"),
        decode(sent("34", 12, 3456).encode(), "34"),
        decode(sent("h10302", 0, 3456).encode(), "h10302"),
        decode(sent("h10304", 12, 3456).encode(), "h10304"),
        decode(b"00003456", "uid"),
    ]
    assert len({badge.text for badge in alike}) == len({badge_hmac(badge, KEY) for badge in alike}) == len(alike)


@pytest.mark.parametrize(
    ("line", "form"),
    [
        (b"", "plain"),
        (b"1" * 21, "plain"),
        (b"-1", "plain"),
        (b"12 34", "plain"),
        ("٣".encode(), "plain"),
        (b"26:12", "plain"),
        (b"26:12:3456:1", "plain"),
        (b"26:256:1", "plain"),
        (b"26:1:65536", "plain"),
        (b"26::1", "plain"),
        (b"26:+1:1", "plain"),
        (b"26:12:3456\n", "plain"),
        (b"H10302:1:2", "plain"),
        (b"H10302:34359738368", "plain"),
        (b"H10304:1:524288", "plain"),
        (b"27:1:1", "plain"),
        (b"plain:1", "plain"),
        (b"uid:0415A2", "plain"),
        (b"uid:0415A2B3:C4", "plain"),
        (b"26:" + b"9" * 5000 + b":1", "plain"),
        (b"101110110000001100100001100", "26"),
        (b"1011101100000011001000011", "26"),
        (b"6ec0c86", "26"),  # a 27th bit
        (b"2ec0c8", "26"),
        (b"26:12:3456", "26"),
        (b"2006ec0c86", "34"),
        (b"2" + b"0" * 9, "h10302"),
        (b"0415A2", "uid"),
        (b"0415A2B", "uid"),
        (b"0415A2B3C", "uid"),
        (b"0415A2B3C4D5E6F708192A", "uid"),
        (b"04::15:A2:B3", "uid"),
        (b"04 15 A2 B3 ZZ", "uid"),
        (b"0415A2B3C4", "rdm6300"),
        (b"0415A2B3C4D5E", "rdm6300"),
    ],
)
def test_what_is_no_number_of_the_format_is_refused(line: bytes, form: Format) -> None:
    assert refusal(line, form) == "unknown_format"


@given(st.binary(max_size=100), st.sampled_from(["plain", *FORMATS, "uid", "rdm6300"]))
def test_nothing_else_than_a_refusal_ever_comes_of_a_line(line: bytes, form: Format) -> None:
    try:
        badge = decode(line, form)
    except BadgeRefused:
        return
    assert parse(badge.text) == badge


def test_a_uid_is_the_same_whatever_separates_its_bytes() -> None:
    lines = [b"0415a2b3c4d5e6", b"04:15:A2:B3:C4:D5:E6", b"04-15-a2-b3-c4-d5-e6", b" 04 15 A2 B3 C4 D5 E6 "]

    assert {decode(line, "uid").text for line in lines} == {"uid:0415A2B3C4D5E6"}


def test_a_frame_of_rdm6300_and_id_12_is_its_uid_when_the_checksum_holds() -> None:
    # The ID-12's own data sheet: 62E3086CED, checksum 08.
    assert decode(b"62E3086CED08", "rdm6300").text == "uid:62E3086CED"
    assert decode(b"62E3086CED08", "rdm6300") == decode(b"62e3086ced", "uid")


@given(st.binary(min_size=5, max_size=5), st.integers(0, 11), st.integers(1, 15))
def test_one_wrong_digit_of_a_frame_is_always_seen(number: bytes, at: int, change: int) -> None:
    checksum = number[0] ^ number[1] ^ number[2] ^ number[3] ^ number[4]
    digits = f"{number.hex()}{checksum:02x}"
    wrong = digits[:at] + f"{int(digits[at], 16) ^ change:x}" + digits[at + 1 :]

    assert decode(digits.encode(), "rdm6300").text == f"uid:{number.hex().upper()}"
    assert refusal(wrong.encode(), "rdm6300") == "checksum"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("26:012:03456", "26:12:3456"),
        ("h10304:0:7", "H10304:0:7"),
        ("UID:0415a2b3c4", "uid:0415A2B3C4"),
        ("0004195203012", "4195203012"),
        ("0" * 20, "0"),
    ],
)
def test_a_number_has_one_text_however_it_is_written(written: str, text: str) -> None:
    assert parse(written).text == text


def test_what_stands_for_a_badge_is_the_hmac_of_its_text() -> None:
    assert badge_hmac(parse("26:012:3456"), KEY) == hmac.new(KEY, b"26:12:3456", hashlib.sha256).hexdigest()


def test_neither_a_refusal_nor_a_badge_shown_by_accident_shows_the_number() -> None:
    assert "3456" not in f"{parse('26:12:3456')!r}"
    assert f"{BadgeNumber('26', 12, '3456')}" == "<badge of format 26>"
    with pytest.raises(BadgeRefused) as caught:
        parse("26:12:99999")
    assert "99999" not in str(caught.value)
    with pytest.raises(BadgeRefused, match=re.escape(TEXT_MUST)):
        parse("99999!")


def test_a_site_key_is_64_hex_digits_and_is_never_shown() -> None:
    assert parse_site_key(KEY.hex() + "\n") == KEY
    for text in ("", KEY.hex()[:-1], KEY.hex() + "0", KEY.hex()[:-1] + "g", KEY.hex() + " "):
        with pytest.raises(ValueError, match="is no site key; must be 64 hex digits") as caught:
            parse_site_key(text)
        assert KEY.hex()[:8] not in str(caught.value)


def test_the_example_roster_holds_numbers_that_are_numbers() -> None:
    example = Path(__file__).parents[2] / "provisioning" / "examples" / "roster.json"
    found = re.findall(r'"(26:[^"]*)"', example.read_text())

    assert [parse(text).text for text in found] == ["26:12:3456", "26:12:3457"]
