"""The Spleen bitmap fonts: text of a fixed width, no smoothing, drawn pixel by pixel.

A `.bits` file holds the glyphs of U+0020..U+007E and then U+00A0..U+00FF without a header; a glyph is `height_px`
rows from the top, each of ceil(width_px / 8) bytes, leftmost pixel in the highest bit, 1 for lit.
"""

import unicodedata
from functools import cache
from importlib import resources

from PIL import Image

CHARACTERS = "".join(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x100))))
UNKNOWN = "?"
SIZES = ((6, 12), (8, 16), (12, 24), (16, 32))


class Font:
    """Glyphs of `width_px` x `height_px`; characters without a glyph are drawn as `?`."""

    def __init__(self, width_px: int, height_px: int, bits: bytes) -> None:
        self.width_px = width_px
        self.height_px = height_px
        glyph_bytes = (width_px + 7) // 8 * height_px
        if len(bits) != glyph_bytes * len(CHARACTERS):
            raise ValueError(
                f"font {width_px}x{height_px}: {len(bits)} bytes were found; "
                f"{glyph_bytes * len(CHARACTERS)} are needed; install the package again"
            )
        self._glyphs = {
            character: Image.frombytes("1", (width_px, height_px), bits[at * glyph_bytes : (at + 1) * glyph_bytes])
            for at, character in enumerate(CHARACTERS)
        }

    def width_of(self, text: str) -> int:
        """Pixels that `text` takes from left to right."""
        return self.width_px * len(text)

    def ink_rows(self, text: str) -> tuple[int, int]:
        """The first lit row of `text` and the one after its last, from the top of a glyph; (0, 0) if it is blank."""
        boxes = [box for character in text if (box := self._glyph_of(character).getbbox())]
        return (min(box[1] for box in boxes), max(box[3] for box in boxes)) if boxes else (0, 0)

    def draw_text(self, picture: Image.Image, x: int, y: int, text: str) -> None:
        """Light the pixels of `text`, its top left corner at (x, y); what lies outside the picture is left out.

        What is lit there already stays so: the rows of two lines may overlap where neither has ink.
        """
        for at, character in enumerate(text):
            picture.paste(255, (x + at * self.width_px, y), self._glyph_of(character))

    def _glyph_of(self, character: str) -> Image.Image:
        return self._glyphs.get(character) or self._glyphs[UNKNOWN]


@cache
def font_of_size(width_px: int, height_px: int) -> Font:
    """One of `SIZES`, read from this package once."""
    name = f"spleen-{width_px}x{height_px}.bits"
    return Font(width_px, height_px, resources.files("station.screens").joinpath("fonts", name).read_bytes())


def drawable_text(text: str) -> str:
    """`text` with each accent joined to its letter, as the fonts have it, and no character that takes no place."""
    return "".join(unicodedata.normalize("NFC", text).split("\u00ad"))
