"""Lines of styled text, for a terminal and for a picture of one."""

import re

import msgspec

RESET = "\x1b[0m"
SGR = {
    "": "",
    "bold": "\x1b[1m",
    "dim": "\x1b[90m",
    "pixels": "\x1b[96m",
    "title": "\x1b[1;97m",
    "green": "\x1b[1;92m",
    "amber": "\x1b[1;93m",
    "red": "\x1b[1;91m",
    "key": "\x1b[1;97;44m",
}
"""A style's name -> Select Graphic Rendition (ECMA-48)."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Run(msgspec.Struct, frozen=True):
    """Text in one style."""

    text: str
    style: str = ""


Line = tuple[Run, ...]


def plain_text(line: Line) -> str:
    """The characters alone."""
    return "".join(run.text for run in line)


def ansi_text(line: Line) -> str:
    """For a terminal. No control character of the text reaches it."""
    shown = ((_CONTROL.sub("?", run.text), SGR[run.style]) for run in line)
    return "".join(f"{style}{text}{RESET}" if style else text for text, style in shown)


def fit_line(line: Line, columns: int) -> Line:
    """Cut or padded to so many columns; every character is one column wide."""
    runs, left = [], columns
    for run in line:
        runs.append(Run(run.text[:left], run.style))
        left -= len(runs[-1].text)
    return (*runs, Run(" " * left)) if left else tuple(runs)
