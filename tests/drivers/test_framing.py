"""Lines cut out of a stream, whatever its chunks, in bounded memory."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.framing import SPOILED_BYTES_MAX, Framing, LineFraming, Spoiled

TAG = b"1A4060300000001000012345"


@pytest.mark.parametrize(
    ("framing", "stream", "lines"),
    [
        ("line", b"a\rb\nc\r\nd", [b"a", b"b", b"c"]),
        ("line", b"\r\n\r\n\r\r\n\n", []),
        ("cr", b"a\rb\nc\r", [b"a", b"b\nc"]),
        ("lf", b"a\nb\rc\n", [b"a", b"b\rc"]),
        ("crlf", b"a\r\nb\rc\nd\r\n", [b"a", b"b\rc\nd"]),
        ("etx", b"\x02a\x03\x02b\x03", [b"a", b"b"]),
        ("etx", b"\x020A1B\r\n\x03\r\n\x02C\x03", [b"0A1B", b"C"]),
        ("etx", b"a\x03", [b"a"]),
        ("etx", b"\x02a\x02b\x03", [b"a\x02b"]),
    ],
)
def test_each_framing_ends_where_its_terminator_stands(framing: Framing, stream: bytes, lines: list[bytes]) -> None:
    assert LineFraming(framing).feed_bytes(stream, 0) == lines


@pytest.mark.parametrize("framing", ["line", "cr", "lf", "crlf", "etx"])
def test_lines_are_the_same_whatever_the_chunks(framing: Framing) -> None:
    stream = b"\x02one\r\n\x03\r\ntwo\r\r\nthree\x03four\n" * 3
    whole = LineFraming(framing).feed_bytes(stream, 0)
    single = LineFraming(framing)

    assert [line for i in range(len(stream)) for line in single.feed_bytes(stream[i : i + 1], i)] == whole


@given(st.lists(st.binary(max_size=20)), st.sampled_from([b"\r", b"\n", b"\r\n"]), st.integers(1, 7))
def test_what_was_sent_as_lines_arrives_as_lines(texts: list[bytes], end: bytes, size: int) -> None:
    sent = [text.replace(b"\r", b"").replace(b"\n", b"") for text in texts]
    stream = b"".join(line + end for line in sent)
    framing = LineFraming()

    arrived = [line for i in range(0, len(stream), size) for line in framing.feed_bytes(stream[i : i + size], i)]

    assert arrived == [line for line in sent if line]


@pytest.mark.parametrize("code", [b"\x1d01\x1d10", b" 12 ", b"\t1\x0b\x0c", b"\x00\x1c\x1e\x85\xff"])
def test_no_byte_of_a_line_is_taken_for_white_space(code: bytes) -> None:
    assert LineFraming().feed_bytes(code + b"\r", 0) == [code]
    assert LineFraming("etx").feed_bytes(b"\x02" + code + b"\x03", 0) == [code]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_the_limit_is_the_longest_line_that_passes(end: bytes) -> None:
    framing = LineFraming({b"\r": "cr", b"\n": "lf", b"\r\n": "crlf"}[end], line_bytes_max=8)  # type: ignore[arg-type]

    assert framing.feed_bytes(b"12345678" + end, 0) == [b"12345678"]
    assert framing.feed_bytes(b"123456789" + end, 0) == [Spoiled("too_long", b"123456789")]
    assert framing.feed_bytes(b"12" + end, 0) == [b"12"]


def test_stx_and_etx_do_not_count_towards_the_limit() -> None:
    framing = LineFraming("etx", line_bytes_max=8)

    assert [x for c in (b"\r\n\x0212345678\r", b"\n\x03") for x in framing.feed_bytes(c, 0)] == [b"12345678"]


def test_an_overlong_line_is_refused_once_at_its_end_with_its_first_bytes() -> None:
    framing = LineFraming(line_bytes_max=100)
    begun = bytes(range(0x20, 0x20 + SPOILED_BYTES_MAX))

    assert framing.feed_bytes(begun + b"x" * 1000, 0) == []
    assert framing.feed_bytes(b"y" * 1000, 1) == []
    assert framing.feed_bytes(b"z\r\n" + TAG + b"\r\n", 2) == [Spoiled("too_long", begun), TAG]


def test_an_overlong_line_in_crlf_ends_at_a_crlf_in_two_chunks() -> None:
    framing = LineFraming("crlf", line_bytes_max=8)

    assert framing.feed_bytes(b"x" * 100 + b"\r", 0) == []
    assert framing.feed_bytes(b"\nok\r\n", 0) == [Spoiled("too_long", b"x" * SPOILED_BYTES_MAX), b"ok"]


def test_ten_megabytes_without_an_end_take_no_memory() -> None:
    framing = LineFraming(line_bytes_max=4096)
    garbage = b"\xfe" * 4096
    tracemalloc.start()
    for i in range(2560):
        assert framing.feed_bytes(garbage, i) == []
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 64 * 1024
    assert framing.feed_bytes(b"\r", 9999) == [Spoiled("too_long", b"\xfe" * SPOILED_BYTES_MAX)]


def test_quiet_ends_a_line_when_the_time_is_told() -> None:
    framing = LineFraming("quiet", quiet_ms=50)

    assert framing.feed_bytes(b"12", 1000) == []
    assert framing.feed_bytes(b"34", 1049) == []
    assert framing.due_ms() == 1099
    assert framing.feed_bytes(b"", 1098) == []
    assert framing.feed_bytes(b"", 1099) == [b"1234"]
    assert framing.due_ms() is None
    assert framing.feed_bytes(b"", 9999) == []


def test_quiet_ends_a_line_before_bytes_that_come_late() -> None:
    framing = LineFraming("quiet", quiet_ms=50)
    framing.feed_bytes(b"12", 1000)

    assert framing.feed_bytes(b"34", 1050) == [b"12"]
    assert framing.feed_bytes(b"", 1100) == [b"34"]


def test_quiet_ends_an_overlong_line_too() -> None:
    framing = LineFraming("quiet", quiet_ms=50, line_bytes_max=8)
    for at in range(100):
        assert framing.feed_bytes(b"x" * 8, at) == []

    assert framing.feed_bytes(b"", 149) == [Spoiled("too_long", b"x" * 16)]
    assert framing.feed_bytes(b"ok", 200) == []
    assert framing.feed_bytes(b"", 250) == [b"ok"]


@pytest.mark.parametrize("framing", ["line", "cr", "lf", "crlf", "etx"])
def test_only_quiet_waits_for_a_moment(framing: Framing) -> None:
    lines = LineFraming(framing)
    lines.feed_bytes(b"begun", 0)

    assert lines.due_ms() is None
    assert lines.feed_bytes(b"", 10**9) == []


def test_a_line_that_a_hang_up_cuts_is_spoiled_and_forgotten() -> None:
    framing = LineFraming(line_bytes_max=100)
    framing.feed_bytes(b"1A40", 0)

    assert framing.cut_off() == [Spoiled("cut_off", b"1A40")]
    assert framing.cut_off() == []
    assert framing.feed_bytes(b"ok\r", 1) == [b"ok"]


def test_an_overlong_line_that_a_hang_up_cuts_is_spoiled_once() -> None:
    framing = LineFraming(line_bytes_max=10)
    framing.feed_bytes(b"x" * 1000, 0)

    assert framing.cut_off() == [Spoiled("cut_off", b"x" * SPOILED_BYTES_MAX)]
    assert framing.feed_bytes(b"ok\r", 1) == [b"ok"]


def test_a_half_terminator_is_no_line_that_was_cut() -> None:
    framing = LineFraming("crlf")
    framing.feed_bytes(b"ok\r\n\r", 0)

    assert framing.cut_off() == []
