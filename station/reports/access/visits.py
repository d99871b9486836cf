"""Events -> stays: who came in, by which opening, with whom, and how it is known that they left."""

from msgspec.structs import replace

from station.domain.core.event import Event
from station.domain.entry.events import DoorClosed, DoorOpened, EntryEmpty, EntryExited, EntryGranted, EntryHeadCounted
from station.domain.entry.state import Entry
from station.domain.lifecycle.events import EpochBegan
from station.domain.people.actors import Actor
from station.reports.access.log import Opening, Stay, Who
from station.reports.access.scene import Scene


class Visits:
    """Follows the entry's own state, so that the log and the station never disagree about who is inside."""

    def __init__(self) -> None:
        self._stays: list[Stay] = []
        self._inside: dict[str, int] = {}
        self._opening: Opening | None = None
        self._is_open = False
        self._through: list[int] = []

    def note_event(self, scene: Scene) -> None:
        """Take in the next event of the record."""
        self._follow_door(scene)
        for id in [id for id in self._inside if not _is_inside(scene.after, id)]:
            self._end_stay(id, scene, _ending_of(scene.event))
        admitted = _admitted_by(scene.event)
        for id in [actor.id for actor in admitted if actor.id in self._inside]:
            self._end_stay(id, scene, "again")
        if admitted:
            self._admit_people(scene, tuple(map(scene.named_person, admitted)))
        if scene.after.uncertain and not scene.before.uncertain:
            for at in self._inside.values():
                self._stays[at] = replace(self._stays[at], doubt=scene.after.uncertain)

    def stays_inside(self) -> tuple[Stay, ...]:
        """Those who are presumed inside, in the order in which they came."""
        return tuple(self._stays[at] for at in sorted(self._inside.values()))

    def all_stays(self) -> tuple[Stay, ...]:
        """All of them, in the order in which they began."""
        return tuple(self._stays)

    def _follow_door(self, scene: Scene) -> None:
        match scene.event:
            case DoorOpened():
                self._opening, self._is_open, self._through = Opening(scene.moment), True, []
            case DoorClosed(open_ms=open_ms, found=found) if self._is_open and self._opening:
                shut = replace(self._opening, closed=scene.moment, open_ms=None if found else open_ms)
                for at in self._through:
                    self._stays[at] = replace(self._stays[at], opening=shut)
                self._opening, self._is_open = shut, False

    def _admit_people(self, scene: Scene, people: tuple[Who, ...]) -> None:
        present = tuple(self._stays[at].person for at in self._inside.values())
        visitors = {person.actor.id: person.visitors for person in scene.after.inside}
        for who in people:
            beside = (*present, *(other for other in people if other.id != who.id))
            self._inside[who.id] = len(self._stays)
            self._through.append(len(self._stays))
            self._stays.append(Stay(who, scene.moment, beside, self._opening, visitors.get(who.id, 0)))

    def _end_stay(self, id: str, scene: Scene, ended: str) -> None:
        at = self._inside.pop(id)
        self._stays[at] = replace(self._stays[at], left=scene.moment, ended=ended)


def _is_inside(entry: Entry, id: str) -> bool:
    return any(person.actor.id == id for person in entry.inside)


def _admitted_by(event: Event) -> tuple[Actor, ...]:
    match event:
        case DoorOpened(actors=actors):
            return actors
        case EntryGranted(actors=actors, is_open=True):
            return actors
    return ()


def _ending_of(event: Event) -> str:
    match event:
        case EntryExited():
            return "badge"
        case EntryEmpty():
            return "estimate"
        case EntryHeadCounted(people=people) if people:  # some were there: nobody said who
            return "unnamed"
        case EpochBegan():
            return "record"
    return "count"
