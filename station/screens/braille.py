"""A picture as text, pixel for pixel: a braille character is 2 pixels wide and 4 high.

U+2800 plus one bit a dot (Unicode, "Braille Patterns"): the left column from the top is 1, 2, 4, 64, the right one
8, 16, 32, 128.
"""

from PIL import Image

BLANK = 0x2800
_DOTS = ((0, 0, 1), (0, 1, 2), (0, 2, 4), (0, 3, 64), (1, 0, 8), (1, 1, 16), (1, 2, 32), (1, 3, 128))


def braille_rows(image: Image.Image) -> list[str]:
    """The rows of text that show `image` (mode "1", sides divisible by 2 and 4): 16 rows of 64 for an OLED."""
    width_px, height_px = image.size
    pixels = image.convert("L").tobytes()
    return [
        "".join(chr(BLANK + _braille_cell(pixels, y * width_px + x, width_px)) for x in range(0, width_px, 2))
        for y in range(0, height_px, 4)
    ]


def _braille_cell(pixels: bytes, corner: int, width_px: int) -> int:
    return sum(bit for x, y, bit in _DOTS if pixels[corner + y * width_px + x])


def image_of_braille(rows: list[str]) -> Image.Image:
    """The picture that `braille_rows` made these rows from."""
    image = Image.new("1", (2 * len(rows[0]), 4 * len(rows)))
    for row_at, row in enumerate(rows):
        for column, character in enumerate(row):
            for x, y, bit in _DOTS:
                if (ord(character) - BLANK) & bit:
                    image.putpixel((2 * column + x, 4 * row_at + y), 255)
    return image
