"""Inputs: the facts that drivers, the clock and the control socket report to the loop.

`at` is always the monotonic clock in milliseconds. A *refusable* input (a scan) may be refused aloud when
its commit fails; every other input is a fact and is decided again until it is recorded.
"""

from typing import Any, ClassVar

import msgspec


class Input(msgspec.Struct, frozen=True):
    """Base of all inputs."""

    refusable: ClassVar[bool] = False


class BarcodeScanned(Input, frozen=True):
    """One whole line as a scanner decoded it, without its terminator; bytes, never text."""

    refusable: ClassVar[bool] = True
    source: str
    at: int
    line: bytes


class NumberKeyed(Input, frozen=True):
    """What was typed on a keypad before Enter: digits and at most one point, as bytes."""

    refusable: ClassVar[bool] = True
    source: str
    at: int
    line: bytes


class ScanSpoiled(Input, frozen=True):
    """A scan that its driver could not read whole; it is refused with `reason`, never cut.

    `reason` is a word such as `too_long`, `keys_lost`, `too_slow`, `cut_off`, `strange_key`, `alt_keypad`;
    `line` is what was read so far.
    """

    refusable: ClassVar[bool] = True
    source: str
    at: int
    reason: str
    line: bytes = b""


class ScansOverflowed(Input, frozen=True):
    """So many scans of one source were refused unread: `inbox_full`, or `not_recording`."""

    source: str
    at: int
    times: int
    reason: str = "inbox_full"


class DocumentOffered(Input, frozen=True):
    """A checked document of a kind (`plan`, `roster`) and its bytes as received.

    `caller` is whom to answer, `by` who brought it.
    """

    at: int
    kind: str
    value: Any
    raw: bytes
    by: str
    caller: int


class SourceLost(Input, frozen=True):
    """A device went away; `reason` is the system's own text."""

    source: str
    at: int
    reason: str


class SourceFound(Input, frozen=True):
    """A device is there (again)."""

    source: str
    at: int


class DeadlineReached(Input, frozen=True):
    """The moment that `due(state)` named."""

    at: int
