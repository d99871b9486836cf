"""Plain tags, digits, refusals and what is shown of them."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from station.domain.identifiers import (
    LINE_BYTES_MAX,
    CommandCard,
    Digits,
    OtherCode,
    PackageTag,
    RefusalReason,
    Refused,
    RetailUnit,
    clip,
    parse,
)

TAG = "1A4060300020081000006609"
STAGING = "STAGING01234567000000006"
PREFIXES = ["", "]C0", "]C1", "]d2", "]Q3", "]Q1"]


def reason(line: bytes) -> str:
    code = parse(line)
    assert isinstance(code, Refused), code
    return code.reason


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("tag", [TAG, STAGING, "ABCDEF012345670000027190"])
def test_a_tag_is_read_with_and_without_its_aim_prefix(prefix: str, tag: str) -> None:
    assert parse((prefix + tag).encode()) == PackageTag(tag)


def test_a_tag_of_digits_only_is_a_tag() -> None:
    assert parse(b"123456789012345678901234") == PackageTag("123456789012345678901234")


@pytest.mark.parametrize(
    "line",
    [
        TAG[:-1].encode(),
        TAG.encode() + b"0",
        TAG.lower().encode(),
        TAG[:-1].encode() + b"-",
        b" " + TAG.encode(),
        TAG.encode() + b" ",
        b"]C0]C0" + TAG.encode(),
        b"]A0" + TAG.encode(),
        b"]c0" + TAG.encode(),
        b"C0" + TAG.encode(),
    ],
)
def test_what_is_nearly_a_tag_is_refused(line: bytes) -> None:
    assert reason(line) == "not_a_code"


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n", b"\x00", b"\t", b"\x1b", b"\x7f", b"\x0c", b"\x1d"])
@pytest.mark.parametrize("body", [TAG.encode(), b"12", b"https://1a4.com/GkBgMAAEG2AAAJKXEQ"])
def test_control_characters_are_refused_at_either_end(body: bytes, end: bytes) -> None:
    allowed = {"control_characters", "bad_retail_id"}
    assert reason(body + end) in allowed
    assert reason(end + body) in allowed
    assert isinstance(parse(body), Digits | PackageTag | RetailUnit)


def test_a_group_separator_inside_a_tag_is_not_dropped() -> None:
    assert reason(TAG[:12].encode() + b"\x1d" + TAG[12:].encode()) == "control_characters"


@pytest.mark.parametrize("prefix", PREFIXES)
def test_nothing_is_empty(prefix: str) -> None:
    assert reason(prefix.encode()) == "empty"


@pytest.mark.parametrize(
    "text", ["٣", "１２", "1²", "1A406030002008100000660９", "é", "1A4060300020081000006609\u00a0", "\u2028"]
)
def test_digits_and_letters_of_other_scripts_are_refused(text: str) -> None:
    assert reason(text.encode("utf-8")) == "not_ascii"
    assert reason(text.encode("utf-16-le")) in {"not_ascii", "control_characters", "not_a_code"}


@pytest.mark.parametrize("text", ["0", "7", "12", "007", "123456789012", "1.5", "0.25", ".5", "5.", "123456.789012"])
def test_digits(text: str) -> None:
    assert parse(text.encode()) == Digits(text)
    assert parse(b"]C0" + text.encode()) == Digits(text)


@pytest.mark.parametrize("text", [".", "..", "1..2", "1.2.3", "+1", "-1", "1e3", "1_000", "1,5", "0x10", " 1", "1 "])
def test_what_python_takes_for_a_number_is_no_digits(text: str) -> None:
    assert reason(text.encode()) == "not_a_code"


@pytest.mark.parametrize("text", ["1234567.890123", "1" * 15, "1" * 12 + ".1"])
def test_more_than_twelve_digits_are_refused(text: str) -> None:
    assert reason(text.encode()) == "not_a_code"


def test_length_is_limited_before_anything_else_is_looked_at() -> None:
    assert reason(b"A" * LINE_BYTES_MAX) == "not_a_code"
    assert reason(b"A" * (LINE_BYTES_MAX + 1)) == "too_long"
    assert reason(b"\x00\xff" * 5_000) == "too_long"


def test_a_refusal_shows_forty_characters_at_most() -> None:
    refused = parse(b"\x1b[2J<script>" + b"\xff" * 60)
    assert refused == Refused(RefusalReason.NOT_ASCII, r"\x1b[2J<script>\xff\xff\xff\xff\xff\xff")
    assert len(refused.text) <= 40


def test_clip_escapes_all_but_printable_ascii_and_cuts_no_escape() -> None:
    assert clip(b"a b~") == "a b~"
    assert clip(b"\x00\x7f\x80\\") == r"\x00\x7f\x80\x5c"
    assert clip(b"abc\x00", 6) == "abc"
    assert clip(b"abc\x00", 7) == r"abc\x00"
    assert clip(b"") == ""


@given(st.binary(max_size=200), st.integers(0, 80))
def test_clip_is_short_printable_ascii(line: bytes, chars_max: int) -> None:
    shown = clip(line, chars_max)
    assert len(shown) <= chars_max
    assert shown.isascii()
    assert shown.isprintable() or shown == ""
    whole = clip(line, 10_000)
    assert whole.startswith(shown)
    assert whole.encode("ascii").decode("unicode_escape").encode("latin-1") == line


@settings(max_examples=400)
@given(st.binary(max_size=10_000))
@example(b"")
@example(b"]")
@example(b"]C1")
@example(b"CS1/")
@example(b"1a4.com/")
@example(b"\x1d" * 10_000)
@example(b"0" * 10_000)
@example(bytes(range(256)) * 40)
def test_parse_never_raises(line: bytes) -> None:
    code = parse(line)
    assert isinstance(code, PackageTag | RetailUnit | CommandCard | Digits | OtherCode | Refused)
    if isinstance(code, Refused | OtherCode):
        assert len(code.text) <= 40
        assert code.text.isascii()


_SCRAPS = "]C1 ]Q3 CS1/ undo / https://1a4.com/ landingpage/ 01 21 91 \x1d % 250 3109 8008 0 99 A . " + TAG
_PIECES = st.sampled_from([piece.encode() for piece in _SCRAPS.split(" ")])


@settings(max_examples=600)
@given(st.lists(_PIECES | st.binary(max_size=8), max_size=12).map(b"".join))
def test_parse_never_raises_on_scraps_of_real_codes(line: bytes) -> None:
    parse(line)


@given(st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=24, max_size=24))
def test_every_24_capitals_and_digits_are_a_tag_or_a_gs1_code(tag: str) -> None:
    code = parse(tag.encode())
    assert code == PackageTag(tag) or (tag.isdigit() and isinstance(code, OtherCode))


@given(st.binary(min_size=24, max_size=24))
def test_nothing_else_of_24_bytes_is_a_tag(line: bytes) -> None:
    code = parse(line)
    if isinstance(code, PackageTag):
        assert code.tag.encode() == line
        assert all(byte in b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" for byte in line)
