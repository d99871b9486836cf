"""The cursor alone: order, holes, refusals, returns, reconnects, memory."""

from hypothesis import given
from hypothesis import strategies as st

from station.relay.cursor import Cursor


def connected(sent: int, head: int, runs_max: int = 400) -> Cursor:
    cursor = Cursor(sent, runs_max)
    cursor.begin_connection(head)
    return cursor


def test_the_backlog_begins_after_sent_and_ends_at_the_connection() -> None:
    cursor = connected(sent=9, head=14)
    assert list(cursor.take_backlog(3)) == [10, 11, 12]
    assert list(cursor.take_backlog(100)) == [13, 14]
    assert list(cursor.take_backlog(100)) == []
    assert list(cursor.take_live(100)) == []
    assert cursor.waiting == 5


def test_live_leaves_are_those_appended_since_the_connection() -> None:
    cursor = connected(sent=-1, head=4)
    cursor.note_head(7)
    assert list(cursor.take_live(2)) == [5, 6]
    assert list(cursor.take_live(2)) == [7]
    assert list(cursor.take_backlog(2)) == [0, 1]


def test_sent_is_the_highest_contiguous_one() -> None:
    cursor = connected(sent=-1, head=9)
    cursor.take_backlog(10)
    for seq in (1, 2, 4):
        cursor.note_delivered(seq)
    assert cursor.sent == -1
    cursor.note_delivered(0)
    assert cursor.sent == 2
    cursor.note_delivered(3)
    assert cursor.sent == 4


def test_a_live_delivery_is_passed_by_the_backlog_and_not_sent_again() -> None:
    cursor = connected(sent=-1, head=4)
    cursor.note_head(5)
    cursor.take_live(10)
    cursor.note_delivered(5)
    for seq in cursor.take_backlog(10):
        cursor.note_delivered(seq)
    assert cursor.sent == 5
    assert not cursor.take_live(10)
    assert not cursor.take_backlog(10)


def test_a_refusal_blocks_nobody_and_is_counted_once() -> None:
    cursor = connected(sent=-1, head=2)
    cursor.take_backlog(10)
    cursor.note_delivered(0)
    cursor.note_refused(1)
    cursor.note_refused(1)
    cursor.note_delivered(2)
    assert (cursor.sent, cursor.withheld) == (2, 1)


def test_a_returned_leaf_holds_sent_back_and_goes_again_after_retry() -> None:
    cursor = connected(sent=-1, head=4)
    cursor.take_backlog(10)
    for seq in (0, 2, 3, 4):
        cursor.note_delivered(seq)
    cursor.note_returned(1)
    assert not cursor.take_backlog(10)
    assert cursor.reopen_returned() == 1
    assert list(cursor.take_backlog(10)) == [1]
    cursor.note_delivered(1)
    assert cursor.sent == 4


def test_retry_without_returns_is_nothing() -> None:
    assert connected(sent=3, head=5).reopen_returned() == -1


def test_a_reconnect_rewinds_to_sent_and_makes_live_ones_backlog() -> None:
    cursor = connected(sent=-1, head=3)
    cursor.note_head(6)
    cursor.take_live(10)
    cursor.take_backlog(10)
    for seq in (0, 1, 3, 5):
        cursor.note_delivered(seq)
    cursor.begin_connection(6)
    assert cursor.sent == 1
    assert list(cursor.take_backlog(10)) == [2, 3, 4, 5, 6]
    assert not cursor.take_live(10)
    cursor.note_delivered(2)
    assert cursor.sent == 2, "a PUBACK above sent does not outlive its connection"


def test_a_reconnect_keeps_refusals_above_sent() -> None:
    cursor = connected(sent=-1, head=3)
    cursor.take_backlog(10)
    cursor.note_refused(2)
    cursor.begin_connection(3)
    assert [list(cursor.take_backlog(10)) for _ in range(2)] == [[0, 1], [3]]
    for seq in (0, 1, 3):
        cursor.note_delivered(seq)
    assert (cursor.sent, cursor.withheld) == (3, 1)


def test_answers_to_what_was_never_taken_are_ignored() -> None:
    cursor = connected(sent=4, head=9)
    cursor.take_backlog(2)
    for seq in (3, 4, 8, 100):
        cursor.note_delivered(seq)
        cursor.note_refused(seq)
        cursor.note_returned(seq)
    assert (cursor.sent, cursor.withheld, cursor.has_returned) == (4, 0, False)


def test_what_is_put_back_is_open_again() -> None:
    cursor = connected(sent=-1, head=9)
    taken = cursor.take_backlog(10)
    cursor.put_back(taken[5:])
    cursor.put_back(range(0))
    assert list(cursor.take_backlog(10)) == [5, 6, 7, 8, 9]


def test_a_head_below_sent_takes_nothing() -> None:
    cursor = connected(sent=9, head=3)
    assert not cursor.take_backlog(10)
    assert not cursor.take_live(10)
    assert cursor.waiting == 0


def test_a_hundred_thousand_holes_stay_within_bounds() -> None:
    """Every second leaf has no subscriber, every second is delivered: the bookkeeping must not grow with them."""
    cursor = connected(sent=-1, head=-1, runs_max=50)
    for head in range(100_000):
        cursor.note_head(head)
        for seq in cursor.take_live(100):
            if seq % 2:
                cursor.note_delivered(seq)
            else:
                cursor.note_returned(seq)
    assert cursor.run_count <= 2 * 51 + 2
    cursor.reopen_returned()
    assert cursor.sent == -1
    while taken := cursor.take_live(100):
        for seq in taken:
            cursor.note_delivered(seq)
    assert cursor.sent == 99_999


ANSWERS = st.lists(
    st.sampled_from(["note_delivered", "note_refused", "note_returned", "reopen_returned", "cut", "note_head"]),
    max_size=300,
)


@given(ANSWERS, st.integers(0, 30), st.randoms(use_true_random=False))
def test_whatever_happens_sent_covers_only_what_was_settled_and_all_gets_settled(
    steps: list[str], head: int, random: object
) -> None:
    cursor = connected(sent=-1, head=head)
    on_its_way: list[int] = []
    settled: set[int] = set()
    for step in steps:
        for seq in (*cursor.take_live(2), *cursor.take_backlog(2)):
            assert seq not in on_its_way
            on_its_way.append(seq)
        if step in {"note_delivered", "note_refused", "note_returned"} and on_its_way:
            seq = on_its_way.pop(random.randrange(len(on_its_way)))  # type: ignore[attr-defined]
            getattr(cursor, step)(seq)
            settled |= set() if step == "note_returned" else {seq}
        elif step == "reopen_returned":
            cursor.reopen_returned()
        elif step == "note_head":
            head += 3
            cursor.note_head(head)
        elif step == "cut":
            on_its_way.clear()
            cursor.begin_connection(head)
        assert set(range(cursor.sent + 1)) <= settled
    cursor.begin_connection(head)
    while taken := cursor.take_backlog(7):
        for seq in taken:
            cursor.note_delivered(seq)
    assert cursor.sent == head
    assert cursor.waiting == 0
