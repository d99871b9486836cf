"""Bytes in, whole lines out, in bounded memory. Pure."""

import re
from typing import Literal, NamedTuple

Framing = Literal["line", "cr", "lf", "crlf", "etx", "quiet"]

SPOILED_BYTES_MAX = 64
"""So much of a line that is refused is kept, for people to recognise it by."""

_NEVER = re.compile(rb"(?!)")
_ENDS: dict[Framing, re.Pattern[bytes]] = {
    "line": re.compile(rb"[\r\n]"),
    "cr": re.compile(rb"\r"),
    "lf": re.compile(rb"\n"),
    "crlf": re.compile(rb"\r\n"),
    "etx": re.compile(rb"\x03"),
    "quiet": _NEVER,
}
_FRAME_BYTES = 5  # STX, a CR LF on either side of the text: at most so much of a frame is no line


class Spoiled(NamedTuple):
    """A line that was not read whole: why, in a word, and its first bytes."""

    reason: str
    line: bytes


class LineFraming:
    """Cuts a stream of bytes into lines without their terminator; empty lines are none.

    "line" ends at any of CR, LF, CRLF; "cr", "lf", "crlf" at exactly that; "etx" at ETX, where an STX before and a
    CR LF around the text are taken off, as RDM6300 and ID-12 badge readers send them; "quiet" when nothing came for
    `quiet_ms`. A line longer than `line_bytes_max` is `Spoiled("too_long")`, once, at its end.
    """

    def __init__(self, framing: Framing = "line", *, line_bytes_max: int = 4096, quiet_ms: int = 50) -> None:
        self._end = _ENDS[framing]
        self._is_etx = framing == "etx"
        self._quiet_ms = quiet_ms if framing == "quiet" else None
        self._line_bytes_max = line_bytes_max
        self._rest = b""
        self._overlong: bytes | None = None
        self._last_ms = 0

    def feed_bytes(self, chunk: bytes, at_ms: int) -> list[bytes | Spoiled]:
        """Return the lines that end in this chunk, which came at `at_ms`; an empty chunk only tells the time."""
        lines: list[bytes | Spoiled] = []
        if (due_ms := self.due_ms()) is not None and at_ms >= due_ms:
            lines.append(self._line_of(self._rest))
            self._rest = b""
        if chunk:
            self._last_ms = at_ms
            *ended, rest = self._end.split(self._rest + chunk)
            for piece in ended:
                lines.append(self._line_of(piece))
            self._keep_rest(rest)
        return [line for line in lines if line]

    def due_ms(self) -> int | None:
        """When to feed an empty chunk so that the quiet is noticed; None where nothing waits for it."""
        is_waiting = bool(self._rest) or self._overlong is not None
        return self._last_ms + self._quiet_ms if self._quiet_ms is not None and is_waiting else None

    def cut_off(self) -> list[Spoiled]:
        """Give up what was read of a line, if anything, because the stream ended; return it as spoiled."""
        begun = self._rest if self._overlong is None else self._overlong
        self._rest, self._overlong = b"", None
        return [Spoiled("cut_off", begun[:SPOILED_BYTES_MAX])] if begun.strip(b"\r\n") else []

    def _line_of(self, piece: bytes) -> bytes | Spoiled:
        begun, self._overlong = self._overlong, None
        if begun is not None:
            return Spoiled("too_long", begun)
        line = piece.lstrip(b"\r\n").removeprefix(b"\x02").strip(b"\r\n") if self._is_etx else piece
        if len(line) > self._line_bytes_max:
            return Spoiled("too_long", line[:SPOILED_BYTES_MAX])
        return line

    def _keep_rest(self, rest: bytes) -> None:
        if self._overlong is None and len(rest) > self._line_bytes_max + _FRAME_BYTES:
            self._overlong = rest[:SPOILED_BYTES_MAX]
        # Of a line that is refused anyway only a CR matters, to which the LF may follow.
        self._rest = rest if self._overlong is None else rest[-1:]
