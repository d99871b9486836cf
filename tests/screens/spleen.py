"""Where the `.bits` files come from: Spleen's console fonts, PSF version 1 and 2, as Debian's fonts-spleen has them.

`python -m tests.screens.spleen` writes them anew. Source of both formats: the kbd project's `psf.h`.
"""

import gzip
import struct
from pathlib import Path

from station.screens import fonts

CONSOLE_FONTS = Path("/usr/share/consolefonts")
PSF1_MAGIC, PSF2_MAGIC = b"\x36\x04", b"\x72\xb5\x4a\x86"


def console_font(width_px: int, height_px: int) -> Path:
    return CONSOLE_FONTS / f"spleen-{width_px}x{height_px}.psfu.gz"


def bits_path(width_px: int, height_px: int) -> Path:
    return Path(fonts.__file__).parent / "fonts" / f"spleen-{width_px}x{height_px}.bits"


def _psf1(psf: bytes) -> dict[str, bytes]:
    glyph_count, glyph_bytes = 512 if psf[2] & 1 else 256, psf[3]
    units = struct.iter_unpack("<H", psf[4 + glyph_count * glyph_bytes :])
    glyphs: dict[str, bytes] = {}
    at = 0
    for (unit,) in units:
        if unit == 0xFFFF:
            at += 1
        else:
            glyphs.setdefault(chr(unit), psf[4 + at * glyph_bytes : 4 + (at + 1) * glyph_bytes])
    return glyphs


def _psf2(psf: bytes) -> dict[str, bytes]:
    header_bytes, _flags, glyph_count, glyph_bytes = struct.unpack_from("<4I", psf, 8)
    rows = psf[header_bytes + glyph_count * glyph_bytes :].split(b"\xff")
    glyphs: dict[str, bytes] = {}
    for at, row in enumerate(rows[:glyph_count]):
        start = header_bytes + at * glyph_bytes
        for character in row.split(b"\xfe")[0].decode():
            glyphs.setdefault(character, psf[start : start + glyph_bytes])
    return glyphs


def bits(packed: bytes) -> bytes:
    """The gzipped console font as the glyphs that we keep, in our order."""
    psf = gzip.decompress(packed)
    glyphs = _psf1(psf) if psf.startswith(PSF1_MAGIC) else _psf2(psf)
    return b"".join(glyphs[character] for character in fonts.CHARACTERS)


if __name__ == "__main__":
    for size in fonts.SIZES:
        bits_path(*size).write_bytes(bits(console_font(*size).read_bytes()))
