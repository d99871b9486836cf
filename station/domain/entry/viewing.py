"""What the screen says of the vault's entry: whose turn it is, for how long, why not, who is inside, what is wrong."""

from datetime import UTC, datetime, timedelta

from station.domain.core.facts import Facts
from station.domain.core.view import Phrase, Picture, Tone
from station.domain.entry.events import EntryDenied, EntryExited, EntryHeadCounted, EntryIdentified, EntryNotUsed
from station.domain.entry.inputs import DOOR, LOCK
from station.domain.entry.state import Entry
from station.domain.people.policy import Policy
from station.domain.people.state import people_of

YEAR_1970 = datetime(1970, 1, 1, tzinfo=UTC)
MINUTES_MAX = (9999 - 1970) * 365 * 24 * 60
"""In the year 9993: a date beyond the year 9999 cannot be written."""
CLOCK_BEHIND_MS = 60_000
DENIED_SHOWN_MS = 4_000
NOTED_SHOWN_MS = 3_000
CURES = {
    "no_roster": "load_roster",
    "roster_expired": "load_roster",
    "same_badge": "second_person",
    "same_person": "second_person",
    "no_second_badge": "second_person",
    "throttled": "wait_reader",
    "emergency": "leave_now",
    "parity": "badge_again",
    "checksum": "badge_again",
    "unknown_format": "badge_again",
    "too_long": "badge_again",
    "restart": "badge_again",
    "no_pin": "badge_again",
    "wrong_pin": "badge_again",
    "new_roster": "badge_again",
    "pin_unasked": "show_badge",
}
"""What to do about a denial; about any other a supervisor must be told."""


def urgent(entry: Entry, facts: Facts) -> Picture | None:
    """What cannot wait for a session: alarms, whose turn it is, a denial of just now; None where there is nothing."""
    if entry.policy is None:
        return None
    turn = _pin(entry, entry.policy, facts) or _turn(entry, entry.policy, facts)
    return _alarm(entry) or turn or _denied(facts) or _warning(entry, facts.at)


def at_rest(entry: Entry, facts: Facts) -> Picture | None:
    """What it says while nothing is urgent and no session is open; None where nobody is let in here."""
    if entry.policy is None:
        return None
    noted = _noted(facts) if facts.at - facts.newest_at <= NOTED_SHOWN_MS else None
    detail = noted or _roster_detail(entry)
    if facts.is_locked_down:
        return Picture(Tone.CALM, Phrase("lockdown"), Phrase("locked_down"), Phrase("way_out_free"))
    if lost := _lost(facts):
        return Picture(Tone.CALM, Phrase("denied"), lost, Phrase("tell_supervisor"))
    if people_of(facts).roster is None:
        return Picture(Tone.CALM, Phrase("no_roster"), Phrase("denied_no_roster"), Phrase("load_roster"))
    if facts.wall_ms - (clock_ms := facts.at + facts.offset_ms) > CLOCK_BEHIND_MS:
        says = Phrase("clock_says", (_local_time(entry.policy, clock_ms),))
        return Picture(Tone.CALM, Phrase("clock_behind"), says, Phrase("swear_clock"))
    if entry.uncertain:
        inside = Phrase("inside_unsure", (str(entry.occupancy),))
        return Picture(Tone.CALM, inside, detail or Phrase("uncertain"), Phrase("count_heads"))
    fact = Phrase("ready")
    if entry.occupancy:
        fact = Phrase("inside_estimate" if entry.is_estimate else "inside", (str(entry.occupancy),))
    if entry.door.is_open:
        return Picture(Tone.CALM, fact, detail or Phrase("door_open"), Phrase("shut_behind"))
    return Picture(Tone.CALM, fact, detail, Phrase("show_badge"))


def _local_time(policy: Policy, wall_ms: int) -> str:
    """`2027-01-15 08:00`, in the station's zone."""
    minutes = min(max(0, wall_ms // 60_000 + policy.offset_minutes(wall_ms)), MINUTES_MAX)
    return (YEAR_1970 + timedelta(minutes=minutes)).strftime("%Y-%m-%d %H:%M")


def _lost(facts: Facts) -> Phrase | None:
    """Why nobody can be let in, whoever they are."""
    if LOCK in facts.lost:
        return Phrase("denied_lock_lost")
    return Phrase("denied_door_lost") if DOOR in facts.lost else None


def _alarm(entry: Entry) -> Picture | None:
    door = entry.door
    if door.is_fire:
        return Picture(Tone.REFUSED, Phrase("fire"), Phrase("way_out_free"), Phrase("leave_now"))
    if door.forced:
        return Picture(Tone.REFUSED, Phrase("forced"), Phrase("door_forced"), Phrase("explain_door"))
    if door.is_unstable:
        return Picture(Tone.REFUSED, Phrase("unstable"), Phrase("door_forced"), Phrase("explain_door"))
    if door.restless:
        return Picture(Tone.REFUSED, Phrase("restless"), Phrase("door_restless"), Phrase("tell_supervisor"))
    if door.is_tampered:
        return Picture(Tone.REFUSED, Phrase("tampered"), Phrase("door_tampered"), Phrase("tell_supervisor"))
    if door.held == "alarm":
        return Picture(Tone.REFUSED, Phrase("shut_door"), Phrase("door_held"), Phrase("shut_or_hold"))
    if entry.is_lone_alarm:
        return Picture(Tone.REFUSED, Phrase("alone"), _name(entry), Phrase("leave_or_join"))
    return None


def _name(entry: Entry) -> Phrase | None:
    return Phrase("one_inside", (entry.inside[0].actor.id,)) if entry.inside else None


def _pin(entry: Entry, policy: Policy, facts: Facts) -> Picture | None:
    """Whose PIN is awaited; for a moment, that the last one was wrong."""
    wait, now, newest = entry.pin_wait, facts.at, facts.newest
    if wait is None:
        return None
    is_wrong = isinstance(newest, EntryDenied) and newest.reason == "wrong_pin"
    is_told = is_wrong and now - facts.newest_at <= DENIED_SHOWN_MS
    detail = Phrase("denied_wrong_pin") if is_told else Phrase("pin_of", (wait.actor.id,))
    tone = Tone.REFUSED if is_told else Tone.CALM
    bar = _left(wait.until_at, now, policy.pin_ms)
    return Picture(tone, Phrase("pin", (_seconds(wait.until_at, now),)), detail, Phrase("key_pin"), bar)


def _turn(entry: Entry, policy: Policy, facts: Facts) -> Picture | None:
    """Whose turn it is; for a moment, why the badge that came meanwhile was none."""
    now = facts.at
    if waiting := entry.waiting:
        bar = _left(waiting.until_at, now, policy.second_badge_ms)
        denied = _denied(facts)
        tone, detail = (
            (denied.tone, denied.detail) if denied else (Tone.CALM, Phrase("first_shown", (waiting.actor.id,)))
        )
        seconds = _seconds(waiting.until_at, now)
        return Picture(tone, Phrase("second_badge", (seconds,)), detail, Phrase("second_person"), bar)
    if grant := entry.grant:
        bar = _left(grant.until_at, now, policy.release_ms)
        people = str(len(grant.actors) + grant.visitors)
        return Picture(Tone.ACCEPTED, Phrase("enter"), Phrase("granted", (people,)), Phrase("open_door"), bar)
    return None


def _denied(facts: Facts) -> Picture | None:
    denied = facts.newest
    if not isinstance(denied, EntryDenied) or facts.at - facts.newest_at > DENIED_SHOWN_MS:
        return None
    cure = CURES.get(denied.reason, "tell_supervisor")
    return Picture(Tone.REFUSED, Phrase("denied"), Phrase(f"denied_{denied.reason}"), Phrase(cure))


def _warning(entry: Entry, now: int) -> Picture | None:
    door = entry.door
    if entry.lone_at:
        seconds = _seconds(entry.lone_at, now)
        whole_ms = entry.policy.lone_grace_ms if entry.policy else 0
        bar = _left(entry.lone_at, now, whole_ms)
        return Picture(Tone.CALM, Phrase("alone_for", (seconds,)), _name(entry), Phrase("leave_or_join"), bar)
    if door.held:
        return Picture(Tone.CALM, Phrase("shut_door"), Phrase("door_held"), Phrase("shut_or_hold"))
    if door.is_open and door.held_open_until > now:
        minutes = str(-((now - door.held_open_until) // 60_000))
        return Picture(Tone.CALM, Phrase("held_open", (minutes,)), Phrase("delivery"), Phrase("shut_after"))
    return None


def _noted(facts: Facts) -> Phrase | None:
    match facts.newest:
        case EntryExited(actors=actors):
            return Phrase("exited", (actors[0].id,))
        case EntryIdentified(actors=actors):
            return Phrase("identified", (actors[0].id,))
        case EntryHeadCounted(people=people):
            return Phrase("head_counted", (str(people),))
        case EntryNotUsed():
            return Phrase("not_used")
        case _:
            return None


def _roster_detail(entry: Entry) -> Phrase | None:
    return Phrase(f"roster_{entry.roster_stale}") if entry.roster_stale else None


def _seconds(until: int, now: int) -> str:
    """Whole seconds that are left, the one that has begun among them."""
    return str(max(0, -((now - until) // 1_000)))


def _left(until: int, now: int, whole_ms: int) -> float:
    return min(1.0, max(0.0, (until - now) / whole_ms)) if whole_ms else 0.0
