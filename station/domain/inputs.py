"""Inputs: the facts that drivers, the clock and the control socket report to the loop.

`at` is always the monotonic clock in milliseconds. A *refusable* input (a scan) may be refused aloud when
its commit fails; every other input is a fact and is decided again until it is recorded.
"""

from typing import Any, ClassVar

import msgspec

from station.domain.command_words import Command, Here, ReplyTo
from station.domain.plan import Plan
from station.domain.policy import Policy
from station.domain.roster import Roster

DOOR = "door"
"""The source's name under which the door's inputs are lost and found (`SourceLost`, `SourceFound`)."""
LOCK = "lock"


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


class EntryInput(Input, frozen=True):
    """Base of what badge readers and the door report."""


class BadgePresented(EntryInput, frozen=True):
    """A badge was read; `badge` is the HMAC-SHA-256 of its number under the site's key, as lower-case hex.

    `side` is where the reader hangs: `outside`, `inside` or `desk`.
    """

    refusable: ClassVar[bool] = True
    source: str
    at: int
    side: str
    badge: str


class BadgeSpoiled(EntryInput, frozen=True):
    """A read that is no badge: `parity`, `checksum`, `unknown_format`, `too_long`."""

    refusable: ClassVar[bool] = True
    source: str
    at: int
    side: str
    reason: str


class PinKeyed(EntryInput, frozen=True):
    """A PIN was keyed at the keypad outside and compared where it was read; the digits go no further.

    `person` is the id of the one whose PIN was awaited, empty where nobody's was.
    """

    refusable: ClassVar[bool] = True
    source: str
    at: int
    person: str
    is_right: bool


class DoorMoved(EntryInput, frozen=True):
    """The contact's level after debouncing; its source reports it once when it begins, and then each change.

    `at` is when the level came, not when it was trusted.
    """

    at: int
    is_open: bool


class RexPressed(EntryInput, frozen=True):
    """Somebody asks to leave: the lever's switch, a button, a motion sensor."""

    at: int


class FireChanged(EntryInput, frozen=True):
    """The fire panel or the break-glass: active or not; reported like `DoorMoved`."""

    at: int
    is_active: bool


class TamperChanged(EntryInput, frozen=True):
    """The tamper loop; reported like `DoorMoved`."""

    at: int
    is_open: bool


class LockFailed(Input, frozen=True):
    """The lock did not do what it was told; `reason` is the system's own text."""

    at: int
    reason: str


class LockWorks(Input, frozen=True):
    """The lock obeys again."""

    at: int


class SourceLost(Input, frozen=True):
    """A device went away; `reason` is the system's own text."""

    source: str
    at: int
    reason: str


class SourceFound(Input, frozen=True):
    """A device is there (again)."""

    source: str
    at: int


class ClockStepped(Input, frozen=True):
    """Wall time is monotonic time plus `offset_ms`; it moved, or its quality did (`synced`, `rtc`, `unsynced`)."""

    at: int
    offset_ms: int
    quality: str


class PlanOffered(Input, frozen=True):
    """A checked plan and its bytes as received; `caller` is whom to answer, `by` who brought it."""

    at: int
    plan: Plan
    raw: bytes
    by: str
    caller: int


class RetentionReached(Input, frozen=True):
    """Events below seq `below` are acked and old enough to be let go; `snapshot` is the version that replaces them."""

    at: int
    below: int
    snapshot: int


class RosterOffered(Input, frozen=True):
    """A checked roster and its bytes as received; `caller` is whom to answer, `by` who brought it."""

    at: int
    roster: Roster
    raw: bytes
    by: str
    caller: int


class CommandReceived(Input, frozen=True):
    """A command whose signature by `signer` was good; whether it is for this station and now is still to be decided.

    `verb` is its topic's; `is_to_all` whether the topic was that of every station; `is_fresh` whether it holds a
    challenge that this station showed lately. `content` is its body, read, and `raw` the body's bytes; where the body
    could not be read, `fault` says why.
    """

    at: int
    here: Here
    verb: str
    is_to_all: bool
    command: Command
    signer: str
    is_fresh: bool = False
    reply: ReplyTo | None = None
    content: Any = None
    raw: bytes = b""
    fault: str = ""


class CommandSpoiled(Input, frozen=True):
    """So many commands were refused before they were decided, for `reason`; `text` is clipped and escaped.

    `told` is what a caller is told, where there is one to answer.
    """

    at: int
    verb: str
    reason: str
    text: str = ""
    times: int = 1
    reply: ReplyTo | None = None
    told: str = ""
    highest: int = 0


class KeyOffered(Input, frozen=True):
    """A new key of the station, and the note by which its present key vouches for it."""

    at: int
    key: str
    note: str
    by: str
    caller: int


class Started(Input, frozen=True):
    """The first input of every boot of the daemon; `epoch_reason` says why a new epoch begins with it, if one does.

    `key` is the station's verifier key (C2SP signed-note); `policy` the door's, where "entry" is a duty.
    """

    at: int
    boot: str
    offset_ms: int
    quality: str
    version: str
    settings: str
    epoch_reason: str = ""
    previous_epoch: str = ""
    previous_checkpoint: str = ""
    key: str = ""
    policy: Policy | None = None


class StopRequested(Input, frozen=True):
    """SIGTERM, or an operator's stop."""

    at: int
    reason: str


class StorageFailed(Input, frozen=True):
    """Commits failed for `lasted_ms`; the first input of the group that is tried again.

    `at` is when that began: the facts that waited come after it, each at its own moment.
    """

    at: int
    reason: str
    lasted_ms: int


class DeadlineReached(Input, frozen=True):
    """The moment that `due(state)` named."""

    at: int
