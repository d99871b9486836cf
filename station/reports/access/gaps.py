"""Events -> what the record does not know: when nothing ran, was stored or was seen, and how good the clock was."""

from msgspec.structs import replace

from station.domain.entry.events import DoorClosed, DoorOpened
from station.domain.entry.inputs import DOOR, INPUTS, RESTLESS
from station.domain.lifecycle.events import (
    ClockMoved,
    ClockSworn,
    EpochBegan,
    JournalPruned,
    SourceCameBack,
    SourceWentAway,
    StationStarted,
    StationStopped,
    StorageDidFail,
)
from station.domain.station.leaf import rfc3339
from station.reports.access import words
from station.reports.access.log import Happening, Moment, lasted_ms
from station.reports.access.scene import Rows, Scene

UNSEEN_MS = 10_000
"""For so long after a start a door that has not been seen yet is no gap."""
FIRST = "first start"
CLOCKS = {
    "synced": "synchronised",
    "rtc": "kept by the hardware clock, not synchronised",
    "unsynced": "not set: times prove nothing",
}


class Gaps(Rows):
    """A gap that began and has no end lasts still."""

    def __init__(self) -> None:
        super().__init__()
        self._newest: Moment | None = None
        self._clock = ""

    def note_event(self, scene: Scene) -> None:
        """Take in the next event of the record."""
        event, moment = scene.event, scene.moment
        match event:
            case StationStopped(reason=reason):
                self.end_row("door", moment)
                self.add_row(scene.as_happening(f"The station was stopped ({reason})", reason, "note"), "stopped")
            case StationStarted(clean=clean):
                self._note_start(scene, clean)
            case EpochBegan(reason=reason, previous=previous):
                self._begin_epoch(scene, previous, reason)
            case JournalPruned(below=below):
                self.add_row(scene.as_happening(f"Of the events below {below} only hashes are kept here", "pruned"))
            case SourceWentAway() | SourceCameBack():
                self._note_source(scene)
            case StorageDidFail(reason=reason, for_ms=for_ms):
                why = words.plain_reason(reason)
                text = f"Nothing could be stored ({why}); what was kept in mind meanwhile follows"
                row = scene.as_happening(text, reason, "alarm")
                self.add_row(replace(row, end=replace(moment, wall_ms=moment.wall_ms + for_ms), lasted_ms=for_ms))
            case ClockMoved(by_ms=by_ms, quality=quality):
                self._note_clock_step(scene, by_ms, quality)
            case ClockSworn(proven_ms=proven_ms):
                by = words.people_names(scene.people)
                text = f"{by} swore that the clock is right, which stands before {rfc3339(proven_ms)}"
                self.add_row(scene.as_happening(text, "clock_sworn", "note"))
            case DoorOpened() | DoorClosed():
                self.end_row("door", moment)
        self._newest = moment

    def _note_start(self, scene: Scene, clean: bool) -> None:
        if self.has_lasting("stopped"):
            self.end_row("stopped", scene.moment)
        elif self._newest and not clean:
            text = "Ended without a stop: a power cut or a crash. What happened after its last event is not known"
            self.add_row(Happening(scene.event.TYPE, "power_cut", text, self._newest, level="alarm"), "cut")
            self.end_row("cut", scene.moment)
        for key in [key for key in self.lasting_keys if key.startswith("source ")]:
            self.end_row(key, scene.moment)
        self.end_row("door", scene.moment)
        if scene.after.policy:
            self.add_row(scene.as_happening("The door was not seen yet", "door_unknown", "note"), "door")
        if scene.moment.clock != self._clock:
            self._clock = scene.moment.clock
            level = "" if self._clock == "synced" else "note"
            self.add_row(scene.as_happening(f"The clock is {CLOCKS.get(self._clock, self._clock)}", self._clock, level))

    def _begin_epoch(self, scene: Scene, previous: str, reason: str) -> None:
        if reason == FIRST and not previous:
            self.add_row(scene.as_happening("The record begins here", reason))
            return
        before = f"; the one before, {previous or 'whose name is lost'}, is not in this log"
        text = f"A NEW JOURNAL began ({reason}){before}. Who was inside then is not known"
        self.add_row(scene.as_happening(text, reason, "alarm"))

    def _note_source(self, scene: Scene) -> None:
        source = scene.event.subject()
        match scene.event:
            case SourceWentAway(reason=reason):
                self.add_row(scene.as_happening(_loss(source, reason), "lost", "alarm"), f"source {source}")
            case _:
                self.end_row(f"source {source}", scene.moment)

    def _note_clock_step(self, scene: Scene, by_ms: int, quality: str) -> None:
        parts = [f"set {'forward' if by_ms > 0 else 'back'} by {words.duration_text(abs(by_ms))}"] if by_ms else []
        if quality != self._clock:
            parts.append(f"now {CLOCKS.get(quality, quality)}")
        self._clock = quality
        self.add_row(scene.as_happening(f"The clock was {', '.join(parts) or 'checked'}", quality, "note"))

    def gap_rows(self) -> tuple[Happening, ...]:
        """Return the rows, without those of a door that was seen soon enough after a start."""
        return tuple(row for row in self.rows if row.reason != "door_unknown" or self._lasted_ms(row) >= UNSEEN_MS)

    def _lasted_ms(self, row: Happening) -> int:
        end = row.end or self._newest
        return lasted_ms(row.begin, end) if end else 0


def _loss(source: str, reason: str) -> str:
    """What was lost, in words; an input of the door that never rests goes on speaking, and means nothing by it."""
    if source in INPUTS and reason == RESTLESS:
        return f"{words.DOOR_INPUTS[source]} never rested: what it said means nothing"
    return f"{'The door' if source == DOOR else source} did not answer ({reason})"
