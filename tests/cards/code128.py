"""A Code 128 decoder of the tests' own: from the modules of a symbol to its text (ISO/IEC 15417, annex)."""

import re

# Widths of bar, space, bar, space, bar, space for the values 0..105.
_TABLE = """
212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231
113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211
212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131
113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111
314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211
241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141
214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214
211232
"""
_WIDTHS = re.findall("[1-4]{6}", _TABLE)
_VALUES = {widths: value for value, widths in enumerate(_WIDTHS)}
_STOP = "2331112"
_QUIET_MODULES = 10
_START_B, _START_C = 104, 105
_TO_C, _TO_B = 99, 100


def modules_of(svg: str) -> str:
    """The modules that an SVG's path draws, quiet zones included."""
    total = int(re.findall(r'viewBox="0 0 (\d+) 1"', svg)[0])
    modules = ["0"] * total
    for start, width in re.findall(r"M(\d+) 0h(\d+)v1h-\2z", svg):
        for place in range(int(start), int(start) + int(width)):
            assert modules[place] == "0"
            modules[place] = "1"
    return "".join(modules)


def decode(modules: str) -> str:
    """The text of a symbol in code sets B and C; asserts its quiet zones, its stop and its check value."""
    quiet = "0" * _QUIET_MODULES
    assert modules.startswith(quiet)
    assert modules.endswith(quiet)
    widths = "".join(str(len(run)) for run in re.findall(r"1+|0+", modules.strip("0")))
    assert widths.endswith(_STOP)
    widths = widths[: -len(_STOP)]
    start, *values, check = [_VALUES[widths[place : place + 6]] for place in range(0, len(widths), 6)]
    assert (start + sum(place * value for place, value in enumerate(values, start=1))) % 103 == check
    return _text(start, values)


def _text(start: int, values: list[int]) -> str:
    assert start in {_START_B, _START_C}
    in_c, text = start == _START_C, ""
    for value in values:
        if in_c and value < 100:
            text += f"{value:02d}"
        elif in_c:
            assert value == _TO_B
            in_c = False
        elif value == _TO_C:
            in_c = True
        else:
            assert value < 96
            text += chr(value + 32)
    return text
