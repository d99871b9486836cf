"""Badge readers: a source of lines becomes one of badges, and no number leaves it. Pure but for the source within."""

from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple, Protocol, cast

from drivers.ports import Source
from station.domain.core.inputs import BarcodeScanned, Input, ScanSpoiled
from station.domain.identifiers.badge_number import BadgeRefused, Format, badge_hmac, decode
from station.domain.people.inputs import BadgePresented, BadgeSpoiled

REPEAT_MS = 1_000
"""A reader that tells a badge again and again while it is held there: so close together, that is one presentation."""


class _Closable(Protocol):
    def close(self) -> None: ...


class _Read(NamedTuple):
    """What was told last: a badge's HMAC or why it was none, and when."""

    badge: str
    reason: str
    at: int


class BadgeReader:
    """Yields `BadgePresented` and `BadgeSpoiled` in the place of the scans of `lines`; its losses as they are.

    `form` is how the reader writes a number, `site_key` the key under which it becomes an HMAC.
    """

    def __init__(self, lines: Source, *, side: str, form: Format, site_key: bytes, repeat_ms: int = REPEAT_MS) -> None:
        self._lines = lines
        self._side, self._form, self._repeat_ms = side, form, repeat_ms
        self._site_key = site_key
        self._last: _Read | None = None

    @property
    def name(self) -> str:
        """As the settings name it."""
        return self._lines.name

    def inputs(self) -> Iterator[Input]:
        """Yield until the reader goes away or `close`, see `Source`."""
        read = self._lines.inputs()
        with closing(cast(_Closable, read)):
            for input in read:
                match input:
                    case BarcodeScanned(at=at, line=line):
                        yield from self._unless_repeated(self._decode_badge(line, at))
                    case ScanSpoiled(at=at, reason=reason):
                        yield from self._unless_repeated(_Read("", reason, at))
                    case _:
                        yield input

    def close(self) -> None:
        """Make `inputs` return, now and for good."""
        self._lines.close()

    def _decode_badge(self, line: bytes, at: int) -> _Read:
        try:
            return _Read(badge_hmac(decode(line, self._form), self._site_key), "", at)
        except BadgeRefused as error:
            return _Read("", error.reason, at)

    def _unless_repeated(self, read: _Read) -> Iterator[Input]:
        last, self._last = self._last, read
        if last is not None and last[:2] == read[:2] and read.at - last.at < self._repeat_ms:
            return
        if read.reason:
            yield BadgeSpoiled(self.name, read.at, self._side, read.reason)
        else:
            yield BadgePresented(self.name, read.at, self._side, read.badge)
