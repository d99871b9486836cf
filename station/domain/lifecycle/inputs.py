"""What the daemon, its clock and its storage report."""

from station.domain.core.inputs import Input
from station.domain.people.policy import Policy


class ClockStepped(Input, frozen=True):
    """Wall time is monotonic time plus `offset_ms`; it moved, or its quality did (`synced`, `rtc`, `unsynced`)."""

    at: int
    offset_ms: int
    quality: str


class KeyOffered(Input, frozen=True):
    """A new key of the station, and the note by which its present key vouches for it."""

    at: int
    key: str
    note: str
    by: str
    caller: int


class RetentionReached(Input, frozen=True):
    """Events below seq `below` are acked and old enough to be let go; `snapshot` is the version that replaces them."""

    at: int
    below: int
    snapshot: int


class Started(Input, frozen=True):
    """The first input of every boot of the daemon; `epoch_reason` says why a new epoch begins with it, if one does.

    `key` is the station's verifier key (C2SP signed-note); `policy` the door's, where "entry" is a duty; `duties` are
    those of the settings, `readers` the sides at which badge readers hang.
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
    duties: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()


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
