"""The whole screen: golden pictures, slots that never overlap, and words from anywhere.

`STATION_GOLDEN=write python -m pytest tests/screens` draws the golden pictures anew; look at them before a commit.
"""

import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from station.domain.core.conditions import Link
from station.domain.core.view import Phrase, Tone, View
from station.screens import render_view
from station.screens.picture import clock_text
from tests.screens.views import MINUTE_MS, VIEWS

GOLDEN = Path(__file__).parent / "golden"
ZONE = "America/Los_Angeles"
ACCEPTED = VIEWS["accepted"]
STATUS, FACT, DETAIL, INSTRUCTION = (0, 0, 128, 11), (0, 12, 128, 39), (0, 39, 128, 51), (0, 51, 128, 64)
SLOTS = (STATUS, FACT, DETAIL, INSTRUCTION)


def changed(view: View, **fields: Any) -> View:
    return msgspec.structs.replace(view, **fields)


def difference(one: Image.Image, other: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.logical_xor(one, other).getbbox()


def lit(picture: Image.Image) -> int:
    return sum(map(int.bit_count, picture.tobytes()))


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("tone", sorted(VIEWS))
def test_the_picture_is_the_golden_one(tone: str, language: str) -> None:
    picture = render_view(VIEWS[tone], language, ZONE)
    path = GOLDEN / f"{tone}-{language}.png"
    if os.environ.get("STATION_GOLDEN") == "write":
        picture.save(path, optimize=True)
    assert (picture.mode, picture.size) == ("1", (128, 64))
    assert difference(picture, Image.open(path)) is None


def test_each_tone_has_a_golden_picture() -> None:
    assert {view.tone for view in VIEWS.values()} == set(Tone)
    assert {path.stem for path in GOLDEN.glob("*.png")} == {f"{tone}-{code}" for tone in VIEWS for code in ("en", "es")}


def test_only_not_recording_is_inverted() -> None:
    light = {tone for tone in Tone if lit(render_view(changed(ACCEPTED, tone=tone), "en", ZONE)) > 128 * 64 / 2}
    assert light == {Tone.NOT_RECORDING}


def test_the_tones_that_matter_while_scanning_differ_in_their_icon_alone() -> None:
    accepted, already, refused = (
        render_view(changed(ACCEPTED, tone=tone), "en", ZONE) for tone in (Tone.ACCEPTED, Tone.ALREADY, Tone.REFUSED)
    )
    for one, other in ((accepted, already), (already, refused), (accepted, refused)):
        left, top, right, bottom = difference(one, other) or (0, 0, 0, 0)
        assert (left >= 0, top >= 12, right <= 24, bottom <= 39) == (True,) * 4
        assert right > left


PHRASES = st.builds(Phrase, st.text(max_size=40), st.tuples(st.text(max_size=12), st.text(max_size=12)))
VIEW = st.builds(
    View,
    duty=st.text(max_size=20),
    tone=st.sampled_from(Tone),
    fact=PHRASES,
    detail=st.none() | PHRASES,
    instruction=st.none() | PHRASES,
    link=st.sampled_from(Link),
    waiting=st.integers(-1, 2**63),
    minute_ms=st.none() | st.integers(-(2**63), 2**63),
    refused=st.integers(-1, 2**63),
)


@given(VIEW)
def test_no_view_raises_and_two_columns_and_a_row_stay_free_for_the_shift(view: View) -> None:
    picture = render_view(changed(view, tone=Tone.CALM), "es", ZONE)
    assert picture.crop((126, 0, 128, 64)).getbbox() is None
    assert picture.crop((0, 63, 128, 64)).getbbox() is None
    assert render_view(view, "en", "UTC").size == (128, 64)


@pytest.mark.parametrize(
    ("fields", "slot"),
    [
        ({"fact": Phrase("W" * 60)}, FACT),
        ({"fact": Phrase("counted", ("8" * 40,))}, FACT),
        ({"fact": Phrase("Ágj, Ñgj, Ágj, Ñgj,")}, FACT),
        ({"detail": Phrase("located", ("Ç" * 60,))}, DETAIL),
        ({"detail": None}, DETAIL),
        ({"instruction": Phrase("|" * 60)}, INSTRUCTION),
        ({"instruction": Phrase("none")}, INSTRUCTION),
        ({"duty": "|" * 60, "waiting": 2**63, "refused": 2**63}, STATUS),
        ({"link": Link.NONE, "minute_ms": None}, STATUS),
    ],
)
def test_whatever_stands_in_a_slot_touches_no_other(fields: dict[str, Any], slot: tuple[int, int, int, int]) -> None:
    box = difference(render_view(ACCEPTED, "en", ZONE), render_view(changed(ACCEPTED, **fields), "en", ZONE))
    assert box is not None
    left, top, right, bottom = slot
    assert (box[0] >= left, box[1] >= top, box[2] <= right, box[3] <= bottom) == (True,) * 4


def test_the_status_bar_never_cuts_counts_and_clock_for_the_sake_of_the_duty() -> None:
    full = changed(ACCEPTED, waiting=1299, refused=123)
    named = render_view(changed(full, duty="count"), "en", ZONE)
    nameless = render_view(changed(full, duty=""), "en", ZONE)
    box = difference(named, nameless)
    assert box is not None
    assert box[2] < 40
    counts = (60, 0, 128, 11)
    other = render_view(changed(full, duty="entry", waiting=1200), "en", ZONE)
    assert difference(nameless.crop(counts), other.crop(counts)) is None


@pytest.mark.parametrize("slot", ["detail", "instruction"])
def test_a_line_that_is_too_long_ends_in_two_points(slot: str) -> None:
    cut = render_view(changed(ACCEPTED, **{slot: Phrase("0123456789012345678901")}), "en", ZONE)
    said = render_view(changed(ACCEPTED, **{slot: Phrase("0123456789012345678..")}), "en", ZONE)
    assert difference(cut, said) is None


def test_nothing_waiting_and_nothing_refused_are_not_shown() -> None:
    quiet = render_view(changed(ACCEPTED, waiting=0), "en", ZONE)
    assert (
        lit(quiet) < lit(render_view(ACCEPTED, "en", ZONE)) < lit(render_view(changed(ACCEPTED, refused=3), "en", ZONE))
    )


@pytest.mark.parametrize(
    ("minute_ms", "zone", "expected"),
    [
        (MINUTE_MS, ZONE, "14:03"),
        (MINUTE_MS, "UTC", "22:03"),
        (1_783_033_380_000, ZONE, "16:03"),  # in July an hour later
        (None, ZONE, "--:--"),
        (MINUTE_MS, "Mars/Olympus", "--:--"),
        (MINUTE_MS, "../../etc/passwd", "--:--"),
        (MINUTE_MS, "", "--:--"),
        (2**62, "UTC", "--:--"),
    ],
)
def test_the_clock_is_the_site_s_or_none_at_all(minute_ms: int | None, zone: str, expected: str) -> None:
    assert clock_text(minute_ms, zone) == expected
