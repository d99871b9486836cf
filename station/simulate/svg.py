"""Lines of styled text as a picture of a terminal, for the README. Braille is drawn dot by dot, in any font."""

from html import escape

from station.simulate.styled import Line, Run

CELL_WIDTH_PX, CELL_HEIGHT_PX = 8, 16
MARGIN_PX = 12
FONT_PX = 13
BACKGROUND, FOREGROUND = "#0d1117", "#c9d1d9"
COLOURS = {
    "dim": "#6e7681",
    "pixels": "#7ee8fa",
    "title": "#ffffff",
    "bold": "#ffffff",
    "green": "#3fdc5c",
    "amber": "#ffb627",
    "red": "#ff5c5c",
    "key": "#ffffff",
}
KEY_BACKGROUND = "#1f4f8f"
_BLANK = 0x2800
_FIRST_BRAILLE, _LAST_BRAILLE = "\u2801", "\u28ff"
_DOTS = ((0, 0, 1), (0, 1, 2), (0, 2, 4), (0, 3, 64), (1, 0, 8), (1, 1, 16), (1, 2, 32), (1, 3, 128))
"""Column, row and bit of each dot (Unicode, "Braille Patterns")."""


def svg_picture(lines: list[Line]) -> str:
    """The whole picture, as an SVG file."""
    columns = max(sum(len(run.text) for run in line) for line in lines)
    width_px = columns * CELL_WIDTH_PX + 2 * MARGIN_PX
    height_px = len(lines) * CELL_HEIGHT_PX + 2 * MARGIN_PX
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_px}" height="{height_px}" '
        f'viewBox="0 0 {width_px} {height_px}" font-family="ui-monospace, Menlo, Consolas, \'DejaVu Sans Mono\', '
        f'monospace" font-size="{FONT_PX}">'
    )
    back = f'<rect width="{width_px}" height="{height_px}" rx="8" fill="{BACKGROUND}"/>'
    drawn = [element for row, line in enumerate(lines) for element in _line_texts(line, row)]
    return "\n".join([head, back, *drawn, "</svg>\n"])


def _line_texts(line: Line, row: int) -> list[str]:
    column, drawn = 0, []
    for run in line:
        drawn += _run_texts(run, column, row)
        column += len(run.text)
    return drawn


def _run_texts(run: Run, column: int, row: int) -> list[str]:
    x, y = MARGIN_PX + column * CELL_WIDTH_PX, MARGIN_PX + row * CELL_HEIGHT_PX
    colour = COLOURS.get(run.style, FOREGROUND)
    if any(_FIRST_BRAILLE <= character <= _LAST_BRAILLE for character in run.text):
        return [_dots_path(run.text, x, y, colour)]
    drawn = []
    if run.style == "key":
        width_px = len(run.text) * CELL_WIDTH_PX
        drawn.append(f'<rect x="{x}" y="{y}" width="{width_px}" height="{CELL_HEIGHT_PX}" fill="{KEY_BACKGROUND}"/>')
    if text := run.text.strip():
        x += (len(run.text) - len(run.text.lstrip())) * CELL_WIDTH_PX
        drawn.append(_text_element(text, x, y + CELL_HEIGHT_PX - 4, colour))
    return drawn


def _text_element(text: str, x: int, y: int, colour: str) -> str:
    length_px = len(text) * CELL_WIDTH_PX
    return (
        f'<text x="{x}" y="{y}" fill="{colour}" textLength="{length_px}" lengthAdjust="spacingAndGlyphs" '
        f'xml:space="preserve">{escape(text)}</text>'
    )


def _dots_path(text: str, x: int, y: int, colour: str) -> str:
    """One path of small squares, 4 pixels apart: so the OLED's own pixels stay square."""
    squares = [
        f"M{x + at * CELL_WIDTH_PX + 4 * column} {y + 4 * row}h3v3h-3z"
        for at, character in enumerate(text)
        for column, row, bit in _DOTS
        if (ord(character) - _BLANK) & bit
    ]
    return f'<path fill="{colour}" d="{"".join(squares)}"/>'
