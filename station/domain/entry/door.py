"""The door: what explains an opening, how long it may last, and what comes of a request to leave.

Nothing here can keep anybody in: no input from inside is ever refused, and there is no effect that could bar the way.
"""

from station.domain.core.decider import NOTHING, Decision
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
    EntryNotUsed,
    EntryUncertain,
    with_occupancy,
)
from station.domain.entry.facts import Course, Facts
from station.domain.entry.pins import drop_pin
from station.domain.entry.state import Grant


def decide_moved(facts: Facts, is_open: bool) -> Decision:
    """The contact tells a level: the first since its source began, or a change."""
    if facts.door.is_known and is_open == facts.door.is_open:
        return NOTHING
    course = Course(facts)
    if not facts.door.is_known:
        _found(course, is_open)
    elif is_open:
        _open(course)
    else:
        _shut(course)
    return course.decision()


def _found(course: Course, is_open: bool) -> None:
    facts = course.facts
    if not is_open:
        course.add(_closed(facts, found=True))
        return
    held_at = 0 if facts.door.is_fire else facts.at + facts.policy.held_warn_ms
    entry = facts.entry
    course.add(DoorOpened(by="found", occupancy=entry.occupancy, estimate=entry.is_estimate, held_at=held_at))
    doubt(course, "door_found_open")


def _closed(facts: Facts, *, found: bool = False) -> DoorClosed:
    entry, opened_at = facts.entry, facts.door.opened_at
    open_ms = max(0, facts.at - opened_at) if opened_at and facts.door.is_open else 0
    return DoorClosed(open_ms=open_ms, occupancy=entry.occupancy, estimate=entry.is_estimate, found=found)


def _open(course: Course) -> None:
    settle_forced(course)
    facts = course.facts
    grant = granted(facts)
    by = "grant" if grant else _egress(facts)
    held_at = 0 if facts.door.is_fire else max(facts.at + facts.policy.held_warn_ms, facts.door.held_open_until)
    forced_at = facts.at + min(facts.policy.forced_after_ms, facts.policy.rex_window_ms) if by == "unknown" else 0
    badge_at = _badge_at(facts) if by == "egress" else 0
    actors, badges, visitors = (grant.actors, grant.badges, grant.visitors) if grant else ((), (), 0)
    opened = DoorOpened(
        actors, badges, by=by, visitors=visitors, held_at=held_at, forced_at=forced_at, badge_at=badge_at
    )
    entry = facts.after(opened).entry
    course.add(with_occupancy(opened, entry.occupancy, entry.is_estimate))
    if by == "emergency" and facts.entry.is_occupied:
        doubt(course, "emergency")


def granted(facts: Facts) -> Grant | None:
    """Whom an opening at this moment lets in."""
    entry = facts.entry
    if entry.grant is not None:
        return entry.grant
    return entry.late if entry.late and entry.late.until_at >= facts.at else None


def _egress(facts: Facts) -> str:
    if facts.door.is_fire:
        return "emergency"
    if facts.door.rex_until >= facts.at and facts.door.rex_until:
        return "egress"
    return "exit_badge" if facts.entry.has_left(facts.at) else "unknown"


def _badge_at(facts: Facts) -> int:
    """Until when an exit badge should come; 0 where none is awaited, or it has come."""
    entry = facts.entry
    is_awaited = facts.policy.has_inside_reader and not entry.uncertain and not entry.badge_at
    return facts.at + facts.policy.exit_window_ms if is_awaited and not entry.has_left(facts.at) else 0


def _shut(course: Course) -> None:
    by = course.facts.door.by
    course.add(_closed(course.facts))
    entry = course.facts.entry
    if entry.is_estimate and entry.is_occupied and by in ("egress", "emergency"):
        course.add(EntryEmpty(estimate=True))
    else:
        note_empty(course)


def note_empty(course: Course) -> None:
    """The last one has left and the door is shut."""
    entry = course.facts.entry
    is_left = entry.is_occupied and entry.occupancy == 0 and not entry.badge_at and not entry.exit_at
    if is_left and not entry.uncertain and not entry.door.is_open:
        course.add(EntryEmpty(estimate=entry.is_estimate))


def doubt(course: Course, reason: str) -> None:
    """Who is inside is not known any more, if it was until now."""
    if not course.facts.entry.uncertain:
        course.add(EntryUncertain(reason=reason, occupancy=course.facts.entry.occupancy))


def settle_forced(course: Course, reason: str = "") -> None:
    """Nothing has explained the opening; does nothing where none is in doubt."""
    door = course.facts.door
    if door.forced_at:
        course.add(DoorForced(opening=door.opening, reason=reason))
        doubt(course, "forced")


def decide_forced(facts: Facts) -> Decision:
    """The time to explain an opening is over."""
    course = Course(facts)
    settle_forced(course)
    return course.decision()


def decide_held(facts: Facts) -> Decision:
    """The door has stood open for too long."""
    policy, door = facts.policy, facts.door
    open_ms = max(0, facts.at - door.opened_at)
    if door.held:
        return Decision((DoorHeld(level="alarm", open_ms=open_ms),))
    next_at = facts.at + max(1, policy.held_alarm_ms - policy.held_warn_ms)
    return Decision((DoorHeld(level="warn", open_ms=open_ms, next_at=next_at),))


def decide_rex(facts: Facts) -> Decision:
    """Somebody asks to leave: explains an opening before or after it; never refused."""
    door, policy = facts.door, facts.policy
    until = facts.at + policy.rex_window_ms
    if door.forced_at:
        return Decision((EgressRex(until=until, opening=door.opening, badge_at=_badge_at(facts)),))
    rex = EgressRex(until=until, badge_at=_badge_at(facts) if door.is_open else 0)
    if door.forced and door.forced_since and facts.at - door.forced_since <= policy.rex_window_ms:
        explained = DoorExplained(reason="rex", opening=door.forced_opening, times=door.forced)
        return Decision((rex, explained))
    return Decision((rex,))


def decide_fire(facts: Facts, is_active: bool) -> Decision:
    """The fire input: everybody may leave without a badge, nobody enters, and no alarm but its own sounds."""
    if is_active == facts.door.is_fire:
        return NOTHING
    course = Course(facts)
    if is_active:
        drop_pending(course, "emergency")
        opening = facts.door.opening if facts.door.forced_at else -1
        course.add(EgressRex(reason="emergency", opening=opening))
        if facts.entry.is_occupied:
            doubt(course, "emergency")
    else:
        held_at = facts.at + facts.policy.held_warn_ms if facts.door.is_open else 0
        course.add(EgressRex(reason="emergency_over", held_at=held_at))
    return course.decision()


def drop_pending(course: Course, reason: str) -> None:
    """Nobody is waited for and nobody is let in any more."""
    entry = course.facts.entry
    drop_pin(course, reason)
    if waiting := entry.waiting:
        course.add(EntryDenied((waiting.actor,), (waiting.badge,), reason=reason))
    if grant := entry.grant:
        course.add(EntryNotUsed(grant.actors, grant.badges, reason=reason))


def decide_tamper(facts: Facts, is_open: bool) -> Decision:
    """The tamper loop opened, or is whole again."""
    return NOTHING if is_open == facts.door.is_tampered else Decision((DoorTampered(is_open=is_open),))
