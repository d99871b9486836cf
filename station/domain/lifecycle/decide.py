"""The station's own life: what a start, a stop, a clock, a device, a disk come to."""

from station.domain.core.decider import NOTHING, Decision
from station.domain.core.effects import Halt, Prune, Reply
from station.domain.core.event import Event
from station.domain.core.facts import Facts
from station.domain.core.inputs import SourceFound, SourceLost
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
    system_text,
)
from station.domain.lifecycle.inputs import (
    ClockStepped,
    KeyOffered,
    RetentionReached,
    Started,
    StopRequested,
    StorageFailed,
)
from station.domain.lifecycle.state import Lifecycle


def decide_lost(lifecycle: Lifecycle, facts: Facts, lost: SourceLost) -> Decision:
    """A device went away, unless it was away already."""
    del facts
    if lost.source in lifecycle.lost:
        return NOTHING
    return Decision((SourceWentAway(lost.source, system_text(lost.reason)),))


def decide_found(lifecycle: Lifecycle, facts: Facts, found: SourceFound) -> Decision:
    """A device is there again, if it was away."""
    del facts
    return Decision((SourceCameBack(found.source),)) if found.source in lifecycle.lost else NOTHING


def decide_clock(lifecycle: Lifecycle, facts: Facts, stepped: ClockStepped) -> Decision:
    """Wall time was stepped, or what it is worth has changed."""
    del lifecycle
    by_ms = stepped.offset_ms - facts.offset_ms
    if not by_ms and stepped.quality == facts.quality:
        return NOTHING
    return Decision((ClockMoved(by_ms, stepped.offset_ms, stepped.quality),))


def decide_storage(lifecycle: Lifecycle, facts: Facts, failed: StorageFailed) -> Decision:
    """Commits come through again."""
    del lifecycle, facts
    return Decision((StorageDidFail(failed.reason, failed.lasted_ms),))


def decide_key(lifecycle: Lifecycle, facts: Facts, offered: KeyOffered) -> Decision:
    """A new key signs from the next event on."""
    del lifecycle, facts
    reply = Reply(offered.caller, f"the station's key is now {offered.key}")
    return Decision((KeyRotated(offered.key, offered.note, offered.by),), (reply,))


def decide_pruning(lifecycle: Lifecycle, facts: Facts, reached: RetentionReached) -> Decision:
    """Only between sessions, when a snapshot can be taken."""
    if not facts.is_at_rest:
        return NOTHING
    if reached.below <= lifecycle.pruned_below:  # sworn to already; go on with what a failing disk left
        return Decision(effects=(Prune(lifecycle.pruned_below),))
    return Decision((JournalPruned(reached.below, reached.snapshot),), (Prune(reached.below),))


def decide_stop(lifecycle: Lifecycle, facts: Facts, stop: StopRequested) -> Decision:
    """The daemon ends in order."""
    del lifecycle, facts
    return Decision((StationStopped(system_text(stop.reason)),), (Halt(),))


def decide_started(lifecycle: Lifecycle, facts: Facts, started: Started) -> Decision:
    """The first input of a boot: a new epoch where there is one, the start, what has changed since the last."""
    events: list[Event] = []
    if started.epoch_reason:
        events.append(EpochBegan(started.epoch_reason, started.previous_epoch, started.previous_checkpoint))
    events.append(
        StationStarted(
            started.version,
            started.settings,
            lifecycle.is_stopped,
            started.offset_ms,
            started.quality,
            started.key,
            started.policy,
            started.duties,
            started.readers,
        )
    )
    back_ms = facts.recorded_wall_ms - (started.at + started.offset_ms)
    if back_ms > 0:
        events.append(ClockMoved(-back_ms, started.offset_ms, started.quality))
    if lifecycle.settings and lifecycle.settings != started.settings:
        events.append(SettingsChanged(lifecycle.settings, started.settings))
    return Decision(tuple(events))
