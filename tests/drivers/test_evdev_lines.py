"""Recorded-like traces of keys -> lines, and what spoils one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.evdev_keymap import CAPS_LOCK, Keymap
from drivers.evdev_layouts import LAYOUTS, Layout
from drivers.evdev_lines import NUMBER_BYTES_MAX, REST_MS, EvdevLines, EvdevNumber, Event
from drivers.framing import SPOILED_BYTES_MAX, Spoiled
from tests.drivers.typist import (
    DROPPED,
    ENTER,
    KP_ENTER,
    LEFT_ALT,
    LEFT_CTRL,
    LEFT_SHIFT,
    REPORT,
    RIGHT_BRACKET,
    RIGHT_SHIFT,
    TAB,
    Key,
    events,
    report,
    tap,
    typed,
)

TAG = "1A4060300000001000012345"
END = tap(ENTER)


def lines_of(layout: Layout = "us", **limits: int) -> EvdevLines:
    return EvdevLines(Keymap(layout), **limits)


def scanned(*keys: Key, layout: Layout = "us") -> list[bytes | Spoiled]:
    return lines_of(layout).feed_events(events(keys))


def test_a_tag_is_a_line() -> None:
    assert scanned(*typed(TAG), *END) == [TAG.encode()]


@pytest.mark.parametrize("end", [ENTER, KP_ENTER, TAB])
def test_each_terminator_ends_a_line_and_an_empty_one_is_none(end: int) -> None:
    assert scanned(*tap(end), *typed("a"), *tap(end), *tap(end), *END, *typed("b"), *tap(end)) == [b"a", b"b"]


def _text_of(layout: Layout) -> st.SearchStrategy[str]:
    plain, shift, altgr, _ = LAYOUTS[layout]
    return st.text(st.sampled_from(sorted({*plain.values(), *shift.values(), *(altgr or {}).values()})), min_size=1)


@given(st.sampled_from(sorted(LAYOUTS)).flatmap(lambda layout: st.tuples(st.just(layout), _text_of(layout))), st.data())
def test_what_is_typed_in_a_layout_is_read_in_it(typing: tuple[Layout, str], draw: st.DataObject) -> None:
    layout, text = typing
    shift = draw.draw(st.sampled_from([LEFT_SHIFT, RIGHT_SHIFT]))
    keys = typed(text, layout, shift, caps=draw.draw(st.booleans()))

    assert scanned(*keys, *END, layout=layout) == [text.encode()]


@given(st.lists(st.text(st.sampled_from("1A4060"), min_size=1, max_size=8), max_size=5), st.integers(1, 20))
def test_how_the_events_are_cut_into_reads_does_not_matter(texts: list[str], size: int) -> None:
    stream = events([key for text in texts for key in [*typed(text), *END]])
    lines = lines_of()

    read = [line for i in range(0, len(stream), size) for line in lines.feed_events(stream[i : i + size])]

    assert read == [text.encode() for text in texts]


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 2)), max_size=200))
def test_no_keys_whatever_break_it_and_the_memory_stays_bounded(keys: list[Key]) -> None:
    lines = lines_of(line_bytes_max=20)
    lines.feed_events(events(keys))

    assert len(lines._line) <= 20 + SPOILED_BYTES_MAX
    lines.feed_events(events(tap(ENTER), start_ms=100_000))
    assert all(isinstance(spoiled, Spoiled) for spoiled in lines.expire_line())


def test_a_code_without_an_end_takes_no_memory() -> None:
    lines = lines_of(line_bytes_max=100)
    lines.feed_events(events(typed("x" * 10_000)))

    assert len(lines._line) == 101


def test_a_gs1_code_keeps_its_separators() -> None:
    gs = tap(LEFT_CTRL, RIGHT_BRACKET)

    assert scanned(*gs, *typed("01"), *gs, *typed("10AB"), *END) == [b"\x1d01\x1d10AB"]


def test_a_control_code_in_a_barcode_is_kept_for_the_refusal() -> None:
    assert scanned(*typed("1A"), *tap(LEFT_CTRL, 46), *typed("40"), *END) == [b"1A\x0340"]


def test_a_repeated_key_is_typed_once() -> None:
    assert scanned((2, 1), (2, 2), (2, 2), (2, 0), *tap(3), *END) == [b"12"]


def test_keys_that_roll_over_are_all_typed() -> None:
    assert scanned((2, 1), (3, 1), (2, 0), (4, 1), (3, 0), (4, 0), (ENTER, 1), (ENTER, 0)) == [b"123"]


@pytest.mark.parametrize("keys", [tap(59), tap(LEFT_ALT, 62), tap(125, 19), tap(103), tap(14), tap(1)])
def test_a_key_that_is_no_character_refuses_the_whole_scan_once(keys: list[Key]) -> None:
    again = [*typed(TAG), *END]

    assert scanned(*typed("1A"), *keys, *typed("40"), *END, *again) == [Spoiled("strange_key", b"1A40"), TAG.encode()]


def test_alt_and_keypad_digits_are_refused_and_never_taken_for_the_code() -> None:
    coded = [key for char in "1A" for digit in f"{ord(char):03}" for key in _alt_digit(digit)]

    assert scanned(*coded, *END, *typed("ok"), *END) == [Spoiled("alt_keypad", b""), b"ok"]


def _alt_digit(digit: str) -> list[Key]:
    return tap(LEFT_ALT, (82, 79, 80, 81, 75, 76, 77, 71, 72, 73)[int(digit)])


def test_alt_mode_without_an_enter_ends_with_the_time() -> None:
    lines = lines_of()
    lines.feed_events(events([*_alt_digit("6"), *_alt_digit("5")]))

    assert lines.is_waiting
    assert lines.expire_line() == [Spoiled("alt_keypad", b"")]
    assert lines.expire_line() == []


def test_too_long_a_line_is_refused_once_at_its_end() -> None:
    lines = lines_of(line_bytes_max=10)

    assert lines.feed_events(events([*typed("1234567890"), *END])) == [b"1234567890"]
    assert lines.feed_events(events(typed("12345678901" * 100), start_ms=1500)) == []
    assert lines.feed_events(events([*END, *typed("ok"), *END], start_ms=5900)) == [
        Spoiled("too_long", (b"12345678901" * 6)[:SPOILED_BYTES_MAX]),
        b"ok",
    ]


def test_an_open_accent_at_the_end_refuses_the_scan() -> None:
    assert scanned(*typed("1A"), *tap(41), *END, *typed("a"), *END, layout="de") == [
        Spoiled("strange_key", b"1A"),
        b"a",
    ]


def test_an_accent_that_was_left_standing_does_not_change_the_next_scan() -> None:
    lines = lines_of("de")
    lines.feed_events(events(tap(41), start_ms=1000))

    assert lines.feed_events(events([*typed("a"), *END], start_ms=5000)) == [Spoiled("strange_key", b""), b"a"]


class TestTooSlow:
    """The pause between two keys."""

    def test_a_pause_of_the_limit_is_none(self) -> None:
        lines = lines_of(inter_key_ms=200)
        lines.feed_events(report(2, 1, 1000))
        lines.feed_events(report(3, 1, 1200))

        assert lines.feed_events(report(ENTER, 1, 1400)) == [b"12"]

    def test_a_longer_pause_refuses_what_was_and_the_rest(self) -> None:
        lines = lines_of(inter_key_ms=200)
        lines.feed_events(report(2, 1, 1000))

        assert lines.feed_events(report(3, 1, 1201)) == [Spoiled("too_slow", b"1")]
        assert lines.feed_events(events([*typed("45"), *END], start_ms=1210)) == [Spoiled("too_slow", b"245")]

    def test_when_nothing_comes_what_was_begun_is_refused_at_once(self) -> None:
        lines = lines_of()
        lines.feed_events(report(2, 1, 1000))

        assert lines.is_waiting
        assert lines.expire_line() == [Spoiled("too_slow", b"1")]
        assert lines.expire_line() == []

    def test_the_rest_of_a_stalled_scan_is_never_a_code_of_its_own(self) -> None:
        lines = lines_of()
        lines.feed_events(events(typed("1A406030000000"), start_ms=1000))
        lines.expire_line()
        rest = [*typed("1000012345"), *END]

        assert lines.feed_events(events(rest, start_ms=1700)) == [Spoiled("too_slow", b"1000012345")]
        assert lines.feed_events(events([*typed(TAG), *END], start_ms=1800)) == [TAG.encode()]

    def test_a_scan_well_after_a_stray_key_counts(self) -> None:
        lines = lines_of()
        lines.feed_events(report(2, 1, 1000))
        lines.expire_line()

        assert lines.feed_events(events([*typed(TAG), *END], start_ms=1001 + REST_MS)) == [TAG.encode()]

    def test_a_terminator_alone_is_no_rest_that_would_be_refused_later(self) -> None:
        lines = lines_of()
        lines.feed_events(report(2, 1, 1000))
        lines.expire_line()

        assert lines.feed_events(report(ENTER, 1, 1300)) == [Spoiled("too_slow", b"")]
        assert lines.feed_events(events([*typed("ok"), *END], start_ms=1310)) == [b"ok"]


class TestKeysLost:
    """SYN_DROPPED: the kernel's buffer overflowed."""

    def test_the_scan_around_it_is_refused_up_to_its_terminator(self) -> None:
        lines = lines_of()
        stream = [*events(typed("1A40")), DROPPED, *report(2, 1, 1050), *events([*typed("45"), *END], start_ms=1060)]

        assert lines.feed_events(stream) == [Spoiled("keys_lost", b"1A4045")]
        assert lines.feed_events(events([*typed(TAG), *END], start_ms=1100)) == [TAG.encode()]

    def test_everything_up_to_the_next_report_is_thrown_away(self) -> None:
        lines = lines_of()
        stale: list[Event] = [(1, 0, 1, 2, 1), (1, 0, 1, ENTER, 1), (1, 0, 1, 3, 1), REPORT]

        assert lines.feed_events([DROPPED, *stale, *events([*typed("9"), *END])]) == [Spoiled("keys_lost", b"9")]

    def test_a_shift_whose_release_was_lost_does_not_last(self) -> None:
        lines = lines_of()
        lines.feed_events([*report(LEFT_SHIFT, 1, 1000), DROPPED, REPORT])

        assert lines.feed_events(events([*END, *typed(TAG.lower()), *END], start_ms=1010)) == [
            Spoiled("keys_lost", b""),
            TAG.lower().encode(),
        ]

    def test_a_ctrl_whose_release_was_lost_does_not_hide_the_terminator(self) -> None:
        lines = lines_of()
        lines.feed_events([*report(LEFT_CTRL, 1, 1000), DROPPED, REPORT])

        assert lines.feed_events(events(END, start_ms=1010)) == [Spoiled("keys_lost", b"")]

    def test_a_caps_lock_whose_other_half_was_lost_does_not_last(self) -> None:
        lines = lines_of()
        lines.feed_events([*events(typed("1")), DROPPED, REPORT])

        spoiled, line = lines.feed_events(events([*tap(CAPS_LOCK), *END, *typed("1a"), *END], start_ms=1010))
        assert isinstance(spoiled, Spoiled)
        assert line == b"1a"

    def test_where_the_terminator_was_lost_too_the_time_ends_it(self) -> None:
        lines = lines_of()
        lines.feed_events([*events(typed("1A40")), DROPPED, REPORT])

        assert lines.is_waiting
        assert lines.expire_line() == [Spoiled("keys_lost", b"1A40")]
        assert lines.feed_events(events([*typed(TAG), *END], start_ms=1300)) == [TAG.encode()]

    def test_the_rest_of_a_scan_whose_beginning_was_lost_is_no_code(self) -> None:
        lines = lines_of()
        lines.feed_events(events([*typed(TAG), *END], start_ms=500))
        lost: list[Event] = [(9, 0, 0, 3, 0), (9, 0, 0, 0, 0)]

        assert lines.feed_events([*lost, *events([*typed("12345"), *END], start_ms=9001)]) == [
            Spoiled("keys_lost", b"12345")
        ]

    def test_between_two_scans_it_is_told_as_well(self) -> None:
        lines = lines_of()
        lines.feed_events([DROPPED, REPORT])

        assert lines.expire_line() == [Spoiled("keys_lost", b"")]


def test_a_device_that_goes_away_in_mid_scan_spoils_it() -> None:
    lines = lines_of()
    lines.feed_events(events(typed("1A40")))

    assert lines.cut_off() == [Spoiled("cut_off", b"1A40")]
    assert lines.cut_off() == []


class TestNumber:
    """The number pad."""

    @staticmethod
    def keyed(*keys: Key) -> list[bytes | Spoiled]:
        return EvdevNumber(Keymap("us", ("enter", "kp-enter"))).feed_events(events(keys, gap_ms=900))

    @pytest.mark.parametrize(
        ("codes", "number"),
        [
            ((79, 80), b"12"),
            ((79, 83, 76), b"1.5"),
            ((79, 121, 76), b"1.5"),
            ((2, 52, 6), b"1.5"),
            ((83, 76), b".5"),
            ((82, 82, 79), b"001"),
            ((79, 80, 14, 81), b"13"),
            ((79, 83, 14, 83, 76), b"1.5"),
            ((14, 14, 79), b"1"),
            ((79, 80, 1, 81), b"3"),
            ((69, 79, 69, 80), b"12"),
        ],
    )
    def test_digits_a_point_and_corrections(self, codes: tuple[int, ...], number: bytes) -> None:
        assert self.keyed(*[key for code in codes for key in tap(code)], *tap(KP_ENTER)) == [number]

    @pytest.mark.parametrize(("codes", "begun"), [((79, 83, 83, 76), b"1.5"), ((79, 30), b"1"), ((74, 79), b"1")])
    def test_what_is_no_number_is_refused_whole(self, codes: tuple[int, ...], begun: bytes) -> None:
        keys = [key for code in codes for key in tap(code)]

        assert self.keyed(*keys, *tap(KP_ENTER), *tap(79), *tap(KP_ENTER)) == [Spoiled("strange_key", begun), b"1"]

    def test_escape_takes_back_what_was_refused_too(self) -> None:
        assert self.keyed(*tap(79), *tap(30), *tap(1), *tap(80), *tap(ENTER)) == [b"2"]

    def test_too_long_a_number_is_refused(self) -> None:
        fits = tap(79) * NUMBER_BYTES_MAX

        assert self.keyed(*fits, *tap(ENTER)) == [b"1" * NUMBER_BYTES_MAX]
        assert self.keyed(*fits, *tap(79), *tap(ENTER)) == [Spoiled("too_long", b"1" * (NUMBER_BYTES_MAX + 1))]

    def test_a_number_that_is_left_standing_is_refused_and_the_next_begins_anew(self) -> None:
        number = EvdevNumber(Keymap("us"), inter_key_ms=30_000)
        number.feed_events(events(tap(79)))
        assert number.expire_line() == [Spoiled("too_slow", b"1")]

        assert number.feed_events(events([*tap(80), *tap(ENTER)], start_ms=1500)) == [b"2"]
