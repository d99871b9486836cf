"""One event of each type with every field set, as the golden leaves hold them; a new event needs its line here."""

from station.domain import events as e
from station.domain.decider import Recorded

_ABOUT = ("C000001", "1A4060300000001000012345", "gun")

SAMPLES: tuple[e.Event, ...] = (
    e.StationStarted("1.0", "sha256:5e77", True, 1_795_442_640_123, "synced"),
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
)


def recorded(event: e.Event, seq: int = 42) -> Recorded:
    """The event as stamped at one fixed moment."""
    return Recorded(seq, 86_400_001, 1_795_442_645_123, "0a1b2c3d", "synced", event)
