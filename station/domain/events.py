"""Events: the custody facts that the station swears to. Names are public; fields are only ever added."""

from typing import ClassVar

from station.domain import entry_events
from station.domain.event import SCHEMA_VERSION, Event
from station.domain.policy import Policy

__all__ = ["EVENTS", "SCHEMA_VERSION", "Event", "entry_events"]


class StationStarted(Event, frozen=True):
    """The daemon began; `clean` says whether the last one had stopped in order; `key` verifies its checkpoints.

    `policy` is the door's, as it is in force from now on; none where "entry" is no duty of the station.
    """

    TYPE: ClassVar[str] = "station.started"
    CONCERNS_ENTRY: ClassVar[bool] = True
    version: str
    settings: str
    clean: bool
    offset_ms: int
    quality: str
    key: str = ""
    policy: Policy | None = None


class StationStopped(Event, frozen=True):
    """The daemon ended in order; nothing follows in this run."""

    TYPE: ClassVar[str] = "station.stopped"
    SEALED_AT_ONCE: ClassVar[bool] = True
    CONCERNS_ENTRY: ClassVar[bool] = True
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


class SourceWentAway(Event, frozen=True):
    """A device does not answer any more."""

    TYPE: ClassVar[str] = "source.lost"
    CONCERNS_ENTRY: ClassVar[bool] = True
    source: str
    reason: str

    def subject(self) -> str:
        return self.source


class SourceCameBack(Event, frozen=True):
    """A lost device is there again."""

    TYPE: ClassVar[str] = "source.found"
    CONCERNS_ENTRY: ClassVar[bool] = True
    source: str

    def subject(self) -> str:
        return self.source


class StorageDidFail(Event, frozen=True):
    """Nothing could be recorded for `for_ms` from then on; the facts of that time follow, each at its own moment."""

    TYPE: ClassVar[str] = "storage.failed"
    reason: str
    for_ms: int


class PlanLoaded(Event, frozen=True):
    """A plan was taken; its bytes are the document of that SHA-256."""

    TYPE: ClassVar[str] = "plan.loaded"
    plan: str
    version: int
    packages: int
    document: str
    by: str

    def subject(self) -> str:
        return self.plan


class RosterLoaded(Event, frozen=True):
    """A roster was taken; its bytes are the document of that SHA-256."""

    TYPE: ClassVar[str] = "roster.loaded"
    CONCERNS_ENTRY: ClassVar[bool] = True
    version: int
    people: int
    document: str
    by: str
    not_after: str


class RemoteEvent(Event, frozen=True):
    """Base of the events that commands come to."""


class CommandAccepted(RemoteEvent, frozen=True):
    """A signed command was carried out; what it came to follows. `series` is `own`, or `all` for a whole site's.

    `signer` is the name of the key that it opened with, `caller` where the reply went, if anywhere.
    """

    TYPE: ClassVar[str] = "command.accepted"
    verb: str
    counter: int
    series: str
    signer: str
    caller: str = ""

    def subject(self) -> str:
        return self.verb


class CommandRefused(RemoteEvent, frozen=True):
    """A command that did nothing; `verb` is its topic's and `text` shows it or says why, both clipped and escaped."""

    TYPE: ClassVar[str] = "command.refused"
    verb: str
    reason: str
    text: str = ""
    times: int = 1

    def subject(self) -> str:
        return self.verb


class MessageReceived(RemoteEvent, frozen=True):
    """A text for whoever stands before the station, until it was seen or until `not_after`."""

    TYPE: ClassVar[str] = "message.received"
    text: str
    not_after: str
    by: str


class MessageSeen(RemoteEvent, frozen=True):
    """Somebody took the message off the screen."""

    TYPE: ClassVar[str] = "message.seen"
    scanner: str


class LockdownSet(RemoteEvent, frozen=True):
    """Nobody enters until it is cleared; leaving stays free."""

    TYPE: ClassVar[str] = "lockdown.set"
    SEALED_AT_ONCE: ClassVar[bool] = True
    CONCERNS_ENTRY: ClassVar[bool] = True
    by: str
    reason: str = ""


class LockdownCleared(RemoteEvent, frozen=True):
    """The usual rules hold again."""

    TYPE: ClassVar[str] = "lockdown.cleared"
    SEALED_AT_ONCE: ClassVar[bool] = True
    by: str
    reason: str = ""


class ScanRefused(Event, frozen=True):
    """A scan that counts for nothing; `text` is clipped and escaped."""

    TYPE: ClassVar[str] = "scan.refused"
    scanner: str
    reason: str
    text: str = ""
    times: int = 1


class RefusalsSeen(Event, frozen=True):
    """Somebody looked at the refusals that were latched on the screen."""

    TYPE: ClassVar[str] = "scan.refusals_seen"
    times: int
    scanner: str


class CountEvent(Event, frozen=True):
    """Base of the events of one count."""

    session: str

    def subject(self) -> str:
        return self.session


class CountOpened(CountEvent, frozen=True, omit_defaults=False):
    """A count began; `badges` says why no actors stand here (`not_fitted`), hence nothing of it is left out."""

    TYPE: ClassVar[str] = "count.opened"
    kind: str
    plan: str = ""
    plan_version: int = 0
    planned: int = 0
    badges: str = "not_fitted"
    actors: tuple[dict[str, str], ...] = ()


class CountLocated(CountEvent, frozen=True):
    """The counting goes on at this location."""

    TYPE: ClassVar[str] = "count.located"
    location: str
    scanner: str


class TagEvent(CountEvent, frozen=True):
    """Base of the events about one package, or one unit of it."""

    tag: str
    scanner: str

    def subject(self) -> str:
        return self.tag


class CountScanned(TagEvent, frozen=True):
    """A package, or the unit of `unit_index`, was seen at `location`."""

    TYPE: ClassVar[str] = "count.scanned"
    location: str
    unit_index: int | None = None


class CountException(TagEvent, frozen=True):
    """A scan that was read but does not count: `duplicate` or `unknown`."""

    TYPE: ClassVar[str] = "count.exception"
    location: str
    reason: str
    unit_index: int | None = None


class CountKeyed(CountEvent, frozen=True):
    """Digits scanned from cards so far, not yet entered."""

    TYPE: ClassVar[str] = "count.keyed"
    scanner: str
    text: str


class CountQuantity(TagEvent, frozen=True):
    """The keyed quantity of an open package; an exact decimal. `source` is what it was keyed on."""

    TYPE: ClassVar[str] = "count.quantity"
    quantity: str
    unit: str
    source: str


class CountUndoAsked(TagEvent, frozen=True):
    """An undo card showed which line it would reverse; a second one within ten seconds reverses it."""

    TYPE: ClassVar[str] = "count.undo_asked"
    corrects: int
    unit_index: int | None = None


class CountUndone(TagEvent, frozen=True):
    """The line of seq `corrects` is reversed."""

    TYPE: ClassVar[str] = "count.undone"
    corrects: int
    unit_index: int | None = None


class CountPaused(CountEvent, frozen=True):
    """The count rests: by `card`, or because nothing came (`idle`)."""

    TYPE: ClassVar[str] = "count.paused"
    reason: str


class CountResumed(CountEvent, frozen=True):
    """The count goes on."""

    TYPE: ClassVar[str] = "count.resumed"


class CountClosed(CountEvent, frozen=True):
    """The count ended; packages seen (of `planned`, where there was a plan), units seen, refusals."""

    TYPE: ClassVar[str] = "count.closed"
    packages: int
    units: int
    planned: int = 0
    refused: int = 0


class CountAbandoned(CountEvent, frozen=True):
    """The count was given up; everything recorded stays."""

    TYPE: ClassVar[str] = "count.abandoned"
    reason: str


def _all_events(base: type[Event]) -> dict[str, type[Event]]:
    found = {base.TYPE: base} if base.TYPE else {}
    for child in base.__subclasses__():
        found |= _all_events(child)
    return found


EVENTS: dict[str, type[Event]] = _all_events(Event)
