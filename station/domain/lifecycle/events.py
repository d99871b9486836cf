"""Events of the station's own life. Names are public; fields are only ever added."""

from typing import ClassVar

from station.domain.core.event import Event
from station.domain.people.actors import Actors
from station.domain.people.policy import Policy

REASON_CHARS_MAX = 200


def system_text(reason: str) -> str:
    """A reason that is the system's own text: bounded, and without the lone surrogates that a path's bytes become."""
    return reason[:REASON_CHARS_MAX].encode("utf-8", "replace").decode()


class StationStarted(Event, frozen=True):
    """The daemon began; `clean` says whether the last one had stopped in order; `key` verifies its checkpoints.

    `policy` is the door's, as it is in force from now on; none where "entry" is no duty of the station. `duties` are
    those of its settings, `readers` the sides at which its badge readers hang; earlier releases did not say them.
    """

    TYPE: ClassVar[str] = "station.started"
    version: str
    settings: str
    clean: bool
    offset_ms: int
    quality: str
    key: str = ""
    policy: Policy | None = None
    duties: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()


class StationStopped(Event, frozen=True):
    """The daemon ended in order; nothing follows in this run."""

    TYPE: ClassVar[str] = "station.stopped"
    SEALED_AT_ONCE: ClassVar[bool] = True
    reason: str


class EpochBegan(Event, frozen=True):
    """A new journal began, and why; `previous` is the old epoch's name where it is known.

    `checkpoint` is the last checkpoint of the old epoch that is known, as the signed note.
    """

    TYPE: ClassVar[str] = "epoch.began"
    SEALED_AT_ONCE: ClassVar[bool] = True
    reason: str
    previous: str = ""
    checkpoint: str = ""


class KeyRotated(Event, frozen=True):
    """From the next event on another key signs; `note` is signed with the old one and names the new one."""

    TYPE: ClassVar[str] = "key.rotated"
    SEALED_AT_ONCE: ClassVar[bool] = True
    key: str
    note: str
    by: str


class JournalPruned(Event, frozen=True):
    """Of the events below seq `below` only the hashes are kept; a snapshot of that version stands for what they did."""

    TYPE: ClassVar[str] = "journal.pruned"
    below: int
    snapshot: int


class SettingsChanged(Event, frozen=True):
    """The settings are others than at the last start (their hashes)."""

    TYPE: ClassVar[str] = "settings.changed"
    before: str
    after: str


class ClockMoved(Event, frozen=True):
    """Wall time was stepped by so many milliseconds, or its quality changed."""

    TYPE: ClassVar[str] = "clock.stepped"
    by_ms: int
    offset_ms: int
    quality: str


class ClockSworn(Event, frozen=True):
    """A supervisor (`actors`, by `badges`) says that the clock is right although it stands before what was proven.

    From now on `wall_ms` (UTC milliseconds since 1970) is what is proven, where it was `proven_ms`.
    """

    TYPE: ClassVar[str] = "clock.sworn"
    SEALED_AT_ONCE: ClassVar[bool] = True
    actors: Actors
    badges: tuple[str, ...]
    wall_ms: int
    proven_ms: int

    def subject(self) -> str:
        return self.actors[0].id


class SourceWentAway(Event, frozen=True):
    """A device does not answer any more."""

    TYPE: ClassVar[str] = "source.lost"
    source: str
    reason: str

    def subject(self) -> str:
        return self.source


class SourceCameBack(Event, frozen=True):
    """A lost device is there again."""

    TYPE: ClassVar[str] = "source.found"
    source: str

    def subject(self) -> str:
        return self.source


class StorageDidFail(Event, frozen=True):
    """Nothing could be recorded for `for_ms` from then on; the facts of that time follow, each at its own moment."""

    TYPE: ClassVar[str] = "storage.failed"
    reason: str
    for_ms: int
