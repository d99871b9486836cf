"""One event of each type with every field set, as the golden leaves hold them; a new event needs its line here."""

from typing import Any

from station.domain.commands.events import (
    CommandAccepted,
    CommandRefused,
    LockdownCleared,
    LockdownSet,
    MessageReceived,
    MessageSeen,
)
from station.domain.core.decider import Recorded
from station.domain.core.event import Event
from station.domain.count.events import (
    CountAbandoned,
    CountClosed,
    CountException,
    CountKeyed,
    CountLocated,
    CountOpened,
    CountPaused,
    CountQuantity,
    CountResumed,
    CountScanned,
    CountUndoAsked,
    CountUndone,
    PlanLoaded,
)
from station.domain.entry.events import (
    DoorClosed,
    DoorExplained,
    DoorForced,
    DoorHeld,
    DoorOpened,
    DoorTampered,
    EgressRex,
    EntryDenied,
    EntryEmpty,
    EntryExited,
    EntryFirstBadge,
    EntryGranted,
    EntryHeadCounted,
    EntryHeldOpen,
    EntryIdentified,
    EntryJoined,
    EntryLone,
    EntryLoneAlarm,
    EntryNotUsed,
    EntryPinAwaited,
    EntryRevoked,
    EntryThrottled,
    EntryUncertain,
    EntryVisitor,
    RosterStale,
)
from station.domain.lifecycle.events import (
    ClockMoved,
    EpochBegan,
    JournalPruned,
    KeyRotated,
    SettingsChanged,
    SourceCameBack,
    SourceWentAway,
    StationStarted,
    StationStopped,
    StorageDidFail,
)
from station.domain.moves.events import MoveRecorded
from station.domain.people.actors import Actor
from station.domain.people.events import RosterLoaded
from station.domain.people.policy import Policy
from station.domain.session.events import (
    RefusalsSeen,
    ScanRefused,
    SessionAbandoned,
    SessionClosed,
    SessionHandedOver,
    SessionIdentified,
    SessionKeyed,
    SessionLocated,
    SessionOpened,
    SessionPaused,
    SessionQuantity,
    SessionResumed,
    SessionScanned,
    SessionSigned,
    SessionUndoAsked,
    SessionUndone,
)

_POLICY = Policy(
    people=1,
    pairs=(("keeper", "keeper"),),
    supervisors=("lead",),
    opens=0,
    shuts=1_440,
    timezone="America/Los_Angeles",
    offsets=((1_793_520_000_000, -480),),
    has_inside_reader=False,
    join_people=2,
    pin_keypad="pins",
)
_ANA, _BEN = Actor("ana", "associate"), Actor("ben", "supervisor")
_BADGES = ("0f" * 32, "1e" * 32)
_ONE: dict[str, Any] = {"actors": (_ANA,), "badges": _BADGES[:1]}
_TWO: dict[str, Any] = {"actors": (_ANA, _BEN), "badges": _BADGES}
_SUPERVISOR: dict[str, Any] = {"actors": (_BEN,), "badges": _BADGES[1:]}
_MOVED = ("M000001", "1A4060300000001000012345", "gun")
_ABOUT = ("C000001", "1A4060300000001000012345", "gun")

SAMPLES: tuple[Event, ...] = (
    StationStarted("1.0", "sha256:5e77", True, 1_795_442_640_123, "synced", policy=_POLICY),
    StationStopped("sigterm"),
    JournalPruned(1_000, 1),
    KeyRotated("custody/greenleaf-414/vault-1+0badc0de+AQ==", "note\n", "root"),
    EpochBegan("corrupt", "20261123T140405Z-7f3a"),
    SettingsChanged("sha256:5e77", "sha256:0a11"),
    ClockMoved(-250, 1_795_442_640_123, "rtc"),
    SourceWentAway("gun", "No such device"),
    SourceCameBack("gun"),
    StorageDidFail("disk_full", 4_000),
    PlanLoaded("P-2026-11-23-A", 2, 50_000, "e3b0c44298fc1c149afbf4c8996fb924", "uid 1000"),
    RosterLoaded(3, 12, "e3b0c44298fc1c149afbf4c8996fb924", "uid 1000", "2026-12-31T00:00:00Z"),
    CommandAccepted("plan", 1_795_442_645_000, "own", "greenleaf-commands", "3f2a"),
    CommandRefused("plan", "bad_signature", "\\xff\\x00", 7),
    MessageReceived("Call the office", "2026-11-23T15:00:00Z", "greenleaf-commands"),
    MessageSeen("gun"),
    LockdownSet("greenleaf-commands", "alarm next door"),
    LockdownCleared("greenleaf-commands", "all clear"),
    ScanRefused("gun", "not_ascii", "1A4\\xc3\\xa9", 3),
    RefusalsSeen(4, "gun"),
    CountOpened("C000001", "guided", "P-2026-11-23-A", 2, 50_000),
    CountLocated("C000001", "Estante ñ / 3", "gun"),
    CountScanned(*_ABOUT, "Shelf 1", 17),
    CountException(*_ABOUT, "Shelf 1", "duplicate", 17),
    CountKeyed("C000001", "gun", "12."),
    CountQuantity(*_ABOUT, "12.50", "ea", "keypad"),
    CountUndoAsked(*_ABOUT, 41, 17),
    CountUndone(*_ABOUT, 41, 17),
    CountPaused("C000001", "idle"),
    CountResumed("C000001"),
    CountClosed("C000001", 50, 3, 51, 2),
    CountAbandoned("C000001", "card"),
    SessionOpened("M000001", "moves", "awaited"),
    SessionIdentified("M000001", (_ANA,), "badge", 86_430_000, _BADGES[:1]),
    SessionLocated("M000001", "Vault A", "gun"),
    SessionScanned(*_MOVED, "Vault A", 17),
    SessionKeyed("M000001", "gun", "12."),
    SessionQuantity(*_MOVED, "12.50", "ea", "keypad"),
    SessionUndoAsked(*_MOVED, 41, 17),
    SessionUndone(*_MOVED, 41, 17),
    SessionPaused("M000001", "idle"),
    SessionResumed("M000001", (_ANA,)),
    SessionHandedOver("M000001", (_BEN,), (_ANA,), "badge", _BADGES[1:]),
    SessionSigned("M000001", (_ANA,), "3b" * 32, "badge"),
    SessionAbandoned("M000001", "card"),
    SessionClosed("M000001", 3, 1),
    MoveRecorded(*_MOVED, "Vault A", "Floor", "5", "ea", 41),
    EntryFirstBadge(**_ONE, source="outside", until=86_415_000),
    EntryPinAwaited(**_ONE, source="outside", until=86_415_000),
    EntryGranted(**_TWO, source="outside", roster=3, until=86_405_000, visitors=1, is_open=True),
    EntryJoined(**_ONE, source="outside", roster=3, until=86_405_000, visitors=1, is_open=True),
    EntryDenied(**_ONE, reason="anti_passback", source="outside", side="outside"),
    EntryThrottled(source="outside", tries=5, until=86_700_000),
    EntryNotUsed(**_TWO, reason="time"),
    EntryExited(**_ONE, source="inside", occupancy=2, until=86_410_000, is_open=True, visitors=1, estimate=True),
    EntryLone(**_ONE, until=86_460_000),
    EntryLoneAlarm(**_ONE),
    EntryEmpty(estimate=True),
    EntryUncertain(reason="exit_without_badge", occupancy=2),
    EntryHeadCounted(**_SUPERVISOR, people=1, presumed=2),
    EntryVisitor(**_ONE, visitors=2),
    EntryHeldOpen(**_SUPERVISOR, minutes=10, until=87_000_000),
    EntryIdentified(**_SUPERVISOR, source="desk", until=86_430_000),
    EntryRevoked(**_ONE),
    DoorOpened(
        **_TWO,
        by="grant",
        occupancy=3,
        visitors=1,
        estimate=True,
        held_at=86_430_000,
        forced_at=86_400_700,
        badge_at=86_410_000,
    ),
    DoorClosed(open_ms=4_200, occupancy=3, estimate=True, found=True),
    DoorHeld(level="warn", open_ms=30_000, next_at=86_460_000),
    DoorForced(opening=41, reason="restart"),
    DoorTampered(is_open=True),
    DoorExplained(**_SUPERVISOR, reason="key", opening=41, times=2),
    EgressRex(reason="emergency_over", until=86_401_500, opening=41, badge_at=86_410_000, held_at=86_430_000),
    RosterStale(version=3, reason="expired"),
)


def recorded(event: Event, seq: int = 42) -> Recorded:
    """The event as stamped at one fixed moment."""
    return Recorded(seq, 86_400_001, 1_795_442_645_123, "0a1b2c3d", "synced", event)
