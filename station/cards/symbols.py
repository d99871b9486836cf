"""Codes as inline SVG: Code 128 where a linear scanner can still read it, QR where it would get too wide."""

import segno
from barcode.charsets.code128 import CODES, STOP

_START_B = 104
_QUIET_MODULES = 10  # ISO/IEC 15417: on either side
_BAR_HEIGHT_MM = 12
_MODULE_MM_MAX = 0.40
_MODULE_MM_MIN = 0.28  # 11 mil, printed by any office printer and read by any gun
_QR_MODULE_MM = 0.6


def code128_modules(text: str) -> str:
    """Return the modules of a Code 128 symbol, `1` a bar and `0` a space, without quiet zones.

    Code set B alone (ISO/IEC 15417): python-barcode's own choice of sets drops a leading `99`.
    Raises ValueError when `text` is not printable ASCII.
    """
    if not (text.isascii() and text.isprintable()):
        raise ValueError(f"code 128: text {text!r}; only printable ASCII is allowed; encode it first")
    values = [_START_B, *(ord(character) - 0x20 for character in text)]
    values.append((_START_B + sum(place * value for place, value in enumerate(values))) % 103)
    patterns: list[str] = [*(CODES[value] for value in values), STOP, "11"]
    return "".join(patterns)


def code128_fits(text: str, width_mm: float) -> bool:
    """Whether a symbol with its quiet zones fits `width_mm` at the smallest module."""
    return (len(code128_modules(text)) + 2 * _QUIET_MODULES) * _MODULE_MM_MIN <= width_mm


def code128_svg(text: str, width_mm: float) -> str:
    """Draw a Code 128 symbol with its quiet zones, at most `width_mm` wide; one user unit is one module."""
    modules = code128_modules(text)
    total = len(modules) + 2 * _QUIET_MODULES
    module_mm = min(_MODULE_MM_MAX, width_mm / total)
    path = "".join(f"M{start + _QUIET_MODULES} 0h{width}v1h-{width}z" for start, width in _bars_of(modules))
    size = f"width:{total * module_mm:.2f}mm;height:{_BAR_HEIGHT_MM}mm"
    return (
        f'<svg class="code128" viewBox="0 0 {total} 1" preserveAspectRatio="none" style="{size}"'
        f' shape-rendering="crispEdges"><path d="{path}"/></svg>'
    )


def qr_svg(text: str) -> str:
    """Draw a QR symbol of error level M with its quiet zone of four modules."""
    symbol = segno.make(text, error="m", micro=False)
    svg: str = symbol.svg_inline(scale=_QR_MODULE_MM, unit="mm", border=4, svgclass="qr", lineclass=None)
    return svg


def _bars_of(modules: str) -> list[tuple[int, int]]:
    """Each bar as (first module, width in modules)."""
    bars = []
    place = 0
    for run in modules.replace("01", "0 1").replace("10", "1 0").split():
        if run[0] == "1":
            bars.append((place, len(run)))
        place += len(run)
    return bars
