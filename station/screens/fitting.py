"""Which words go where: everything that is measured in characters and needs no picture.

The rule for what is too long: a fact takes the largest font in which it fits on one line, then on two lines; what
is still too long, and every other line, is cut at its end, and `..` says so.
"""

from dataclasses import dataclass

from station.screens.fonts import Font, font_of_size

CUT = ".."
FACT_HEIGHT_PX = 27


@dataclass(frozen=True)
class Fitted:
    """The lines of a fact, in `font`; each line's first pixel row within the slot is in `tops`."""

    font: Font
    lines: tuple[str, ...]
    tops: tuple[int, ...]


_ONE_LINE = ((16, 32, -2), (12, 24, 1), (8, 16, 7))
"""Width, height and where the glyphs begin in the slot: so digits lie on as few of the display's pages as they can."""
_TWO_LINES = ((8, 16, (-1, 12)), (6, 12, (1, 14)))


def clipped_text(text: str, columns: int) -> str:
    """At most `columns` characters of `text`; `..` at the end where there were more."""
    return text if len(text) <= columns else (text[: max(0, columns - len(CUT))] + CUT)[: max(0, columns)]


def fit_fact(text: str, width_px: int) -> Fitted:
    """The largest way to set `text` in a slot of `width_px` x `FACT_HEIGHT_PX`."""
    for width, height, top in _ONE_LINE:
        face = font_of_size(width, height)
        first, end = face.ink_rows(text)
        if face.width_of(text) <= width_px and end - first <= FACT_HEIGHT_PX:
            return Fitted(face, (text,), (max(-first, min(top, FACT_HEIGHT_PX - end)),))
    for width, height, tops in _TWO_LINES:
        if lines := in_two(text, width_px // width):
            return Fitted(font_of_size(width, height), lines, tops)
    width, height, tops = _TWO_LINES[-1]
    return Fitted(font_of_size(width, height), _cut_in_two(text, width_px // width), tops)


def in_two(text: str, columns: int) -> tuple[str, ...]:
    """`text` broken at a space into two lines of at most `columns`, as even as can be; empty where there is no way."""
    breaks = [at for at, letter in enumerate(text) if letter == " " and at <= columns and len(text) - at - 1 <= columns]
    if not breaks:
        return ()
    at = min(breaks, key=lambda at: abs(len(text) - 1 - 2 * at))
    return text[:at], text[at + 1 :]


def _cut_in_two(text: str, columns: int) -> tuple[str, ...]:
    return (text[:columns], clipped_text(text[columns:], columns)) if len(text) > columns else (text, "")


def compact_count(count: int) -> str:
    """A count in at most 4 characters, rounded down: 999, 1.2k, 12k, 1.2M, 12M, 1.2G."""
    for unit, name in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= unit:
            tenths = count * 10 // unit
            return f"{tenths // 10}.{tenths % 10}{name}" if tenths < 100 else f"{min(tenths // 10, 999)}{name}"
    return str(max(0, count))
