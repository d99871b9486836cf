"""A view as a picture for an OLED of 128x64 pixels.

    y  0..7   status bar: duty, refusals that nobody has seen, link, events that wait, clock; y 10 its line
      12..38  the fact, beside it the tone's icon
      39..50  the detail, 21 characters
      51..63  the instruction, 21 characters

Columns 126 and 127 and row 63 stay dark, so that a display can move the picture against burn-in, by up to two
pixels to the right and one down.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from PIL import Image, ImageChops

from station.domain.core.view import Tone, View
from station.screens.catalogues import duty_word, worded_phrase
from station.screens.fitting import FACT_HEIGHT_PX, clipped_text, compact_count, fit_fact
from station.screens.fonts import drawable_text, font_of_size
from station.screens.icons import LINKS, TONE_SIDE_PX, TONES, UNSEEN, icon_bitmap

WIDTH_PX, HEIGHT_PX = 128, 64
USED_PX = 126
LINE_COLUMNS = 21
STATUS_TOP, RULE_Y, FACT_TOP, DETAIL_TOP, INSTRUCTION_TOP = -1, 10, 12, 39, 51
GAP_PX = 4
BAR_HEIGHT_PX = 2
"""A bar of the time that is left stands where the status bar's line is otherwise."""
REFUSED_SHOWN_MAX = 99
NO_CLOCK = "--:--"


def render_view(view: View, language: str, timezone: str) -> Image.Image:
    """The picture of `view`, mode "1", 255 for lit. `timezone` is an IANA name; an unknown one shows no clock.

    Raises nothing for any text in the view. The whole tag of a package has no place here: its last 6 do.
    """
    picture = Image.new("1", (WIDTH_PX, HEIGHT_PX))
    _draw_status(picture, view, language, timezone)
    _draw_fact(picture, drawable_text(worded_phrase(view.fact, language)), view.tone)
    _draw_line(picture, DETAIL_TOP, drawable_text(worded_phrase(view.detail, language)))
    _draw_line(picture, INSTRUCTION_TOP, drawable_text(worded_phrase(view.instruction, language)))
    return ImageChops.invert(picture) if view.tone is Tone.NOT_RECORDING else picture


def clock_text(minute_ms: int | None, timezone: str) -> str:
    """HH:MM of a UTC moment in a zone; `--:--` where either is unknown."""
    if minute_ms is None:
        return NO_CLOCK
    try:
        return f"{datetime.fromtimestamp(minute_ms / 1000, UTC).astimezone(ZoneInfo(timezone)):%H:%M}"
    except (ValueError, OverflowError, OSError, LookupError):  # no such zone, or a moment beyond the calendar
        return NO_CLOCK


def _draw_status(picture: Image.Image, view: View, language: str, timezone: str) -> None:
    """From the right: what must never be cut; the duty's word gets what is left."""
    small = font_of_size(6, 12)
    right = _draw_right(picture, USED_PX, clock_text(view.minute_ms, timezone)) - GAP_PX
    if view.waiting > 0:
        right = _draw_right(picture, right, compact_count(view.waiting)) - 3
    right = _paste_right(picture, right, LINKS[view.link]) - GAP_PX
    if view.refused > 0:
        shown = str(view.refused) if view.refused <= REFUSED_SHOWN_MAX else f"{REFUSED_SHOWN_MAX}+"
        right = _paste_right(picture, _draw_right(picture, right, shown) - 2, UNSEEN) - GAP_PX
    word = drawable_text(duty_word(view.duty, language))
    small.draw_text(picture, 0, STATUS_TOP, word[: max(0, right // small.width_px)])
    if view.bar is None:
        picture.paste(255, (0, RULE_Y, USED_PX, RULE_Y + 1))
    else:
        picture.paste(255, (0, RULE_Y, round(min(1.0, max(0.0, view.bar)) * USED_PX), RULE_Y + BAR_HEIGHT_PX))


def _draw_right(picture: Image.Image, right: int, text: str) -> int:
    """Draw `text` so that it ends at `right`; returns where it begins."""
    left = right - font_of_size(6, 12).width_of(text)
    font_of_size(6, 12).draw_text(picture, left, STATUS_TOP, text)
    return left


def _paste_right(picture: Image.Image, right: int, art: str) -> int:
    icon = icon_bitmap(art)
    picture.paste(icon, (right - icon.width, 0))
    return right - icon.width


def _draw_fact(picture: Image.Image, text: str, tone: Tone) -> None:
    """The fact in the middle of its slot, which the tone's icon shortens."""
    left = 0
    if tone in TONES:
        picture.paste(icon_bitmap(TONES[tone]), (0, FACT_TOP + 2))
        left = TONE_SIDE_PX + GAP_PX
    width_px = USED_PX - left
    fitted = fit_fact(text, width_px)
    slot = Image.new("1", (width_px, FACT_HEIGHT_PX))
    for line, top in zip(fitted.lines, fitted.tops, strict=True):
        fitted.font.draw_text(slot, (width_px - fitted.font.width_of(line)) // 2, top, line)
    picture.paste(slot, (left, FACT_TOP))


def _draw_line(picture: Image.Image, top: int, text: str) -> None:
    font_of_size(6, 12).draw_text(picture, 0, top, clipped_text(text, LINE_COLUMNS))
