"""Events -> what the door did and what was done about it: openings without a badge, alarms, explanations, lockdowns."""

from msgspec.structs import replace

from station.domain.commands.events import LockdownCleared, LockdownSet
from station.domain.entry.events import (
    DoorClosed,
    DoorExplained,
    DoorForced,
    DoorHeld,
    DoorOpened,
    DoorTampered,
    DoorUnstable,
    EgressRex,
    EntryEmpty,
    EntryEvent,
    EntryExited,
    EntryHeadCounted,
    EntryHeldOpen,
    EntryLone,
    EntryLoneAlarm,
    EntryRevoked,
    EntryUncertain,
    EntryVisitor,
    RosterStale,
)
from station.domain.lifecycle.events import EpochBegan, StationStarted
from station.domain.people.actors import Actor
from station.domain.people.events import RosterLoaded
from station.reports.access import words
from station.reports.access.log import Who
from station.reports.access.scene import Rows, Scene

CALM = frozenset({"egress", "exit_badge"})
"""Openings from inside that are as they should be."""
EXPLAINED = {"rex": "a request to leave that came late, within its window"}


class Doorway(Rows):
    """Every opening that is no entry stands here, with what explains it."""

    def __init__(self) -> None:
        super().__init__()
        self._forced: list[int] = []

    def note_event(self, scene: Scene) -> None:
        """Take in the next event of the record."""
        match scene.event:
            case EpochBegan():
                self._forced = []
                for key in self.lasting_keys:
                    self.end_row(key, scene.moment, lasted_ms=None)
            case DoorOpened() | DoorClosed() | DoorForced() | DoorExplained() | EgressRex():
                self._note_opening(scene)
            case DoorHeld() | DoorTampered() | DoorUnstable() | EntryHeldOpen():
                self._note_door(scene)
            case LockdownSet() | LockdownCleared() | RosterLoaded() | RosterStale() | EntryRevoked():
                self._note_rule(scene)
            case EntryEvent():
                self._note_people(scene)
        if self.has_lasting("lone") and (scene.after.people != 1 or isinstance(scene.event, StationStarted)):
            self.end_row("lone", scene.moment)
        if self.has_lasting("doubt") and not scene.after.uncertain:
            self.end_row("doubt", scene.moment)

    # Openings

    def _note_opening(self, scene: Scene) -> None:
        match scene.event:
            case DoorOpened(by=by) if by != "grant":
                self._open_door(scene, by)
            case DoorOpened():
                self.end_row("open", scene.moment, lasted_ms=None)
            case DoorClosed(open_ms=open_ms, found=found):
                self.end_row("open", scene.moment, lasted_ms=None if found else open_ms)
            case DoorForced(opening=opening):
                self._judge_opening(opening, "forced", "alarm")
            case DoorExplained(reason=reason, times=times):
                self._explain_openings(scene, reason, times)
            case EgressRex(reason="rex", opening=opening):
                self._judge_opening(opening, "egress", "")
            case EgressRex(reason=reason, opening=opening):
                self._judge_opening(opening, "emergency", "note")
                self._note_fire(scene, reason)

    def _open_door(self, scene: Scene, by: str) -> None:
        self.end_row("open", scene.moment, lasted_ms=None)
        row = scene.as_happening(words.OPENED.get(by, words.plain_reason(by)), by, "" if by in CALM else "note")
        leaving = tuple(each.id for each in scene.before.leaving if each.until >= scene.moment.at and not each.spent)
        who = tuple(Who(id, scene.names.get(id, id), "") for id in leaving) if by in CALM else row.who
        self.add_row(replace(row, who=who), "open")

    def _judge_opening(self, opening: int, by: str, level: str) -> None:
        """Write into the row of an opening what it was, once that is known."""
        if opening < 0:
            return
        at = next((at for at in range(len(self.rows) - 1, -1, -1) if self.rows[at].begin.seq == opening), None)
        if at is None:  # its event lies before this record
            return
        self.rows[at] = replace(self.rows[at], reason=by, text=words.OPENED[by], level=level)
        if by == "forced":
            self._forced.append(at)

    def _explain_openings(self, scene: Scene, reason: str, times: int) -> None:
        """The newest `times` that were forced; none where only the flapping of the door was explained."""
        why = EXPLAINED.get(reason, words.plain_reason(reason))
        by = words.people_names(scene.people)
        since = max(0, len(self._forced) - times)
        for at in self._forced[since:]:
            remark = f"explained {words.local_time(scene.moment)}{' by ' + by if by else ''}: {why}"
            self.rows[at] = replace(self.rows[at], remark=remark)
        del self._forced[since:]
        what = "A forced opening" if times else "The flapping door"
        self.add_row(scene.as_happening(f"{what} was explained: {why}", reason, "note"))

    def _note_fire(self, scene: Scene, reason: str) -> None:
        if reason == "emergency":
            self.add_row(scene.as_happening("Fire input or break-glass: the way out is free", reason, "alarm"), "fire")
        else:
            self.end_row("fire", scene.moment)

    # Alarms and rules

    def _note_door(self, scene: Scene) -> None:
        match scene.event:
            case DoorHeld(level=level, open_ms=open_ms):
                text = f"Stood open for {words.duration_text(open_ms)}: {'ALARM' if level == 'alarm' else 'warning'}"
                self.add_row(scene.as_happening(text, level, "alarm" if level == "alarm" else "note"))
            case DoorTampered(is_open=True):
                self.add_row(scene.as_happening("TAMPERED: case or cable opened", "tampered", "alarm"), "tamper")
            case DoorTampered():
                self.end_row("tamper", scene.moment)
            case DoorUnstable(times=times, from_at=from_at, to_at=to_at):
                text = (
                    f"The door FLAPS: {times} openings that nothing explains in {words.duration_text(to_at - from_at)}"
                )
                self.add_row(scene.as_happening(text, "unstable", "alarm"))
            case EntryHeldOpen(minutes=minutes):
                self.add_row(
                    scene.as_happening(f"May stand open for {minutes} min, for a delivery", "held_open", "note")
                )

    def _note_rule(self, scene: Scene) -> None:
        match scene.event:
            case LockdownSet(by=by, reason=reason):
                text = f"LOCKDOWN set by {by}" + (f": {reason}" if reason else "")
                self.add_row(scene.as_happening(text, "lockdown", "alarm"), "lockdown")
            case LockdownCleared(by=by):
                self.change_row("lockdown", remark=f"cleared by {by}")
                self.end_row("lockdown", scene.moment)
            case RosterLoaded(version=version, people=people, by=by):
                self.add_row(scene.as_happening(f"Roster {version} loaded by {by}: {people} people", "roster"))
            case RosterStale(version=version, reason=reason):
                old = "expired: only its offline list enters" if reason == "expired" else "a day old"
                self.add_row(scene.as_happening(f"Roster {version} is {old}", reason, "note"))
            case EntryRevoked():
                self.add_row(scene.as_happening("Inside, and no longer in the roster", "revoked", "alarm"))

    # People

    def _note_people(self, scene: Scene) -> None:
        match scene.event:
            case EntryLone():
                self.end_row("lone", scene.moment)
                self.add_row(scene.as_happening("Alone inside", "lone", "note"), "lone")
            case EntryLoneAlarm():
                self._note_lone_alarm(scene)
            case EntryEmpty(estimate=estimate):
                self.add_row(scene.as_happening("Empty, by estimate" if estimate else "Empty", "empty"))
            case EntryUncertain(reason=reason, occupancy=occupancy):
                text = f"Who is inside became uncertain ({occupancy} presumed): {words.why_uncertain(reason)}"
                self.add_row(scene.as_happening(text, reason, "note"), "doubt")
            case EntryHeadCounted(people=people, presumed=presumed):
                counted = f"Head count: {people} inside" + (f", {presumed} were presumed" if people != presumed else "")
                self.add_row(scene.as_happening(counted, "head_count", "note"))
            case EntryVisitor(visitors=visitors):
                self.add_row(scene.as_happening(f"Brings a visitor ({visitors} in all)", "visitor"))
            case EntryExited(actors=actors) if not _was_inside(scene, actors):
                self.add_row(scene.as_happening("Exit badge of somebody not presumed inside", "exited", "note"))

    def _note_lone_alarm(self, scene: Scene) -> None:
        if self.has_lasting("lone"):
            self.change_row("lone", level="alarm", text="ALONE inside for longer than the grace")
        else:
            self.add_row(scene.as_happening("ALONE inside", "lone", "alarm"), "lone")


def _was_inside(scene: Scene, actors: tuple[Actor, ...]) -> bool:
    ids = {actor.id for actor in actors}
    return any(person.actor.id in ids for person in scene.before.inside)
