"""One event of each type with every field set, as the golden leaves hold them; a new event needs its line here."""

from typing import Any

from station.domain import entry_events as n
from station.domain import events as e
from station.domain.decider import Recorded
from station.domain.policy import Policy

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
_ANA, _BEN = n.Actor("ana", "associate"), n.Actor("ben", "supervisor")
_BADGES = ("0f" * 32, "1e" * 32)
_ONE: dict[str, Any] = {"actors": (_ANA,), "badges": _BADGES[:1]}
_TWO: dict[str, Any] = {"actors": (_ANA, _BEN), "badges": _BADGES}
_SUPERVISOR: dict[str, Any] = {"actors": (_BEN,), "badges": _BADGES[1:]}
_ABOUT = ("C000001", "1A4060300000001000012345", "gun")

SAMPLES: tuple[e.Event, ...] = (
    e.StationStarted("1.0", "sha256:5e77", True, 1_795_442_640_123, "synced", policy=_POLICY),
    e.StationStopped("sigterm"),
    e.JournalPruned(1_000, 1),
    e.KeyRotated("custody/greenleaf-414/vault-1+0badc0de+AQ==", "note\n", "root"),
    e.EpochBegan("corrupt", "20261123T140405Z-7f3a"),
    e.SettingsChanged("sha256:5e77", "sha256:0a11"),
    e.ClockMoved(-250, 1_795_442_640_123, "rtc"),
    e.SourceWentAway("gun", "No such device"),
    e.SourceCameBack("gun"),
    e.StorageDidFail("disk_full", 4_000),
    e.PlanLoaded("P-2026-11-23-A", 2, 50_000, "e3b0c44298fc1c149afbf4c8996fb924", "uid 1000"),
    e.RosterLoaded(3, 12, "e3b0c44298fc1c149afbf4c8996fb924", "uid 1000", "2026-12-31T00:00:00Z"),
    e.CommandAccepted("plan", 1_795_442_645_000, "own", "greenleaf-commands", "3f2a"),
    e.CommandRefused("plan", "bad_signature", "\\xff\\x00", 7),
    e.MessageReceived("Call the office", "2026-11-23T15:00:00Z", "greenleaf-commands"),
    e.MessageSeen("gun"),
    e.LockdownSet("greenleaf-commands", "alarm next door"),
    e.LockdownCleared("greenleaf-commands", "all clear"),
    e.ScanRefused("gun", "not_ascii", "1A4\\xc3\\xa9", 3),
    e.RefusalsSeen(4, "gun"),
    e.CountOpened("C000001", "guided", "P-2026-11-23-A", 2, 50_000),
    e.CountLocated("C000001", "Estante ñ / 3", "gun"),
    e.CountScanned(*_ABOUT, "Shelf 1", 17),
    e.CountException(*_ABOUT, "Shelf 1", "duplicate", 17),
    e.CountKeyed("C000001", "gun", "12."),
    e.CountQuantity(*_ABOUT, "12.50", "ea", "keypad"),
    e.CountUndoAsked(*_ABOUT, 41, 17),
    e.CountUndone(*_ABOUT, 41, 17),
    e.CountPaused("C000001", "idle"),
    e.CountResumed("C000001"),
    e.CountClosed("C000001", 50, 3, 51, 2),
    e.CountAbandoned("C000001", "card"),
    n.EntryFirstBadge(**_ONE, source="outside", until=86_415_000),
    n.EntryPinAwaited(**_ONE, source="outside", until=86_415_000),
    n.EntryGranted(**_TWO, source="outside", roster=3, until=86_405_000, visitors=1, is_open=True),
    n.EntryJoined(**_ONE, source="outside", roster=3, until=86_405_000, visitors=1, is_open=True),
    n.EntryDenied(**_ONE, reason="anti_passback", source="outside", side="outside"),
    n.EntryThrottled(source="outside", tries=5, until=86_700_000),
    n.EntryNotUsed(**_TWO, reason="time"),
    n.EntryExited(**_ONE, source="inside", occupancy=2, until=86_410_000, is_open=True, visitors=1, estimate=True),
    n.EntryLone(**_ONE, until=86_460_000),
    n.EntryLoneAlarm(**_ONE),
    n.EntryEmpty(estimate=True),
    n.EntryUncertain(reason="exit_without_badge", occupancy=2),
    n.EntryHeadCounted(**_SUPERVISOR, people=1, presumed=2),
    n.EntryVisitor(**_ONE, visitors=2),
    n.EntryHeldOpen(**_SUPERVISOR, minutes=10, until=87_000_000),
    n.EntryIdentified(**_SUPERVISOR, source="desk", until=86_430_000),
    n.EntryRevoked(**_ONE),
    n.DoorOpened(
        **_TWO,
        by="grant",
        occupancy=3,
        visitors=1,
        estimate=True,
        held_at=86_430_000,
        forced_at=86_400_700,
        badge_at=86_410_000,
    ),
    n.DoorClosed(open_ms=4_200, occupancy=3, estimate=True, found=True),
    n.DoorHeld(level="warn", open_ms=30_000, next_at=86_460_000),
    n.DoorForced(opening=41, reason="restart"),
    n.DoorTampered(is_open=True),
    n.DoorExplained(**_SUPERVISOR, reason="key", opening=41, times=2),
    n.EgressRex(reason="emergency_over", until=86_401_500, opening=41, badge_at=86_410_000, held_at=86_430_000),
    n.RosterStale(version=3, reason="expired"),
)


def recorded(event: e.Event, seq: int = 42) -> Recorded:
    """The event as stamped at one fixed moment."""
    return Recorded(seq, 86_400_001, 1_795_442_645_123, "0a1b2c3d", "synced", event)
