"""What badge readers and PIN keypads report."""

from typing import ClassVar

from station.domain.core.inputs import Input


class BadgePresented(Input, frozen=True):
    """A badge was read; `badge` is the HMAC-SHA-256 of its number under the site's key, as lower-case hex.

    `side` is where the reader hangs: `outside`, `inside` or `desk`.
    """

    refusable: ClassVar[bool] = True
    source: str
    at: int
    side: str
    badge: str


class BadgeSpoiled(Input, frozen=True):
    """A read that is no badge: `parity`, `checksum`, `unknown_format`, `too_long`."""

    refusable: ClassVar[bool] = True
    source: str
    at: int
    side: str
    reason: str


class PinKeyed(Input, frozen=True):
    """A PIN was keyed at the keypad outside and compared where it was read; the digits go no further.

    `person` is the id of the one whose PIN was awaited, empty where nobody's was.
    """

    refusable: ClassVar[bool] = True
    source: str
    at: int
    person: str
    is_right: bool
