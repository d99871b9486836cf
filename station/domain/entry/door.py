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
    DoorUnstable,
    EgressRex,
    EntryDenied,
    EntryEmpty,
    EntryNotUsed,
    EntryUncertain,
    with_occupancy,
)
from station.domain.entry.facts import EntryFacts, EventChain
from station.domain.entry.pins import drop_pin
from station.domain.entry.state import FLAPS_TOLD, FLAPS_TOLD_EVERY_MS, Grant


def decide_moved(facts: EntryFacts, is_open: bool) -> Decision:
    """The contact tells a level: the first since its source began, or a change."""
    if facts.door.is_known and is_open == facts.door.is_open:
        return NOTHING
    chain = EventChain(facts)
    if not facts.door.is_known:
        _found(chain, is_open)
    elif is_open:
        _open(chain)
    else:
        _shut(chain)
    return chain.decision()


def _found(chain: EventChain, is_open: bool) -> None:
    facts = chain.facts
    if not is_open:
        chain.add(_closed(facts, found=True))
        return
    held_at = 0 if facts.door.is_fire else facts.at + facts.policy.held_warn_ms
    entry = facts.entry
    chain.add(DoorOpened(by="found", occupancy=entry.occupancy, estimate=entry.is_estimate, held_at=held_at))
    doubt(chain, "door_found_open")


def _closed(facts: EntryFacts, *, found: bool = False) -> DoorClosed:
    entry, opened_at = facts.entry, facts.door.opened_at
    open_ms = max(0, facts.at - opened_at) if opened_at and facts.door.is_open else 0
    return DoorClosed(open_ms=open_ms, occupancy=entry.occupancy, estimate=entry.is_estimate, found=found)


def _open(chain: EventChain) -> None:
    settle_forced(chain)
    facts = chain.facts
    grant = granted(facts)
    by = "grant" if grant else _egress(facts)
    held_at = 0 if facts.door.is_fire else max(facts.at + facts.policy.held_warn_ms, facts.door.held_open_until)
    forced_at = facts.at + min(facts.policy.forced_after_ms, facts.policy.rex_window_ms) if by == "unknown" else 0
    has_come = facts.entry.next_leaving(facts.at) is not None
    badge_at = _badge_at(facts, has_come=has_come) if by == "egress" else 0
    actors, badges, visitors = (grant.actors, grant.badges, grant.visitors) if grant else ((), (), 0)
    opened = DoorOpened(
        actors, badges, by=by, visitors=visitors, held_at=held_at, forced_at=forced_at, badge_at=badge_at
    )
    entry = facts.after(opened).entry
    chain.add(with_occupancy(opened, entry.occupancy, entry.is_estimate))
    _flap(chain)
    if by == "emergency" and facts.entry.is_occupied:
        doubt(chain, "emergency")


def _flap(chain: EventChain) -> None:
    """A door that opens again and again without a reason is told once a minute, beside its openings."""
    door, at = chain.facts.door, chain.facts.at
    is_told = door.is_unstable and at - door.flaps_from < FLAPS_TOLD_EVERY_MS
    if door.by == "unknown" and door.flaps >= FLAPS_TOLD and not is_told:
        chain.add(DoorUnstable(times=door.flaps, from_at=door.flaps_from, to_at=at))


def granted(facts: EntryFacts) -> Grant | None:
    """Whom an opening at this moment lets in."""
    entry = facts.entry
    if entry.grant is not None:
        return entry.grant
    return entry.late if entry.late and entry.late.until_at >= facts.at else None


def _egress(facts: EntryFacts) -> str:
    if facts.door.is_fire:
        return "emergency"
    if facts.door.rex_until >= facts.at and facts.door.rex_until:
        return "egress"
    return "exit_badge" if facts.entry.next_leaving(facts.at) else "unknown"


def _badge_at(facts: EntryFacts, *, has_come: bool) -> int:
    """Until when an exit badge should come; 0 where none is awaited, or it `has_come`."""
    entry = facts.entry
    is_awaited = facts.policy.has_inside_reader and not entry.uncertain and not entry.badge_at
    return facts.at + facts.policy.exit_window_ms if is_awaited and not has_come else 0


def _shut(chain: EventChain) -> None:
    by = chain.facts.door.by
    chain.add(_closed(chain.facts))
    entry = chain.facts.entry
    if entry.is_estimate and entry.is_occupied and by in ("egress", "emergency"):
        chain.add(EntryEmpty(estimate=True))
    else:
        note_empty(chain)


def note_empty(chain: EventChain) -> None:
    """The last one has left and the door is shut."""
    entry = chain.facts.entry
    is_left = entry.is_occupied and entry.occupancy == 0 and not entry.badge_at and not entry.exit_at
    if is_left and not entry.uncertain and not entry.door.is_open:
        chain.add(EntryEmpty(estimate=entry.is_estimate))


def doubt(chain: EventChain, reason: str) -> None:
    """Who is inside is not known any more, if it was until now."""
    if not chain.facts.entry.uncertain:
        chain.add(EntryUncertain(reason=reason, occupancy=chain.facts.entry.occupancy))


def settle_forced(chain: EventChain, reason: str = "") -> None:
    """Nothing has explained the opening; does nothing where none is in doubt."""
    door = chain.facts.door
    if door.forced_at:
        chain.add(DoorForced(opening=door.opening, reason=reason))
        doubt(chain, "forced")


def decide_forced(facts: EntryFacts) -> Decision:
    """The time to explain an opening is over."""
    chain = EventChain(facts)
    settle_forced(chain)
    return chain.decision()


def decide_held(facts: EntryFacts) -> Decision:
    """The door has stood open for too long."""
    policy, door = facts.policy, facts.door
    open_ms = max(0, facts.at - door.opened_at)
    if door.held:
        return Decision((DoorHeld(level="alarm", open_ms=open_ms),))
    next_at = facts.at + max(1, policy.held_alarm_ms - policy.held_warn_ms)
    return Decision((DoorHeld(level="warn", open_ms=open_ms, next_at=next_at),))


def decide_rex(facts: EntryFacts) -> Decision:
    """Somebody asks to leave: explains one opening, before or after it; never refused."""
    door, policy, entry = facts.door, facts.policy, facts.entry
    if door.forced_at:
        badge_at = _badge_at(facts, has_come=entry.next_leaving(facts.at) is not None)
        return Decision((EgressRex(opening=door.opening, badge_at=badge_at),))
    badge_at = _badge_at(facts, has_come=entry.has_left(facts.at)) if door.is_open else 0
    if door.forced and door.forced_since and facts.at - door.forced_since <= policy.rex_window_ms:
        explained = DoorExplained(reason="rex", opening=door.forced_opening, times=1)
        return Decision((EgressRex(badge_at=badge_at), explained))
    # The lever tells of the same exit as the badge that the door has just opened by.
    is_same = door.is_open and door.by == "exit_badge" and facts.at - door.opened_at <= policy.rex_window_ms
    return Decision((EgressRex(until=0 if is_same else facts.at + policy.rex_window_ms, badge_at=badge_at),))


def decide_fire(facts: EntryFacts, is_active: bool) -> Decision:
    """The fire input: everybody may leave without a badge, nobody enters, and no alarm but its own sounds."""
    if is_active == facts.door.is_fire:
        return NOTHING
    chain = EventChain(facts)
    if is_active:
        drop_pending(chain, "emergency")
        opening = facts.door.opening if facts.door.forced_at else -1
        chain.add(EgressRex(reason="emergency", opening=opening))
        if facts.entry.is_occupied:
            doubt(chain, "emergency")
    else:
        held_at = facts.at + facts.policy.held_warn_ms if facts.door.is_open else 0
        chain.add(EgressRex(reason="emergency_over", held_at=held_at))
    return chain.decision()


def drop_pending(chain: EventChain, reason: str) -> None:
    """Nobody is waited for and nobody is let in any more."""
    entry = chain.facts.entry
    drop_pin(chain, reason)
    if waiting := entry.waiting:
        chain.add(EntryDenied((waiting.actor,), (waiting.badge,), reason=reason))
    if grant := entry.grant:
        chain.add(EntryNotUsed(grant.actors, grant.badges, reason=reason))


def decide_tamper(facts: EntryFacts, is_open: bool) -> Decision:
    """The tamper loop opened, or is whole again."""
    return NOTHING if is_open == facts.door.is_tampered else Decision((DoorTampered(is_open=is_open),))
