"""A stateful property: 100,000 random steps, seeded; `ENTRY_SEED=… ENTRY_STEPS=…` plays them again.

Before those, hypothesis plays short shifts, and shrinks one that fails to the few steps that make it fail.
"""

import os
import random
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from station.domain.core.decider import Recorded
from station.domain.entry import badges, occupancy
from station.domain.entry import evolve as entry_evolving
from station.domain.entry import pins as entry_pins
from station.domain.entry.events import EntryFirstBadge
from station.domain.entry.facts import EntryFacts
from station.domain.entry.state import Entry
from station.domain.people.actors import Actor
from station.domain.station import state as station_state
from tests.entry import shift as shifts
from tests.entry.shift import Shift
from tests.entry.world import NO_INSIDE_READER, ONE, PAIRS_ONLY, PINS, POLICY

SEED = int(os.environ.get("ENTRY_SEED") or random.SystemRandom().randrange(10**9))
STEPS = int(os.environ.get("ENTRY_STEPS") or 100_000)
STRICT = replace(POLICY, pairs=(("associate", "supervisor"),))
POLICIES = {
    "two": POLICY,
    "one": ONE,
    "pairs": PAIRS_ONLY,
    "estimate": NO_INSIDE_READER,
    "strict": STRICT,
    "pins": PINS,
}
SHARES = {"two": 0.4, "one": 0.1, "pairs": 0.1, "estimate": 0.1, "strict": 0.1, "pins": 0.2}


def run(seed: int, steps: int, name: str = "two") -> Shift:
    """So many steps of the shift of that seed under the policy of that name; a failure says how to play it again."""
    shift = Shift(random.Random(seed), POLICIES[name])
    try:
        while shift.steps < steps:
            shift.go_on()
        shift.replay()
    except AssertionError as error:
        error.add_note(f"play again: ENTRY_SEED={seed}; it was step {shift.steps} under the policy {name!r}")
        raise
    return shift


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.randoms(use_true_random=False), st.sampled_from(list(POLICIES)), st.integers(1, 60))
def test_in_a_short_shift_the_door_is_for_two_and_the_way_out_for_all(
    drawn: random.Random, name: str, actions: int
) -> None:
    shift = Shift(drawn, POLICIES[name])
    for _ in range(actions):
        shift.go_on()
    shift.replay()


@pytest.mark.parametrize("name", POLICIES)
def test_whatever_comes_the_door_is_for_two_and_the_way_out_for_all(name: str) -> None:
    print(f"ENTRY_SEED={SEED} ENTRY_STEPS={STEPS}")
    shift = run(SEED, int(STEPS * SHARES[name]), name)
    assert shift.stamping.station.seq > shift.steps


def steps_of(number: int) -> int:
    return run(SEED + number, 100_000, list(POLICIES)[number % len(POLICIES)]).steps


@pytest.mark.longest
def test_ten_million_steps() -> None:
    print(f"ENTRY_SEED={SEED} and the 99 after it")
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:  # forked: they share the seed
        assert sum(pool.map(steps_of, range(100))) >= 10_000_000


def test_the_same_seed_plays_the_same_shift() -> None:
    assert run(7, 500).stamping.station == run(7, 500).stamping.station
    assert run(7, 500).stamping.station != run(8, 500).stamping.station


# -- the rules broken, one at a time: the property must see it --


def no_same_person(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(badges, "is_same_person", lambda *_: False)


def timer_not_cleared(patch: pytest.MonkeyPatch) -> None:
    def granted(entry: Entry, event: object) -> Entry:
        return replace(right(entry, event), waiting=entry.waiting)  # type: ignore[arg-type]

    right = entry_evolving._evolve_granted
    patch.setattr(entry_evolving, "_evolve_granted", granted)


def occupancy_by_badge(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(occupancy, "is_them", lambda person, _, badge: person.badge == badge)


def no_debounce(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(shifts, "STABLE_MS", 0)


@pytest.mark.parametrize("mutate", [no_same_person, timer_not_cleared, occupancy_by_badge, no_debounce])
def test_a_broken_rule_is_seen(mutate: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    mutate(monkeypatch)
    with pytest.raises(AssertionError):
        run(1, 20_000)


# -- the rules of the release before, each put back: who is truly inside, and who acts, must show it --


def a_badge_explains_every_opening(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(entry_evolving, "_spent", lambda entry, *_: entry.leaving)


def the_lever_explains_every_opening(patch: pytest.MonkeyPatch) -> None:
    def opened(entry: Entry, *about: object) -> Entry:
        after = right(entry, *about)  # type: ignore[arg-type]
        return replace(after, door=replace(after.door, rex_until=entry.door.rex_until))

    right = entry_evolving._opened
    patch.setattr(entry_evolving, "_opened", opened)


def past_exits_explain_when_all_have_left(patch: pytest.MonkeyPatch) -> None:
    def emptied(entry: Entry) -> Entry:
        after = right(entry)
        return replace(after, door=entry.door, leaving=entry.leaving)

    right = entry_evolving._emptied
    patch.setattr(entry_evolving, "_emptied", emptied)


def everybody_presumed_inside_is_joined(patch: pytest.MonkeyPatch) -> None:
    def inside(facts: EntryFacts) -> tuple[Actor, ...]:
        return () if facts.entry.uncertain else tuple(each.actor for each in facts.entry.inside)

    patch.setattr(badges, "surely_inside", inside)


def whoever_is_left_is_joined(patch: pytest.MonkeyPatch) -> None:
    def inside(facts: EntryFacts) -> tuple[Actor, ...]:
        return () if badges.is_in_doubt(facts) else tuple(each.actor for each in facts.entry.inside)

    patch.setattr(badges, "surely_inside", inside)


def the_counted_are_joined(patch: pytest.MonkeyPatch) -> None:
    def counted(entry: Entry, people: int) -> Entry:
        after = right(entry, people)
        return replace(after, sure=tuple(each.actor.id for each in after.inside))

    right = entry_evolving._head_counted
    patch.setattr(entry_evolving, "_head_counted", counted)


def a_badge_outside_acts(patch: pytest.MonkeyPatch) -> None:
    def first(entry: Entry, recorded: Recorded) -> Entry:
        after, event = right(entry, recorded), recorded.event
        return entry_evolving._identify(after, event, event.until) if isinstance(event, EntryFirstBadge) else after

    right = entry_evolving._evolve_badge
    patch.setattr(entry_evolving, "_evolve_badge", first)


def one_badge_acts_for_many_cards(patch: pytest.MonkeyPatch) -> None:
    def counted(entry: Entry, people: int) -> Entry:
        return replace(right(entry, people), identified=entry.identified)

    right = entry_evolving._head_counted
    patch.setattr(entry_evolving, "_head_counted", counted)


def another_badge_leaves_the_supervisors_in_force(patch: pytest.MonkeyPatch) -> None:
    def denied(entry: Entry, *about: object) -> Entry:
        return replace(right(entry, *about), identified=entry.identified)  # type: ignore[arg-type]

    right = entry_evolving._evolve_denied
    patch.setattr(entry_evolving, "_evolve_denied", denied)


def a_clock_is_what_it_says_it_is(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(station_state, "quality_at", lambda _station, _wall_ms, quality: quality)


FORMER = [
    a_clock_is_what_it_says_it_is,
    a_badge_explains_every_opening,
    the_lever_explains_every_opening,
    past_exits_explain_when_all_have_left,
    everybody_presumed_inside_is_joined,
    whoever_is_left_is_joined,
    the_counted_are_joined,
    a_badge_outside_acts,
    one_badge_acts_for_many_cards,
    another_badge_leaves_the_supervisors_in_force,
]


@pytest.mark.parametrize("mutate", FORMER)
def test_a_rule_of_before_is_seen(
    mutate: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutate(monkeypatch)
    with pytest.raises(AssertionError):
        run(1, 60_000)


def no_pin_asked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(entry_pins, "is_needed", lambda *_: False)


def wrong_pin_taken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(entry_pins, "is_proof", lambda _: True)


def pin_of_an_earlier_wait_taken(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(entry_pins, "is_asked", lambda *_: True)


def pin_awaited_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(entry_evolving, "_without_pin", lambda entry, _: entry)


@pytest.mark.parametrize("mutate", [no_pin_asked, wrong_pin_taken, pin_of_an_earlier_wait_taken, pin_awaited_for_ever])
def test_a_broken_rule_of_the_pin_is_seen(
    mutate: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    mutate(monkeypatch)
    with pytest.raises(AssertionError):
        run(1, 20_000, "pins")
