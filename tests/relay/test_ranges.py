"""Runs against a plain set."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from station.relay.ranges import Ranges

SPAN = st.tuples(st.integers(0, 60), st.integers(0, 9)).map(lambda pair: (pair[0], pair[0] + pair[1]))
STEPS = st.lists(st.tuples(st.sampled_from(["add", "remove", "drop"]), SPAN), max_size=40)


def built(steps: list[tuple[str, tuple[int, int]]]) -> tuple[Ranges, set[int]]:
    ranges, plain = Ranges(), set[int]()
    for verb, (first, last) in steps:
        if verb == "add":
            ranges.add(first, last)
            plain |= set(range(first, last + 1))
        elif verb == "remove":
            ranges.remove(first, last)
            plain -= set(range(first, last + 1))
        else:
            ranges.drop_through(first)
            plain = {each for each in plain if each > first} if ranges_began(plain, first) else plain
    return ranges, plain


def ranges_began(plain: set[int], first: int) -> bool:
    return bool(plain) and min(plain) <= first


@given(STEPS)
def test_members_are_those_of_a_set(steps: list[tuple[str, tuple[int, int]]]) -> None:
    ranges, plain = built(steps)
    assert {each for first, last in ranges.runs for each in range(first, last + 1)} == plain
    assert all((each in ranges) == (each in plain) for each in range(-1, 75))
    assert ranges.last == (max(plain) if plain else None)


@given(STEPS)
def test_runs_are_sorted_disjoint_and_never_adjacent(steps: list[tuple[str, tuple[int, int]]]) -> None:
    runs = built(steps)[0].runs
    assert all(first <= last for first, last in runs)
    assert all(left[1] + 1 < right[0] for left, right in pairwise(runs))


@given(STEPS, SPAN)
def test_a_gap_is_the_lowest_whole_run_of_strangers(
    steps: list[tuple[str, tuple[int, int]]], span: tuple[int, int]
) -> None:
    ranges, plain = built(steps)
    open_ones = [each for each in range(span[0], span[1] + 1) if each not in plain]
    gap = ranges.gap(*span)
    if not open_ones:
        assert gap is None
        return
    end = open_ones[0]
    while end + 1 in open_ones:
        end += 1
    assert gap == (open_ones[0], end)


def test_a_copy_is_independent() -> None:
    ranges = Ranges()
    ranges.add(1, 5)
    twin = ranges.copy()
    twin.add(7, 9)
    ranges.clear()
    assert ranges.runs == []
    assert twin.runs == [(1, 5), (7, 9)]


def test_a_hundred_thousand_in_order_are_one_run() -> None:
    ranges = Ranges()
    for each in range(100_000):
        ranges.add(each, each)
    assert ranges.run_count == 1
    assert ranges.first_run_end == 99_999
