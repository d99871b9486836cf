"""The row of the station's own life."""

from station.domain.core.duty import Duty, Phrases, Said
from station.domain.core.inputs import SourceFound, SourceLost
from station.domain.core.view import Phrase
from station.domain.lifecycle.decide import (
    decide_clock,
    decide_found,
    decide_key,
    decide_lost,
    decide_pruning,
    decide_started,
    decide_stop,
    decide_storage,
)
from station.domain.lifecycle.events import (
    ClockMoved,
    ClockSworn,
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
from station.domain.lifecycle.inputs import (
    ClockStepped,
    KeyOffered,
    RetentionReached,
    Started,
    StopRequested,
    StorageFailed,
)
from station.domain.lifecycle.state import Lifecycle, evolve


def describe(event: object) -> str:
    """What stands after the event's type."""
    match event:
        case StationStopped(reason=reason) | EpochBegan(reason=reason):
            return reason
        case StationStarted(clean=is_clean):
            return "" if is_clean else "after a power cut"
        case SourceWentAway(source=source) | SourceCameBack(source=source):
            return source
        case ClockSworn(actors=actors):
            return ", ".join(actor.id for actor in actors)
        case _:
            return ""


def detail(event: object) -> Phrase | None:
    """What the screen says of an event."""
    return Phrase("source_lost", (event.source,)) if isinstance(event, SourceWentAway) else None


PHRASES = Phrases(
    facts={
        "starting": Said("Starting", "Iniciando"),
        "ready": Said("Ready", "Listo"),
        "not_recording": Said("NOT RECORDING", "SIN REGISTRO"),
        "stopped": Said("Safe to unplug", "Ya puede desconectar"),
    },
    details={
        "source_lost": Said("{0} not found", "Falta {0}"),
        "disk_full": Said("Disk is full", "Disco lleno"),
        "disk_read_only": Said("Disk is read-only", "Disco solo de lectura"),
        "disk_error": Said("Disk error", "Error del disco"),
        "disk_corrupt": Said("Journal is damaged", "Registro dañado"),
        "disk_stalled": Said("Disk does not answer", "El disco no responde"),
    },
    instructions={
        "recording_resumes": Said("Wait, do not scan", "Espere, no lea nada"),
        "restart_needed": Said("Restart the station", "Reinicie la estación"),
        "none": Said("", ""),
    },
)

LIFECYCLE = Duty(
    name="lifecycle",
    initial=Lifecycle(),
    owns=(
        StationStarted,
        StationStopped,
        EpochBegan,
        KeyRotated,
        JournalPruned,
        SettingsChanged,
        ClockMoved,
        ClockSworn,
        SourceWentAway,
        SourceCameBack,
        StorageDidFail,
    ),
    evolve=evolve,
    decides={
        SourceLost: decide_lost,
        SourceFound: decide_found,
        ClockStepped: decide_clock,
        StorageFailed: decide_storage,
        KeyOffered: decide_key,
        RetentionReached: decide_pruning,
        Started: decide_started,
        StopRequested: decide_stop,
    },
    describe=describe,
    detail=detail,
    phrases=PHRASES,
)
