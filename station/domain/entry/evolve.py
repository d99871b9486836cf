"""How an event changes what stands of the entry. The only way in which it changes."""

from msgspec.structs import replace

from station.domain.core.decider import Recorded
from station.domain.documents.values import moment_ms
from station.domain.entry import occupancy
from station.domain.entry.events import (
    DoorClosed,
    DoorExplained,
    DoorForced,
    DoorHeld,
    DoorOpened,
    DoorTampered,
    DoorUnstable,
    EgressRex,
    EntryDenied,
    EntryEmpty,
    EntryEvent,
    EntryExited,
    EntryFirstBadge,
    EntryGranted,
    EntryHeadCounted,
    EntryHeldOpen,
    EntryIdentified,
    EntryLone,
    EntryLoneAlarm,
    EntryNotUsed,
    EntryPinAwaited,
    EntryThrottled,
    EntryUncertain,
    EntryVisitor,
    PersonEvent,
    RosterStale,
)
from station.domain.entry.outlasting import evolve_source, restarted
from station.domain.entry.state import (
    FLAPS_APART_MS,
    LATE_MS,
    Door,
    Entry,
    Grant,
    Identified,
    Leaving,
    PinWait,
    Tries,
    Waiting,
)
from station.domain.lifecycle.events import ClockSworn, SourceCameBack, SourceWentAway, StationStarted
from station.domain.people.events import RosterLoaded

FAILED = frozenset({"unknown", "revoked", "expired", "wrong_pin"})
"""Denials that look like somebody who tries badges or PINs until one fits."""
ENDS_WAITING = frozenset({"pair", "no_second_badge", "restart", "lockdown", "emergency", "lost", "withdrawn"})


def evolve(entry: Entry, recorded: Recorded) -> Entry:
    """The entry after an event."""
    match recorded.event:
        case (
            DoorOpened() | DoorClosed() | DoorHeld() | DoorForced() | DoorUnstable() | DoorTampered() | DoorExplained()
        ):
            return _evolve_door(entry, recorded)
        case EgressRex() as rex:
            return _evolve_egress(entry, rex)
        case EntryEvent():
            return _evolve_badge(entry, recorded)
        case ClockSworn():
            return replace(entry, identified=None)  # one badge, one card
        case StationStarted(policy=policy):
            return restarted(replace(entry, policy=policy))
        case RosterLoaded(not_after=not_after):
            until_ms = int(moment_ms(not_after))
            return replace(entry, roster_loaded_ms=recorded.wall_ms, roster_not_after_ms=until_ms, roster_stale="")
        case SourceWentAway(source=source) | SourceCameBack(source=source):
            return evolve_source(entry, source, recorded)
        case _:
            return entry


# The door


def _evolve_door(entry: Entry, recorded: Recorded) -> Entry:
    door = entry.door
    match recorded.event:
        case DoorOpened() as opened:
            return _opened(entry, opened, recorded)
        case DoorClosed():
            shut = replace(door, is_known=True, is_open=False, held="", held_at=0)
            # Whoever the door opened for has left by now: their badge once more is another exit.
            leaving = tuple(each for each in entry.leaving if each.spent != "opening")
            return replace(entry, door=shut, leaving=leaving)
        case DoorHeld(level=level, next_at=next_at):
            # The warning names the moment of the alarm; the alarm names none.
            return replace(entry, door=replace(door, held=level, held_at=next_at))
        case DoorForced(opening=opening):
            # An opening is forced once; the alarm counts those that nobody has explained.
            forced = replace(
                door, forced=door.forced + 1, forced_opening=opening, forced_since=door.opened_at, forced_at=0
            )
            return replace(entry, door=forced)
        case DoorUnstable():
            # What was told is told; the count for the next minute begins.
            return replace(entry, door=replace(door, is_unstable=True, flaps=0, flaps_from=recorded.at))
        case DoorTampered(is_open=is_open):
            return replace(entry, door=replace(door, is_tampered=is_open))
        case DoorExplained(times=times, actors=actors):
            # The lever explains one opening, the newest; a supervisor all that nobody has explained yet.
            since = door.forced_since if actors else 0
            explained = replace(door, forced=max(0, door.forced - times), forced_since=since)
            if not actors:
                return replace(entry, door=explained)
            explained = replace(explained, is_unstable=False)
            return replace(entry, door=explained, same_person="", identified=None)
        case _:
            return entry


def _opened(entry: Entry, opened: DoorOpened, recorded: Recorded) -> Entry:
    door = replace(
        entry.door,
        is_known=True,
        is_open=True,
        opening=recorded.seq,
        opened_at=recorded.at,
        by=opened.by,
        forced_at=opened.forced_at,
        held="",
        held_at=opened.held_at,
        # A press of the lever explains one opening.
        rex_until=0 if opened.by == "egress" else entry.door.rex_until,
    )
    if opened.by == "unknown":
        door = _flapped(door, recorded.at)
    moved = replace(
        entry,
        door=door,
        grant=None,
        late=None,
        leaving=_spent(entry, opened.by, recorded.at),
        exit_at=0,
        badge_at=opened.badge_at or entry.badge_at,
    )
    # Through one opening anybody may have left, with a badge or without: only those whom it let in are surely inside,
    # and not even they where somebody was on the way out at the same time.
    moved = replace(moved, sure=())
    is_shared = entry.door.rex_until >= recorded.at or entry.exit_at or entry.badge_at
    admitted = _admit(moved, opened) if opened.actors else moved
    return replace(admitted, sure=()) if is_shared else admitted


def _flapped(door: Door, at: int) -> Door:
    """One more opening that nothing explains; after a pause they are counted anew."""
    is_anew = not door.flaps_from or at - door.flapped_at > FLAPS_APART_MS
    return replace(
        door,
        flaps=1 if is_anew else door.flaps + 1,
        flaps_from=at if is_anew else door.flaps_from,
        flapped_at=at,
    )


def _spent(entry: Entry, by: str, at: int) -> tuple[Leaving, ...]:
    """An exit badge explains one opening, and answers one press of the lever: the earliest that has not yet."""
    first = entry.next_leaving(at) if by in ("exit_badge", "egress") else None
    return tuple(replace(each, spent="opening") if each is first else each for each in entry.leaving)


def _admit(entry: Entry, event: DoorOpened | EntryGranted) -> Entry:
    """Whoever is let in is inside, nobody is alone any more, and an exit of theirs before explains nothing."""
    ids = tuple(actor.id for actor in event.actors)
    return replace(
        entry,
        inside=occupancy.admitted(entry.inside, event.actors, event.badges, event.visitors),
        sure=(*entry.sure, *ids),
        is_occupied=True,
        leaving=tuple(leaving for leaving in entry.leaving if leaving.id not in ids),
        lone_at=0,
        is_lone_alarm=False,
    )


def _evolve_egress(entry: Entry, rex: EgressRex) -> Entry:
    door = entry.door
    # It explains an opening that was in doubt.
    if rex.opening >= 0:
        door = replace(door, forced_at=0, by="egress" if rex.reason == "rex" else "emergency")
    # In a fire nobody is waited for, and neither a door that stands open nor somebody alone is an alarm.
    if rex.reason == "emergency":
        door = replace(door, is_fire=True, held="", held_at=0)
        return replace(entry, door=door, badge_at=0, exit_at=0, lone_at=0)
    if rex.reason == "emergency_over":
        return replace(entry, door=replace(door, is_fire=False, held_at=rex.held_at))
    # One press, one opening: none is left for another where it came after the opening that it explains.
    if rex.opening >= 0:
        door = replace(door, rex_until=0)
    elif not rex.until and door.is_open and door.by == "exit_badge":
        door = replace(door, by="egress")
    else:
        door = replace(door, rex_until=rex.until)
    # Whoever asks to leave at the open door may be any of those inside, and not alone.
    sure = () if door.is_open else entry.sure
    return replace(entry, door=door, badge_at=rex.badge_at or entry.badge_at, sure=sure)


# Badges


def _evolve_badge(entry: Entry, recorded: Recorded) -> Entry:
    match recorded.event:
        case EntryFirstBadge(until=until) as first:
            waiting = Waiting(first.actors[0], first.badges[0], until)
            return replace(_without_pin(entry, first), waiting=waiting, identified=None)
        case EntryPinAwaited(source=source, until=until) as asked:
            wait = PinWait(asked.actors[0], asked.badges[0], source, recorded.at, until)
            return replace(entry, pin_wait=wait, identified=None)
        case EntryGranted() as granted:  # and joined
            return _evolve_granted(entry, granted)
        case EntryDenied() as denied:
            return _evolve_denied(entry, denied, recorded.at)
        case EntryThrottled(source=source, until=until):
            # A reader that is paused waits for nobody's PIN either; its tries are counted anew.
            is_theirs = entry.pin_wait is not None and entry.pin_wait.source == source
            return _with_tries(replace(entry, pin_wait=None) if is_theirs else entry, Tries(source, (), until))
        case EntryNotUsed(reason=reason):
            # A contact tells late: for a moment a release that ran out still explains the opening; one that was taken
            # back never does.
            late = entry.grant and replace(entry.grant, until_at=entry.grant.until_at + LATE_MS)
            return replace(entry, grant=None, late=late if reason == "time" else None)
        case EntryExited() as exited:
            return _evolve_exited(entry, exited)
        case EntryIdentified(until=until) as identified:
            # Nobody but a supervisor clears an alert.
            is_supervisor = entry.policy is None or identified.actors[0].role in entry.policy.supervisors
            if identified.side == "inside":
                return _identify(replace(entry, sure=()), identified, until)
            return _identify(replace(entry, same_person="" if is_supervisor else entry.same_person), identified, until)
        case EntryVisitor(visitors=visitors):
            return _with_visitors(entry, visitors)
        case EntryHeldOpen(until=until):
            # A delivery ends the warning and the alarm, until it is over.
            door = replace(entry.door, held_open_until=until, held="", held_at=until if entry.door.is_open else 0)
            return replace(entry, door=door, identified=None)
        case _:
            return _evolve_occupancy(entry, recorded)


def without_waiting(entry: Entry) -> Entry:
    """Nobody waits for a second badge any more, and neither does a timer."""
    return replace(entry, waiting=None)


def _without_pin(entry: Entry, event: PersonEvent) -> Entry:
    """No PIN is awaited any more for the badge that the event is about."""
    wait = entry.pin_wait
    return replace(entry, pin_wait=None) if wait and wait.badge in event.badges else entry


def _evolve_granted(entry: Entry, granted: EntryGranted) -> Entry:
    entry = without_waiting(replace(_without_pin(entry, granted), identified=None))
    # At the open door nothing is released: they are inside at once.
    if granted.is_open:
        return _admit(entry, granted)
    # Whoever joins those whom the door is released for makes one release with them, as long as the newest.
    held = entry.grant
    if held is None:
        return replace(entry, grant=Grant(granted.actors, granted.badges, granted.until, granted.visitors), late=None)
    longer = Grant(
        held.actors + granted.actors, held.badges + granted.badges, granted.until, held.visitors + granted.visitors
    )
    return replace(entry, grant=longer)


def _evolve_denied(entry: Entry, denied: EntryDenied, at: int) -> Entry:
    if denied.side == "inside":  # somebody leaves whose badge nobody knows, and maybe not alone
        entry = replace(entry, sure=())
    if denied.badges and denied.side:  # another badge was shown since, whoever's
        entry = replace(entry, identified=None)
    if denied.reason != "wrong_pin":  # that one may be tried again while there is time
        entry = _without_pin(entry, denied)
    if denied.reason in ENDS_WAITING:
        return without_waiting(entry)
    if denied.reason == "same_person":
        return replace(entry, same_person=denied.actors[0].id)
    # Tries count at the reader outside or at the desk, never inside: nobody is kept in.
    if denied.reason in FAILED and denied.side != "inside" and entry.policy:
        tries = entry.tries_at(denied.source)
        recent = tuple(moment for moment in tries.moments if moment > at - entry.policy.tries_within_ms)
        return _with_tries(entry, Tries(denied.source, (*recent, at), tries.until))
    return entry


def _with_tries(entry: Entry, tries: Tries) -> Entry:
    others = tuple(each for each in entry.tries if each.source != tries.source)
    return replace(entry, tries=(*others, tries))


def _identify(entry: Entry, event: PersonEvent, until: int) -> Entry:
    """A badge at the desk or inside, the newest of all: who acts by the next card, and by that one only."""
    return replace(entry, identified=Identified(event.actors[-1], event.badges[-1], until))


def _with_visitors(entry: Entry, visitors: int) -> Entry:
    if entry.waiting:
        return replace(entry, waiting=replace(entry.waiting, visitors=visitors))
    return replace(entry, grant=replace(entry.grant, visitors=visitors)) if entry.grant else entry


# Occupancy


def _evolve_exited(entry: Entry, exited: EntryExited) -> Entry:
    actor, badge = exited.actors[0], exited.badges[0]
    inside = occupancy.without(entry.inside, actor, badge)
    was_unnamed = len(inside) == len(entry.inside) and entry.unnamed > 0
    # An exit badge is remembered for its window, each person's newest only; whoever was counted without a name leaves
    # by any badge.
    since = exited.until - _window(entry)
    leaving = tuple(each for each in entry.leaving if each.until >= since and each.id != actor.id)
    # A badge that comes after its opening explains no other.
    spent = "after" if exited.is_open else ""
    moved = replace(
        entry,
        inside=inside,
        sure=(),  # of two who leave when only one badges, the one who is "left" has left too
        unnamed=entry.unnamed - was_unnamed,
        leaving=(*leaving, Leaving(actor.id, exited.until, spent)),
        badge_at=0,
        exit_at=entry.exit_at if exited.is_open or entry.uncertain else exited.until,
        lone_at=0,
        is_lone_alarm=False,
    )
    return _identify(moved, exited, exited.until)


def _window(entry: Entry) -> int:
    return entry.policy.exit_window_ms if entry.policy else 0


def _evolve_occupancy(entry: Entry, recorded: Recorded) -> Entry:
    match recorded.event:
        case EntryLone(until=until):
            return replace(entry, lone_at=until, is_lone_alarm=False)
        case EntryLoneAlarm():
            return replace(entry, lone_at=0, is_lone_alarm=True)
        case EntryEmpty():
            return _emptied(entry)
        case EntryUncertain(reason=reason):
            # Nothing is awaited of an exit once it is in doubt who is inside.
            return replace(entry, uncertain=reason, badge_at=0, exit_at=0, sure=())
        case EntryHeadCounted(people=people):
            return _head_counted(entry, people)
        case RosterStale(reason=reason):
            return replace(entry, roster_stale=reason)
        case _:
            return entry


def _emptied(entry: Entry) -> Entry:
    """With nobody inside no exit that has passed explains anything."""
    return replace(
        entry,
        door=replace(entry.door, rex_until=0),
        inside=(),
        sure=(),
        unnamed=0,
        is_occupied=False,
        leaving=tuple(replace(each, spent="after") for each in entry.leaving),
        lone_at=0,
        is_lone_alarm=False,
    )


def _head_counted(entry: Entry, people: int) -> Entry:
    """As many as presumed are those who were presumed; any other number are people without names.

    It is said, not seen: nobody is surely inside by it, so the next release needs two badges again.
    """
    counted = replace(entry, uncertain="", same_person="", badge_at=0, exit_at=0, lone_at=0, is_lone_alarm=False)
    counted = replace(counted, is_occupied=people > 0, sure=(), identified=None)
    return counted if people == entry.occupancy else replace(counted, inside=(), unnamed=people)
