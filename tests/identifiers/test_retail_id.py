"""Retail ID: published vectors, traps, and a round trip through an encoder of the test's own."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.identifiers import OtherCode, Refused, RetailUnit, parse

INDEX_MAX = 2**31 - 1
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def leb128(number: int) -> bytes:
    encoded = bytearray()
    while number >= 0x80:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])


def base36(code: bytes) -> str:
    number, text = int.from_bytes(code, "big"), ""
    while number:
        number, place = divmod(number, 36)
        text = _ALPHABET[place] + text
    return text


def base64url(code: bytes) -> str:
    return base64.urlsafe_b64encode(code).decode().rstrip("=")


def reason(line: str) -> str:
    code = parse(line.encode())
    assert isinstance(code, Refused), code
    return code.reason


VECTORS = [
    ("5LN8CBN1UB33DON9CHKX", "1A4060300020081000006609", 1),
    ("GkBgMAAEG2AAAJKXEQ", "1A40603000041B6000009297", 17),
    ("10NOIEYKAJDG6CF0EXGJL", "ABCDEF012345670000027190", 1),
    ("q83vASNFZwAAAQkQCA", "ABCDEF012345670000010910", 8),
    ("q83vASNFZwAAAQkQCb", "ABCDEF012345670000010910", 9),  # its unused last bits are set
]
HOSTS = ["HTTPS://1A4.COM/", "https://1a4.com/", "http://1a4.com/", "1a4.com/", "1A4.COM/", "id.1a4.com/",
         "https://id.1a4.com/", "https://app.1a4.com/", "HTTPS://ID.1A4.COM/"]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(("path", "tag", "index"), VECTORS)
@pytest.mark.parametrize("prefix", ["", "]Q1", "]Q3", "]d2"])
def test_vectors(prefix: str, host: str, path: str, tag: str, index: int) -> None:
    assert parse((prefix + host + path).encode()) == RetailUnit(tag, index)


@pytest.mark.parametrize(
    ("path", "tag", "index"),
    [
        ("landingpage/1A4060300020081000006609/7", "1A4060300020081000006609", 7),
        ("landingpage/1a4120300000c1f000005534/0", "1A4120300000C1F000005534", 0),
        ("LANDINGPAGE/1A4060300020081000006609/7", "1A4060300020081000006609", 7),
        ("landingpage/STAGING01234567000000006/12", "STAGING01234567000000006", 12),
        (f"landingpage/1A4060300020081000006609/{INDEX_MAX}", "1A4060300020081000006609", INDEX_MAX),
    ],
)
def test_landing_pages(path: str, tag: str, index: int) -> None:
    assert parse(f"https://app.1a4.com/{path}".encode()) == RetailUnit(tag, index)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "landingpage/1A4060300020081000006609",
        "landingpage/1A4060300020081000006609/",
        "landingpage/1A4060300020081000006609/7/",
        "landingpage/1A4060300020081000006609/-1",
        "landingpage/1A4060300020081000006609/07",
        "landingpage/1A4060300020081000006609/7?x=1",
        "landingpage/1A4060300020081000006609/2147483648",
        "landingpage/1A4060300020081000006609/99999999999",
        "landingpage/1A406030002008100000660/7",
        "landingpage/staging01234567000000006/7",
        "LandingPage/1A4060300020081000006609/7",
        "5LN8CBN1UB33DON9CHKX ",
        " 5LN8CBN1UB33DON9CHKX",
        "5LN8CBN1UB33DON9CHKX/",
        "5LN8CBN1UB33DON9CHKX?a",
        "5LN8CBN1UB33DON9CHKX#a",
        "05LN8CBN1UB33DON9CHKX",
        "GkBgMAAEG2AAAJKXEQ==",
        "GkBgMAAEG2AAAJKXEQ=",
        "GkBgMAAEG2AAAJKXE",
        "GkBgMAAEG2AAAJKX",
        "GkBgMAAE+2AAAJKXEQ",
        "GkBgMAAEG2AAAJKX%45Q",
        "some_qr_code_id",
        "A" * 200,
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    assert reason(f"https://1a4.com/{path}") == "bad_retail_id"


def test_base36_read_with_caps_lock_on_is_not_taken_for_base64url() -> None:
    """Some lower-case base36 codes are well-formed base64url of another tag and index."""
    assert reason("https://1a4.com/5ln8cbn1ub33don9chkx") == "bad_retail_id"
    batch = bytes.fromhex("1A4060300020081000")
    lowered = [base36(batch + serial.to_bytes(3, "big") + b"\x01").lower() for serial in range(0, 65_536, 7)]
    mistaken = [path for path in lowered if _is_tag_and_index(base64.urlsafe_b64decode(path))]
    assert mistaken
    assert {reason(f"https://1a4.com/{path}") for path in mistaken} == {"bad_retail_id"}


def _is_tag_and_index(code: bytes) -> bool:
    *continued, last = code[12:]
    return all(byte & 0x80 for byte in continued) and 0 < last < 0x80


@pytest.mark.parametrize(
    ("index_bytes", "why"),
    [
        ("", "no index"),
        ("81", "an index that goes on past the end"),
        ("8100", "an index not in its shortest form"),
        ("0101", "a second number after the index"),
        ("8080808008", "2**31"),
        ("ffffffffff7f", "an index of six bytes"),
    ],
)
def test_bytes_after_the_tag_are_exactly_one_bounded_index(index_bytes: str, why: str) -> None:
    code = bytes.fromhex("1A4060300020081000006609" + index_bytes)
    assert reason(f"https://1a4.com/{base36(code)}") == "bad_retail_id", why
    assert reason(f"https://1a4.com/{base64url(code)}") == "bad_retail_id", why


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("https://1a4.com.evil.example/5LN8CBN1UB33DON9CHKX", "url"),
        ("https://evil.example/1a4.com/5LN8CBN1UB33DON9CHKX", "url"),
        ("https://x1a4.com/5LN8CBN1UB33DON9CHKX", "url"),
        ("https://1a4xcom/5LN8CBN1UB33DON9CHKX", "url"),
        ("https://1a4.com:443/5LN8CBN1UB33DON9CHKX", "url"),
        ("https://shop.example", "url"),
        ("HTTP://SHOP.EXAMPLE/?q=1", "url"),
    ],
)
def test_other_addresses_are_other_codes(line: str, expected: str) -> None:
    code = parse(line.encode())
    assert isinstance(code, OtherCode)
    assert code.kind == expected


@pytest.mark.parametrize(
    "line",
    [
        "ftp://1a4.com/5LN8CBN1UB33DON9CHKX",
        "https:/1a4.com/5LN8CBN1UB33DON9CHKX",
        "https://user@1a4.com/5LN8CBN1UB33DON9CHKX",
        "javascript:alert(1)",
        "//1a4.com/5LN8CBN1UB33DON9CHKX",
        "www.1a4.com/5LN8CBN1UB33DON9CHKX",
        "evil.example/1a4.com/5LN8CBN1UB33DON9CHKX",
        "https://shop.example/a b",
    ],
)
def test_what_is_no_address_is_refused(line: str) -> None:
    assert reason(line) == "not_a_code"


# A tag that begins with a zero byte has no base36 form of its own: leading zeros are lost.
TAGS = st.binary(min_size=12, max_size=12).filter(lambda tag: tag[0] > 0)
INDEXES = st.integers(0, INDEX_MAX) | st.sampled_from([0, 1, 127, 128, 16_383, 16_384, INDEX_MAX])


@given(TAGS, INDEXES)
def test_base36_round_trip(tag: bytes, index: int) -> None:
    line = f"HTTPS://1A4.COM/{base36(tag + leb128(index))}"
    assert parse(line.encode()) == RetailUnit(tag.hex().upper(), index)


@given(st.binary(min_size=10, max_size=10), INDEXES)
def test_base64url_round_trip(rest: bytes, index: int) -> None:
    tag = b"\x1a\x4f" + rest
    line = f"https://1a4.com/{base64url(tag + leb128(index))}"
    assert parse(line.encode()) == RetailUnit(tag.hex().upper(), index)


def test_a_long_base36_code_of_a_tag_alone_has_no_index() -> None:
    code = base36(b"\xff" * 12)
    assert len(code) == 19  # as long as the shortest code with an index
    assert reason(f"https://1a4.com/{code}") == "bad_retail_id"


@given(TAGS, st.integers(INDEX_MAX + 1, 2**64))
def test_an_index_out_of_bounds_is_refused(tag: bytes, index: int) -> None:
    assert reason(f"https://1a4.com/{base36(tag + leb128(index))}") == "bad_retail_id"


@given(st.text(alphabet=_ALPHABET + "abcdefghijklmnopqrstuvwxyz-_=%. ", max_size=40))
def test_what_is_accepted_is_what_was_encoded(path: str) -> None:
    """Whatever decodes has one base36 spelling, and one base64url spelling but for its unused bits."""
    code = parse(f"https://1a4.com/{path}".encode())
    if isinstance(code, RetailUnit):
        encoded = bytes.fromhex(code.tag) + leb128(code.unit_index)
        assert path == base36(encoded) or path[:-1] == base64url(encoded)[:-1]
